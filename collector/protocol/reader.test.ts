/** The bounded reader: what fits, what does not, and exact 64-bit numbers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Decoded, decoded } from "./decode-error.ts";
import {
  int64At,
  type Reader,
  readArray,
  readBytes,
  readerOf,
  readInt8,
  readInt16,
  readInt32,
  readInt64,
  readNullableText,
  readTags,
  readText,
  readUuid,
  readUvarint,
} from "./reader.ts";
import {
  createWriter,
  writeArray,
  writeBytes,
  writeInt8,
  writeInt16,
  writeInt32,
  writeInt64,
  writeText,
  writeUvarint,
  written,
} from "./writer.ts";

function reading<T>(hex: string, read: (reader: Reader) => T, flexible = false): Decoded<T> {
  return decoded(() => read(readerOf(Buffer.from(hex, "hex"), { what: "bytes", flexible })));
}

test("an int64 is exact within ±(2^53-1) and refused outside", () => {
  fc.assert(
    fc.property(fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), nearTheEdge()), (value) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(value);
      const read = readInt64(readerOf(bytes, { what: "int64" }));
      const isSafe = value >= -(2n ** 53n - 1n) && value <= 2n ** 53n - 1n;
      assert.equal(read, isSafe ? Number(value) : "out-of-range");
      const column = int64At(new DataView(bytes.buffer, bytes.byteOffset, 8), 0);
      assert.equal(Number.isNaN(column), !isSafe);
    }),
  );
});

function nearTheEdge(): fc.Arbitrary<bigint> {
  return fc
    .tuple(fc.constantFrom(-1n, 1n), fc.bigInt({ min: -9n, max: 9n }))
    .map(([sign, by]) => sign * 2n ** 53n + by);
}

test("what is written is read back, in both forms", () => {
  const fields = fc.record({
    flexible: fc.boolean(),
    i8: fc.integer({ min: -128, max: 127 }),
    i16: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
    i32: fc.integer(),
    i64: fc.maxSafeInteger(),
    uvarint: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    text: fc.option(fc.string({ unit: "grapheme", maxLength: 300 }), { nil: undefined }),
    bytes: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined }),
    array: fc.array(fc.integer()),
  });
  fc.assert(
    fc.property(fields, (one) => {
      const writer = createWriter(one.flexible);
      writeInt8(writer, one.i8);
      writeInt16(writer, one.i16);
      writeInt32(writer, one.i32);
      writeInt64(writer, one.i64);
      writeUvarint(writer, one.uvarint);
      writeText(writer, one.text);
      writeBytes(writer, one.bytes && Buffer.from(one.bytes));
      writeArray(writer, one.array, writeInt32);
      const reader = readerOf(written(writer), { what: "fields", flexible: one.flexible });
      assert.equal(readInt8(reader), one.i8);
      assert.equal(readInt16(reader), one.i16);
      assert.equal(readInt32(reader), one.i32);
      assert.equal(readInt64(reader), one.i64);
      assert.equal(readUvarint(reader), one.uvarint);
      assert.equal(readNullableText(reader), one.text === undefined ? undefined : Buffer.from(one.text).toString());
      assert.deepEqual(readBytes(reader), one.bytes && Buffer.from(one.bytes));
      assert.deepEqual(readArray(reader, 4, readInt32), one.array);
      assert.equal(reader.at, reader.end);
    }),
  );
});

const malformed = [
  { name: "an int32 of three bytes", hex: "000000", read: readInt32 },
  { name: "a string longer than the bytes", hex: "000561", read: readText },
  { name: "a null string where one must be", hex: "ffff", read: readText },
  { name: "a string of length -2", hex: "fffe", read: readText },
  { name: "a string that may be null, of length -2", hex: "fffe", read: readNullableText },
  { name: "bytes of 2 GiB", hex: "7fffffff00", read: readBytes },
  { name: "an array of 2^31-1 elements", hex: "7fffffff00", read: (from: Reader) => readArray(from, 1, readInt8) },
  { name: "a varint of six bytes", hex: "808080808001", read: readUvarint },
  { name: "a varint that does not end", hex: "80", read: readUvarint },
];

for (const { name, hex, read } of malformed) {
  test(`${name} is malformed`, () => assert.equal(reading<unknown>(hex, read).kind, "malformed"));
}

test("tags are passed over, known ones read, and may be missing at the very end", () => {
  const seen: number[] = [];
  const both = (from: Reader) => {
    readTags(from, (tag, field) => {
      if (tag === 1) seen.push(readInt16(field));
    });
    return from.at;
  };
  assert.deepEqual(reading("02 00 03 aabbcc 01 02 0007".replaceAll(" ", ""), both, true), {
    kind: "decoded",
    value: 10,
  });
  assert.deepEqual(seen, [7]);
  assert.deepEqual(reading("", both, true), { kind: "decoded", value: 0 });
  assert.equal(reading("05", both, true).kind, "malformed");
  assert.equal(reading("0100ff", both, true).kind, "malformed");
  // A known tag shorter than its field must not read on into what follows.
  assert.equal(reading("01010100000000", both, true).kind, "malformed");
});

test("a uuid reads as Kafka prints it, and all zeroes mean unknown", () => {
  const uuid = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
  assert.deepEqual(reading(uuid.replaceAll("-", ""), readUuid), { kind: "decoded", value: uuid });
  assert.deepEqual(reading("00".repeat(16), readUuid), { kind: "decoded", value: undefined });
});

test("an error that is not about bytes is a bug and goes on", () => {
  assert.throws(
    () =>
      decoded(() => {
        throw new TypeError("a bug");
      }),
    TypeError,
  );
});
