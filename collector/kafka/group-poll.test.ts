/** The poll of groups: who is described when, and what got no answer is asked for again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ERROR_CODE } from "../protocol/errors.ts";
import { createGroupPoll } from "./group-poll.ts";
import { fakeLog, groupNamed, recorder, scripted, stoppedClock } from "./scripted.fixture.ts";

function polling(...names: readonly string[]) {
  const cluster = scripted(
    [],
    names.map((name) => groupNamed(name)),
  );
  const observer = recorder();
  const described: string[][] = [];
  const fault = { error: 0 };
  cluster.more.set("DescribeGroups", ({ groups }: { groups: readonly string[] }) => {
    described.push([...groups]);
    const words = { state: "Stable", protocolType: "consumer", protocol: "range", members: [] };
    return { throttleMs: 0, groups: groups.map((group) => ({ group, error: fault.error, ...words })) };
  });
  const poll = createGroupPoll({
    link: cluster.link,
    keeper: cluster.keeper,
    observer,
    clock: stoppedClock,
    everyMs: 30_000,
  });
  return { cluster, observer, poll, fault, described: () => described.splice(0) };
}

test("all groups are described once, then those whose state changed", async () => {
  const { cluster, observer, poll, described } = polling("a", "b");
  assert.equal(await poll.once(), true);
  assert.deepEqual(described(), [["a", "b"]]);
  assert.deepEqual(
    observer.take("groups", "members").map(({ kind }) => kind),
    ["groups", "members", "members"],
  );
  await poll.once();
  assert.deepEqual(described(), []);
  cluster.groups[0] = groupNamed("a", { state: "Empty" });
  await poll.once();
  assert.deepEqual(described(), [["a"]]);
});

test("a listing that lacks a broker's answer is none: nobody may conclude that a group is gone", async () => {
  const { cluster, observer, poll } = polling("a");
  cluster.nodeIds = [1, 2];
  cluster.away.set(2, "unreachable");
  assert.equal(await poll.once(), false);
  assert.deepEqual(observer.take("groups"), []);
  cluster.away.delete(2);
  cluster.listGroupsError = ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS;
  assert.equal(await poll.once(), false);
});

test("while a coordinator loads, its listing is none: it leaves out groups without an error", async () => {
  const { cluster, observer, poll } = polling("a");
  cluster.logs.push(fakeLog({ isLoading: true }));
  assert.equal(await poll.once(), false);
  assert.deepEqual(observer.take("groups"), []);
  cluster.logs[0] = fakeLog();
  assert.equal(await poll.once(), true);
});

test("what was seen in the log is described without a listing", async () => {
  const { cluster, poll, described } = polling("a", "b");
  await poll.once();
  described();
  cluster.calls.length = 0;
  poll.describeSoon(["b"]);
  await poll.describeNow();
  assert.deepEqual([described(), cluster.calls], [[["b"]], ["1 DescribeGroups"]]);
});

test("a group that is not listed yet brings a listing, and the others that were seen are described too", async () => {
  const { cluster, poll, described } = polling("a");
  await poll.once();
  described();
  cluster.groups.push(groupNamed("new"));
  poll.describeSoon(["a", "new", "gone"]);
  await poll.describeNow();
  assert.deepEqual(new Set(described().flat()), new Set(["a", "new"]));
});

test("what was seen is kept where the listing for it fails", async () => {
  const { cluster, poll, described } = polling("a");
  poll.describeSoon(["a"]);
  cluster.listGroupsError = ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS;
  await poll.describeNow();
  assert.deepEqual(described(), []);
  cluster.listGroupsError = 0;
  await poll.describeNow();
  assert.ok(described().length > 0);
});

test("a describe request without an answer is sent again; one that the broker does not know is not", async () => {
  for (const [away, again] of [
    ["unreachable", [["a"]]],
    ["unsupported", []],
  ] as const) {
    const { cluster, poll, described } = polling("a");
    await poll.once();
    described();
    poll.describeSoon(["a"]);
    cluster.away.set(1, away);
    await poll.describeNow();
    cluster.away.clear();
    await poll.describeNow();
    assert.deepEqual(described(), again, away);
  }
});

test("a coordinator that is loading is asked again; a group that it does not know is not", async () => {
  for (const [error, again] of [
    [ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS, [["a"]]],
    [ERROR_CODE.NOT_COORDINATOR, [["a"]]],
    [ERROR_CODE.GROUP_ID_NOT_FOUND, []],
  ] as const) {
    const { observer, poll, described, fault } = polling("a");
    fault.error = error;
    await poll.once();
    assert.deepEqual(observer.take("members"), []);
    described();
    fault.error = 0;
    await poll.describeNow();
    assert.deepEqual(described(), again);
  }
});

test("Dead from a describe request is not the end of a group: only a listing says so", async () => {
  const { cluster, observer, poll } = polling("a");
  cluster.more.set("DescribeGroups", ({ groups }: { groups: readonly string[] }) => ({
    throttleMs: 0,
    groups: groups.map((group) => ({ group, error: 0, state: "Dead", protocolType: "", protocol: "", members: [] })),
  }));
  await poll.once();
  assert.deepEqual(observer.take("members"), []);
});
