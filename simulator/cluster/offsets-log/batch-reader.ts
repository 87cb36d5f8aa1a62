/**
 * # Reading back what the log holds
 *
 * For the cleaner and for look-ups by time; the grammar is that of record-batch.ts. Batches that this file cannot look into, since
 * somebody appended them raw (compressed, or damaged on purpose), say so and are left as they are.
 */

import {
  ATTRIBUTES_AT,
  BASE_TIMESTAMP_AT,
  COUNT_AT,
  HEADER_BYTES,
  LAST_OFFSET_DELTA_AT,
  MAX_TIMESTAMP_AT,
  PRODUCER_ID_AT,
} from "./record-batch.ts";

const CODEC = 0x07;
const MARKER_TYPE_AT = 2;

export interface StoredRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer;
  readonly value: Buffer | undefined;
}

export function baseOffsetOf(batch: Buffer): number {
  return readInt64(batch, 0);
}

export function nextOffsetOf(batch: Buffer): number {
  return baseOffsetOf(batch) + batch.readInt32BE(LAST_OFFSET_DELTA_AT) + 1;
}

export function attributesOf(batch: Buffer): number {
  return batch.readInt16BE(ATTRIBUTES_AT);
}

export function producerIdOf(batch: Buffer): bigint {
  return batch.readBigInt64BE(PRODUCER_ID_AT);
}

export function maxTimestampOf(batch: Buffer): number {
  return readInt64(batch, MAX_TIMESTAMP_AT);
}

export function countOf(batch: Buffer): number {
  return batch.readInt32BE(COUNT_AT);
}

export function recordsOf(batch: Buffer): readonly StoredRecord[] | "opaque" {
  if ((attributesOf(batch) & CODEC) !== 0) return "opaque";
  const cursor: Cursor = { batch, at: HEADER_BYTES };
  const base = { offset: baseOffsetOf(batch), timestampMs: readInt64(batch, BASE_TIMESTAMP_AT) };
  const records: StoredRecord[] = [];
  for (let left = countOf(batch); left > 0; left--) {
    const record = readRecord(cursor, base);
    if (record === undefined) return "opaque";
    records.push(record);
  }
  return records;
}

/** Of a control batch; undefined where it is empty or of another kind. */
export function markerOf(batch: Buffer): "commit" | "abort" | undefined {
  const records = recordsOf(batch);
  const key = records === "opaque" ? undefined : records[0]?.key;
  if (key === undefined || key.length < MARKER_TYPE_AT + 2) return undefined;
  const type = key.readInt16BE(MARKER_TYPE_AT);
  return type === 1 ? "commit" : type === 0 ? "abort" : undefined;
}

interface Cursor {
  readonly batch: Buffer;
  at: number;
}

/** undefined where the bytes end too early. */
function readRecord(cursor: Cursor, base: { readonly offset: number; readonly timestampMs: number }) {
  const end = readVarint(cursor) + cursor.at;
  if (!(end <= cursor.batch.length)) return undefined;
  cursor.at++; // attributes
  const timestampMs = base.timestampMs + readVarint(cursor);
  const offset = base.offset + readVarint(cursor);
  const key = readBytes(cursor);
  const value = readBytes(cursor);
  const fits = cursor.at <= end;
  cursor.at = end;
  return fits && key !== undefined ? { offset, timestampMs, key, value } : undefined;
}

function readBytes(cursor: Cursor): Buffer | undefined {
  const length = readVarint(cursor);
  if (!(length >= 0)) return undefined;
  cursor.at += length;
  return cursor.batch.subarray(cursor.at - length, cursor.at);
}

/** NaN where the bytes end. */
function readVarint(cursor: Cursor): number {
  let value = 0;
  let place = 1;
  for (;;) {
    const byte = cursor.batch[cursor.at++] ?? Number.NaN;
    value += (byte & 0x7f) * place;
    if (Number.isNaN(byte) || cursor.at > cursor.batch.length) return Number.NaN;
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    place *= 0x80;
  }
}

function readInt64(batch: Buffer, at: number): number {
  return batch.readInt32BE(at) * 2 ** 32 + batch.readUInt32BE(at + 4);
}
