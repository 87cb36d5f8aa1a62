/**
 * # Compression of record batches
 *
 * Bits 0..2 of a batch's attributes: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. Libraries do the work; here is what they leave
 * open: the size of the result is bounded before it is made, and two framings are taken apart.
 *
 *   snappy     := raw | xerial                    (raw starts with the uvarint size of the result)
 *     xerial   := 82 "SNAPPY" 00 version:i32 compatible:i32 { length:i32 raw }     (org.xerial.snappy's stream)
 *   lz4        := frame (magic 04 22 4d 18, flags, block-size code, optional content size:u64 and dictionary:u32, checksum byte,
 *                 { length:u32 of which the top bit means stored, data, optional checksum:u32 }, 0:u32)
 * An LZ4 block yields at most 255 times its length and at most the frame's block size; the sum is the bound.
 */

import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { decompressFrameSync } from "lz4-napi";
import { uncompressSync } from "snappy";

/** What one batch may grow to. Brokers take batches of 1 MiB by default; the offsets topic's are smaller. */
export const DECOMPRESSED_BYTES_MAX = 64 * 2 ** 20;

export type Decompressed =
  | { readonly kind: "decompressed"; readonly bytes: Buffer }
  | { readonly kind: "unknown-codec" }
  | { readonly kind: "too-large" }
  | { readonly kind: "corrupt" };

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;
const LZ4_MAGIC = 0x184d2204;
const LZ4_RATIO_MAX = 255;

export function decompress(codec: number, bytes: Buffer): Decompressed {
  try {
    switch (codec) {
      case 0:
        return { kind: "decompressed", bytes };
      case 1:
        return { kind: "decompressed", bytes: gunzipSync(bytes, { maxOutputLength: DECOMPRESSED_BYTES_MAX }) };
      case 2:
        return snappy(bytes);
      case 3:
        return lz4(bytes);
      case 4:
        return { kind: "decompressed", bytes: zstdDecompressSync(bytes, { maxOutputLength: DECOMPRESSED_BYTES_MAX }) };
      default:
        return { kind: "unknown-codec" };
    }
  } catch (error) {
    // What the libraries throw says only that they could not; the size is the one case they tell apart.
    return { kind: isTooLarge(error) ? "too-large" : "corrupt" };
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

function snappy(bytes: Buffer): Decompressed {
  const blocks = bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC) ? xerialBlocks(bytes) : [bytes];
  if (blocks === undefined) return { kind: "corrupt" };
  const sizes = blocks.map(snappySize);
  if (sizes.includes(undefined)) return { kind: "corrupt" };
  const total = sizes.reduce((sum: number, size) => sum + (size ?? 0), 0);
  if (total > DECOMPRESSED_BYTES_MAX) return { kind: "too-large" };
  const parts = blocks.map((block) => Buffer.from(uncompressSync(block)));
  return { kind: "decompressed", bytes: parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts) };
}

function xerialBlocks(bytes: Buffer): readonly Buffer[] | undefined {
  const blocks: Buffer[] = [];
  let at = XERIAL_HEADER_BYTES;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0 || at + length > bytes.length) return undefined;
    blocks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return blocks;
}

/** The size that a raw snappy block says it will have; undefined where it does not say. */
function snappySize(block: Buffer): number | undefined {
  let size = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) return undefined;
    size += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return size;
  }
  return undefined;
}

function lz4(bytes: Buffer): Decompressed {
  const bound = lz4BytesMax(bytes);
  if (bound === undefined) return { kind: "corrupt" };
  if (bound > DECOMPRESSED_BYTES_MAX) return { kind: "too-large" };
  return { kind: "decompressed", bytes: decompressFrameSync(bytes) };
}

/** What the frame can yield at most; undefined where it is no frame or is cut off. */
function lz4BytesMax(bytes: Buffer): number | undefined {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== LZ4_MAGIC) return undefined;
  const flags = bytes.readUInt8(4);
  const blockBytesMax = 2 ** (8 + 2 * ((bytes.readUInt8(5) >> 4) & 7));
  const blockChecksumBytes = flags & 0x10 ? 4 : 0;
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  let bound = 0;
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt32LE(at) & 0x7fffffff;
    if (length === 0) return bound;
    bound += Math.min(length * LZ4_RATIO_MAX, blockBytesMax);
    at += 4 + length + blockChecksumBytes;
  }
  return undefined;
}
