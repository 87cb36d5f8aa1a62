/**
 * # A topic: records come in, segments roll, retention takes whole segments away
 *
 * As `UnifiedLog.deleteOldSegments` does: by time, a segment goes once its largest timestamp is older than the retention,
 * the active one included, which is rolled first; by size, the oldest goes while the log without it is still large enough.
 * A producer that is in transactions ends each with a marker, which takes an offset and has no bytes to speak of.
 */

import type { Cluster } from "../cluster/cluster.ts";
import { recordsBetween, sharesOf } from "./production.ts";
import type { Random } from "./random.ts";
import { about } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import type { Retention, TopicSpec } from "./specs.ts";

export interface TopicProcess {
  readonly spec: TopicSpec;
  /** Production is this many times what the spec says. */
  factor: number;
  retention: Retention;
  /** Records appended so far, of all partitions. */
  readonly produced: () => number;
  readonly partitions: () => number;
  /** The topic was made anew, or got more partitions: what was kept of its segments no longer counts. */
  reset(partitions: number): void;
  /** Everything at and after `endOffset` is gone. */
  truncated(partition: number, endOffset: number): void;
  isDeleted: boolean;
}

export interface TopicProcessOptions {
  readonly spec: TopicSpec;
  readonly cluster: Cluster;
  readonly schedule: Schedule;
  readonly random: Random;
  readonly startMs: number;
  readonly pace: () => number;
}

interface Segment {
  readonly baseOffset: number;
  readonly firstMs: number;
  lastMs: number;
  bytes: number;
}

interface PartitionLog {
  readonly segments: Segment[];
  /** Records owed: the part of the expected number that is less than one record. */
  owed: number;
}

const PRODUCE_EVERY_MS = 1_000;
const NOISE = 0.25;

export function createTopicProcess(options: TopicProcessOptions): TopicProcess {
  const { spec, cluster, schedule, random, startMs } = options;
  let produced = 0;
  let shares = sharesOf(spec.partitions, spec.skew);
  let logs = shares.map((): PartitionLog => ({ segments: [], owed: random() }));
  let lastMs = startMs;
  const process: TopicProcess = {
    spec,
    factor: 1,
    retention: spec.retention,
    produced: () => produced,
    partitions: () => logs.length,
    reset: (partitions) => {
      shares = sharesOf(partitions, spec.skew);
      logs = shares.map((): PartitionLog => ({ segments: [], owed: random() }));
      process.isDeleted = false;
    },
    truncated: (partition, endOffset) => {
      const segments = logs[partition]?.segments ?? [];
      while ((segments.at(-1)?.baseOffset ?? -1) >= endOffset) segments.pop();
    },
    isDeleted: false,
  };

  const produce = (nowMs: number): void => {
    const expected = recordsBetween(spec.production, lastMs, nowMs) * process.factor;
    lastMs = nowMs;
    if (process.isDeleted || expected <= 0) return;
    for (const [partition, log] of logs.entries()) {
      log.owed += about(expected * (shares[partition] ?? 0), NOISE, random);
      const records = Math.floor(log.owed);
      if (records <= 0) continue;
      log.owed -= records;
      append(options, { log, partition, records, nowMs });
      produced += records;
    }
  };
  const phaseMs = Math.floor(random() * PRODUCE_EVERY_MS);
  schedule.repeat(startMs + phaseMs, () => PRODUCE_EVERY_MS * options.pace(), produce);
  schedule.repeat(
    startMs + phaseMs + spec.retention.checkEveryMs,
    () => spec.retention.checkEveryMs,
    (nowMs) => {
      if (process.isDeleted || spec.isCompacted) return;
      for (const [partition, log] of logs.entries()) retain(process, cluster, { partition, log, nowMs });
    },
  );
  return process;
}

const PRODUCER_ID = 1_000_000;

interface Appended {
  readonly log: PartitionLog;
  readonly partition: number;
  readonly records: number;
  readonly nowMs: number;
}

function append({ spec, cluster }: TopicProcessOptions, { log, partition, records, nowMs }: Appended): void {
  const { topic, retention } = spec;
  const baseOffset = cluster.partition(topic, partition)?.endOffset ?? 0;
  if (spec.isTransactional) cluster.beginTransaction(topic, partition, PRODUCER_ID + partition);
  cluster.append(topic, partition, records, nowMs);
  if (spec.isTransactional) cluster.endTransaction(topic, partition, PRODUCER_ID + partition, "commit", nowMs);
  const active = log.segments.at(-1);
  const bytes = records * retention.recordBytes;
  const isFull =
    active === undefined ||
    active.bytes + bytes > retention.segmentBytes ||
    nowMs - active.firstMs > retention.segmentMs;
  if (isFull) log.segments.push({ baseOffset, firstMs: nowMs, lastMs: nowMs, bytes });
  else {
    active.lastMs = nowMs;
    active.bytes += bytes;
  }
}

interface Retained {
  readonly partition: number;
  readonly log: PartitionLog;
  readonly nowMs: number;
}

function retain({ spec, retention }: TopicProcess, cluster: Cluster, { partition, log, nowMs }: Retained): void {
  const { segments } = log;
  const { retentionMs, retentionBytes } = retention;
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  let gone = 0;
  for (const segment of segments) {
    const isOld = retentionMs !== undefined && nowMs - segment.lastMs > retentionMs;
    const isBeyond = retentionBytes !== undefined && bytes - segment.bytes >= retentionBytes;
    if (!isOld && !isBeyond) break;
    bytes -= segment.bytes;
    gone += 1;
  }
  if (gone === 0) return;
  segments.splice(0, gone);
  const next = segments[0]?.baseOffset ?? cluster.partition(spec.topic, partition)?.endOffset ?? 0;
  cluster.advanceStart(spec.topic, partition, next);
}
