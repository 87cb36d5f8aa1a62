/**
 * # Numbers as few bytes
 *
 *     token := 0                       the number is not known (NaN)
 *            | 1 float64               a difference too large to be doubled exactly
 *            | uv(zigzag(n) + 2)       any other integer difference
 *     uv    := 7 bits a byte, least significant first, the high bit set on all but the last byte
 */

export interface ByteCursor {
  readonly bytes: Buffer;
  at: number;
}

/** Bytes of the longest token. */
export const TOKEN_BYTES_MAX = 9;

const EXACT_MAX = 2 ** 51;
const UNKNOWN = 0;
const LARGE = 1;
const FIRST = 2;

export function writeToken(writer: ByteCursor, value: number): void {
  if (Number.isNaN(value)) {
    writeUnsigned(writer, UNKNOWN);
  } else if (Math.abs(value) >= EXACT_MAX) {
    writeUnsigned(writer, LARGE);
    writer.at = writer.bytes.writeDoubleBE(value, writer.at);
  } else {
    writeUnsigned(writer, (value < 0 ? -value * 2 - 1 : value * 2) + FIRST);
  }
}

export function readToken(reader: ByteCursor): number {
  const token = readUnsigned(reader);
  if (token === UNKNOWN) return Number.NaN;
  if (token === LARGE) {
    reader.at += 8;
    return reader.bytes.readDoubleBE(reader.at - 8);
  }
  const zigzag = token - FIRST;
  return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
}

function writeUnsigned(writer: ByteCursor, value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    writer.bytes[writer.at] = (rest % 0x80) + 0x80;
    writer.at += 1;
    rest = Math.floor(rest / 0x80);
  }
  writer.bytes[writer.at] = rest;
  writer.at += 1;
}

function readUnsigned(reader: ByteCursor): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = reader.bytes[reader.at] ?? 0;
    reader.at += 1;
    if (byte < 0x80) return value + byte * scale;
    value += (byte - 0x80) * scale;
    scale *= 0x80;
  }
}
