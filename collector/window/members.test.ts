/** Groups, their members and owners: from records and describe requests, listings, and the end of a group. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AT_MS,
  baseline,
  commit,
  groups,
  LOG,
  member,
  members,
  progress,
  shown,
  stateWithTopic,
  tombstone,
  watermarks,
  windowOf,
} from "./cluster-state.fixture.ts";
import { liveSlotsOf } from "./live-slots.ts";

test("a group with an owner left stays when its last offset goes", () => {
  const state = stateWithTopic();
  state.observe(baseline([[0, 50]]));
  state.observe(members({ members: [member("a", [0])] }));
  tombstone(state, 110);
  assert.deepEqual(shown(state), [[0, Number.NaN, Number.NaN, "a"]]);
});

test("a group tombstone is not the end of a group that still has offsets", () => {
  const state = stateWithTopic();
  state.observe(watermarks("end", [[0, 80]]));
  state.observe(baseline([[0, 50]]));
  commit(state, { offset: 60, order: 110 });
  state.observe(members({ members: [member("a", [0])] }));
  state.observe({ kind: "group-tombstone", group: "g", logPartition: LOG, order: 120 });
  assert.deepEqual(shown(state), [[0, 60, 110, "a"]]);
  assert.equal(state.groups.get("g")?.members, 1, "who turns into a consumer group keeps its members");
  assert.equal(windowOf(state), 0, "the strict rules take it for the end, as Burrow does");
});

test("a classic group that turns into a consumer group keeps its offsets and gets its new owners", () => {
  const state = stateWithTopic();
  commit(state, { offset: 60, order: 110 });
  state.observe(members({ members: [member("old", [0])], order: 111, logPartition: LOG }));
  state.observe({ kind: "group-tombstone", group: "g", logPartition: LOG, order: 112 });
  state.observe(members({ type: "consumer", generation: 7, members: [member("new", [0, 1])] }));
  commit(state, { offset: 61, order: 113 });
  assert.deepEqual(shown(state), [
    [0, 61, 113, "new"],
    [1, Number.NaN, Number.NaN, "new"],
  ]);
  assert.deepEqual([state.groups.get("g")?.type, state.groups.get("g")?.generation], ["consumer", 7]);
});

test("while a classic group rebalances, who still is a member keeps what it held", () => {
  for (const rebalancing of ["PreparingRebalance", "CompletingRebalance"]) {
    const state = stateWithTopic();
    state.observe(
      baseline([
        [0, 50],
        [1, 50],
      ]),
    );
    state.observe(members({ members: [member("a", [0]), member("b", [1])] }));
    // The coordinator names members, but not what they hold.
    const asked = { state: rebalancing, generation: undefined };
    state.observe(members({ ...asked, members: [member("b", []), member("c", [])] }));
    assert.deepEqual(
      shown(state).map(([partition, , , client]) => [partition, client]),
      [
        [0, undefined],
        [1, "b"],
      ],
    );
    assert.deepEqual([state.groups.get("g")?.members, state.groups.get("g")?.state], [2, rebalancing]);
  }
});

test("rebalances are counted from records of the log and from epochs that all members have reached", () => {
  const state = stateWithTopic();
  const rebalances = () => state.groups.get("g")?.rebalances;
  const record = (generation: number, order: number, more = {}) =>
    state.observe(
      members({ generation, members: [member("a", [0])], order, logPartition: LOG, atMs: order * 60_000, ...more }),
    );
  state.observe(groups("g"));
  record(4, 90);
  assert.equal(rebalances(), 0, "older than the baseline: not seen, but where the count starts");
  record(5, 110);
  record(6, 111);
  assert.equal(rebalances(), 2);
  const epoch = { order: undefined, logPartition: undefined, type: "consumer" };
  record(9, 112, { ...epoch, state: "Reconciling" });
  assert.deepEqual([rebalances(), state.groups.get("g")?.generation], [2, 9], "on its way");
  record(9, 113, epoch);
  record(9, 114, epoch);
  assert.equal(rebalances(), 3);
});

test("a static member that comes back under another id is no rebalance", () => {
  const state = stateWithTopic();
  const record = (memberId: string, order: number) =>
    state.observe(members({ generation: 5, members: [{ ...member("a", [0]), memberId }], order, logPartition: LOG }));
  record("static-1", 110);
  record("static-2", 120);
  assert.deepEqual([state.groups.get("g")?.rebalances, shown(state)[0]?.[3]], [0, "a"]);
});

test("a group tombstone older than the baseline takes nobody's owners", () => {
  const state = stateWithTopic();
  state.observe(baseline([[0, 50]]));
  state.observe(members({ members: [member("a", [0])] }));
  state.observe({ kind: "group-tombstone", group: "g", logPartition: LOG, order: 99 });
  assert.deepEqual(shown(state), [[0, 50, Number.NaN, "a"]]);
});

test("members older than the baseline do not bring a deleted group back", () => {
  const state = stateWithTopic();
  state.observe(members({ members: [member("a", [0])], order: 90, logPartition: LOG }));
  assert.deepEqual(shown(state), []);
  assert.equal(state.groups.get("g"), undefined);
});

test("members older than the baseline tell a generation where none newer is known", () => {
  const state = stateWithTopic();
  state.observe(baseline([[0, 50]]));
  state.observe(members({ generation: undefined, members: [member("a", [0])] }));
  state.observe(members({ generation: 5, members: [member("b", [1])], order: 90, logPartition: LOG }));
  state.observe(members({ generation: 4, members: [member("b", [1])], order: 80, logPartition: LOG }));
  state.observe({ kind: "past-generation", group: "g", generation: 3 });
  assert.equal(state.groups.get("g")?.generation, 5);
  assert.deepEqual(shown(state), [[0, 50, Number.NaN, "a"]]);
});

test("owners are replaced as a whole, and a partition with neither offset nor owner goes", () => {
  const state = stateWithTopic();
  state.observe(baseline([[0, 50]]));
  state.observe(members({ members: [member("a", [0]), member("b", [1])] }));
  state.observe(members({ members: [member("b", [0])] }));
  assert.deepEqual(shown(state), [[0, 50, Number.NaN, "b"]]);
});

test("a client id and a member id with a NUL in them come back whole", () => {
  const state = stateWithTopic();
  state.observe(members({ members: [member("a\0b", [0])] }));
  const slot = liveSlotsOf(state.table, "g")[0] ?? -1;
  const host = { ...member("a\0b", [0]), clientHost: "/10.0.0.1", memberId: "a\0b-1\0" };
  state.observe(members({ members: [host] }));
  const owner = state.offsets.ownerOf(state.offsets.ownerId.get(slot));
  assert.deepEqual(owner, { owner: "/10.0.0.1", clientId: "a\0b", memberId: "a\0b-1\0" });
});

test("one listing without a group proves nothing, the second one does", () => {
  const state = stateWithTopic();
  state.observe(baseline([[0, 50]]));
  state.observe(groups("g", "other"));
  state.observe(groups("other"));
  assert.equal(shown(state).length, 1);
  state.observe(groups("other"));
  assert.deepEqual(shown(state), []);
  assert.equal(state.groups.get("g"), undefined);
});

test("a listing that names the group again begins the count anew", () => {
  const state = stateWithTopic();
  state.observe(baseline([[0, 50]]));
  for (const listing of [["g"], [], ["g"], []]) state.observe(groups(...listing));
  assert.equal(shown(state).length, 1);
});

test("listings say nothing of groups whose log does not answer", () => {
  const state = stateWithTopic();
  state.observe(baseline([[0, 50]]));
  state.observe(groups("g"));
  state.observe({ kind: "log-unavailable", logPartition: LOG, reason: "no-leader", atMs: AT_MS });
  for (let i = 0; i < 3; i += 1) state.observe(groups());
  state.observe(progress());
  state.observe(groups());
  assert.equal(shown(state).length, 1, "the first listing after it is the first");
  state.observe(groups());
  assert.equal(shown(state).length, 0);
});
