/**
 * # Reader: a bounded cursor over bytes
 *
 *   i8 i16 i32 i64   big-endian, two's complement
 *   uvarint          unsigned LEB128 of at most 32 bits
 *   str | nstr       i16 length (-1 is null), UTF-8           flexible: uvarint length + 1 (0 is null), UTF-8; see name-text.ts
 *   bytes            i32 length (-1 is null)                  flexible: uvarint length + 1
 *   [T]              i32 count (-1 is null)                   flexible: uvarint count + 1
 *   tags             nothing                                  flexible: uvarint n, n times { uvarint tag, uvarint size, bytes }
 *
 * One layout serves both forms: `flexible` (KIP-482) chooses. Every length and count is compared with the bytes that are left
 * before anything is made from it; what does not fit throws a DecodeError.
 */

import { DecodeError } from "./decode-error.ts";
import { textOfBytes } from "./name-text.ts";

export interface Reader {
  /** Names the response or record in an error. */
  readonly what: string;
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly flexible: boolean;
  readonly end: number;
  at: number;
}

/** An int64 is exact within ±(2^53-1), or refused; it is never rounded. */
export type Int64 = number | "out-of-range";

interface ReaderOptions {
  readonly what: string;
  readonly flexible?: boolean;
  readonly start?: number;
  readonly end?: number;
}

export function readerOf(bytes: Buffer, options: ReaderOptions): Reader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { what, flexible = false, start = 0, end = bytes.length } = options;
  return { what, bytes, view, flexible, end, at: start };
}

export function bytesLeft(reader: Reader): number {
  return reader.end - reader.at;
}

/** Moves past `length` bytes and gives where they began. */
function take(reader: Reader, length: number): number {
  const at = reader.at;
  if (length > reader.end - at) {
    throw new DecodeError(reader.what, at, `${length} bytes wanted, ${reader.end - at} left`);
  }
  reader.at = at + length;
  return at;
}

export function readInt8(reader: Reader): number {
  return reader.view.getInt8(take(reader, 1));
}

export function readBoolean(reader: Reader): boolean {
  return readInt8(reader) !== 0;
}

export function readInt16(reader: Reader): number {
  return reader.view.getInt16(take(reader, 2));
}

export function readUint16(reader: Reader): number {
  return reader.view.getUint16(take(reader, 2));
}

export function readInt32(reader: Reader): number {
  return reader.view.getInt32(take(reader, 4));
}

/**
 * int64 at `at` of `view`, NaN outside ±(2^53-1): for columns and hot loops, where a union would cost an allocation. Rounding
 * is monotone, so nothing outside the safe range can round into it.
 */
export function int64At(view: DataView, at: number): number {
  const value = view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

export function readInt64(reader: Reader): Int64 {
  const value = int64At(reader.view, take(reader, 8));
  return Number.isNaN(value) ? "out-of-range" : value;
}

/** As `readInt64`, for a column: NaN is "out-of-range". */
export function readInt64OrNaN(reader: Reader): number {
  return int64At(reader.view, take(reader, 8));
}

/** 64 bits that mean no quantity: a producer id, a hash. All values are legal. */
export function readOpaque64(reader: Reader): bigint {
  return reader.view.getBigInt64(take(reader, 8));
}

export function readUvarint(reader: Reader): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.view.getUint8(take(reader, 1));
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw new DecodeError(reader.what, reader.at, "a varint is longer than five bytes");
}

/** -1 is null; anything less is malformed. */
function readLength(reader: Reader, width: "i16" | "i32"): number {
  const at = reader.at;
  const length = reader.flexible ? readUvarint(reader) - 1 : width === "i16" ? readInt16(reader) : readInt32(reader);
  if (length < -1) throw new DecodeError(reader.what, at, `a length of ${length}`);
  return length;
}

export function readNullableText(reader: Reader): string | undefined {
  const length = readLength(reader, "i16");
  if (length < 0) return undefined;
  const at = take(reader, length);
  return textOfBytes(reader.bytes, at, at + length);
}

export function readText(reader: Reader): string {
  const at = reader.at;
  const text = readNullableText(reader);
  if (text === undefined) throw new DecodeError(reader.what, at, "null where a string must be");
  return text;
}

/** A view of the bytes, not a copy: copy what is kept longer than the buffer. */
export function readBytes(reader: Reader): Buffer | undefined {
  const length = readLength(reader, "i32");
  if (length < 0) return undefined;
  const at = take(reader, length);
  return reader.bytes.subarray(at, at + length);
}

/** Count of an array, 0 for null. `elementBytesMin` is the least that one element takes, so a count can be refused at once. */
export function readCount(reader: Reader, elementBytesMin: number): number {
  const at = reader.at;
  const count = Math.max(readLength(reader, "i32"), 0);
  if (count * elementBytesMin > bytesLeft(reader)) {
    throw new DecodeError(reader.what, at, `${count} elements announced, ${bytesLeft(reader)} bytes left`);
  }
  return count;
}

export function readArray<T>(reader: Reader, elementBytesMin: number, element: (reader: Reader) => T): readonly T[] {
  const count = readCount(reader, elementBytesMin);
  const elements: T[] = [];
  for (let i = 0; i < count; i++) elements.push(element(reader));
  return elements;
}

/** Passes over an array whose elements have one size. */
export function skipArray(reader: Reader, elementBytes: number): void {
  const count = readCount(reader, elementBytes);
  reader.at += count * elementBytes;
}

/** Passes over an array of int32; its length, and its first element where there is one. Makes no array of what may be many. */
export function readInt32Head(reader: Reader): { readonly length: number; readonly first: number | undefined } {
  const length = readCount(reader, 4);
  const first = length === 0 ? undefined : reader.bytes.readInt32BE(reader.at);
  reader.at += length * 4;
  return { length, first };
}

export function readInt32Array(reader: Reader): readonly number[] {
  return readArray(reader, 4, readInt32);
}

/** As Kafka prints it: 8-4-4-4-12 in hex; undefined where all bits are 0, which means unknown. */
export function readUuid(reader: Reader): string | undefined {
  const at = take(reader, 16);
  const hex = reader.bytes.toString("hex", at, at + 16);
  if (/^0+$/.test(hex)) return undefined;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/**
 * Passes over a tag section; `onTag` may read what it knows, from a reader that ends with the tag. Where the buffer ends
 * before the section there are no tags: some writers leave it out at the very end.
 */
export function readTags(reader: Reader, onTag?: (tag: number, field: Reader) => void): void {
  if (!reader.flexible || bytesLeft(reader) === 0) return;
  const count = readUvarint(reader);
  if (count * 2 > bytesLeft(reader)) throw new DecodeError(reader.what, reader.at, `${count} tags announced`);
  for (let i = 0; i < count; i++) {
    const tag = readUvarint(reader);
    const length = readUvarint(reader);
    const at = take(reader, length);
    onTag?.(tag, { ...reader, at, end: at + length });
  }
}

/** Struct that may be null, outside a tag: i8 -1 is null, 1 present. */
export function readNullableStruct<T>(reader: Reader, struct: (reader: Reader) => T): T | undefined {
  return readInt8(reader) < 0 ? undefined : struct(reader);
}
