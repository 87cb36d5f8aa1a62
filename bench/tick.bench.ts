/**
 * # Benchmark: one tick of 200,000 group-partitions
 *
 * 5,000 groups of 40 partitions on 250 topics, all of them producing and committing, one in ten behind: judging, learning and
 * remembering, then all rows into the feed, as the collector does each ten seconds, and a scrape after it. Time of each, the
 * longest time that the event loop was held, and resident memory, after a quarter of an hour of simulated time.
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import { createTickStep } from "../cli/tick.ts";
import { BURROW_RULES_DEFAULTS, createBurrowJudge } from "../collector/evaluate/burrow.ts";
import { createVerdicts } from "../collector/evaluate/judge.ts";
import { createFeed } from "../collector/feed/feed.ts";
import { createClusterView } from "../collector/http/cluster-view.ts";
import { createMetricsHandler } from "../collector/http/metrics.ts";
import { BURROW_STORE_DEFAULTS } from "../collector/window/burrow-store.ts";
import type { ClusterState } from "../collector/window/cluster-state.ts";
import { createClusterState } from "../collector/window/cluster-state.ts";
import { NO_BODY } from "../runtime/http/answer.ts";
import { quantile, table } from "./table.ts";

const GROUPS = 5_000;
const PARTITIONS = 40;
const TOPICS = 250;
const WARM_UP_TICKS = 90;
const TICKS = 20;
const INTERVAL_MS = 10_000;
const POLL_MS = 2_000;
/** Records a partition and poll. */
const PRODUCED = 20;
const START_MS = 1_790_000_000_000;

const now = { ms: START_MS };
const topics = Array.from({ length: TOPICS }, (_, i) => `orders-topic-${i}`);
const rows = TOPICS * PARTITIONS;
const topicIndex = Int32Array.from({ length: rows }, (_, i) => Math.floor(i / PARTITIONS));
const partitions = Int32Array.from({ length: rows }, (_, i) => i % PARTITIONS);

function poll(state: ClusterState, which: "end" | "start"): void {
  const end = ((now.ms - START_MS) / POLL_MS) * PRODUCED + 1_000_000;
  const offsets = new Float64Array(rows).fill(which === "end" ? end : 0);
  const asked = { which, atMs: now.ms, answeredAtMs: now.ms + 5, topics, topicIndex, partitions, offsets };
  state.observe({ kind: "watermarks", ...asked, unavailable: new Map() });
}

function slotsOf(state: ClusterState): Int32Array {
  const slots = new Int32Array(GROUPS * PARTITIONS);
  for (let group = 0; group < GROUPS; group += 1)
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const topic = topics[group % TOPICS] ?? "";
      slots[group * PARTITIONS + partition] = state.handleOf(`payments-service-${group}`, topic, partition);
    }
  return slots;
}

let order = 0;
/** One group in ten is behind by its number in polls, so that all ages are there. */
function commitAll(state: ClusterState, slots: Int32Array): void {
  const end = ((now.ms - START_MS) / POLL_MS) * PRODUCED + 1_000_000;
  slots.forEach((slot, index) => {
    const group = Math.floor(index / PARTITIONS);
    const behind = group % 10 === 0 ? (group % 400) * PRODUCED : 0;
    order += 1;
    state.commit(slot, Math.max(0, end - behind), now.ms, order, 0, order);
  });
}

function interval(state: ClusterState, slots: Int32Array): void {
  for (let poll_ = 0; poll_ < INTERVAL_MS / POLL_MS; poll_ += 1) {
    now.ms += POLL_MS;
    poll(state, "end");
  }
  commitAll(state, slots);
  state.sampleBurrow();
}

/** Turns of the event loop, beside what is measured: the longest time between two. */
function watchTurns() {
  const watch = { isRunning: true, lastMs: performance.now(), heldMs: 0 };
  const turn = (): void => {
    const atMs = performance.now();
    watch.heldMs = Math.max(watch.heldMs, atMs - watch.lastMs);
    watch.lastMs = atMs;
    if (watch.isRunning) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    stop: (): number => {
      turn();
      watch.isRunning = false;
      return watch.heldMs;
    },
  };
}

async function measured(run: () => Promise<unknown>): Promise<{ readonly ms: number; readonly heldMs: number }> {
  const turns = watchTurns();
  await nextTurn();
  const beganMs = performance.now();
  await run();
  const ms = performance.now() - beganMs;
  return { ms, heldMs: turns.stop() };
}

const state = createClusterState({
  cluster: "bench",
  burrow: BURROW_STORE_DEFAULTS,
  nowS: () => Math.floor(now.ms / 1000),
});
state.observe({ kind: "topics", topics: topics.map((topic) => ({ topic, topicId: topic, partitions: PARTITIONS })) });
const read = { baselineOrder: 0, replayed: true, backfilled: true, progress: 1, atMs: now.ms };
state.observe({ kind: "log-progress", logPartition: 0, logPartitions: 1, ...read });
poll(state, "end");
poll(state, "start");
const slots = slotsOf(state);
const verdicts = createVerdicts(state, BURROW_RULES_DEFAULTS);
const view = createClusterView({
  state,
  verdicts,
  judge: createBurrowJudge(state.burrow),
  reach: () => ({ kind: "reachable" }),
  nowMs: () => now.ms,
  servers: [],
  offsetRefreshMs: INTERVAL_MS,
});
const feed = createFeed({
  run: "r",
  bytesMax: 33_554_432,
  ageMsMax: 1_800_000,
  answerBytesMax: 4_194_304,
  sleep: async () => {},
});
const clock = { nowMs: () => now.ms, monotonicMs: () => now.ms };
const stats = { ticks: 0, skipped: 0, lastMs: 0 };
const step = createTickStep({ clusters: [view], feed, intervalMs: INTERVAL_MS, clock, stats });
const metrics = createMetricsHandler({ clusters: [view], own: async () => "" });
const signal = new AbortController().signal;

async function scrape(): Promise<number> {
  const answer = await metrics({
    method: "GET",
    path: ["metrics"],
    query: new URLSearchParams(),
    headers: {},
    body: NO_BODY,
    signal,
  });
  let bytes = 0;
  if (answer !== undefined && typeof answer.body !== "string" && !(answer.body instanceof Uint8Array))
    for await (const part of answer.body) bytes += part.length;
  return bytes;
}

for (let tick = 0; tick < WARM_UP_TICKS; tick += 1) {
  interval(state, slots);
  await step();
}
const judged: { ms: number; heldMs: number }[] = [];
const ticked: { ms: number; heldMs: number }[] = [];
const scraped: { ms: number; heldMs: number }[] = [];
let bytes = 0;
for (let tick = 0; tick < TICKS; tick += 1) {
  interval(state, slots);
  judged.push(await measured(async () => verdicts.judge(now.ms, now.ms)));
  interval(state, slots);
  ticked.push(await measured(async () => step()));
}
globalThis.gc?.();
const residentBytes = process.memoryUsage().rss;
for (let tick = 0; tick < TICKS; tick += 1) {
  interval(state, slots);
  await step();
  scraped.push(
    await measured(async () => {
      bytes = await scrape();
    }),
  );
}
globalThis.gc?.();
const ms = (values: readonly number[]): string =>
  `${(quantile(values, 0.5) ?? 0).toFixed(1)} ms (${Math.max(...values).toFixed(1)})`;
const line = (name: string, runs: readonly { ms: number; heldMs: number }[]): readonly string[] => [
  name,
  ms(runs.map((run) => run.ms)),
  ms(runs.map((run) => run.heldMs)),
];
console.log(
  table(
    ["200,000 group-partitions, median (largest)", "time", "event loop held"],
    [
      line("judged, learnt, remembered", judged),
      line("a whole tick, rows in the feed", ticked),
      line(`a scrape, ${(bytes / 1e6).toFixed(1)} MB`, scraped),
      ["resident memory", `${(residentBytes / 2 ** 20).toFixed(0)} MiB`, ""],
      ["the same with scrapes", `${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`, ""],
      ["a tick in the feed", `${(feed.stats().bytes / feed.stats().ticks / 1e6).toFixed(2)} MB`, ""],
    ],
  ),
);
