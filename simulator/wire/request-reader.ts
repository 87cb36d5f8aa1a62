/**
 * # Requests, as a broker reads them
 *
 * Kafka's primitive types, big-endian, in their plain forms and in the compact ones of flexible versions (KIP-482), where a
 * length is an unsigned varint of itself plus one and 0 is null, and every struct ends with tagged fields. Answers are written
 * with the writer of the cluster's records.
 */

export class RequestError extends Error {
  constructor(problem: string) {
    super(`the request cannot be read: ${problem}`);
    this.name = "RequestError";
  }
}

export interface RequestReader {
  readonly bytes: Buffer;
  at: number;
  readonly flexible: boolean;
}

function step(reader: RequestReader, length: number): number {
  const { at } = reader;
  if (length < 0 || at + length > reader.bytes.length) throw new RequestError(`it ends at ${reader.bytes.length}`);
  reader.at = at + length;
  return at;
}

export function readInt8(reader: RequestReader): number {
  return reader.bytes.readInt8(step(reader, 1));
}

export function readBoolean(reader: RequestReader): boolean {
  return readInt8(reader) !== 0;
}

export function readInt16(reader: RequestReader): number {
  return reader.bytes.readInt16BE(step(reader, 2));
}

export function readInt32(reader: RequestReader): number {
  return reader.bytes.readInt32BE(step(reader, 4));
}

/** Offsets and times; a simulated cluster has none beyond 2^53. */
export function readInt64(reader: RequestReader): number {
  return Number(reader.bytes.readBigInt64BE(step(reader, 8)));
}

export function readUuid(reader: RequestReader): Buffer {
  const at = step(reader, 16);
  return reader.bytes.subarray(at, at + 16);
}

export function readUvarint(reader: RequestReader): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.bytes.readUInt8(step(reader, 1));
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw new RequestError("a varint does not end");
}

function readLength(reader: RequestReader, plain: (reader: RequestReader) => number): number {
  return reader.flexible ? readUvarint(reader) - 1 : plain(reader);
}

export function readNullableString(reader: RequestReader): string | undefined {
  const length = readLength(reader, readInt16);
  if (length < 0) return undefined;
  const at = step(reader, length);
  return reader.bytes.toString("utf8", at, at + length);
}

export function readString(reader: RequestReader): string {
  return readNullableString(reader) ?? "";
}

export function readBytes(reader: RequestReader): Buffer {
  const length = readLength(reader, readInt32);
  const at = step(reader, Math.max(0, length));
  return reader.bytes.subarray(at, at + Math.max(0, length));
}

/** Undefined for null. Each element takes at least a byte, so no count can ask for more than the request has. */
export function readNullableArray<Item>(reader: RequestReader, item: () => Item): Item[] | undefined {
  const count = readLength(reader, readInt32);
  if (count < 0) return undefined;
  if (count > reader.bytes.length - reader.at) throw new RequestError(`${count} elements do not fit`);
  const items: Item[] = [];
  for (let index = 0; index < count; index += 1) items.push(item());
  return items;
}

export function readArray<Item>(reader: RequestReader, item: () => Item): Item[] {
  return readNullableArray(reader, item) ?? [];
}

/** Those of a flexible struct; none is of use to us. */
export function skipTags(reader: RequestReader): void {
  if (!reader.flexible) return;
  for (let left = readUvarint(reader); left > 0; left -= 1) {
    readUvarint(reader);
    step(reader, readUvarint(reader));
  }
}
