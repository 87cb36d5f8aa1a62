/**
 * # Record batch, version 2
 *
 *   batch  := baseOffset:i64 length:i32 leaderEpoch:i32 magic:i8=2 crc:u32 attributes:i16 lastOffsetDelta:i32 baseTimestamp:i64
 *             maxTimestamp:i64 producerId:i64 producerEpoch:i16 baseSequence:i32 count:i32 record*count
 *     length       counts from leaderEpoch on
 *     crc          CRC-32C of attributes and all behind it, so base offset and leader epoch can be stamped in later
 *     attributes   0x10 in a transaction, 0x20 control (0x07, the codec, is 0: brokers do not compress this topic)
 *   record := length:varint attributes:i8=0 timestampDelta:varint offsetDelta:varint keyLength:varint key
 *             valueLength:varint(-1: null) value headers:varint=0
 *   marker := a control batch of one record, key version:i16=0 type:i16 (0 ABORT, 1 COMMIT), value version:i16=0 coordinatorEpoch:i32
 *
 * Varints are zig-zag. `DefaultRecordBatch`, `DefaultRecord`, `EndTransactionMarker` of apache/kafka. A batch that the cleaner has
 * emptied keeps its header with count 0 and base timestamp -1 (`writeEmptyHeader`).
 */

import { crc32c } from "@node-rs/crc32";
import { putInt64, room, writeUvarint } from "./byte-writer.ts";

export const HEADER_BYTES = 61;
export const LENGTH_AT = 8;
/** What `length` does not count: base offset and itself. */
export const BEFORE_LENGTH_BYTES = 12;
export const LEADER_EPOCH_AT = 12;
export const MAGIC_AT = 16;
const CRC_AT = 17;
export const ATTRIBUTES_AT = 21;
export const LAST_OFFSET_DELTA_AT = 23;
export const BASE_TIMESTAMP_AT = 27;
export const MAX_TIMESTAMP_AT = 35;
export const PRODUCER_ID_AT = 43;
export const PRODUCER_EPOCH_AT = 51;
export const BASE_SEQUENCE_AT = 53;
export const COUNT_AT = 57;

export const TRANSACTIONAL = 0x10;
export const CONTROL = 0x20;

export interface RecordSpec {
  readonly key: Uint8Array;
  /** undefined: a tombstone. */
  readonly value: Uint8Array | undefined;
  /** By default records follow one another. */
  readonly offsetDelta?: number;
}

/** Who wrote a batch: nobody in particular has -1, -1. */
export interface BatchOrigin {
  readonly attributes: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

/** Collects the records of one batch after the other, in one buffer. */
export interface BatchWriter {
  bytes: Buffer;
  at: number;
  count: number;
  lastOffsetDelta: number;
  baseTimestampMs: number;
  maxTimestampMs: number;
}

export function createBatchWriter(): BatchWriter {
  const writer = {
    bytes: Buffer.alloc(8_192),
    at: 0,
    count: 0,
    lastOffsetDelta: 0,
    baseTimestampMs: 0,
    maxTimestampMs: 0,
  };
  beginBatch(writer);
  return writer;
}

export function beginBatch(writer: BatchWriter): void {
  writer.at = HEADER_BYTES;
  writer.count = 0;
  writer.lastOffsetDelta = -1;
  writer.baseTimestampMs = -1;
  writer.maxTimestampMs = -1;
}

/** The first record's time is the batch's base. */
export function writeRecord(writer: BatchWriter, record: RecordSpec, timestampMs: number): void {
  const { key, value, offsetDelta = writer.lastOffsetDelta + 1 } = record;
  if (writer.count === 0) writer.baseTimestampMs = timestampMs;
  writer.maxTimestampMs = Math.max(writer.maxTimestampMs, timestampMs);
  writer.lastOffsetDelta = offsetDelta;
  writer.count++;
  const times = zigZag(timestampMs - writer.baseTimestampMs);
  const offsets = zigZag(offsetDelta);
  const keyLength = zigZag(key.length);
  const valueLength = zigZag(value?.length ?? -1);
  const lengths = uvarintBytes(times) + uvarintBytes(offsets) + uvarintBytes(keyLength) + uvarintBytes(valueLength);
  writeUvarint(writer, zigZag(2 + lengths + key.length + (value?.length ?? 0)));
  put(writer, NO_ATTRIBUTES);
  writeUvarint(writer, times);
  writeUvarint(writer, offsets);
  writeUvarint(writer, keyLength);
  put(writer, key);
  writeUvarint(writer, valueLength);
  if (value !== undefined) put(writer, value);
  put(writer, NO_HEADERS);
}

/** The batch without base offset and leader epoch, a view that the next batch overwrites. */
export function endBatch(
  writer: BatchWriter,
  origin: BatchOrigin,
  over?: { readonly lastOffsetDelta: number; readonly maxTimestampMs?: number },
): Buffer {
  const batch = writer.bytes.subarray(0, writer.at);
  batch.fill(0, 0, HEADER_BYTES);
  batch.writeInt32BE(writer.at - BEFORE_LENGTH_BYTES, LENGTH_AT);
  batch[MAGIC_AT] = 2;
  batch.writeInt16BE(origin.attributes, ATTRIBUTES_AT);
  batch.writeInt32BE(over?.lastOffsetDelta ?? writer.lastOffsetDelta, LAST_OFFSET_DELTA_AT);
  putInt64(batch, writer.baseTimestampMs, BASE_TIMESTAMP_AT);
  putInt64(batch, over?.maxTimestampMs ?? writer.maxTimestampMs, MAX_TIMESTAMP_AT);
  batch.writeBigInt64BE(origin.producerId, PRODUCER_ID_AT);
  batch.writeInt16BE(origin.producerEpoch, PRODUCER_EPOCH_AT);
  batch.writeInt32BE(origin.baseSequence, BASE_SEQUENCE_AT);
  batch.writeInt32BE(writer.count, COUNT_AT);
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT);
  return batch;
}

const COORDINATOR_EPOCH_AT = 2;

export function markerRecord(outcome: "commit" | "abort", coordinatorEpoch: number): RecordSpec {
  const value = Buffer.alloc(6);
  value.writeInt32BE(coordinatorEpoch, COORDINATOR_EPOCH_AT);
  return { key: Buffer.from([0, 0, 0, outcome === "commit" ? 1 : 0]), value };
}

const NO_ATTRIBUTES = Buffer.of(0);
const NO_HEADERS = Buffer.of(0);

function put(writer: BatchWriter, bytes: Uint8Array): void {
  const at = room(writer, bytes.length);
  writer.bytes.set(bytes, at);
}

function zigZag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function uvarintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
