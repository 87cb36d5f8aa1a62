/**
 * # Bench: saving and restoring windows
 *
 * 200,000 group-partitions (5,000 groups of 40 partitions), windows of 10 that are full. What matters of saving is how long the
 * event loop is held, since it goes on beside everything else; of restoring, how long a start takes.
 */

import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { systemClock } from "../../runtime/clock.ts";
import { createLogger } from "../../runtime/logger.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import { createClusterState } from "../window/cluster-state.ts";
import { createSaver } from "./saver.ts";

const GROUPS = 5_000;
const PARTITIONS = 40;
const TOPICS = 250;
const LOG_PARTITIONS = 50;
const COMMITS = 10;
const NOW_S = 1_700_000_000;
const burrow = { intervals: COMMITS, minDistanceMs: 0, expireGroupMs: 1e12 };

function emptyState(): ClusterState {
  return createClusterState({ cluster: "bench", burrow, nowS: () => NOW_S });
}

function fullState(): ClusterState {
  const state = emptyState();
  const topics = Array.from({ length: TOPICS }, (_, i) => ({
    topic: `topic-of-some-length-${i}`,
    partitions: PARTITIONS,
  }));
  state.observe({ kind: "topics", topics: topics.map((topic) => ({ ...topic, topicId: undefined })) });
  for (const { topic } of topics) {
    for (let sample = 0; sample < COMMITS; sample += 1) {
      state.observe({
        kind: "watermarks",
        which: "end",
        atMs: NOW_S * 1_000,
        answeredAtMs: NOW_S * 1_000,
        topics: [topic],
        topicIndex: new Int32Array(PARTITIONS),
        partitions: Int32Array.from({ length: PARTITIONS }, (_, i) => i),
        offsets: new Float64Array(PARTITIONS).fill(1_000_000 + sample),
        unavailable: new Map(),
      });
      state.sampleBurrow();
    }
  }
  for (let order = 0; order < GROUPS * COMMITS; order += 1) {
    const group = order % GROUPS;
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const handle = state.handleOf(
        `group-of-some-length-${group}`,
        `topic-of-some-length-${group % TOPICS}`,
        partition,
      );
      const atMs = NOW_S * 1_000 + order;
      state.commit(handle, 900_000 + order, atMs, order * PARTITIONS + partition, group % LOG_PARTITIONS, order);
    }
  }
  return state;
}

function saverOf(state: ClusterState, dataDir: string) {
  const logs = Array.from({ length: LOG_PARTITIONS }, (_, logPartition) => {
    const position = GROUPS * COMMITS * PARTITIONS;
    return { logPartition, from: 0, position, resume: position };
  });
  const readTopic = () => ({ logTopicId: undefined, logs });
  return createSaver({ dataDir, state, readTopic, clock: systemClock, logger: createLogger("silent") });
}

/** CPU time of this process, ms: what others do on the machine is not in it. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function benchSaving(dataDir: string) {
  const saver = saverOf(fullState(), dataDir);
  await saver.save();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startMs = cpuMs();
  await saver.save();
  delay.disable();
  return { cpuMs: cpuMs() - startMs, heldMs: delay.max / 1e6 };
}

async function benchRestoring(dataDir: string): Promise<number> {
  globalThis.gc?.();
  const saver = saverOf(emptyState(), dataDir);
  const startMs = cpuMs();
  await saver.restore();
  if (saver.stats().restoredGroups !== GROUPS) throw new Error("not all groups are back");
  return cpuMs() - startMs;
}

const dataDir = await mkdtemp(join(tmpdir(), "tidemark-bench-"));
const saving = await benchSaving(dataDir);
const restoringMs = [await benchRestoring(dataDir), await benchRestoring(dataDir), await benchRestoring(dataDir)];
const { size } = await stat(join(dataDir, "windows", "bench.saved"));
await rm(dataDir, { recursive: true });

const slots = GROUPS * PARTITIONS;
console.table({
  "saving 200,000 group-partitions, CPU": { figure: `${Math.round(saving.cpuMs)} ms` },
  "event loop held at most, while saving": { figure: `${Math.round(saving.heldMs)} ms` },
  "restoring them, CPU, median of 3": { figure: `${Math.round(restoringMs.toSorted((a, b) => a - b)[1] ?? 0)} ms` },
  "the file": { figure: `${(size / 2 ** 20).toFixed(1)} MiB, ${Math.round(size / slots)} B each` },
});
