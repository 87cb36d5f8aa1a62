/**
 * # Bench: /metrics with 100,000 group-partitions, and with 200,000 under other tools' names
 *
 * 100 groups of 1,000 partitions, and 2,500 of 40; 2,500 of 80 as they are, with each set of names beside ours, with all of them, and
 * within the limit of series that is the default, as are 200,000 of one. A scrape through the handler, body read to its end: whole time, the
 * longest time that the event loop is held (between two turns of it), the snapshot alone (one pass, so it is such a time), and
 * a scrape while nothing has changed. Medians of REPEATS, the longest hold of all of them.
 */

import { NO_BODY } from "../../runtime/http/answer.ts";
import { BURROW_RULES_DEFAULTS, createBurrowJudge } from "../evaluate/burrow.ts";
import { createVerdicts } from "../evaluate/judge.ts";
import { BURROW_STORE_DEFAULTS } from "../window/burrow-store.ts";
import { createClusterState } from "../window/cluster-state.ts";
import { createClusterView } from "./cluster-view.ts";
import { BURROW } from "./compat/burrow.ts";
import { KAFKA_EXPORTER } from "./compat/kafka-exporter.ts";
import { createKafkaLagExporter } from "./compat/kafka-lag-exporter.ts";
import type { SeriesSet } from "./compat/series-set.ts";
import { createMetricsHandler } from "./metrics.ts";

const NOW_MS = 1_700_000_000_000;
const REPEATS = 9;
const WARM_UPS = 3;
const PARTITIONS_PER_TOPIC = 1_000;

interface Shape {
  readonly groups: number;
  readonly partitions: number;
}

/** Every tenth partition lags and is not OK; the rest are at their end. */
function watched({ groups, partitions }: Shape) {
  const state = createClusterState({ cluster: "bench", burrow: BURROW_STORE_DEFAULTS, nowS: () => NOW_MS / 1000 });
  const perTopic = Math.min(partitions, PARTITIONS_PER_TOPIC);
  const topics = Array.from({ length: Math.ceil(partitions / perTopic) }, (_, i) => `topic-of-some-length-${i}`);
  state.observe({ kind: "topics", topics: topics.map((topic) => ({ topic, topicId: topic, partitions: perTopic })) });
  const read = { baselineOrder: 0, replayed: true, backfilled: true, progress: 1, atMs: NOW_MS };
  state.observe({ kind: "log-progress", logPartition: 0, logPartitions: 1, ...read });
  for (const [which, offset] of [
    ["end", 3_000_000_000],
    ["start", 0],
  ] as const) {
    const count = topics.length * perTopic;
    state.observe({
      kind: "watermarks",
      which,
      atMs: NOW_MS,
      answeredAtMs: NOW_MS,
      topics,
      topicIndex: Int32Array.from({ length: count }, (_, i) => Math.floor(i / perTopic)),
      partitions: Int32Array.from({ length: count }, (_, i) => i % perTopic),
      offsets: new Float64Array(count).fill(offset),
      unavailable: new Map(),
    });
  }
  for (let group = 0; group < groups; group += 1) {
    for (let partition = 0; partition < partitions; partition += 1) {
      const topic = topics[Math.floor(partition / perTopic)] ?? "";
      const slot = state.handleOf(`group-of-some-length-${group}`, topic, partition % perTopic);
      const offset = 3_000_000_000 - (partition % 10 === 0 ? 12_345 : 0);
      for (let order = 0; order < 3; order += 1) state.commit(slot, offset, NOW_MS - 5_000 + order, order, 0, order);
    }
  }
  const verdicts = createVerdicts(state, BURROW_RULES_DEFAULTS);
  verdicts.judge(NOW_MS, NOW_MS);
  const view = createClusterView({
    state,
    verdicts,
    judge: createBurrowJudge(state.burrow),
    reach: () => ({ kind: "reachable" }),
    nowMs: () => NOW_MS,
    servers: [],
    offsetRefreshMs: 10_000,
  });
  return { state, view };
}

interface Scrape {
  readonly wholeMs: number;
  readonly heldMsMax: number;
  readonly bytes: number;
}

/** Turns of the event loop are counted beside the scrape; the time between two is how long it was held. */
async function scrape(handler: ReturnType<typeof createMetricsHandler>): Promise<Scrape> {
  let isRunning = true;
  let lastMs = performance.now();
  let heldMsMax = 0;
  const turn = (): void => {
    const nowMs = performance.now();
    heldMsMax = Math.max(heldMsMax, nowMs - lastMs);
    lastMs = nowMs;
    if (isRunning) setImmediate(turn);
  };
  setImmediate(turn);
  const beganMs = performance.now();
  const signal = new AbortController().signal;
  const answer = await handler({
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
  const wholeMs = performance.now() - beganMs;
  isRunning = false;
  turn();
  return { wholeMs, heldMsMax, bytes };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

async function measured(shape: Shape, sets: readonly SeriesSet[] = [], seriesMax = Number.POSITIVE_INFINITY) {
  const { state, view } = watched(shape);
  const handler = createMetricsHandler({ clusters: [view], own: async () => "", sets, seriesMax });
  const full: Scrape[] = [];
  const cached: Scrape[] = [];
  const snapshotsMs: number[] = [];
  for (let i = 0; i < WARM_UPS + REPEATS; i += 1) {
    state.touch();
    const one = await scrape(handler);
    const again = await scrape(handler);
    state.touch();
    const beganMs = performance.now();
    view.snapshot();
    const snapshotMs = performance.now() - beganMs;
    if (i < WARM_UPS) continue;
    full.push(one);
    cached.push(again);
    snapshotsMs.push(snapshotMs);
  }
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  return {
    "full scrape": ms(median(full.map(({ wholeMs }) => wholeMs))),
    "longest hold": ms(Math.max(...full.map(({ heldMsMax }) => heldMsMax))),
    "median hold": ms(median(full.map(({ heldMsMax }) => heldMsMax))),
    snapshot: ms(median(snapshotsMs)),
    "scrape without change": ms(median(cached.map(({ wholeMs }) => wholeMs))),
    bytes: `${((full[0]?.bytes ?? 0) / 1e6).toFixed(1)} MB`,
  };
}

const LARGE = { groups: 2_500, partitions: 80 };
const SMALL_GROUPS = { groups: 200_000, partitions: 1 };
const ALL = [BURROW, KAFKA_EXPORTER, createKafkaLagExporter(() => 0)];
const SERIES_MAX = 1_000_000;

console.table({
  "100 groups x 1,000 partitions": await measured({ groups: 100, partitions: 1_000 }),
  "2,500 groups x 40 partitions": await measured({ groups: 2_500, partitions: 40 }),
  "2,500 groups x 80 partitions": await measured(LARGE),
  "... burrow": await measured(LARGE, [BURROW]),
  "... kafka_exporter": await measured(LARGE, [KAFKA_EXPORTER]),
  "... kafka_lag_exporter": await measured(LARGE, ALL.slice(2)),
  "... all": await measured(LARGE, ALL),
  "... all, 1,000,000 series": await measured(LARGE, ALL, SERIES_MAX),
  "200,000 groups x 1 partition, all, 1,000,000 series": await measured(SMALL_GROUPS, ALL, SERIES_MAX),
});
