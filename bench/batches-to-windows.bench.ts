/**
 * # Benchmark (a): record batches to windows, on one core
 *
 * Medians of wall time and of the thread's CPU time: the second is what one free core gives. Bytes as a Fetch gives them, through the ingest, into the state of a cluster: keys looked up, CRC checked, the strict
 * windows and the live offsets written. 500 groups of 40 partitions; every commit goes into a full window.
 */

import { createIngest } from "../collector/ingest/ingest.ts";
import { encodeBatch, encodeCommitKey, encodeCommitValue } from "../collector/protocol/record-batch.fixture.ts";
import { createClusterState } from "../collector/window/cluster-state.ts";
import { quantile, table } from "./table.ts";

const GROUPS = 500;
const PARTITIONS = 40;
const TOPICS = 25;
const COMMITS = 400_000;
const RESPONSE_BYTES = 1_048_576;
const RUNS = 9;
const START_MS = 1_790_000_000_000;

interface Response {
  readonly records: Buffer;
  readonly position: number;
}

const KEYS = Array.from({ length: GROUPS * PARTITIONS }, (_, i) => {
  const group = Math.floor(i / PARTITIONS);
  return encodeCommitKey({
    group: `payments-service-${group}`,
    topic: `orders-topic-${group % TOPICS}`,
    partition: i % PARTITIONS,
  });
});

const rows = [40, 10, 2, 1].map(measure);
console.log(table(["records a batch", "commits/s", "commits/CPU s", "MB/CPU s"], rows));

function measure(recordsPerBatch: number): readonly string[] {
  const state = createClusterState({
    cluster: "bench",
    burrow: { intervals: 10, minDistanceMs: 0, expireGroupMs: 604_800_000 },
    nowS: () => Math.floor(START_MS / 1000),
  });
  observeTopics(state);
  const ingest = createIngest({ observer: state });
  const wallS: number[] = [];
  const cpuS: number[] = [];
  let bytes = 0;
  for (let run = 0; run <= RUNS; run += 1) {
    const responses = responsesOf(recordsPerBatch, run * COMMITS);
    bytes = responses.reduce((sum, { records }) => sum + records.length, 0);
    const log = ingest.openLog(0);
    const startNs = process.hrtime.bigint();
    const cpu = process.threadCpuUsage();
    for (const { records, position } of responses) log.apply(records, position);
    // The first run makes keys, slots and rings, and warms the code.
    if (run === 0) continue;
    wallS.push(Number(process.hrtime.bigint() - startNs) / 1e9);
    cpuS.push(process.threadCpuUsage(cpu).user / 1e6 + process.threadCpuUsage(cpu).system / 1e6);
  }
  const stored = state.burrow.outcomes[0] ?? 0;
  if (stored !== COMMITS * (RUNS + 1)) throw new Error(`${stored} commits were appended to windows`);
  const rate = (seconds: readonly number[]) =>
    `${(COMMITS / (quantile(seconds, 0.5) ?? Number.NaN) / 1e6).toFixed(2)} M`;
  const megabytes = (bytes / (quantile(cpuS, 0.5) ?? Number.NaN) / 1e6).toFixed(0);
  return [String(recordsPerBatch), rate(wallS), rate(cpuS), megabytes];
}

function observeTopics(state: ReturnType<typeof createClusterState>): void {
  const topics = Array.from({ length: TOPICS }, (_, i) => `orders-topic-${i}`);
  state.observe({
    kind: "topics",
    topics: topics.map((topic) => ({ topic, topicId: undefined, partitions: PARTITIONS })),
  });
  const count = TOPICS * PARTITIONS;
  state.observe({
    kind: "watermarks",
    which: "end",
    atMs: START_MS,
    answeredAtMs: START_MS,
    topics,
    topicIndex: Int32Array.from({ length: count }, (_, i) => Math.floor(i / PARTITIONS)),
    partitions: Int32Array.from({ length: count }, (_, i) => i % PARTITIONS),
    offsets: new Float64Array(count).fill(10_000_000),
    unavailable: new Map(),
  });
}

/** One commit request of a group is one batch, or several where batches are small, as a coordinator writes them. */
function responsesOf(recordsPerBatch: number, firstOrder: number): readonly Response[] {
  const responses: Response[] = [];
  let batches: Buffer[] = [];
  let bytes = 0;
  let position = firstOrder;
  for (let at = firstOrder; at < firstOrder + COMMITS; at += recordsPerBatch) {
    const batch = encodeBatch({ baseOffset: at, records: recordsOf(at, recordsPerBatch) });
    batches.push(batch);
    bytes += batch.length;
    if (bytes < RESPONSE_BYTES && at + recordsPerBatch < firstOrder + COMMITS) continue;
    responses.push({ records: Buffer.concat(batches), position });
    position = at + recordsPerBatch;
    [batches, bytes] = [[], 0];
  }
  return responses;
}

/** Groups commit in an order that is not that of their making: 7919 is prime to their number. */
function recordsOf(order: number, count: number) {
  return Array.from({ length: count }, (_, i) => {
    const request = Math.floor((order + i) / PARTITIONS);
    const key = KEYS[((request * 7919) % GROUPS) * PARTITIONS + ((order + i) % PARTITIONS)];
    return {
      key,
      value: encodeCommitValue({ committedOffset: order, committedAtMs: START_MS + Math.floor(order / 1000) }),
    };
  });
}
