/**
 * Mutated bytes: whatever comes in, the decoders answer with a value and make nothing that is larger than a multiple of what came.
 * The seed is fixed, so a failure repeats itself.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32c } from "@node-rs/crc32";
import { APIS, GOLDEN_RESPONSES } from "./golden.fixture.ts";
import { type Commit, decodeCommitValue, readCommit } from "./offsets-topic/commit-value.ts";
import { decodeAssignment, decodeSubscription } from "./offsets-topic/consumer-protocol.ts";
import { decodeGroupMetadata } from "./offsets-topic/group-metadata.ts";
import { decodeGroupState } from "./offsets-topic/group-state.ts";
import { decodeKey } from "./offsets-topic/key.ts";
import {
  encodeAssignment,
  encodeBatch,
  encodeCommitKey,
  encodeCommitValue,
  encodeGroupKey,
  encodeGroupMetadata,
} from "./record-batch.fixture.ts";
import { createBatchWalker, nextBatch, nextRecord, openBatches } from "./record-batch.ts";

/** mulberry32: small, and the same everywhere. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const INTERESTING = [0, 1, 2, 0x7f, 0x80, 0xff];

/** Some bytes set, sometimes to what lengths and counts trip over, and the end cut off now and then. */
function mutated(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes.subarray(0, random() < 0.2 ? Math.floor(random() * bytes.length) : bytes.length));
  if (copy.length === 0) return copy;
  for (let n = 1 + Math.floor(random() * 4); n > 0; n--) {
    const at = Math.floor(random() * copy.length);
    const run = random() < 0.3 ? 4 : 1;
    const value = random() < 0.5 ? INTERESTING[Math.floor(random() * INTERESTING.length)] : Math.floor(random() * 256);
    copy.fill(value ?? 0, at, Math.min(at + run, copy.length));
  }
  return copy;
}

const member = { memberId: "member-1", clientId: "client", clientHost: "/10.0.0.1" };
const assignment = encodeAssignment([{ topic: "orders", partitions: [0, 1, 2] }]);
const metadata = {
  protocolType: "consumer",
  generation: 3,
  members: [
    { ...member, assignment },
    { ...member, assignment },
  ],
};
const keys = [
  encodeCommitKey({ group: "g", topic: "orders", partition: 1 }),
  ...[2, 3, 5, 16, 23].map((type) => encodeGroupKey(type, "g", "m")),
];
const values = [0, 1, 2, 3, 4].flatMap((version) => [
  encodeCommitValue({ committedOffset: 5, committedAtMs: 6, metadata: "words" }, version),
  encodeGroupMetadata(metadata, version),
]);
const blobs = [
  ...keys,
  ...values,
  assignment,
  Buffer.from("00000001000001020000027061727469", "hex"),
  Buffer.alloc(200),
];

const commit: Commit = { committedOffset: 0, committedAtMs: 0 };

const recordDecoders: readonly ((bytes: Buffer) => unknown)[] = [
  (bytes) => decodeKey(bytes),
  decodeCommitValue,
  (bytes) => decodeGroupMetadata(bytes),
  decodeAssignment,
  decodeSubscription,
  (bytes) => readCommit(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length, commit),
  ...Array.from({ length: 25 }, (_, type) => (bytes: Buffer) => decodeGroupState(type, bytes)),
];

function mutate(count: number, inputs: readonly Buffer[], decoders: readonly ((bytes: Buffer) => unknown)[]): void {
  const random = randomOf(20_260_101);
  for (let i = 0; i < count; i++) {
    const bytes = mutated(inputs[i % inputs.length] ?? Buffer.alloc(0), random);
    const decode = decoders[Math.floor(random() * decoders.length)];
    assert.doesNotThrow(
      () => decode?.(bytes),
      () => `input ${i}: ${bytes.toString("hex")}`,
    );
  }
}

test("100,000 mutated records are decoded or malformed, never more", () => mutate(100_000, blobs, recordDecoders));

test("50,000 mutated responses of a real broker are decoded or malformed, never more", () => {
  const random = randomOf(42);
  let read = 0;
  for (let i = 0; i < 50_000; i++) {
    const { api: name, version, bytes } = GOLDEN_RESPONSES[i % GOLDEN_RESPONSES.length] ?? NO_RESPONSE;
    const response = mutated(bytes, random);
    const got = APIS.find((api) => api.name === name)?.decode(version, response);
    if (got?.kind === "decoded") read++;
  }
  assert.ok(read > 5_000 && read < 45_000, `${read} of them could still be read`);
});

const NO_RESPONSE = { api: "", version: 0, bytes: Buffer.alloc(0) };

const batches = ([0, 1, 2, 3, 4] as const).map((codec) =>
  encodeBatch({
    baseOffset: 100,
    codec,
    records: keys.map((key, i) => ({ key, value: i === 2 ? undefined : values[i] })),
  }),
);

test("50,000 mutated batches with a right CRC are walked to their end, each position beyond the last", () => {
  const random = randomOf(7);
  const walker = createBatchWalker();
  let records = 0;
  for (let i = 0; i < 50_000; i++) {
    const batch = withCrc(mutated(batches[i % (i % 20 === 0 ? batches.length : 1)] ?? Buffer.alloc(0), random));
    openBatches(walker, Buffer.concat([batch, batches[0] ?? Buffer.alloc(0)]));
    let steps = 0;
    for (let step = nextBatch(walker); step !== "end" && step !== "unreadable"; step = nextBatch(walker)) {
      assert.ok(++steps < 100, `batch ${i}: ${batch.toString("hex")}`);
      assert.ok(walker.nextOffset > walker.baseOffset);
      for (let record = nextRecord(walker); record === "record"; record = nextRecord(walker)) {
        records++;
        assert.ok(walker.keyStart <= walker.keyEnd && walker.keyEnd <= walker.valueStart);
        assert.ok(walker.valueStart <= walker.valueEnd && walker.valueEnd <= walker.bytes.length);
      }
    }
  }
  assert.ok(records > 50_000, "most batches still have records, or nothing was tried");
});

/** Else nearly every mutation would end at the CRC. */
function withCrc(batch: Buffer): Buffer {
  if (batch.length < 61) return batch;
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt8(2, 16);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

test("a count of two thousand million allocates nothing", () => {
  const before = process.memoryUsage().arrayBuffers;
  const counts = Buffer.from(`0000000000000000${"7fffffff".repeat(20)}`, "hex");
  for (const api of APIS) {
    for (let version = api.versions.min; version <= api.versions.max; version++) api.decode(version, counts);
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 20);
});
