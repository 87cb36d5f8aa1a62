/** Cluster state: baselines, commits by order, tombstones, and how far the logs are read. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { BURROW_STORE_DEFAULTS } from "./burrow-store.ts";
import {
  AT_MS,
  BASELINE,
  baseline,
  type CommitRow,
  commit,
  groups,
  LOG,
  NOW_S,
  progress,
  shown,
  stateWithTopic,
  tombstone,
  watermarks,
  windowOf,
} from "./cluster-state.fixture.ts";
import { createClusterState } from "./cluster-state.ts";

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
    refused: 0,
    backfilled: false,
    progress: 0,
  });
  state.observe(progress({ logPartition: 0, logPartitions: 2, backfilled: true }));
  assert.deepEqual([state.logs.summary().replayed, state.logs.summary().progress], [1, 0.5]);
  assert.equal(state.logs.of(-1).replayed, false, "a group whose log is not known is as slow as the slowest");
  state.observe(progress({ logPartition: 1, logPartitions: 2, backfilled: true }));
  assert.deepEqual([state.logs.of(-1).replayed, state.logs.summary().backfilled], [true, true]);
});

test("a group's offsets wait since its oldest open transaction began, and no longer when the log says so", () => {
  const state = stateWithTopic();
  const handles = [0, 1].map((partition) => state.handleOf("g", "t", partition));
  const told = (sinceMs: ReadonlyMap<number, number>) =>
    state.observe({ kind: "open-transactions", logPartition: LOG, sinceMs });
  told(new Map(handles.map((handle, index) => [handle, AT_MS - index])));
  assert.equal(state.openTransactions.sinceMsOf("g"), AT_MS - 1);
  assert.equal(state.openTransactions.sinceMsOf("h"), undefined);
  told(new Map());
  assert.equal(state.openTransactions.sinceMsOf("g"), undefined);
});

test("a log that was cut: windows begin anew with lower orders, and are known to be lost for a while", () => {
  const state = stateWithTopic();
  state.observe(watermarks("end", [[0, 500]]));
  state.observe(baseline([[0, 50]]));
  for (let i = 0; i < 4; i += 1) commit(state, { offset: 60 + i, order: 200 + i });
  commit(state, { offset: 60, order: 200, group: "h" });
  const groupId = state.table.groups.find("g") ?? -1;
  assert.ok(Number.isNaN(state.lostWindows.sinceMs(groupId, NOW_S * 1_000)));
  state.observe({ kind: "log-regressed", logPartition: LOG + 1 });
  assert.equal(windowOf(state), 1, "of another log");
  state.observe({ kind: "log-regressed", logPartition: LOG });
  assert.equal(windowOf(state), 0);
  assert.equal(state.lostWindows.sinceMs(groupId, NOW_S * 1_000), NOW_S * 1_000);
  assert.ok(Number.isNaN(state.lostWindows.sinceMs(groupId, NOW_S * 1_000 + 600_000)), "long ago");
  state.observe(progress({ baselineOrder: 150 }));
  state.observe(baseline([[0, 62]]));
  commit(state, { offset: 70, order: 160 });
  assert.equal(windowOf(state), 1, "an order below those that were seen");
  assert.deepEqual(shown(state), [[0, 70, 160, undefined]]);
});

test("a tombstone of a group whose offsets stay loses windows; of one without offsets it is the end", () => {
  const lostBy = (isGone: boolean) => {
    const state = stateWithTopic();
    state.observe(watermarks("end", [[0, 500]]));
    commit(state, { offset: 60, order: 200 });
    const groupId = state.table.groups.find("g") ?? -1;
    if (isGone) tombstone(state, 201);
    state.observe({ kind: "group-tombstone", group: "g", logPartition: LOG, order: 202 });
    return state.lostWindows.sinceMs(groupId, NOW_S * 1_000);
  };
  assert.equal(lostBy(false), NOW_S * 1_000);
  assert.ok(Number.isNaN(lostBy(true)));
});

test("a topic of which an offset was taken back is in doubt, for that group, until topics are listed", () => {
  const state = stateWithTopic();
  commit(state, { offset: 60, order: 200 });
  tombstone(state, BASELINE - 1);
  assert.ok(state.topicsInDoubt.isEmpty(), "what is older than the baseline says nothing of now");
  tombstone(state, 201);
  assert.deepEqual([state.topicsInDoubt.has("t", "g"), state.topicsInDoubt.has("t", "h")], [true, false]);
  state.observe({ kind: "topics", topics: [{ topic: "t", topicId: "id-1", partitions: 2 }] });
  assert.ok(state.topicsInDoubt.isEmpty());
});
