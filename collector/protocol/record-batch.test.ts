/** Record batches: positions, faults, records without allocation. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32c } from "@node-rs/crc32";
import { encodeBatch, encodeMarker, type RecordFixture } from "./record-batch.fixture.ts";
import { createBatchWalker, markerOf, nextBatch, nextRecord, openBatches, producerIdOf } from "./record-batch.ts";

const record = (key: string, value?: string): RecordFixture => ({
  key: Buffer.from(key),
  value: value === undefined ? undefined : Buffer.from(value),
});

/** One line a step: what a walk through the buffer sees. */
function walk(records: Buffer): readonly string[] {
  const walker = createBatchWalker();
  const lines: string[] = [];
  openBatches(walker, records);
  for (let step = nextBatch(walker); step !== "end"; step = nextBatch(walker)) {
    lines.push(step === "unreadable" ? step : `${step} ${walker.baseOffset} to ${walker.nextOffset}`);
    if (step === "unreadable") break;
    let last = nextRecord(walker);
    for (; last === "record"; last = nextRecord(walker)) {
      const key = walker.bytes.toString("utf8", walker.keyStart, walker.keyEnd);
      const value = walker.hasValue ? walker.bytes.toString("utf8", walker.valueStart, walker.valueEnd) : "tombstone";
      lines.push(walker.control ? `${walker.offset} ${markerOf(walker).kind}` : `${walker.offset} ${key}=${value}`);
    }
    if (last === "corrupt") lines.push("corrupt record");
  }
  return lines;
}

const three = encodeBatch({ baseOffset: 10, records: [record("a", "1"), record("b"), record("c", "")] });
const two = encodeBatch({ baseOffset: 13, records: [record("d", "4"), record("e", "5")] });

const rows = [
  { name: "nothing", records: Buffer.alloc(0), want: [] },
  { name: "one batch", records: three, want: ["batch 10 to 13", "10 a=1", "11 b=tombstone", "12 c="] },
  {
    name: "a batch and an incomplete one",
    records: Buffer.concat([three, two.subarray(0, two.length - 1)]),
    want: ["batch 10 to 13", "10 a=1", "11 b=tombstone", "12 c="],
  },
  { name: "less than the head of a batch", records: three.subarray(0, 16), want: [] },
  {
    name: "a compacted batch, whose tail is gone",
    records: encodeBatch({ baseOffset: 10, records: [{ ...record("a", "1"), offsetDelta: 4 }], lastOffsetDelta: 9 }),
    want: ["batch 10 to 20", "14 a=1"],
  },
  {
    name: "a retained empty batch between others",
    records: Buffer.concat([three, encodeBatch({ baseOffset: 13, records: [], lastOffsetDelta: 19 })]),
    want: ["batch 10 to 13", "10 a=1", "11 b=tombstone", "12 c=", "batch 13 to 33"],
  },
  { name: "zeroes", records: Buffer.alloc(100), want: ["unreadable"] },
  { name: "a commit marker", records: encodeMarker(7, 4001n, "COMMIT"), want: ["batch 7 to 8", "7 COMMIT"] },
  { name: "an abort marker", records: encodeMarker(7, 4001n, "ABORT"), want: ["batch 7 to 8", "7 ABORT"] },
  {
    name: "a flipped bit, and the batch behind it",
    records: Buffer.concat([flipped(three, three.length - 2), two]),
    want: ["crc 10 to 13", "batch 13 to 15", "13 d=4", "14 e=5"],
  },
  {
    name: "a flipped bit in what the batch says of its length in offsets",
    records: flipped(three, 23, 0x7f),
    want: ["crc 10 to 11"],
  },
  {
    name: "an old message set, and the batch behind it",
    records: Buffer.concat([withMagic(three, 1), two]),
    want: ["format 10 to 11", "batch 13 to 15", "13 d=4", "14 e=5"],
  },
  { name: "a magic of the future", records: withMagic(three, 3), want: ["format 10 to 11"] },
  { name: "a length that is negative", records: withInt32(three, 8, -1), want: ["unreadable"] },
  { name: "a length too short for a magic byte", records: withInt32(three, 8, 4), want: ["unreadable"] },
  { name: "a negative offset", records: withInt32(three, 0, -1), want: ["unreadable"] },
  { name: "a batch shorter than its head", records: withInt32(three, 8, 40), want: ["corrupt 10 to 11"], first: 1 },
];

for (const { name, records, want, first } of rows) {
  test(`the walker reads ${name}`, () => assert.deepEqual(walk(records).slice(0, first), want));
}

for (const codec of [1, 2, 3, 4] as const) {
  test(`codec ${codec} gives the records back`, () => {
    const records = Array.from({ length: 50 }, (_, i) => record(`key-${i}`, "value ".repeat(i)));
    const plain = walk(encodeBatch({ baseOffset: 5, records }));
    assert.equal(plain.length, 51);
    assert.deepEqual(walk(encodeBatch({ baseOffset: 5, records, codec })), plain);
  });
}

test("a codec nobody knows is told, and its batch stepped over", () => {
  const unknown = encodeBatch({ baseOffset: 10, records: [record("a", "1")], codec: 0 });
  assert.deepEqual(walk(Buffer.concat([recrc(unknown, 22, 5), two])).slice(0, 2), ["codec 10 to 11", "batch 13 to 15"]);
  assert.deepEqual(walk(recrc(unknown, 22, 1)), ["corrupt 10 to 11"]);
});

test("a count larger than the records there are ends as corrupt", () => {
  assert.deepEqual(walk(recrc(two, 60, 9)).at(-1), "corrupt record");
});

test("a producer id may be any 64 bits", () => {
  const walker = createBatchWalker();
  openBatches(walker, encodeBatch({ baseOffset: 0, records: [], producerId: 2n ** 63n - 1n }));
  assert.equal(nextBatch(walker), "batch");
  assert.equal(producerIdOf(walker), 2n ** 63n - 1n);
});

function flipped(bytes: Buffer, at: number, mask = 1): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
}

function withMagic(bytes: Buffer, magic: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[16] = magic;
  return copy;
}

function withInt32(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeInt32BE(value, at);
  return copy;
}

/** Sets a byte and makes the CRC right again. */
function recrc(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  copy.writeUInt32BE(crc32c(copy.subarray(21)), 17);
  return copy;
}
