/** A log against a list of batches, and its cleaner against a plain statement of what has to stay. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attributesOf, baseOffsetOf, countOf, nextOffsetOf, producerIdOf, recordsOf } from "./batch-reader.ts";
import {
  appendBatch,
  compactLog,
  createOffsetsLog,
  lastStableOffset,
  logBytes,
  type OffsetsLog,
  readLog,
} from "./log.ts";
import {
  beginBatch,
  CONTROL,
  createBatchWriter,
  endBatch,
  LENGTH_AT,
  markerRecord,
  TRANSACTIONAL,
  writeRecord,
} from "./record-batch.ts";

interface ModelRecord {
  readonly key: string;
  readonly value: string | undefined;
  readonly atMs: number;
}

type ModelBatch =
  | { readonly kind: "data"; readonly producer: number; readonly records: readonly ModelRecord[] }
  | { readonly kind: "marker"; readonly producer: number; readonly outcome: "commit" | "abort"; readonly atMs: number };

const atMs = fc.nat(100);
const record = fc.record({
  key: fc.constantFrom("a", "b", "c", "d"),
  value: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
  atMs,
});
/** Producer 0 writes outside of transactions. */
const batch: fc.Arbitrary<ModelBatch> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("data" as const),
      producer: fc.nat(2),
      records: fc.array(record, { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("marker" as const),
      producer: fc.integer({ min: 1, max: 2 }),
      outcome: fc.constantFrom("commit" as const, "abort" as const),
      atMs,
    }),
  },
);
const batches = fc.array(batch, { maxLength: 40, size: "max" });

const writer = createBatchWriter();

function encode(one: ModelBatch): Buffer {
  beginBatch(writer);
  const transaction = one.producer > 0 ? TRANSACTIONAL : 0;
  const attributes = transaction | (one.kind === "marker" ? CONTROL : 0);
  const origin = { attributes, producerId: BigInt(one.producer || -1), producerEpoch: 0, baseSequence: -1 };
  if (one.kind === "marker") writeRecord(writer, markerRecord(one.outcome, 0), one.atMs);
  else
    for (const { key, value, atMs: timestampMs } of one.records) {
      const bytes = value === undefined ? undefined : Buffer.from(value);
      writeRecord(writer, { key: Buffer.from(key), value: bytes }, timestampMs);
    }
  return endBatch(writer, origin);
}

function logOf(all: readonly ModelBatch[], limits = { segmentBytes: 1e6, logBytesMax: 1e9 }): OffsetsLog {
  const log = createOffsetsLog(limits);
  for (const one of all) appendBatch(log, encode(one), 0);
  return log;
}

function split(bytes: Uint8Array): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let rest = Buffer.from(bytes); rest.length > 0; rest = rest.subarray(found.at(-1)?.length)) {
    const length = rest.readInt32BE(LENGTH_AT) + 12;
    assert.ok(length <= rest.length, "a batch is cut");
    found.push(rest.subarray(0, length));
  }
  return found;
}

/** As a reader does it: from the start, on behind the last batch, to the end. */
function readAll(log: OffsetsLog, bytesMax = 1e9): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let position = log.startOffset; position < log.nextOffset; ) {
    const bytes = readLog(log, position, bytesMax);
    assert.ok(bytes !== "out-of-range" && bytes.length > 0, `nothing at ${position}`);
    const some = split(bytes);
    found.push(...some);
    const next = nextOffsetOf(some.at(-1) ?? Buffer.alloc(61));
    assert.ok(next > position);
    position = next;
  }
  return found;
}

test("a read gives whole batches, from the one that holds the offset, as many as fit and at least one", () => {
  fc.assert(
    fc.property(batches, fc.integer({ min: 100, max: 2_000 }), fc.nat(2_000), (all, segmentBytes, bytesMax) => {
      // Segments roll, and the cleaner runs where it wants to: what counts is what is stored.
      const log = logOf(all, { segmentBytes: Math.max(segmentBytes, 300), logBytesMax: 1e9 });
      const stored = log.segments.map(({ bytes, length }) => split(bytes.subarray(0, length)));
      for (let offset = 0; offset < log.nextOffset; offset++) {
        const bytes = readLog(log, offset, bytesMax);
        assert.ok(bytes !== "out-of-range");
        const got = split(bytes);
        const own = stored.find((some) => some.some((one) => nextOffsetOf(one) > offset)) ?? [];
        const behind = own.filter((one) => nextOffsetOf(one) > offset);
        assert.deepEqual(got, behind.slice(0, got.length));
        const next = behind[got.length];
        assert.ok(got.length === 1 || bytes.length <= bytesMax);
        assert.ok(got.length >= 1 && (next === undefined || bytes.length + next.length > bytesMax));
      }
      assert.equal(readLog(log, log.nextOffset + 1, 1), "out-of-range");
      assert.equal(readLog(log, -1, 1), "out-of-range");
    }),
  );
});

test("the last stable offset is where the oldest open transaction began", () => {
  fc.assert(
    fc.property(batches, (all) => {
      const log = logOf(all);
      const open = new Map<number, number>();
      let offset = 0;
      for (const one of all) {
        if (one.kind === "marker") open.delete(one.producer);
        else if (one.producer > 0 && !open.has(one.producer)) open.set(one.producer, offset);
        offset += one.kind === "marker" ? 1 : one.records.length;
      }
      assert.equal(lastStableOffset(log), Math.min(offset, ...open.values()));
    }),
  );
});

interface Placed {
  readonly batch: ModelBatch;
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly outcome: "commit" | "abort" | "none";
}

function place(all: readonly ModelBatch[]): readonly Placed[] {
  let offset = 0;
  return all.map((one, at) => {
    const baseOffset = offset;
    offset += one.kind === "marker" ? 1 : one.records.length;
    const marker = all.slice(at + 1).find((later) => later.kind === "marker" && later.producer === one.producer);
    const outcome = one.kind === "data" && one.producer > 0 && marker?.kind === "marker" ? marker.outcome : "none";
    return { batch: one, baseOffset, nextOffset: offset, outcome };
  });
}

/** By offset, the records that have to be there after cleaning, said plainly. */
function remaining(placed: readonly Placed[], limit: number, tombstonesBeforeMs: number | undefined) {
  const newest = new Map<string, number>();
  const rows = placed.flatMap(({ batch: one, baseOffset, nextOffset, outcome }) =>
    one.kind === "marker"
      ? []
      : one.records.map((row, i) => ({ ...row, offset: baseOffset + i, isBelow: nextOffset <= limit, outcome })),
  );
  for (const { key, offset, isBelow, outcome } of rows) if (isBelow && outcome !== "abort") newest.set(key, offset);
  return rows
    .filter(({ key, value, atMs: ms, offset, isBelow, outcome }) => {
      if (!isBelow) return true;
      if (outcome === "abort" || newest.get(key) !== offset) return false;
      return value !== undefined || tombstonesBeforeMs === undefined || ms >= tombstonesBeforeMs;
    })
    .map(({ key, value, atMs: ms, offset }) => ({ key, value, atMs: ms, offset }));
}

test("the cleaner leaves the newest record of each key, drops what was aborted, and moves no offset", () => {
  const options = fc.record({
    share: fc.nat(120).map((percent) => percent / 100),
    retainEmpty: fc.boolean(),
    tombstonesBeforeMs: fc.option(fc.nat(100), { nil: undefined }),
    segmentBytes: fc.integer({ min: 100, max: 1_000 }),
    times: fc.integer({ min: 1, max: 2 }),
  });
  fc.assert(
    fc.property(batches, options, (all, { share, retainEmpty, tombstonesBeforeMs, segmentBytes, times }) => {
      const log = logOf(all);
      const end = log.nextOffset;
      const beforeOffset = Math.floor(share * end);
      const placed = place(all);
      const limit = Math.min(beforeOffset, lastStableOffset(log), placed.at(-1)?.baseOffset ?? 0);
      const small = { ...log, limits: { segmentBytes, logBytesMax: 1e9 } };
      for (let i = 0; i < times; i++) compactLog(small, { beforeOffset, retainEmpty, tombstonesBeforeMs });
      assert.equal(small.nextOffset, end);

      const left = readAll(small, 300);
      const got = left.flatMap((one) => {
        const records = recordsOf(one);
        assert.ok(records !== "opaque");
        return (attributesOf(one) & CONTROL) !== 0 ? [] : records;
      });
      const plain = got.map(({ key, value, timestampMs, offset }) => ({
        key: key.toString(),
        value: value?.toString(),
        atMs: timestampMs,
        offset,
      }));
      assert.deepEqual(plain, remaining(placed, limit, tombstonesBeforeMs));

      for (const one of left) {
        const from = placed.find(({ baseOffset }) => baseOffset === baseOffsetOf(one));
        assert.equal(nextOffsetOf(one), from?.nextOffset, "a batch ends where it ended");
        if (countOf(one) === 0) assert.ok(retainEmpty, "an empty batch that nobody asked for");
      }
      if (retainEmpty) {
        for (const producer of [1, 2]) {
          const last = placed.findLast(({ batch: one }) => one.kind === "data" && one.producer === producer);
          const isThere = left.some((one) => baseOffsetOf(one) === last?.baseOffset);
          assert.equal(isThere, last !== undefined, "the last batch of a producer stays");
        }
      }
      // A committed transaction that has records left has its marker, or a reader would wait for it for ever.
      for (const one of left) {
        if (countOf(one) === 0 || (attributesOf(one) & CONTROL) !== 0 || producerIdOf(one) < 0n) continue;
        const at = placed.findIndex(({ baseOffset }) => baseOffset === baseOffsetOf(one));
        const marker = placed
          .slice(at)
          .find((later) => later.batch.kind === "marker" && BigInt(later.batch.producer) === producerIdOf(one));
        const kept = left.find((other) => baseOffsetOf(other) === marker?.baseOffset);
        if (marker !== undefined) assert.equal(kept === undefined ? 0 : countOf(kept), 1, "its marker is gone");
      }
    }),
    { numRuns: 1_000 },
  );
});

test("a log that goes on for ever stays small, and no key is lost", () => {
  const log = createOffsetsLog({ segmentBytes: 2_000, logBytesMax: 20_000 });
  for (let i = 0; i < 20_000; i++) {
    const records = [{ key: `k${i % 10}`, value: `${i}`, atMs: i }];
    appendBatch(log, encode({ kind: "data", producer: 0, records }), 0);
    assert.ok(logBytes(log) <= 10_000, `${logBytes(log)} bytes after ${i}`);
  }
  assert.equal(log.batchesDropped, 0);
  assert.ok(log.compactions > 100);
  const newest = new Map<string, string | undefined>();
  for (const one of readAll(log)) {
    const records = recordsOf(one);
    assert.ok(records !== "opaque");
    for (const { key, value } of records) newest.set(key.toString(), value?.toString());
  }
  const want = Array.from({ length: 10 }, (_, i) => [`k${i}`, `${19_990 + i}`] as const);
  assert.deepEqual(new Map([...newest].sort()), new Map(want));
});

test("where even the newest record of each key is too much, the oldest segments go, and are counted", () => {
  const log = createOffsetsLog({ segmentBytes: 1_000, logBytesMax: 5_000 });
  let bytes = 0;
  for (let i = 0; i < 1_000; i++) {
    const encoded = encode({ kind: "data", producer: 0, records: [{ key: `key ${i}`, value: "v", atMs: i }] });
    bytes += encoded.length;
    appendBatch(log, encoded, 0);
  }
  assert.ok(logBytes(log) <= 6_000);
  assert.equal(logBytes(log) + log.bytesDropped, bytes);
  const left = readAll(log);
  assert.equal(left.length + log.batchesDropped, 1_000);
  assert.equal(baseOffsetOf(left[0] ?? Buffer.alloc(61)), log.startOffset);
  assert.equal(readLog(log, log.startOffset - 1, 100), "out-of-range");
});

test("bytes that were handed out stay as they were, whatever is appended or cleaned behind them", () => {
  const log = createOffsetsLog({ segmentBytes: 1_000, logBytesMax: 4_000 });
  const taken: { readonly view: Uint8Array; readonly copy: Buffer }[] = [];
  for (let i = 0; i < 200; i++) {
    appendBatch(log, encode({ kind: "data", producer: i % 3, records: [{ key: "k", value: `${i}`, atMs: i }] }), 0);
    const view = readLog(log, Math.max(log.startOffset, log.nextOffset - 2), 500);
    if (view !== "out-of-range") taken.push({ view, copy: Buffer.from(view) });
  }
  for (const { view, copy } of taken) assert.deepEqual(Buffer.from(view), copy);
});
