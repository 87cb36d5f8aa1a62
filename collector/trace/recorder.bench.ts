/**
 * # Benchmark: what recording costs those who observe
 *
 * Commits into the windows of 20,000 group-partitions, plain and through a recorder: those that the log held before, which are
 * not written, and live ones, which are. And one poll of 10,000 watermarks, all of them written. Medians.
 */

import type { Observer } from "../model/observation.ts";
import { BURROW_STORE_DEFAULTS } from "../window/burrow-store.ts";
import { createClusterState } from "../window/cluster-state.ts";
import { createLineQueue } from "./line-queue.ts";
import { createRecorder } from "./recorder.ts";

const GROUPS = 500;
const PARTITIONS = 40;
const TOPICS = 250;
const RUNS = 15;
const NOW_MS = 1_790_000_000_000;

const state = createClusterState({ cluster: "c", burrow: BURROW_STORE_DEFAULTS, nowS: () => NOW_MS / 1_000 });
const queue = createLineQueue(1e9);
const clock = { nowMs: NOW_MS };
const recorder = createRecorder({
  state,
  nowMs: () => clock.nowMs,
  intervalMs: 10_000,
  watermarksEveryMs: 10_000,
  fileBytesMax: 1e9,
  write: queue.push,
});
const topics = Array.from({ length: TOPICS }, (_, i) => ({
  topic: `orders-topic-${i}`,
  topicId: `${i}`,
  partitions: PARTITIONS,
}));
recorder.observer.observe({ kind: "topics", topics });
const read = { replayed: true, backfilled: true, progress: 1, atMs: NOW_MS };
recorder.observer.observe({ kind: "log-progress", logPartition: 0, logPartitions: 1, baselineOrder: 1e12, ...read });
poll();
const handles = Array.from({ length: GROUPS * PARTITIONS }, (_, i) => {
  const group = Math.floor(i / PARTITIONS);
  return state.handleOf(`payments-service-${group}`, `orders-topic-${group % TOPICS}`, i % PARTITIONS);
});
let order = 0;
commitAll(state, 0);
recorder.beginFile();
while (recorder.advance(1e6)) queue.drain();

function poll(): void {
  const rows = TOPICS * PARTITIONS;
  recorder.observer.observe({
    kind: "watermarks",
    which: "end",
    atMs: NOW_MS,
    answeredAtMs: NOW_MS,
    topics: topics.map(({ topic }) => topic),
    topicIndex: Int32Array.from({ length: rows }, (_, i) => Math.floor(i / PARTITIONS)),
    partitions: Int32Array.from({ length: rows }, (_, i) => i % PARTITIONS),
    offsets: new Float64Array(rows).fill(1e6),
    unavailable: new Map(),
  });
}

function commitAll(observer: Observer, decided: number): void {
  order += 1;
  for (const handle of handles) observer.commit(handle, order, NOW_MS + order, order, 0, decided);
}

function medianMs(task: () => void): number {
  const ms = Array.from({ length: RUNS }, () => {
    const beganMs = performance.now();
    task();
    const tookMs = performance.now() - beganMs;
    queue.drain();
    return tookMs;
  });
  return ms.toSorted((a, b) => a - b)[RUNS >> 1] ?? Number.NaN;
}

const perCommit = (task: () => void): string => `${((medianMs(task) / handles.length) * 1e6).toFixed(0)} ns`;
for (let warm = 0; warm < 5; warm += 1)
  for (const one of [state, recorder.observer]) for (const at of [0, 2e12]) commitAll(one, at);
queue.drain();
console.table({
  "a commit, not recorded": { figure: perCommit(() => commitAll(state, 0)) },
  "one that the log held before": { figure: perCommit(() => commitAll(recorder.observer, 0)) },
  "a live one, recorded": { figure: perCommit(() => commitAll(recorder.observer, 2e12)) },
  "10,000 watermarks, recorded": {
    figure: `${medianMs(() => {
      clock.nowMs += 10_000;
      poll();
    }).toFixed(1)} ms`,
  },
});
