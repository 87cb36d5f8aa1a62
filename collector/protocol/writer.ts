/**
 * # Writer: requests, in the forms that reader.ts reads
 *
 * Grows by doubling; what is written is ours and needs no bound. `flexible` chooses the compact forms (KIP-482).
 */

import { bytesOfText, isEscaped } from "./name-text.ts";

export interface Writer {
  readonly flexible: boolean;
  bytes: Buffer;
  at: number;
}

export function createWriter(flexible = false): Writer {
  return { flexible, bytes: Buffer.allocUnsafe(256), at: 0 };
}

/** What is written so far; a view of the writer's buffer. */
export function written(writer: Writer): Buffer {
  return writer.bytes.subarray(0, writer.at);
}

function room(writer: Writer, length: number): number {
  const at = writer.at;
  if (at + length > writer.bytes.length) {
    const grown = Buffer.allocUnsafe(Math.max(writer.bytes.length * 2, at + length));
    writer.bytes.copy(grown, 0, 0, at);
    writer.bytes = grown;
  }
  writer.at = at + length;
  return at;
}

export function writeInt8(writer: Writer, value: number): void {
  const at = room(writer, 1);
  writer.bytes.writeInt8(value, at);
}

export function writeBoolean(writer: Writer, value: boolean): void {
  writeInt8(writer, value ? 1 : 0);
}

export function writeInt16(writer: Writer, value: number): void {
  const at = room(writer, 2);
  writer.bytes.writeInt16BE(value, at);
}

export function writeInt32(writer: Writer, value: number): void {
  const at = room(writer, 4);
  writer.bytes.writeInt32BE(value, at);
}

/** A safe integer. */
export function writeInt64(writer: Writer, value: number): void {
  const at = room(writer, 8);
  writer.bytes.writeInt32BE(Math.floor(value / 2 ** 32), at);
  writer.bytes.writeUInt32BE(value >>> 0, at + 4);
}

export function writeUvarint(writer: Writer, value: number): void {
  let rest = value >>> 0;
  while (rest >= 0x80) {
    const at = room(writer, 1);
    writer.bytes[at] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  const at = room(writer, 1);
  writer.bytes[at] = rest;
}

export function writeRaw(writer: Writer, bytes: Buffer): void {
  const at = room(writer, bytes.length);
  bytes.copy(writer.bytes, at);
}

/** undefined is null. */
export function writeText(writer: Writer, text: string | undefined): void {
  if (text !== undefined && isEscaped(text)) {
    writeEscaped(writer, bytesOfText(text));
    return;
  }
  const length = text === undefined ? -1 : Buffer.byteLength(text);
  if (writer.flexible) writeUvarint(writer, length + 1);
  else writeInt16(writer, length);
  if (text === undefined) return;
  const at = room(writer, length);
  writer.bytes.write(text, at);
}

function writeEscaped(writer: Writer, bytes: Buffer): void {
  if (writer.flexible) writeUvarint(writer, bytes.length + 1);
  else writeInt16(writer, bytes.length);
  writeRaw(writer, bytes);
}

/** undefined is null. */
export function writeBytes(writer: Writer, bytes: Buffer | undefined): void {
  writeCount(writer, bytes?.length);
  if (bytes !== undefined) writeRaw(writer, bytes);
}

/** undefined is null. */
export function writeCount(writer: Writer, count: number | undefined): void {
  if (writer.flexible) writeUvarint(writer, (count ?? -1) + 1);
  else writeInt32(writer, count ?? -1);
}

export function writeArray<T>(writer: Writer, elements: readonly T[], element: (writer: Writer, one: T) => void): void {
  writeCount(writer, elements.length);
  for (const one of elements) element(writer, one);
}

/** An empty tag section; nothing where the form is not flexible. */
export function writeTags(writer: Writer): void {
  if (writer.flexible) writeUvarint(writer, 0);
}
