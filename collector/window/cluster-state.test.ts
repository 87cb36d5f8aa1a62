/** Cluster state: baselines, commits by order, tombstones, groups and topics that go and come again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { MemberDescription, Observation, UnavailableReason, Watermarks } from "../model/observation.ts";
import { BURROW_STORE_DEFAULTS } from "./burrow-store.ts";
import type { ClusterState } from "./cluster-state.ts";
import { createClusterState } from "./cluster-state.ts";
import { liveSlotsOf } from "./live-slots.ts";

const LOG = 3;
const BASELINE = 100;
const NOW_S = 1_700_000_000;
const AT_MS = NOW_S * 1000 - 5_000;

function stateWithTopic(partitions = 2): ClusterState {
  const state = createClusterState({ cluster: "c", burrow: BURROW_STORE_DEFAULTS, nowS: () => NOW_S });
  state.observe({ kind: "topics", topics: [{ topic: "t", topicId: "id-1", partitions }] });
  state.observe(progress());
  return state;
}

function progress(more: Partial<Extract<Observation, { kind: "log-progress" }>> = {}): Observation {
  const read = { baselineOrder: BASELINE, replayed: true, backfilled: false, progress: 1, atMs: AT_MS };
  return { kind: "log-progress", logPartition: LOG, logPartitions: 50, ...read, ...more };
}

function watermarks(
  which: Watermarks["which"],
  rows: readonly (readonly [partition: number, offset: number | UnavailableReason])[],
): Observation {
  const failed = rows.flatMap(([, one], i) => (typeof one === "string" ? [[i, one] as const] : []));
  return {
    kind: "watermarks",
    which,
    atMs: AT_MS,
    topics: ["t"],
    topicIndex: new Int32Array(rows.length),
    partitions: Int32Array.from(rows, ([partition]) => partition),
    offsets: Float64Array.from(rows, ([, one]) => (typeof one === "string" ? Number.NaN : one)),
    unavailable: new Map(failed),
  };
}

function baseline(offsets: readonly (readonly [partition: number, committedOffset: number])[]): Observation {
  return {
    kind: "baseline",
    group: "g",
    logPartition: LOG,
    offsets: offsets.map(([partition, committedOffset]) => ({ topic: "t", partition, committedOffset })),
  };
}

interface CommitRow {
  readonly offset: number;
  readonly order: number;
  readonly decided?: number;
  readonly partition?: number;
  readonly group?: string;
}

function commit(state: ClusterState, { offset, order, decided = order, partition = 0, group = "g" }: CommitRow): void {
  state.commit(state.handleOf(group, "t", partition), offset, AT_MS + order, order, LOG, decided);
}

function tombstone(state: ClusterState, order: number, partition = 0): void {
  state.observe({ kind: "offset-tombstone", handle: state.handleOf("g", "t", partition), logPartition: LOG, order });
}

function members(more: Partial<Extract<Observation, { kind: "members" }>>): Observation {
  const empty = { protocolType: "consumer", state: "Stable", type: "classic", generation: 1, members: [] };
  return { kind: "members", group: "g", ...empty, order: undefined, logPartition: undefined, ...more };
}

function member(clientId: string, partitions: readonly number[]): MemberDescription {
  return { memberId: clientId, clientId, clientHost: `/${clientId}`, partitions: [{ topic: "t", partitions }] };
}

function groups(...names: readonly string[]): Observation {
  return {
    kind: "groups",
    groups: names.map((group) => ({ group, protocolType: "consumer", state: "Empty", type: "classic" })),
  };
}

/** What is shown of a group's partitions: committed offset, time after AT_MS, owner. */
function shown(state: ClusterState, group = "g") {
  return liveSlotsOf(state.table, group).flatMap((slot) => {
    const { committedOffset, committedAtMs, ownerId, ownerOf } = state.offsets;
    const [offset, atMs] = [committedOffset.get(slot), committedAtMs.get(slot) - AT_MS];
    const owner = ownerOf(ownerId.get(slot))?.clientId;
    if (Number.isNaN(offset) && owner === undefined) return [];
    return [[state.table.partitionOf(slot), offset, atMs, owner]];
  });
}

function windowOf(state: ClusterState, group = "g", partition = 0): number {
  const slot = state.table.find({ group, topic: "t", partition });
  return slot !== undefined && state.burrow.ringBySlot.get(slot) >= 0 ? 1 : 0;
}

const NONE = undefined;

const present: readonly { readonly name: string; readonly commits: readonly CommitRow[]; readonly want: unknown }[] = [
  { name: "a baseline alone has no time", commits: [], want: [[0, 50, Number.NaN, NONE]] },
  {
    name: "a commit older than the baseline gives its time, never its offset",
    commits: [{ offset: 40, order: 90 }],
    want: [[0, 50, 90, NONE]],
  },
  {
    name: "the newest of the older commits gives the time, whatever the order they come in",
    commits: [
      { offset: 50, order: 95 },
      { offset: 40, order: 90 },
    ],
    want: [[0, 50, 95, NONE]],
  },
  {
    name: "a commit at the baseline's order is the present",
    commits: [{ offset: 60, order: BASELINE }],
    want: [[0, 60, 100, NONE]],
  },
  {
    name: "a commit with an older order than the present one changes nothing",
    commits: [
      { offset: 60, order: 110 },
      { offset: 55, order: 105 },
    ],
    want: [[0, 60, 110, NONE]],
  },
  {
    name: "a commit of a transaction that ended after the baseline is the present",
    commits: [{ offset: 60, order: 90, decided: 120 }],
    want: [[0, 60, 90, NONE]],
  },
  {
    name: "a commit of a transaction is not the present where a newer commit is in the baseline",
    commits: [
      { offset: 50, order: 95 },
      { offset: 60, order: 90, decided: 120 },
    ],
    want: [[0, 50, 95, NONE]],
  },
  { name: "a negative commit is no committed offset", commits: [{ offset: -1, order: 110 }], want: [] },
  {
    name: "an older negative commit leaves the baseline's offset",
    commits: [{ offset: -2, order: 90 }],
    want: [[0, 50, 90, NONE]],
  },
];
for (const { name, commits, want } of present) {
  test(name, () => {
    const state = stateWithTopic();
    state.observe(baseline([[0, 50]]));
    for (const one of commits) commit(state, one);
    assert.deepEqual(shown(state), want);
  });
}

test("old commits fill the window of the strict rules", () => {
  const state = stateWithTopic();
  state.observe(watermarks("end", [[0, 80]]));
  state.observe(baseline([[0, 50]]));
  commit(state, { offset: 40, order: 90 });
  assert.equal(windowOf(state), 1);
});

test("old commits of what the baseline does not know do not bring it back", () => {
  const state = stateWithTopic();
  state.observe(watermarks("end", [[0, 80]]));
  commit(state, { offset: 40, order: 90 });
  assert.deepEqual(shown(state), []);
  assert.equal(windowOf(state), 0);
  state.observe(groups());
  assert.equal(state.table.count(), 0, "a listing lets go of the slot that was made for it");
});

test("a new baseline forgets what it does not name, and begins a new count of orders", () => {
  const state = stateWithTopic();
  state.observe(
    baseline([
      [0, 50],
      [1, 70],
    ]),
  );
  commit(state, { offset: 60, order: 1_000 });
  state.observe(progress({ baselineOrder: 20 }));
  state.observe(baseline([[0, 55]]));
  assert.deepEqual(shown(state), [[0, 55, Number.NaN, NONE]]);
  commit(state, { offset: 58, order: 21 });
  assert.deepEqual(shown(state), [[0, 58, 21, NONE]]);
});

test("a negative offset in a baseline is none", () => {
  const state = stateWithTopic();
  state.observe(
    baseline([
      [0, -1],
      [1, 7],
    ]),
  );
  assert.deepEqual(shown(state), [[1, 7, Number.NaN, NONE]]);
});

test("a tombstone older than the baseline, or than the newest commit, is ignored", () => {
  const state = stateWithTopic();
  state.observe(baseline([[0, 50]]));
  tombstone(state, 99);
  assert.equal(shown(state).length, 1);
  commit(state, { offset: 60, order: 120 });
  tombstone(state, 110);
  assert.deepEqual(shown(state), [[0, 60, 120, NONE]]);
});

test("the tombstone of the last offset removes the group, and an older commit does not bring it back", () => {
  const state = stateWithTopic();
  state.observe(baseline([[0, 50]]));
  tombstone(state, 110);
  assert.deepEqual(shown(state), []);
  assert.equal(state.table.groups.find("g"), undefined);
  commit(state, { offset: 40, order: 95 });
  assert.deepEqual(shown(state), []);
});

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
  assert.deepEqual(shown(state), [[0, 60, 110, NONE]]);
  assert.equal(state.groups.get("g")?.members, 0);
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

test("a client id with a NUL in it comes back whole", () => {
  const state = stateWithTopic();
  state.observe(members({ members: [member("a\0b", [0])] }));
  const slot = liveSlotsOf(state.table, "g")[0] ?? -1;
  const host = { ...member("a\0b", [0]), clientHost: "/10.0.0.1" };
  state.observe(members({ members: [host] }));
  const owner = state.offsets.ownerOf(state.offsets.ownerId.get(slot));
  assert.deepEqual(owner, { owner: "/10.0.0.1", clientId: "a\0b" });
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

test("a topic made again has no end offset, no window, and no time of an old answer", () => {
  const state = stateWithTopic();
  state.observe(watermarks("end", [[0, 80]]));
  state.observe(watermarks("start", [[0, 10]]));
  commit(state, { offset: 60, order: 110 });
  const id = state.table.topicPartitions.find("t", 0) ?? -1;
  assert.equal(state.watermarks.endOffset.get(id), 80);
  state.observe({ kind: "topics", topics: [{ topic: "t", topicId: "id-2", partitions: 1 }] });
  assert.deepEqual(
    [state.watermarks.endOffset.get(id), state.watermarks.startOffset.get(id), state.watermarks.endAtMs.get(id)],
    [Number.NaN, Number.NaN, Number.NaN],
  );
  assert.equal(windowOf(state), 0);
  state.observe(watermarks("end", [[0, 5]]));
  assert.equal(state.watermarks.endOffset.get(id), 5);
  assert.deepEqual(shown(state), [[0, 60, 110, NONE]]);
});

test("a deleted topic takes no answers any more", () => {
  const state = stateWithTopic();
  commit(state, { offset: 60, order: 110 });
  state.observe({ kind: "topics", topics: [] });
  state.observe(watermarks("end", [[0, 80]]));
  const id = state.table.topicPartitions.find("t", 0) ?? -1;
  assert.deepEqual([state.watermarks.endOffset.get(id), windowOf(state)], [Number.NaN, 0]);
});

test("an answer without topic ids between two with the same id is no new topic, with another id it is", () => {
  const state = stateWithTopic();
  const id = state.table.topicPartitions.find("t", 0) ?? -1;
  const seen = ["id-1", undefined, "id-1", undefined, "id-2"].map((topicId) => {
    state.observe(watermarks("end", [[0, 80]]));
    state.observe({ kind: "topics", topics: [{ topic: "t", topicId, partitions: 2 }] });
    return state.watermarks.endOffset.get(id);
  });
  assert.deepEqual(seen, [80, 80, 80, 80, Number.NaN]);
});

test("partitions that are added are known, fewer of them are a partial answer", () => {
  const state = stateWithTopic(1);
  state.observe(watermarks("end", [[1, 9]]));
  assert.equal(state.table.topicPartitions.find("t", 1), undefined);
  for (const partitions of [3, 2])
    state.observe({ kind: "topics", topics: [{ topic: "t", topicId: "id-1", partitions }] });
  state.observe(watermarks("end", [[2, 9]]));
  const id = state.table.topicPartitions.find("t", 2) ?? -1;
  assert.deepEqual([state.watermarks.endOffset.get(id), state.topics.get("t")?.partitions], [9, 3]);
});

test("a partition that does not answer keeps its last offset and says why it is old", () => {
  const state = stateWithTopic();
  const id = state.table.topicPartitions.find("t", 0) ?? -1;
  state.observe(watermarks("end", [[0, 80]]));
  const before = state.changes();
  state.observe(watermarks("end", [[0, "no-leader"]]));
  assert.deepEqual([state.watermarks.endOffset.get(id), state.watermarks.unavailable(id)], [80, "no-leader"]);
  assert.equal(state.changes(), before + 1);
  state.observe(watermarks("start", [[0, "unauthorised"]]));
  assert.equal(state.watermarks.unavailable(id), "no-leader", "only end offsets say that a partition is away");
  state.observe(watermarks("end", [[0, 80]]));
  assert.equal(state.watermarks.unavailable(id), undefined);
});

test("the first end offset is a sample of the strict rules; later ones wait for the cadence; those away give none", () => {
  const state = stateWithTopic();
  const id = state.table.topicPartitions.find("t", 0) ?? -1;
  state.observe(watermarks("end", [[0, 80]]));
  state.observe(watermarks("end", [[0, 90]]));
  assert.equal(state.burrow.brokers.newest.get(id), 80);
  state.sampleBurrow();
  assert.equal(state.burrow.brokers.newest.get(id), 90);
  state.observe(watermarks("end", [[0, 95]]));
  state.observe(watermarks("end", [[0, "broker-unreachable"]]));
  state.sampleBurrow();
  assert.equal(state.burrow.brokers.newest.get(id), 90);
});

test("what says nothing new is no change", () => {
  const state = stateWithTopic();
  for (const again of [
    watermarks("end", [[0, 80]]),
    watermarks("start", [[0, 1]]),
    progress(),
    { kind: "topics", topics: [{ topic: "t", topicId: "id-1", partitions: 2 }] } as const,
    { kind: "log-unavailable", logPartition: LOG, reason: "error", atMs: AT_MS } as const,
    { kind: "log-partitions", logPartitions: 50 } as const,
  ]) {
    state.observe(again);
    const before = state.changes();
    state.observe(again);
    assert.equal(state.changes(), before, again.kind);
  }
});

test("the end of a backfill is a change: it decides what no window means", () => {
  const state = stateWithTopic();
  const before = state.changes();
  state.observe(progress({ backfilled: true }));
  assert.equal(state.changes(), before + 1);
});

test("logs that nobody has told of are unread", () => {
  const state = createClusterState({ cluster: "c", burrow: BURROW_STORE_DEFAULTS, nowS: () => NOW_S });
  assert.deepEqual([state.logs.summary().partitions, state.logs.summary().progress], [0, 1]);
  state.observe({ kind: "log-partitions", logPartitions: 2 });
  assert.deepEqual(state.logs.summary(), {
    partitions: 2,
    replayed: 0,
    unavailable: 0,
    backfilled: false,
    progress: 0,
  });
  state.observe(progress({ logPartition: 0, logPartitions: 2, backfilled: true }));
  assert.deepEqual([state.logs.summary().replayed, state.logs.summary().progress], [1, 0.5]);
  assert.equal(state.logs.of(-1).replayed, false, "a group whose log is not known is as slow as the slowest");
  state.observe(progress({ logPartition: 1, logPartitions: 2, backfilled: true }));
  assert.deepEqual([state.logs.of(-1).replayed, state.logs.summary().backfilled], [true, true]);
});
