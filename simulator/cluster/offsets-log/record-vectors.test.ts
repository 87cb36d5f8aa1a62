/**
 * The records of the case file, made: what a broker of 2.8 to 4.1 writes has to come out to the bit. What none of them writes is named
 * here with the reason, so that nothing is left out unseen.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { encodeCommitKey, encodeCommitValue, setKeyPartition } from "./commit-record.ts";
import {
  encodeConsumerGroupKey,
  encodeGroupEpoch,
  encodeMember,
  encodeMemberAssignment,
  encodeMemberTarget,
  encodePartitionMetadata,
  encodeTargetEpoch,
} from "./consumer-group.ts";
import { encodeGroupMetadata, encodeGroupMetadataKey } from "./group-metadata.ts";

const file = JSON.parse(
  readFileSync(new URL("../../../test/cases/consumer-offsets-vectors.json", import.meta.url), "utf8"),
);

const ByIds = z.array(z.object({ topicId: z.string(), partitions: z.array(z.int()) }));
const hex = (text: string) => Buffer.from(text, "hex");
const uuid = (text: string) => hex(text.replaceAll("-", ""));
const byIds = (value: unknown) => ByIds.parse(value).map((one) => ({ ...one, topicId: uuid(one.topicId) }));

const Key = z.object({
  group: z.string(),
  topic: z.string().default(""),
  partition: z.int().default(0),
  memberId: z.string().optional(),
});

const RecordCase = z.object({
  name: z.string(),
  recordType: z.int(),
  keyHex: z.string(),
  valueHex: z.string().nullable(),
  key: Key,
  valueVersion: z.int().nullish(),
  value: z.record(z.string(), z.unknown()).nullish(),
});
type RecordCase = z.output<typeof RecordCase>;

function keyOf({ recordType, key }: RecordCase): Buffer {
  switch (recordType) {
    case 1:
      return setKeyPartition(encodeCommitKey(key.group, key.topic), key.partition);
    case 2:
      return encodeGroupMetadataKey(key.group);
    default:
      return encodeConsumerGroupKey(recordType, key.group, key.memberId);
  }
}

const Commit = z.object({
  offset: z.coerce.number(),
  leaderEpoch: z.int().default(-1),
  metadata: z.string(),
  commitTimestamp: z.number(),
  topicId: z.string().optional(),
});

function commitValue(value: unknown, newest: 3 | 4): Buffer {
  const { offset, leaderEpoch, metadata, commitTimestamp, topicId } = Commit.parse(value);
  const id = topicId === undefined ? {} : { topicId: uuid(topicId) };
  return encodeCommitValue(
    { committedOffset: offset, leaderEpoch, metadata, committedAtMs: commitTimestamp, ...id },
    newest,
  );
}

const Classic = z.object({
  protocolType: z.string(),
  generation: z.int(),
  protocol: z.string().nullable(),
  leader: z.string().nullable(),
  currentStateTimestamp: z.number(),
  members: z.array(
    z.object({
      memberId: z.string(),
      groupInstanceId: z.string().nullable(),
      clientId: z.string(),
      clientHost: z.string(),
      rebalanceTimeout: z.int(),
      sessionTimeout: z.int(),
      subscription: z.string(),
      assignment: z.string(),
    }),
  ),
});

function classicValue(value: unknown): Buffer {
  const { protocol, leader, currentStateTimestamp, members, ...rest } = Classic.parse(value);
  return encodeGroupMetadata({
    ...rest,
    protocol: protocol ?? undefined,
    leader: leader ?? undefined,
    stateSinceMs: currentStateTimestamp,
    members: members.map((one) => ({
      ...one,
      instanceId: one.groupInstanceId ?? undefined,
      rebalanceTimeoutMs: one.rebalanceTimeout,
      sessionTimeoutMs: one.sessionTimeout,
      subscription: hex(one.subscription),
      assignment: hex(one.assignment),
    })),
  });
}

const Member = z.object({
  instanceId: z.string().nullable(),
  rackId: z.string().nullable(),
  clientId: z.string(),
  clientHost: z.string(),
  subscribedTopicNames: z.array(z.string()),
  subscribedTopicRegex: z.string().nullable(),
  rebalanceTimeoutMs: z.int(),
  serverAssignor: z.string().nullable(),
});

function memberValue(value: unknown): Buffer {
  const { instanceId, rackId, subscribedTopicNames, subscribedTopicRegex, serverAssignor, ...rest } =
    Member.parse(value);
  return encodeMember({
    ...rest,
    instanceId: instanceId ?? undefined,
    rackId: rackId ?? undefined,
    topics: subscribedTopicNames,
    topicRegex: subscribedTopicRegex ?? undefined,
    serverAssignor: serverAssignor ?? undefined,
    classicMember: "absent",
  });
}

const Partitions = z.object({
  topics: z.array(z.object({ topicId: z.string(), topicName: z.string(), numPartitions: z.int() })),
});

const STATES = ["stable", "unrevoked", "unreleased"] as const;
const Current = z.object({
  memberEpoch: z.int(),
  previousMemberEpoch: z.int(),
  state: z.int().transform((state) => STATES[state] ?? "stable"),
  assignedPartitions: z.unknown(),
  partitionsPendingRevocation: z.unknown(),
});

function currentValue(value: unknown): Buffer {
  const current = Current.parse(value);
  return encodeMemberAssignment({
    epoch: current.memberEpoch,
    previousEpoch: current.previousMemberEpoch,
    state: current.state,
    assigned: byIds(current.assignedPartitions),
    pendingRevocation: byIds(current.partitionsPendingRevocation),
  });
}

/** By type and version of the value. */
const VALUES: Readonly<Record<string, (value: unknown) => Buffer>> = {
  "1 v3": (value) => commitValue(value, 3),
  "1 v4": (value) => commitValue(value, 4),
  "2 v3": classicValue,
  "3 v0": (value) => encodeGroupEpoch(z.object({ epoch: z.int() }).parse(value).epoch),
  "4 v0": (value) =>
    encodePartitionMetadata(
      Partitions.parse(value).topics.map((one) => ({
        topicId: uuid(one.topicId),
        topic: one.topicName,
        partitions: one.numPartitions,
      })),
    ),
  "5 v0": memberValue,
  "6 v0": (value) => encodeTargetEpoch(z.object({ assignmentEpoch: z.int() }).parse(value).assignmentEpoch),
  "7 v0": (value) => encodeMemberTarget(byIds(z.object({ topicPartitions: z.unknown() }).parse(value).topicPartitions)),
  "8 v0": currentValue,
};

const NOT_WRITTEN: Readonly<Record<string, string>> = {
  "offset-commit key v1, value v0": "brokers before 0.10",
  "offset-commit key v1, value v2": "brokers of 2.1 alone",
  "offset-commit key v0 (legacy), value v0": "brokers before 0.9",
  "offset-commit with non-ASCII group id": "its offset is no exact number; the name is in a case below",
  "group-metadata value v0, one member": "brokers before 0.10.1",
  "group-metadata value v1, one member": "brokers before 2.1",
  "group-metadata value v2, one member": "brokers before 2.3",
  "KIP-848 resolved regular expression": "members of the simulator subscribe by name",
  "share group member metadata (KIP-932)": "the simulator has no share groups",
  "share group epoch (KIP-932)": "the simulator has no share groups",
  "Burrow fixture: OffsetCommitValue v4 truncated before its tag section": "no broker ends a value early",
  "Burrow fixture: GroupMetadataValue v3, null groupInstanceId, kafkajs-like RoundRobinAssigner member":
    "its member ends its subscription early",
};

const records = z.array(RecordCase).parse(file.records);
const isNotWritten = ({ name }: RecordCase) => Object.keys(NOT_WRITTEN).some((known) => name.startsWith(known));

for (const one of records.filter((record) => !isNotWritten(record))) {
  test(`the record is made to the bit: ${one.name}`, () => {
    assert.equal(keyOf(one).toString("hex"), one.keyHex);
    if (one.valueHex === null) return;
    const encode = VALUES[`${one.recordType} v${one.valueVersion}`];
    assert.equal(encode?.(one.value).toString("hex"), one.valueHex);
  });
}

test("every case that is not made is known, and there", () => {
  assert.equal(records.filter(isNotWritten).length, Object.keys(NOT_WRITTEN).length);
});

test("a group's name is written in UTF-8, its length in bytes", () => {
  const one = records.find(({ name }) => name === "offset-commit with non-ASCII group id");
  assert.ok(one);
  assert.equal(keyOf(one).toString("hex"), one.keyHex);
});

test("a retention time makes a value of version 1, with its end behind it", () => {
  const committedAtMs = 1_700_000_000_123;
  const value = {
    committedOffset: 123_456_789_012,
    leaderEpoch: 42,
    metadata: "m",
    committedAtMs,
    expiresAtMs: committedAtMs,
  };
  const want = "00010000001cbe991a1400016d0000018bcfe5687b0000018bcfe5687b";
  for (const newest of [3, 4] as const) assert.equal(encodeCommitValue(value, newest).toString("hex"), want);
});

test("negative offsets are written as they are", () => {
  const value = { committedOffset: -2, leaderEpoch: -1, metadata: "", committedAtMs: 0 };
  assert.equal(encodeCommitValue(value, 3).toString("hex"), "0003fffffffffffffffeffffffff00000000000000000000");
});

test("the hash of the metadata and the null of a classic member are tags, as 4.1.2 writes them", () => {
  const hash = hex("d33b13ab51a28cd5");
  assert.equal(encodeGroupEpoch(1, hash).toString("hex"), "000000000001010008d33b13ab51a28cd5");
  const want = "0000000011636f6e736f6c652d636f6e73756d65720b2f3132372e302e302e3102076f726465727301000493e00001000100";
  const member = {
    instanceId: undefined,
    rackId: undefined,
    clientId: "console-consumer",
    clientHost: "/127.0.0.1",
    topics: ["orders"],
    topicRegex: "",
    rebalanceTimeoutMs: 300_000,
    serverAssignor: undefined,
    classicMember: "null",
  } as const;
  assert.equal(encodeMember(member).toString("hex"), want);
});
