/**
 * # Benchmark (c): memory per group-partition, everything included
 *
 * 5,000 groups of 40 partitions, ten commits each through the ingest, so that names, ids, key index, live offsets and full
 * windows are all there. Resident memory, and what the heap and its
 * buffers hold, per group-partition of the second half.
 */

import type { Ingest } from "../collector/ingest/ingest.ts";
import { createIngest } from "../collector/ingest/ingest.ts";
import { encodeBatch, encodeCommitKey, encodeCommitValue } from "../collector/protocol/record-batch.fixture.ts";
import { createClusterState } from "../collector/window/cluster-state.ts";
import { table } from "./table.ts";

const GROUPS = 5_000;
const PARTITIONS = 40;
const TOPICS = 250;
const COMMITS = 10;
const START_MS = 1_790_000_000_000;

function keysOf(group: number): readonly Buffer[] {
  return Array.from({ length: PARTITIONS }, (_, partition) =>
    encodeCommitKey({ group: `payments-service-${group}`, topic: `orders-topic-${group % TOPICS}`, partition }),
  );
}

function newState(): ReturnType<typeof createClusterState> {
  const state = createClusterState({
    cluster: "bench",
    burrow: { intervals: 10, minDistanceMs: 0, expireGroupMs: 604_800_000 },
    nowS: () => Math.floor(START_MS / 1000),
  });
  observeTopics(state);
  return state;
}

function held(): { readonly residentBytes: number; readonly usedBytes: number } {
  for (let i = 0; i < 3; i += 1) globalThis.gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { residentBytes: rss, usedBytes: heapUsed + arrayBuffers };
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

/** One batch a group and commit, as a coordinator writes them; each range of groups is another partition of the log. */
function commitAll(ingest: Ingest, { first, end }: { readonly first: number; readonly end: number }): void {
  const log = ingest.openLog(first);
  let order = 0;
  for (let group = first; group < end; group += 1) {
    const keys = keysOf(group);
    for (let commit = 0; commit < COMMITS; commit += 1) {
      const value = encodeCommitValue({
        committedOffset: 1_000_000 + commit,
        committedAtMs: START_MS + commit * 1_000,
      });
      log.apply(encodeBatch({ baseOffset: order, records: keys.map((key) => ({ key, value })) }), order);
      order += PARTITIONS;
    }
  }
}

if (globalThis.gc === undefined) throw new Error("run with --expose-gc, as bench/run.ts does");
// The first half makes what a running process has anyway (compiled code, young generation, names); the second is counted.
const state = newState();
const ingest = createIngest({ observer: state });
commitAll(ingest, { first: 0, end: GROUPS / 2 });
const before = held();
commitAll(ingest, { first: GROUPS / 2, end: GROUPS });
const after = held();
const count = (GROUPS / 2) * PARTITIONS;
if (state.table.count() !== 2 * count) throw new Error(`${state.table.count()} group-partitions`);
const each = (bytes: number): string => `${(bytes / count).toFixed(0)} B`;
console.log(
  table(
    ["group-partitions", "resident, each", "heap and buffers, each"],
    [[String(2 * count), each(after.residentBytes - before.residentBytes), each(after.usedBytes - before.usedBytes)]],
  ),
);
