/** Every codec, its framings, and what is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { compressFrameSync } from "lz4-napi";
import { compressSync } from "snappy";
import { DECOMPRESSED_BYTES_MAX, decompress } from "./compression.ts";

const text = Buffer.from("committed offset ".repeat(1_000));
const bomb = Buffer.alloc(DECOMPRESSED_BYTES_MAX + 1);

function xerial(...blocks: readonly Buffer[]): Buffer {
  const head = Buffer.from("82534e41505059000000000100000001", "hex");
  const framed = blocks.flatMap((block) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    return [length, block];
  });
  return Buffer.concat([head, ...framed]);
}

const halves = [text.subarray(0, 9_000), text.subarray(9_000)];

const rows = [
  { name: "no codec", codec: 0, bytes: text },
  { name: "gzip", codec: 1, bytes: gzipSync(text) },
  { name: "raw snappy", codec: 2, bytes: compressSync(text) },
  { name: "snappy in xerial's blocks", codec: 2, bytes: xerial(...halves.map((half) => compressSync(half))) },
  { name: "an lz4 frame", codec: 3, bytes: compressFrameSync(text) },
  {
    name: "an lz4 frame with checksums",
    codec: 3,
    bytes: compressFrameSync(text, { contentChecksum: true, blockChecksums: true }),
  },
  { name: "zstd", codec: 4, bytes: zstdCompressSync(text) },
];

for (const { name, codec, bytes } of rows) {
  test(`${name} is decompressed`, () =>
    assert.deepEqual(decompress(codec, bytes), { kind: "decompressed", bytes: text }));
}

for (const { name, codec, bytes } of rows.slice(1)) {
  test(`${name} cut in half is corrupt`, () => {
    assert.deepEqual(decompress(codec, bytes.subarray(0, bytes.length >> 1)), { kind: "corrupt" });
  });
}

const bombs = [
  { name: "gzip", codec: 1, bytes: gzipSync(bomb) },
  { name: "snappy", codec: 2, bytes: compressSync(bomb) },
  {
    name: "xerial",
    codec: 2,
    bytes: xerial(compressSync(bomb.subarray(0, 2 ** 25)), compressSync(bomb.subarray(2 ** 25))),
  },
  { name: "lz4", codec: 3, bytes: compressFrameSync(bomb) },
  { name: "zstd", codec: 4, bytes: zstdCompressSync(bomb) },
];

for (const { name, codec, bytes } of bombs) {
  test(`a ${name} bomb is refused`, () => {
    assert.ok(bytes.length < DECOMPRESSED_BYTES_MAX / 10);
    assert.deepEqual(decompress(codec, bytes), { kind: "too-large" });
  });
}

test("a codec that nobody knows is told", () => assert.deepEqual(decompress(5, text), { kind: "unknown-codec" }));
