/**
 * # One partition of the offsets topic
 *
 * Whole record batches in segments; a read ends where its segment ends, as a broker's does (`LocalLog.read`). Segments that are
 * full are cleaned when half of them is dirty (`min.cleanable.dirty.ratio`), the active one and the one before it never. Where that
 * is not enough (more keys than that, or a transaction that hangs and keeps the cleaner out), the oldest segments go and are
 * counted; a broker would keep them.
 */

import { attributesOf, nextOffsetOf, producerIdOf, recordsOf } from "./batch-reader.ts";
import { putInt64 } from "./byte-writer.ts";
import { type CleanOptions, clean } from "./cleaner.ts";
import { CONTROL, LEADER_EPOCH_AT, TRANSACTIONAL } from "./record-batch.ts";
import { appendTo, batchAt, createSegment, indexBatch, readSegment, type Segment } from "./segment.ts";

export interface LogLimits {
  /** Between one and two of these hold all commits for a replay; what is older is cleaned. A broker's default is 100 MiB. */
  readonly segmentBytes: number;
  /** Of one partition. */
  readonly logBytesMax: number;
}

export interface OffsetsLog {
  readonly limits: LogLimits;
  /** Never empty; the last one is active. */
  segments: Segment[];
  startOffset: number;
  nextOffset: number;
  /** How many of the first segments were cleaned. */
  cleanedSegments: number;
  /** First offset of each open transaction, the oldest first. */
  readonly openTransactions: Map<bigint, number>;
  newestMs: number;
  compactions: number;
  batchesDropped: number;
  bytesDropped: number;
}

/** `delete.retention.ms` of a broker: how long a tombstone stays after it could go. */
const TOMBSTONE_RETENTION_MS = 86_400_000;

export function createOffsetsLog(limits: LogLimits): OffsetsLog {
  return {
    limits,
    segments: [createSegment()],
    startOffset: 0,
    nextOffset: 0,
    cleanedSegments: 0,
    openTransactions: new Map(),
    newestMs: 0,
    compactions: 0,
    batchesDropped: 0,
    bytesDropped: 0,
  };
}

/** Appends a batch under the next offset, which it gives. */
export function appendBatch(log: OffsetsLog, batch: Buffer, leaderEpoch: number): number {
  const baseOffset = log.nextOffset;
  if (activeOf(log).length + batch.length > log.limits.segmentBytes) roll(log);
  const active = activeOf(log);
  const own = appendTo(active, batch);
  putInt64(own, baseOffset, 0);
  own.writeInt32BE(leaderEpoch, LEADER_EPOCH_AT);
  indexBatch(active, own);
  log.nextOffset = nextOffsetOf(own);
  log.newestMs = Math.max(log.newestMs, active.maxTimestampsMs.at(-1) ?? 0);
  noteTransaction(log, own, baseOffset);
  return baseOffset;
}

export function lastStableOffset(log: OffsetsLog): number {
  for (const first of log.openTransactions.values()) return Math.max(first, log.startOffset);
  return log.nextOffset;
}

export function logBytes(log: OffsetsLog): number {
  return sum(log.segments.map(({ length }) => length));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** Whole batches of one segment. */
export function readLog(log: OffsetsLog, fromOffset: number, bytesMax: number): Uint8Array | "out-of-range" {
  if (fromOffset < log.startOffset || fromOffset > log.nextOffset) return "out-of-range";
  const segment = log.segments.find(({ nextOffsets }) => (nextOffsets.at(-1) ?? 0) > fromOffset);
  return segment === undefined ? Buffer.alloc(0) : readSegment(segment, fromOffset, bytesMax);
}

/** First record appended at or after the time. */
export function recordAtTime(log: OffsetsLog, timestampMs: number): RecordTime | undefined {
  return findRecord(
    log,
    (segment, index) => (segment.maxTimestampsMs[index] ?? 0) >= timestampMs,
    (record) => record.timestampMs >= timestampMs,
  );
}

/** The record at the offset, or the first behind it. */
export function recordAtOffset(log: OffsetsLog, offset: number): RecordTime | undefined {
  return findRecord(
    log,
    (segment, index) => (segment.nextOffsets[index] ?? 0) > offset,
    (record) => record.offset >= offset,
  );
}

export interface RecordTime {
  readonly offset: number;
  readonly timestampMs: number;
}

function findRecord(
  log: OffsetsLog,
  mayHold: (segment: Segment, index: number) => boolean,
  isWanted: (record: RecordTime) => boolean,
): RecordTime | undefined {
  for (const segment of log.segments) {
    for (let index = 0; index < segment.positions.length; index++) {
      const records = mayHold(segment, index) ? recordsOf(batchAt(segment, index)) : "opaque";
      const found =
        records === "opaque" ? undefined : records.find((one) => one.offset >= log.startOffset && isWanted(one));
      if (found !== undefined) return { offset: found.offset, timestampMs: found.timestampMs };
    }
  }
  return undefined;
}

/** Below the offset nothing is left to read, in whole segments nothing is left at all. */
export function advanceLogStart(log: OffsetsLog, startOffset: number): void {
  log.startOffset = startOffset;
  while (log.segments.length > 1 && (log.segments[0]?.nextOffsets.at(-1) ?? 0) <= startOffset) dropOldest(log);
}

/** Cleans what lies whole below the offset; the newest batch of all and open transactions stay as they are. */
export function compactLog(log: OffsetsLog, options: CleanOptions): void {
  const newest = activeOf(log).baseOffsets.at(-1) ?? log.segments.at(-2)?.baseOffsets.at(-1) ?? log.nextOffset;
  cleanBelow(log, { ...options, beforeOffset: Math.min(options.beforeOffset, newest) });
}

function cleanBelow(log: OffsetsLog, options: CleanOptions): void {
  const beforeOffset = Math.min(options.beforeOffset, lastStableOffset(log));
  const cleaned = clean(log.segments, { ...options, beforeOffset }, log.limits.segmentBytes);
  log.segments = [...cleaned.clean, ...cleaned.rest];
  if (cleaned.rest.length === 0) log.segments.push(createSegment());
  log.cleanedSegments = cleaned.clean.length;
  log.compactions++;
}

/** The segment that was active stays dirty, so that the newest history is always there to be replayed. */
function roll(log: OffsetsLog): void {
  const { limits } = log;
  const bytes = log.segments.slice(0, -1).map(({ length }) => length);
  const dirty = sum(bytes.slice(log.cleanedSegments));
  if (dirty > 0 && dirty >= sum(bytes) / 2) {
    const beforeOffset = activeOf(log).baseOffsets[0] ?? log.nextOffset;
    const tombstonesBeforeMs = log.newestMs - TOMBSTONE_RETENTION_MS;
    cleanBelow(log, { beforeOffset, retainEmpty: true, tombstonesBeforeMs });
  }
  log.segments.push(createSegment());
  while (logBytes(log) > limits.logBytesMax && log.segments.length > 1) {
    log.batchesDropped += log.segments[0]?.positions.length ?? 0;
    log.bytesDropped += log.segments[0]?.length ?? 0;
    dropOldest(log);
    const first = log.segments.find(({ baseOffsets }) => baseOffsets.length > 0)?.baseOffsets[0];
    log.startOffset = Math.max(log.startOffset, first ?? log.nextOffset);
  }
}

function dropOldest(log: OffsetsLog): void {
  log.segments.shift();
  log.cleanedSegments = Math.max(0, log.cleanedSegments - 1);
}

function activeOf(log: OffsetsLog): Segment {
  return log.segments[log.segments.length - 1] ?? createSegment();
}

function noteTransaction(log: OffsetsLog, batch: Buffer, baseOffset: number): void {
  const attributes = attributesOf(batch);
  if ((attributes & CONTROL) !== 0) log.openTransactions.delete(producerIdOf(batch));
  else if ((attributes & TRANSACTIONAL) !== 0) {
    const producerId = producerIdOf(batch);
    if (!log.openTransactions.has(producerId)) log.openTransactions.set(producerId, baseOffset);
  }
}
