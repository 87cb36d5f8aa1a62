/**
 * # The cleaner: of each key the newest record stays
 *
 * As `Cleaner.java` of apache/kafka, over whole batches below an offset:
 * - a record stays where no newer one of its key is below the offset; one of an aborted transaction never does and hides none;
 * - a tombstone older than asked goes too;
 * - a batch that lost some records keeps base offset and last offset delta, so offsets have gaps; one that lost all goes;
 * - except, with `retainEmpty`, the last data batch of each producer, its last marker, and the last batch that was cleaned: they
 *   stay as headers without a record;
 * - a marker goes when nothing of its transaction was met before it and it is older than asked.
 * A batch that cannot be looked into (compressed, damaged) stays as it is.
 */

import {
  attributesOf,
  baseOffsetOf,
  countOf,
  markerOf,
  maxTimestampOf,
  nextOffsetOf,
  producerIdOf,
  recordsOf,
  type StoredRecord,
} from "./batch-reader.ts";
import { putInt64 } from "./byte-writer.ts";
import {
  BASE_SEQUENCE_AT,
  type BatchWriter,
  beginBatch,
  CONTROL,
  createBatchWriter,
  endBatch,
  LEADER_EPOCH_AT,
  PRODUCER_EPOCH_AT,
  TRANSACTIONAL,
  writeRecord,
} from "./record-batch.ts";
import { appendTo, batchesOf, createSegment, indexBatch, type Segment } from "./segment.ts";

export interface CleanOptions {
  readonly beforeOffset: number;
  readonly retainEmpty: boolean;
  readonly tombstonesBeforeMs?: number | undefined;
}

export interface Cleaned {
  readonly clean: Segment[];
  readonly rest: Segment[];
}

interface Plan extends CleanOptions {
  readonly newest: ReadonlyMap<string, number>;
  /** Base offsets of the batches of aborted transactions. */
  readonly aborted: ReadonlySet<number>;
  /** Base offsets of the batches that stay when they are empty. */
  readonly kept: ReadonlySet<number>;
  /** Producers of whose transaction a batch was met since its last marker. */
  readonly met: Set<bigint>;
  readonly writer: BatchWriter;
}

export function clean(segments: readonly Segment[], options: CleanOptions, segmentBytes: number): Cleaned {
  const untouchedFrom = segments.findIndex(
    ({ baseOffsets }) => (baseOffsets[0] ?? Number.POSITIVE_INFINITY) >= options.beforeOffset,
  );
  const touched = untouchedFrom < 0 ? segments : segments.slice(0, untouchedFrom);
  const all = segments.flatMap(batchesOf);
  const batches = touched.flatMap(batchesOf);
  const below = batches.filter((batch) => nextOffsetOf(batch) <= options.beforeOffset);
  const plan = planFor(all, below, options);
  const kept = below.flatMap((batch) => cleanBatch(plan, batch) ?? []);
  const straddling = batches.slice(below.length);
  return {
    clean: inSegments(kept, segmentBytes),
    rest: [...inSegments(straddling, segmentBytes), ...(untouchedFrom < 0 ? [] : segments.slice(untouchedFrom))],
  };
}

/** Copies, each batch with the offsets that it has. */
function inSegments(batches: readonly Buffer[], segmentBytes: number): Segment[] {
  const segments: Segment[] = [];
  for (const batch of batches) {
    let segment = segments.at(-1);
    if (segment === undefined || segment.length + batch.length > segmentBytes) {
      segment = createSegment();
      segments.push(segment);
    }
    indexBatch(segment, appendTo(segment, batch));
  }
  return segments;
}

function planFor(all: readonly Buffer[], below: readonly Buffer[], options: CleanOptions): Plan {
  const aborted = abortedBatches(all);
  const newest = new Map<string, number>();
  for (const batch of below) {
    if (isControl(batch) || aborted.has(baseOffsetOf(batch))) continue;
    const records = recordsOf(batch);
    if (records !== "opaque") for (const { key, offset } of records) newest.set(key.toString("latin1"), offset);
  }
  const kept = options.retainEmpty ? lastBatches(all, below) : new Set<number>();
  return { ...options, newest, aborted, kept, met: new Set(), writer: createBatchWriter() };
}

/** Markers of the whole log count: a transaction that began below the offset may have ended above it. */
function abortedBatches(all: readonly Buffer[]): ReadonlySet<number> {
  const open = new Map<bigint, number[]>();
  const aborted = new Set<number>();
  for (const batch of all) {
    if (!isTransactional(batch)) continue;
    const producerId = producerIdOf(batch);
    const own = open.get(producerId) ?? [];
    if (!isControl(batch)) {
      own.push(baseOffsetOf(batch));
      open.set(producerId, own);
    } else {
      if (markerOf(batch) === "abort") for (const base of own) aborted.add(base);
      open.delete(producerId);
    }
  }
  return aborted;
}

function lastBatches(all: readonly Buffer[], below: readonly Buffer[]): ReadonlySet<number> {
  const lastData = new Map<bigint, number>();
  const lastMarker = new Map<bigint, number>();
  for (const batch of all) {
    if (producerIdOf(batch) >= 0n)
      (isControl(batch) ? lastMarker : lastData).set(producerIdOf(batch), baseOffsetOf(batch));
  }
  const last = below.at(-1);
  return new Set([...lastData.values(), ...lastMarker.values(), ...(last === undefined ? [] : [baseOffsetOf(last)])]);
}

/** undefined where nothing of it stays. */
function cleanBatch(plan: Plan, batch: Buffer): Buffer | undefined {
  if (isControl(batch)) return cleanMarker(plan, batch);
  if (isTransactional(batch)) plan.met.add(producerIdOf(batch));
  const records = recordsOf(batch);
  if (records === "opaque") return batch;
  const isAborted = plan.aborted.has(baseOffsetOf(batch));
  const staying = isAborted ? [] : records.filter((record) => stays(plan, record));
  if (staying.length === 0) return plan.kept.has(baseOffsetOf(batch)) ? emptied(plan, batch) : undefined;
  return staying.length === records.length ? batch : rewritten(plan, batch, staying);
}

function cleanMarker(plan: Plan, batch: Buffer): Buffer | undefined {
  const isNeeded = plan.met.delete(producerIdOf(batch));
  if (isNeeded || !(maxTimestampOf(batch) < (plan.tombstonesBeforeMs ?? Number.NEGATIVE_INFINITY))) return batch;
  return plan.kept.has(baseOffsetOf(batch)) ? emptied(plan, batch) : undefined;
}

function stays(plan: Plan, { key, value, offset, timestampMs }: StoredRecord): boolean {
  if (plan.newest.get(key.toString("latin1")) !== offset) return false;
  return value !== undefined || !(timestampMs < (plan.tombstonesBeforeMs ?? Number.NEGATIVE_INFINITY));
}

function emptied(plan: Plan, batch: Buffer): Buffer {
  return countOf(batch) === 0 ? batch : rewritten(plan, batch, []);
}

function rewritten(plan: Plan, batch: Buffer, records: readonly StoredRecord[]): Buffer {
  const { writer } = plan;
  const baseOffset = baseOffsetOf(batch);
  beginBatch(writer);
  for (const { key, value, offset, timestampMs } of records)
    writeRecord(writer, { key, value, offsetDelta: offset - baseOffset }, timestampMs);
  const origin = {
    attributes: attributesOf(batch),
    producerId: producerIdOf(batch),
    producerEpoch: batch.readInt16BE(PRODUCER_EPOCH_AT),
    baseSequence: batch.readInt32BE(BASE_SEQUENCE_AT),
  };
  const lastOffsetDelta = nextOffsetOf(batch) - 1 - baseOffset;
  const maxTimestampMs = records.length === 0 ? maxTimestampOf(batch) : writer.maxTimestampMs;
  const copy = Buffer.from(endBatch(writer, origin, { lastOffsetDelta, maxTimestampMs }));
  putInt64(copy, baseOffset, 0);
  copy.writeInt32BE(batch.readInt32BE(LEADER_EPOCH_AT), LEADER_EPOCH_AT);
  return copy;
}

function isControl(batch: Buffer): boolean {
  return (attributesOf(batch) & CONTROL) !== 0;
}

function isTransactional(batch: Buffer): boolean {
  return (attributesOf(batch) & TRANSACTIONAL) !== 0;
}
