/** Batches, members' bytes and the homes of groups as the case file has them, made to the bit. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { putInt64 } from "./byte-writer.ts";
import { clean } from "./cleaner.ts";
import { encodeCommitKey, encodeCommitValue, setKeyPartition } from "./commit-record.ts";
import { type ConsumerProtocolVersion, encodeAssignment, encodeSubscription } from "./consumer-protocol.ts";
import { logPartitionOf } from "./log-partition.ts";
import {
  type BatchOrigin,
  beginBatch,
  CONTROL,
  createBatchWriter,
  endBatch,
  LEADER_EPOCH_AT,
  markerRecord,
  type RecordSpec,
  TRANSACTIONAL,
  writeRecord,
} from "./record-batch.ts";
import { appendTo, createSegment, indexBatch } from "./segment.ts";

const file = JSON.parse(
  readFileSync(new URL("../../../test/cases/consumer-offsets-vectors.json", import.meta.url), "utf8"),
);

const Owned = z.array(z.object({ topic: z.string(), partitions: z.array(z.int()) }));
const hex = (text: string) => Buffer.from(text, "hex");
const userDataOf = (value: string | null | undefined) => (typeof value === "string" ? hex(value) : undefined);

const ProtocolCase = z.object({
  name: z.string(),
  kind: z.enum(["subscription", "assignment"]),
  version: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
  hex: z.string(),
  decoded: z.object({
    topics: z.array(z.string()).default([]),
    userData: z.string().nullish(),
    ownedPartitions: Owned.default([]),
    generationId: z.int().default(-1),
    assignedPartitions: Owned.default([]),
  }),
});

function protocolBytes({ kind, decoded }: z.output<typeof ProtocolCase>, version: ConsumerProtocolVersion): Buffer {
  const userData = userDataOf(decoded.userData);
  switch (kind) {
    case "subscription":
      return encodeSubscription({ ...decoded, userData, generation: decoded.generationId }, version);
    case "assignment":
      return encodeAssignment({ partitions: decoded.assignedPartitions, userData }, version);
  }
}

for (const one of z.array(ProtocolCase).parse(file.consumerProtocol)) {
  test(`a member's bytes are made to the bit: ${one.name}`, () => {
    assert.equal(protocolBytes(one, one.version).toString("hex"), one.hex);
  });
}

test("version 3 of a subscription ends with a rack, here none", () => {
  const none = { topics: [], ownedPartitions: [], generation: -1 };
  assert.equal(encodeSubscription(none, 3).toString("hex"), "000300000000ffffffff00000000ffffffffffff");
});

const AT_MS = 1_700_000_000_123;
const NOBODY: BatchOrigin = { attributes: 0, producerId: -1n, producerEpoch: -1, baseSequence: -1 };
const PRODUCER: BatchOrigin = { attributes: TRANSACTIONAL, producerId: 4001n, producerEpoch: 3, baseSequence: -1 };

function commitRecord(partition: number, committedOffset: number): RecordSpec {
  const key = setKeyPartition(encodeCommitKey("orders-svc", "orders"), partition);
  return { key, value: encodeCommitValue({ committedOffset, leaderEpoch: 1, metadata: "", committedAtMs: AT_MS }, 3) };
}

interface Batch {
  readonly baseOffset: number;
  readonly origin: BatchOrigin;
  readonly records: readonly (RecordSpec & { readonly atMs: number })[];
}

function batchOf({ baseOffset, origin, records: all }: Batch): Buffer {
  const writer = createBatchWriter();
  beginBatch(writer);
  for (const { atMs, ...record } of all) writeRecord(writer, record, atMs);
  const batch = Buffer.from(endBatch(writer, origin));
  putInt64(batch, baseOffset, 0);
  batch.writeInt32BE(5, LEADER_EPOCH_AT);
  return batch;
}

/** What the cleaner makes of the first of these batches, a newer one of the same key behind it. */
function cleaned(first: Buffer, ...behind: readonly Buffer[]): string | undefined {
  const segment = createSegment();
  for (const batch of [first, ...behind]) indexBatch(segment, appendTo(segment, batch));
  const kept = clean([segment], { beforeOffset: 10_000, retainEmpty: true }, 1e6).clean[0];
  return kept?.bytes.subarray(0, kept.positions[1] ?? kept.length).toString("hex");
}

const many = (count: number) => Array.from({ length: count }, (_, i) => ({ ...commitRecord(7, i + 2), atMs: AT_MS }));
const marker = (baseOffset: number) =>
  batchOf({
    baseOffset,
    origin: { ...PRODUCER, attributes: TRANSACTIONAL | CONTROL },
    records: [{ ...markerRecord("commit", 7), atMs: 1_700_000_000_300 }],
  });

const BATCHES: Readonly<Record<string, () => string | undefined>> = {
  "plain batch, 2 offset commits": () =>
    batchOf({
      baseOffset: 100,
      origin: NOBODY,
      records: [
        { ...commitRecord(7, 10), atMs: AT_MS },
        { ...commitRecord(8, 20), atMs: AT_MS + 1 },
      ],
    }).toString("hex"),
  "compacted batch": () => cleaned(batchOf({ baseOffset: 200, origin: NOBODY, records: many(10) })),
  "retained EMPTY batch": () =>
    cleaned(
      batchOf({ baseOffset: 400, origin: PRODUCER, records: many(20) }),
      marker(420),
      batchOf({ baseOffset: 421, origin: NOBODY, records: many(1) }),
    ),
  "transactional offset commit": () =>
    batchOf({
      baseOffset: 500,
      origin: { ...PRODUCER, baseSequence: 0 },
      records: [{ ...commitRecord(7, 77), atMs: 1_700_000_000_200 }],
    }).toString("hex"),
  "control batch: COMMIT marker": () => marker(501).toString("hex"),
};

for (const { name, hex: want } of z.array(z.object({ name: z.string(), hex: z.string() })).parse(file.recordBatches)) {
  test(`the batch is made to the bit: ${name}`, () => {
    const make = Object.entries(BATCHES).find(([start]) => name.startsWith(start))?.[1];
    assert.equal(make?.(), want);
  });
}

for (const { groupId, partitionOf50, partitionOf16 } of file.partitioning) {
  test(`the group ${JSON.stringify(groupId)} lives where Kafka puts it`, () => {
    assert.deepEqual([logPartitionOf(groupId, 50), logPartitionOf(groupId, 16)], [partitionOf50, partitionOf16]);
  });
}
