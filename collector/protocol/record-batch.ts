/**
 * # Record batches, version 2 (magic 2)
 *
 *   batch  := baseOffset:i64 length:i32 leaderEpoch:i32 magic:i8 crc:u32 attributes:i16 lastOffsetDelta:i32 baseTimestamp:i64
 *             maxTimestamp:i64 producerId:i64 producerEpoch:i16 baseSequence:i32 count:i32 records
 *     attributes := bits 0..2 codec (compression.ts), 0x08 log-append time, 0x10 transactional, 0x20 control
 *     records    := count times record, compressed as one block
 *   record := length:varint attributes:i8 timestampDelta:varlong offsetDelta:varint keyLength:varint key
 *             valueLength:varint value headers                               (zig-zag varints; a length of -1 is null)
 *   marker := a control batch's record: key = version:i16 type:i16 (0 ABORT, 1 COMMIT), value = version:i16 coordinatorEpoch:i32
 *
 * - `length` counts from leaderEpoch on. `crc` is CRC-32C from attributes to the end.
 * - The next position is always baseOffset + lastOffsetDelta + 1, also where count is 0 or compaction took the tail: a reader
 *   that goes by the records it sees stands still for ever on a batch that is retained empty.
 * - A buffer of records may end within a batch, which then comes again.
 * - Magic 0 and 1 are message sets: same first 17 bytes, offset of the (last) message first. Known and stepped over, not read.
 *
 * The walker is one object, refilled at each step: millions of records a second leave no room for an object each. Format:
 * `DefaultRecordBatch.java` and `DefaultRecord.java` of apache/kafka.
 */

import { crc32c } from "@node-rs/crc32";
import { decompress } from "./compression.ts";
import { int64At } from "./reader.ts";

const HEADER_BYTES = 61;
const ENTRY_HEADER_BYTES = 12;
const MAGIC_AT = 16;
/** A damaged batch's own word for its length in offsets is not believed beyond this. */
const LAST_OFFSET_DELTA_BELIEVED_MAX = 1_000_000;

/** Why a batch has no readable records. `format` is magic 0 or 1, or one not known. */
export type BatchFault = "crc" | "format" | "codec" | "too-large" | "corrupt";

/** `unreadable`: the rest of the buffer has no next batch to be found. */
export type BatchStep = "batch" | BatchFault | "unreadable" | "end";

export type RecordStep = "record" | "corrupt" | "end";

/** Fields of the batch are valid after `nextBatch`, those of the record after `nextRecord` said "record". */
export interface BatchWalker {
  /** Where keys and values are found: the buffer given, or the batch decompressed. */
  bytes: Buffer;
  view: DataView;
  baseOffset: number;
  /** One past the batch's last offset; a guess where the batch is faulty. */
  nextOffset: number;
  codec: number;
  transactional: boolean;
  control: boolean;
  /** Ms; of the newest record. */
  timestampMsMax: number;
  /** Records in the batch, as it says. */
  count: number;

  offset: number;
  timestampMs: number;
  hasKey: boolean;
  keyStart: number;
  keyEnd: number;
  /** A record without value is a tombstone. */
  hasValue: boolean;
  valueStart: number;
  valueEnd: number;

  readonly internal: Internal;
}

interface Internal {
  source: Buffer;
  sourceView: DataView;
  /** Of the batch, and of the one that follows, in `source`. */
  batchAt: number;
  nextAt: number;
  /** Within `bytes`. */
  recordAt: number;
  recordsEnd: number;
  recordsLeft: number;
  baseTimestamp: number;
  logAppendTime: boolean;
  varintOk: boolean;
}

const NOTHING = Buffer.alloc(0);
const NOTHING_VIEW = viewOf(NOTHING);

export function createBatchWalker(): BatchWalker {
  return {
    bytes: NOTHING,
    view: NOTHING_VIEW,
    baseOffset: 0,
    nextOffset: 0,
    codec: 0,
    transactional: false,
    control: false,
    timestampMsMax: 0,
    count: 0,
    offset: 0,
    timestampMs: 0,
    hasKey: false,
    keyStart: 0,
    keyEnd: 0,
    hasValue: false,
    valueStart: 0,
    valueEnd: 0,
    internal: {
      source: NOTHING,
      sourceView: NOTHING_VIEW,
      batchAt: 0,
      nextAt: 0,
      recordAt: 0,
      recordsEnd: 0,
      recordsLeft: 0,
      baseTimestamp: 0,
      logAppendTime: false,
      varintOk: true,
    },
  };
}

/** Starts on a buffer of batches, as a fetch response gives them. */
export function openBatches(walker: BatchWalker, records: Buffer): void {
  const { internal } = walker;
  internal.source = records;
  internal.sourceView = viewOf(records);
  internal.nextAt = 0;
  internal.recordsLeft = 0;
}

/** Lets go of the buffers, so that the walker does not hold a response until the next one. */
export function closeBatches(walker: BatchWalker): void {
  walker.bytes = NOTHING;
  walker.view = NOTHING_VIEW;
  walker.internal.source = NOTHING;
  walker.internal.sourceView = NOTHING_VIEW;
}

/** Moves to the next batch. "end" also where the last one is incomplete. A faulty batch is stepped over by the next call. */
export function nextBatch(walker: BatchWalker): BatchStep {
  const { internal } = walker;
  const view = internal.sourceView;
  const at = internal.nextAt;
  const left = internal.source.length - at;
  if (left < MAGIC_AT + 1) return "end";
  walker.baseOffset = int64At(view, at);
  const length = view.getInt32(at + 8);
  if (length < MAGIC_AT + 1 - ENTRY_HEADER_BYTES || !(walker.baseOffset >= 0)) return "unreadable";
  if (length > left - ENTRY_HEADER_BYTES) return "end";
  internal.batchAt = at;
  internal.nextAt = at + ENTRY_HEADER_BYTES + length;
  internal.recordsLeft = 0;
  walker.nextOffset = walker.baseOffset + 1;
  if (view.getInt8(at + MAGIC_AT) !== 2) return "format";
  if (internal.nextAt - at < HEADER_BYTES) return "corrupt";
  return readHeader(walker);
}

function readHeader(walker: BatchWalker): BatchStep {
  const { internal } = walker;
  const view = internal.sourceView;
  const at = internal.batchAt;
  const lastOffsetDelta = view.getInt32(at + 23);
  const crcMatches = crc32c(internal.source.subarray(at + 21, internal.nextAt)) === view.getUint32(at + 17);
  if (!crcMatches) {
    if (lastOffsetDelta >= 0 && lastOffsetDelta <= LAST_OFFSET_DELTA_BELIEVED_MAX) walker.nextOffset += lastOffsetDelta;
    return "crc";
  }
  if (lastOffsetDelta < 0) return "corrupt";
  walker.nextOffset += lastOffsetDelta;
  const attributes = view.getInt16(at + 21);
  walker.codec = attributes & 7;
  walker.transactional = (attributes & 0x10) !== 0;
  walker.control = (attributes & 0x20) !== 0;
  walker.timestampMsMax = int64At(view, at + 35);
  walker.count = view.getInt32(at + 57);
  internal.logAppendTime = (attributes & 0x08) !== 0;
  internal.baseTimestamp = int64At(view, at + 27);
  return openRecords(walker, at + HEADER_BYTES);
}

function openRecords(walker: BatchWalker, recordsAt: number): BatchStep {
  const { internal } = walker;
  if (walker.codec === 0 || walker.count <= 0) {
    walker.bytes = internal.source;
    walker.view = internal.sourceView;
    internal.recordAt = recordsAt;
    internal.recordsEnd = internal.nextAt;
  } else {
    const result = decompress(walker.codec, internal.source.subarray(recordsAt, internal.nextAt));
    if (result.kind === "unknown-codec") return "codec";
    if (result.kind !== "decompressed") return result.kind;
    walker.bytes = result.bytes;
    walker.view = viewOf(result.bytes);
    internal.recordAt = 0;
    internal.recordsEnd = result.bytes.length;
  }
  internal.recordsLeft = walker.count;
  return "batch";
}

/** Moves to the next record of the batch. After "corrupt" the batch has no further ones. */
export function nextRecord(walker: BatchWalker): RecordStep {
  const { internal } = walker;
  if (internal.recordsLeft <= 0) return "end";
  internal.recordsLeft--;
  internal.varintOk = true;
  const length = readVarint(walker);
  const recordEnd = internal.recordAt + length;
  if (!internal.varintOk || length < 0 || recordEnd > internal.recordsEnd) return endCorrupt(walker);
  internal.recordAt++; // attributes: none is defined
  const timestampDelta = readVarlong(walker);
  walker.offset = walker.baseOffset + readVarint(walker);
  walker.timestampMs = internal.logAppendTime ? walker.timestampMsMax : internal.baseTimestamp + timestampDelta;

  const keyLength = readVarint(walker);
  walker.hasKey = keyLength >= 0;
  walker.keyStart = internal.recordAt;
  walker.keyEnd = walker.keyStart + Math.max(keyLength, 0);
  internal.recordAt = walker.keyEnd;

  const valueLength = readVarint(walker);
  walker.hasValue = valueLength >= 0;
  walker.valueStart = internal.recordAt;
  walker.valueEnd = walker.valueStart + Math.max(valueLength, 0);
  // A key that is too long puts the value's start beyond the end too.
  if (walker.valueEnd > recordEnd || !internal.varintOk) return endCorrupt(walker);
  internal.recordAt = recordEnd; // past the headers: nothing in the offsets topic has any
  return "record";
}

function endCorrupt(walker: BatchWalker): "corrupt" {
  walker.internal.recordsLeft = 0;
  return "corrupt";
}

/** Zig-zag, 32 bits. A varint that leaves the batch clears `varintOk`, and is looked at once per record. */
function readVarint(walker: BatchWalker): number {
  const { internal, view } = walker;
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    if (internal.recordAt >= internal.recordsEnd) break;
    const byte = view.getUint8(internal.recordAt++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
  }
  internal.varintOk = false;
  return 0;
}

/** Zig-zag, 64 bits; exact within ±2^52, which holds the distance of any two real times. */
function readVarlong(walker: BatchWalker): number {
  const { internal, view } = walker;
  let value = 0;
  let unit = 1;
  for (let i = 0; i < 10; i++) {
    if (internal.recordAt >= internal.recordsEnd) break;
    const byte = view.getUint8(internal.recordAt++);
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    unit *= 128;
  }
  internal.varintOk = false;
  return 0;
}

/** Of the batch at hand; any 64 bits are legal, and only batches of producers with an id need it. */
export function producerIdOf(walker: BatchWalker): bigint {
  return walker.internal.sourceView.getBigInt64(walker.internal.batchAt + 43);
}

export function producerEpochOf(walker: BatchWalker): number {
  return walker.internal.sourceView.getInt16(walker.internal.batchAt + 51);
}

export type Marker =
  | { readonly kind: "COMMIT" | "ABORT"; readonly coordinatorEpoch: number | undefined }
  | { readonly kind: "other" };

/** What the record at hand of a control batch says. */
export function markerOf(walker: BatchWalker): Marker {
  const { view, keyStart, keyEnd, valueStart, valueEnd } = walker;
  if (keyEnd - keyStart < 4) return { kind: "other" };
  const type = view.getInt16(keyStart + 2);
  if (type !== 0 && type !== 1) return { kind: "other" };
  const coordinatorEpoch = valueEnd - valueStart >= 6 ? view.getInt32(valueStart + 2) : undefined;
  return { kind: type === 1 ? "COMMIT" : "ABORT", coordinatorEpoch };
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
