/** The key index against a plain Map, with equal hashes and changing handles. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createKeyIndex, NO_HANDLE } from "./key-index.ts";

/** As in a batch: the key lies somewhere in a larger buffer. */
function placed(key: Buffer): { view: DataView; start: number; end: number } {
  const around = Buffer.concat([Buffer.from([1, 2, 3]), key, Buffer.from([4])]);
  return { view: new DataView(around.buffer, around.byteOffset, around.length), start: 3, end: 3 + key.length };
}

test("the index agrees with a map of strings, whatever the keys", () => {
  // Few bytes and lengths, so that keys that differ in one byte or only in length are common.
  const key = fc.oneof(
    fc.array(fc.constantFrom(0, 1, 255), { maxLength: 9 }),
    fc.array(fc.nat(255), { maxLength: 60 }),
  );
  fc.assert(
    fc.property(fc.array(key, { maxLength: 3_000 }), (keys) => {
      const index = createKeyIndex();
      index.useEpoch(1);
      const model = new Map<string, number>();
      for (const bytes of keys) {
        const buffer = Buffer.from(bytes);
        const { view, start, end } = placed(buffer);
        const found = index.find(view, start, end);
        assert.equal(found, model.get(buffer.toString("hex")) ?? NO_HANDLE);
        if (found !== NO_HANDLE) continue;
        index.add(buffer, model.size);
        model.set(buffer.toString("hex"), model.size);
      }
      assert.equal(index.keys, model.size);
      for (const [hex, handle] of model) {
        const { view, start, end } = placed(Buffer.from(hex, "hex"));
        assert.equal(index.find(view, start, end), handle);
      }
    }),
  );
});

function filled(keys: number, options = {}) {
  const index = createKeyIndex(options);
  index.useEpoch(1);
  const bytes = (i: number) => Buffer.from(`group-of-some-length-${i}/topic-${i % 7}`);
  for (let i = 0; i < keys; i++) index.add(bytes(i), i);
  const find = (i: number) => {
    const { view, start, end } = placed(bytes(i));
    return index.find(view, start, end);
  };
  return { index, find };
}

test("100,000 keys are all found, at no more than 35 bytes and the key", () => {
  const { index, find } = filled(100_000);
  for (let i = 0; i < 100_000; i++) assert.equal(find(i), i);
  assert.equal(find(100_000), NO_HANDLE);
  const keyBytes = "group-of-some-length-12345/topic-1".length;
  assert.ok(index.bytes / index.keys < keyBytes + 35, `${index.bytes / index.keys} bytes a key`);
});

for (const length of [3, 8]) {
  test(`among 400,000 keys of ${length} bytes, where some hashes are equal, each has its own handle`, () => {
    const index = createKeyIndex();
    // Odd multipliers: no two keys are equal, and all bytes vary.
    const bytes = Buffer.alloc(400_000 * length);
    for (let i = 0; i < 400_000; i++) {
      bytes.writeUIntBE(Math.imul(i, 0x9e3779b1) & 0xffffff, i * length, 3);
      if (length === 8) bytes.writeInt32BE(Math.imul(i, 0x85ebca6b), i * length + 4);
      index.add(bytes.subarray(i * length, (i + 1) * length), i);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < 400_000; i++) assert.equal(index.find(view, i * length, (i + 1) * length), i);
  });
}

test("a new epoch empties the index, the same one does not", () => {
  const { index, find } = filled(10);
  index.useEpoch(1);
  assert.equal(find(3), 3);
  index.useEpoch(2);
  assert.equal(find(3), NO_HANDLE);
  assert.equal(index.keys, 0);
});

const limits = [
  { name: "keys", options: { keysMax: 100 } },
  { name: "bytes", options: { keyBytesMax: 2 ** 18 } },
];

for (const { name, options } of limits) {
  test(`at the limit of ${name} the index starts anew and counts it`, () => {
    const { index, find } = filled(20_000, options);
    assert.ok(index.overflows > 0);
    assert.ok(index.keys < 20_000);
    assert.equal(find(19_999), 19_999);
    assert.equal(find(0), NO_HANDLE);
  });
}

test("the longest key there can be is held", () => {
  const index = createKeyIndex();
  const key = Buffer.alloc(2 * (2 + 32_767) + 4, 7);
  index.add(key, 5);
  const { view, start, end } = placed(key);
  assert.equal(index.find(view, start, end), 5);
});
