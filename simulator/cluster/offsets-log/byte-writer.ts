/**
 * # Bytes of a record's key or value
 *
 * Big-endian. Plain form: `str` = i16 length (-1: null) and UTF-8, `bytes` and `[T]` = i32 length. Flexible form (KIP-482): all
 * lengths are an unsigned varint of length + 1 (0: null), and a tag section ends each struct. Grows by doubling.
 */

export interface ByteWriter {
  readonly flexible: boolean;
  bytes: Buffer;
  at: number;
}

export function createByteWriter(flexible = false): ByteWriter {
  return { flexible, bytes: Buffer.allocUnsafe(128), at: 0 };
}

/** A copy, so that what was written may be kept. */
export function written(writer: ByteWriter): Buffer {
  return Buffer.from(writer.bytes.subarray(0, writer.at));
}

/** Makes room for `length` bytes and steps over them; gives the place of the first. */
export function room(writer: { bytes: Buffer; at: number }, length: number): number {
  const at = writer.at;
  if (at + length > writer.bytes.length) {
    const grown = Buffer.allocUnsafe(Math.max(writer.bytes.length * 2, at + length));
    writer.bytes.copy(grown, 0, 0, at);
    writer.bytes = grown;
  }
  writer.at = at + length;
  return at;
}

export function writeInt8(writer: ByteWriter, value: number): void {
  const at = room(writer, 1);
  writer.bytes.writeInt8(value, at);
}

export function writeInt16(writer: ByteWriter, value: number): void {
  const at = room(writer, 2);
  writer.bytes.writeInt16BE(value, at);
}

export function writeInt32(writer: ByteWriter, value: number): void {
  const at = room(writer, 4);
  writer.bytes.writeInt32BE(value, at);
}

/** A safe integer, in place. */
export function putInt64(bytes: Buffer, value: number, at: number): void {
  bytes.writeInt32BE(Math.floor(value / 2 ** 32), at);
  bytes.writeUInt32BE(value >>> 0, at + 4);
}

export function writeInt64(writer: ByteWriter, value: number): void {
  const at = room(writer, 8);
  putInt64(writer.bytes, value, at);
}

export function writeRaw(writer: ByteWriter, bytes: Uint8Array): void {
  const at = room(writer, bytes.length);
  writer.bytes.set(bytes, at);
}

/** undefined is null. */
export function writeText(writer: ByteWriter, text: string | undefined): void {
  const length = text === undefined ? -1 : Buffer.byteLength(text);
  if (writer.flexible) writeUvarint(writer, length + 1);
  else writeInt16(writer, length);
  if (text === undefined) return;
  const at = room(writer, length);
  writer.bytes.write(text, at);
}

/** undefined is null. */
export function writeBytes(writer: ByteWriter, bytes: Uint8Array | undefined): void {
  writeLength(writer, bytes?.length ?? -1);
  if (bytes !== undefined) writeRaw(writer, bytes);
}

export function writeArray<T>(
  writer: ByteWriter,
  elements: readonly T[],
  element: (writer: ByteWriter, one: T) => void,
): void {
  writeLength(writer, elements.length);
  for (const one of elements) element(writer, one);
}

/** A tag section of at most one field; none where the form is not flexible. */
export function writeTags(writer: ByteWriter, tag?: { readonly tag: number; readonly bytes: Uint8Array }): void {
  if (!writer.flexible) return;
  writeUvarint(writer, tag === undefined ? 0 : 1);
  if (tag === undefined) return;
  writeUvarint(writer, tag.tag);
  writeUvarint(writer, tag.bytes.length);
  writeRaw(writer, tag.bytes);
}

function writeLength(writer: ByteWriter, length: number): void {
  if (writer.flexible) writeUvarint(writer, length + 1);
  else writeInt32(writer, length);
}

/** From 0 to 2^53-1. */
export function writeUvarint(writer: { bytes: Buffer; at: number }, value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    const at = room(writer, 1);
    writer.bytes[at] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  const at = room(writer, 1);
  writer.bytes[at] = rest;
}
