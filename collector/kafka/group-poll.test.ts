/** The poll of groups: who is described when, and what got no answer is asked for again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescribeGroupsRequest } from "../protocol/describe-groups.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import { createGroupPoll } from "./group-poll.ts";
import { groupNamed, recorder, staged, stagedLog, stoppedClock } from "./sockets.fixture.ts";

async function polling(...names: readonly string[]) {
  const cluster = await staged(
    [stagedLog()],
    names.map((name) => groupNamed(name)),
  );
  const observer = recorder();
  const poll = createGroupPoll({
    link: cluster.link,
    keeper: cluster.keeper,
    observer,
    clock: stoppedClock,
    everyMs: 30_000,
  });
  const described = () =>
    cluster.calls
      .splice(0)
      .flatMap(({ api, request }) => (api === "DescribeGroups" ? [(request as DescribeGroupsRequest).groups] : []));
  return { cluster, observer, poll, described, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

test("all groups are described once, then those whose state changed", async () => {
  await using polled = await polling("a", "b");
  const { cluster, observer, poll, described } = polled;
  assert.equal(await poll.once(), true);
  assert.deepEqual(described(), [["a", "b"]]);
  assert.deepEqual(
    observer.take("groups", "members").map(({ kind }) => kind),
    ["groups", "members", "members"],
  );
  await poll.once();
  assert.deepEqual(described(), []);
  cluster.groups[0] = groupNamed("a", { state: "PreparingRebalance" });
  await poll.once();
  assert.deepEqual(described(), [["a"]]);
});

test("a classic group that is empty has no members: nobody need be asked", async () => {
  await using polled = await polling("a");
  const { cluster, observer, poll, described } = polled;
  for (const empty of [{ state: "Empty" }, { state: "Empty", protocolType: "" }]) {
    cluster.groups[0] = groupNamed("a", empty);
    await poll.once();
    assert.deepEqual(described(), []);
    const [told] = observer.take("members");
    assert.ok(told?.kind === "members");
    assert.deepEqual([told.state, told.members], ["Empty", []]);
  }
});

test("an empty group of another type is described: only so is its epoch known", async () => {
  await using polled = await polling();
  const { cluster, poll } = polled;
  cluster.groups.push(groupNamed("a", { state: "Empty", type: "consumer" }));
  await poll.once();
  assert.deepEqual(
    cluster.takeCalls().filter((call) => call.includes("Describe")),
    ["1 ConsumerGroupDescribe"],
  );
});

test("a group is described as what its newest record says, whatever the last listing called it", async () => {
  await using polled = await polling("a");
  const { cluster, poll } = polled;
  await poll.once();
  cluster.takeCalls();
  poll.describeSoon([["a", "consumer"]]);
  await poll.describeNow();
  assert.deepEqual(cluster.takeCalls(), ["1 ConsumerGroupDescribe"]);
});

test("a broker that cannot describe a type of group is not asked again, and the group keeps its type", async () => {
  await using polled = await polling();
  const { cluster, observer, poll } = polled;
  cluster.groups.push(groupNamed("s", { type: "share", protocolType: "share" }));
  await poll.once();
  assert.deepEqual(
    observer.take("groups", "members", "share-offsets").map(({ kind }) => kind),
    ["groups"],
  );
  await poll.describeNow();
  assert.deepEqual(
    cluster.takeCalls().filter((call) => call.includes("Share")),
    ["1 ShareGroupDescribe", "1 DescribeShareGroupOffsets"],
  );
});

test("many groups are described in turns of a bounded number of requests", async () => {
  await using polled = await polling(...Array.from({ length: 1_050 }, (_, i) => `g${i}`));
  const { poll, described } = polled;
  await poll.once();
  assert.deepEqual(
    described().map((groups) => groups.length),
    Array.from({ length: 10 }, () => 100),
  );
  await poll.describeNow();
  assert.deepEqual(
    described().map((groups) => groups.length),
    [50],
  );
});

test("while a group has no coordinator, its description waits", async () => {
  await using polled = await polling("a");
  const { cluster, poll, described } = polled;
  cluster.logs[0] = stagedLog({ leader: undefined });
  poll.describeSoon([["a", "classic"]]);
  await poll.describeNow();
  assert.deepEqual(described(), []);
  cluster.logs[0] = stagedLog();
  await poll.describeNow();
  assert.deepEqual(described(), [["a"]]);
});

test("a listing that lacks a broker's answer is none: nobody may conclude that a group is gone", async () => {
  await using polled = await polling("a");
  const { cluster, observer, poll } = polled;
  cluster.setNodes(1, 2);
  await cluster.setAway(2, "unreachable");
  assert.equal(await poll.once(), false);
  assert.deepEqual(observer.take("groups"), []);
  await cluster.setAway(2, undefined);
  cluster.listGroupsError = ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS;
  assert.equal(await poll.once(), false);
});

test("while a coordinator loads, its listing is none: it leaves out groups without an error", async () => {
  await using polled = await polling("a");
  const { cluster, observer, poll } = polled;
  cluster.logs[0] = stagedLog({ isLoading: true });
  assert.equal(await poll.once(), false);
  assert.deepEqual(observer.take("groups"), []);
  cluster.logs[0] = stagedLog();
  assert.equal(await poll.once(), true);
});

test("what was seen in the log is described without a listing", async () => {
  await using polled = await polling("a", "b");
  const { cluster, poll, described } = polled;
  await poll.once();
  described();
  poll.describeSoon([["b", "classic"]]);
  await poll.describeNow();
  assert.equal(cluster.calls.length, 1);
  assert.deepEqual(described(), [["b"]]);
});

test("a group that is not listed yet is described without a listing too", async () => {
  await using polled = await polling("a");
  const { cluster, poll, described } = polled;
  await poll.once();
  described();
  cluster.groups.push(groupNamed("new"));
  poll.describeSoon([
    ["a", "classic"],
    ["new", "classic"],
  ]);
  await poll.describeNow();
  assert.equal(cluster.calls.length, 1);
  assert.deepEqual(described(), [["a", "new"]]);
});

test("a describe request without an answer is sent again; one that the broker does not know is not", async () => {
  for (const [away, again] of [
    ["unreachable", [["a"]]],
    ["unsupported", []],
  ] as const) {
    await using polled = await polling("a");
    const { cluster, poll, described } = polled;
    await poll.once();
    described();
    poll.describeSoon([["a", "classic"]]);
    await cluster.setAway(1, away);
    await poll.describeNow();
    assert.deepEqual(described(), [["a"]], "asked in vain");
    await cluster.setAway(1, undefined);
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
    await using polled = await polling("a");
    const { cluster, observer, poll, described } = polled;
    cluster.describeError = error;
    await poll.once();
    assert.deepEqual(observer.take("members"), []);
    described();
    cluster.describeError = 0;
    await poll.describeNow();
    assert.deepEqual(described(), again);
  }
});

test("Dead from a describe request is not the end of a group: only a listing says so", async () => {
  await using polled = await polling("a");
  const { cluster, observer, poll } = polled;
  cluster.dead.add("a");
  await poll.once();
  assert.deepEqual(observer.take("members"), []);
});
