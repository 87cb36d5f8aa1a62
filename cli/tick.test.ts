/** Ticks on the grid of a clock that the test turns: each grid time once, what is skipped counted, no start that waits. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BURROW_RULES_DEFAULTS, createBurrowJudge } from "../collector/evaluate/burrow.ts";
import { createVerdicts } from "../collector/evaluate/judge.ts";
import { createFeed } from "../collector/feed/feed.ts";
import type { Reach } from "../collector/http/cluster-view.ts";
import { createClusterView } from "../collector/http/cluster-view.ts";
import { BURROW_STORE_DEFAULTS } from "../collector/window/burrow-store.ts";
import { createClusterState } from "../collector/window/cluster-state.ts";
import { createTickStep } from "./tick.ts";

const INTERVAL_MS = 10_000;
const START_MS = 1_700_000_003_000;
const GRID_MS = 1_700_000_000_000;
const LOOK_MS = 100;

function ticking({ clusters = ["c"] } = {}) {
  const now = { ms: START_MS, reach: { kind: "starting" } as Reach };
  const clock = { nowMs: () => now.ms, monotonicMs: () => now.ms };
  const watched = clusters.map((cluster) => {
    const nowS = () => Math.floor(now.ms / 1000);
    const state = createClusterState({ cluster, burrow: BURROW_STORE_DEFAULTS, nowS });
    const verdicts = createVerdicts(state, BURROW_RULES_DEFAULTS);
    const judge = createBurrowJudge(state.burrow);
    const view = createClusterView({
      state,
      verdicts,
      judge,
      reach: () => now.reach,
      nowMs: clock.nowMs,
      servers: [],
      offsetRefreshMs: 1,
    });
    return { state, verdicts, view };
  });
  const options = { run: "r", bytesMax: 1e9, ageMsMax: 1e9, answerBytesMax: 1e9, sleep: async () => {} };
  const feed = createFeed(options);
  const stats = { ticks: 0, skipped: 0, lastMs: 0 };
  const step = createTickStep({
    clusters: watched.map(({ view }) => view),
    feed,
    intervalMs: INTERVAL_MS,
    clock,
    stats,
  });
  const times = async () => {
    const answer = await feed.read("", 0, new AbortController().signal);
    return answer.kind === "ticks" ? answer.ticks.map(({ at }) => (at - GRID_MS) / INTERVAL_MS) : [];
  };
  return { now, watched, feed, stats, step, times };
}

function replay(state: ReturnType<typeof createClusterState>): void {
  const read = { baselineOrder: 0, replayed: true, backfilled: true, progress: 1, atMs: START_MS };
  state.observe({ kind: "log-progress", logPartition: 0, logPartitions: 1, ...read });
}

function started() {
  const one = ticking();
  one.now.reach = { kind: "reachable" };
  for (const { state } of one.watched) replay(state);
  return one;
}

test("the first verdict comes with the end of the replay, before the first grid time, and is no tick", async () => {
  const { now, watched, step, times, stats } = ticking();
  const [one] = watched;
  assert.ok(one !== undefined);
  assert.equal(await step(), LOOK_MS);
  now.reach = { kind: "reachable" };
  one.state.observe({ kind: "log-partitions", logPartitions: 1 });
  now.ms += LOOK_MS;
  assert.equal(await step(), LOOK_MS);
  assert.deepEqual([one.verdicts.at(), one.view.condition().kind], [0, "warming"]);
  replay(one.state);
  now.ms += LOOK_MS;
  assert.equal(await step(), 7_000 - 2 * LOOK_MS);
  assert.deepEqual([one.verdicts.at(), one.view.condition().kind], [GRID_MS, "ok"]);
  assert.deepEqual([await times(), stats.ticks], [[], 0]);
});

test("a replay that ends after ticks is judged at once, too", async () => {
  const { now, watched, step } = ticking();
  const [one] = watched;
  assert.ok(one !== undefined);
  now.reach = { kind: "reachable" };
  one.state.observe({ kind: "log-partitions", logPartitions: 1 });
  now.ms = GRID_MS + INTERVAL_MS;
  await step();
  const before = one.state.changes();
  replay(one.state);
  await step();
  assert.equal(one.state.changes(), before + 2, "the progress and the verdict");
  await step();
  assert.equal(one.state.changes(), before + 2, "once");
});

test("one cluster that never answers does not hold up the verdicts of another", async () => {
  const { now, watched, step } = ticking({ clusters: ["c", "d"] });
  now.reach = { kind: "reachable" };
  const [one, other] = watched;
  assert.ok(one !== undefined && other !== undefined);
  other.state.observe({ kind: "log-partitions", logPartitions: 1 });
  replay(one.state);
  assert.equal(await step(), LOOK_MS);
  assert.deepEqual([one.verdicts.at(), other.verdicts.at()], [GRID_MS, 0]);
});

test("every grid time is ticked once, whenever it is looked at", async () => {
  const { now, step, times, stats } = started();
  const waits: number[] = [];
  for (const ms of [0, 6_999, 7_000, 7_000, 7_001, 16_999, 17_500]) {
    now.ms = START_MS + ms;
    waits.push(await step());
  }
  assert.deepEqual(waits, [7_000, 1, 10_000, 10_000, 9_999, 1, 9_500]);
  assert.deepEqual(await times(), [1, 2]);
  assert.deepEqual([stats.ticks, stats.skipped], [2, 0]);
});

test("whenever it runs, a tick's time is a multiple of the interval, later than the one before", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 * INTERVAL_MS }), { maxLength: 20 }), async (delaysMs) => {
      const { now, step, times } = ticking();
      for (const delayMs of delaysMs) {
        now.ms += delayMs;
        await step();
      }
      const ticked = await times();
      assert.ok(ticked.every((at, index) => Number.isInteger(at) && at > (ticked[index - 1] ?? 0)));
      assert.equal(
        ticked.length > 0,
        delaysMs.reduce((sum, delayMs) => sum + delayMs, START_MS) >= GRID_MS + INTERVAL_MS,
      );
    }),
  );
});

test("grid times that passed are skipped and counted, never made up for", async () => {
  const { now, step, times, stats } = started();
  now.ms = GRID_MS + 4 * INTERVAL_MS + 3;
  await step();
  assert.deepEqual([await times(), stats.ticks, stats.skipped], [[4], 1, 3]);
});

test("a clock that jumps back brings no grid time twice", async () => {
  const { now, step, times, stats } = started();
  for (const at of [1, 2, 1, 2, 3]) {
    now.ms = GRID_MS + at * INTERVAL_MS;
    assert.ok((await step()) > 0);
  }
  assert.deepEqual([await times(), stats.skipped], [[1, 2, 3], 0]);
});

test("all clusters of a tick carry its time", async () => {
  const { now, watched, step } = ticking({ clusters: ["c", "d"] });
  now.ms = GRID_MS + INTERVAL_MS + 40;
  await step();
  assert.deepEqual(
    watched.map(({ verdicts }) => verdicts.at()),
    [GRID_MS + INTERVAL_MS, GRID_MS + INTERVAL_MS],
  );
});
