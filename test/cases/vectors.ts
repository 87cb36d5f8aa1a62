/**
 * # Cases of the records of `__consumer_offsets`
 *
 *   file := { records[], consumerProtocol[], recordBatches[], partitioning[] }                 any of the four may be missing
 *     records          := { name, recordType, keyHex, valueHex | null, key, valueVersion, value, note? }
 *     consumerProtocol := { name, kind: subscription | assignment, version, decoded, hex }
 *     recordBatches    := { name, hex, decoded }
 *     partitioning     := { groupId, javaHashCode, partitionOf50, partitionOf16 }
 *
 * int64 values are decimal strings, bytes are hex, a tagged field that is absent was not written. What is decoded has to agree in
 * all members that the case names. A case whose note says that the value is out of range passes when it is refused as such.
 */

import { z } from "zod";
import type { Decoded, DecodeError } from "../../collector/protocol/decode-error.ts";
import { groupPartition, javaHashCode } from "../../collector/protocol/group-partition.ts";
import { type Commit, decodeCommitValue, readCommit } from "../../collector/protocol/offsets-topic/commit-value.ts";
import { decodeAssignment, decodeSubscription } from "../../collector/protocol/offsets-topic/consumer-protocol.ts";
import { decodeGroupMetadata, type GroupMember } from "../../collector/protocol/offsets-topic/group-metadata.ts";
import { decodeGroupState } from "../../collector/protocol/offsets-topic/group-state.ts";
import { decodeKey } from "../../collector/protocol/offsets-topic/key.ts";
import {
  type BatchWalker,
  createBatchWalker,
  markerOf,
  nextBatch,
  nextRecord,
  openBatches,
  producerEpochOf,
  producerIdOf,
} from "../../collector/protocol/record-batch.ts";
import type { CaseResult } from "./case-result.ts";
import { difference } from "./difference.ts";

const Hex = z.string().regex(/^([0-9a-f]{2})*$/);
const Members = z.record(z.string(), z.unknown());

const RecordCase = z.object({
  name: z.string(),
  recordType: z.int(),
  keyHex: Hex,
  valueHex: Hex.nullable(),
  key: Members,
  valueVersion: z.int().nullish(),
  value: Members.nullish(),
  note: z.string().optional(),
});
type RecordCase = z.output<typeof RecordCase>;

const ConsumerProtocolCase = z.object({
  name: z.string(),
  kind: z.enum(["subscription", "assignment"]),
  version: z.int(),
  decoded: Members,
  hex: Hex,
});
type ConsumerProtocolCase = z.output<typeof ConsumerProtocolCase>;

const BatchCase = z.object({ name: z.string(), hex: Hex, decoded: Members });
type BatchCase = z.output<typeof BatchCase>;

const PartitioningCase = z.object({
  groupId: z.string(),
  javaHashCode: z.int(),
  partitionOf50: z.int(),
  partitionOf16: z.int(),
});
type PartitioningCase = z.output<typeof PartitioningCase>;

const VectorFile = z.object({
  records: z.array(RecordCase).optional(),
  consumerProtocol: z.array(ConsumerProtocolCase).optional(),
  recordBatches: z.array(BatchCase).optional(),
  partitioning: z.array(PartitioningCase).optional(),
});

/** undefined where the content is of another form. Throws a ZodError where a case is not what the form says. */
export function vectorCases(content: unknown): readonly CaseResult[] | undefined {
  if (typeof content !== "object" || content === null) return undefined;
  if (!Object.keys(VectorFile.shape).some((part) => part in content)) return undefined;
  const file = VectorFile.parse(content);
  return [
    ...(file.records ?? []).map(recordCase),
    ...(file.consumerProtocol ?? []).map(consumerProtocolCase),
    ...(file.recordBatches ?? []).map(batchCase),
    ...(file.partitioning ?? []).map(partitioningCase),
  ];
}

function recordCase(one: RecordCase): CaseResult {
  const key = decodeKey(Buffer.from(one.keyHex, "hex"));
  const wantKey = { type: one.recordType, ...one.key };
  const failure = compare("key", wantKey, key) ?? (one.valueHex === null ? undefined : valueFailure(one, one.valueHex));
  return { name: one.name, failure };
}

function valueFailure(one: RecordCase, valueHex: string): string | undefined {
  const bytes = Buffer.from(valueHex, "hex");
  switch (one.recordType) {
    case 0:
    case 1:
      return commitFailure(one, bytes);
    case 2:
      return compare("value", { version: one.valueVersion, ...one.value }, groupMetadata(bytes));
    default:
      return compare("value", one.value, renamed(decodeGroupState(one.recordType, bytes)));
  }
}

/** Both ways of reading a commit, the fast one of the collector and the full one, have to agree with the case. */
function commitFailure(one: RecordCase, bytes: Buffer): string | undefined {
  const commit: Commit = { committedOffset: 0, committedAtMs: 0 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const read = readCommit(view, 0, bytes.length, commit);
  if (one.note?.includes("out of range") || one.note?.includes("beyond 2^53")) {
    return read === "out-of-range" ? undefined : `want the value refused as out-of-range, got ${read}`;
  }
  if (read !== "commit") return `want a commit, got ${read}`;
  const fast = { offset: commit.committedOffset, commitTimestamp: commit.committedAtMs };
  const want = { offset: one.value?.["offset"], commitTimestamp: one.value?.["commitTimestamp"] };
  const full = renamed(decodeCommitValue(bytes));
  return difference("fast value", want, fast) ?? compare("value", { version: one.valueVersion, ...one.value }, full);
}

function groupMetadata(bytes: Buffer): Decoded<object> {
  const metadata = decodeGroupMetadata(bytes);
  if (metadata.kind === "malformed") return metadata;
  const { protocolType, members } = metadata.value;
  const value = { ...rename(metadata.value), members: members.map((one) => memberOf(one, protocolType)) };
  return { kind: "decoded", value };
}

function memberOf(member: GroupMember, protocolType: string): object {
  if (protocolType !== "consumer") return rename(member);
  return {
    ...rename(member),
    subscriptionDecoded: member.subscription && valueOrError(decodeSubscription(member.subscription)),
    assignmentDecoded: member.assignment && valueOrError(decodeAssignment(member.assignment)),
  };
}

function consumerProtocolCase(one: ConsumerProtocolCase): CaseResult {
  const bytes = Buffer.from(one.hex, "hex");
  const want: Record<string, unknown> = { version: one.version };
  for (const [member, value] of Object.entries(one.decoded)) {
    // A sentence in the place of a list says why nothing is there.
    const isSentence = typeof value === "string" && /topics|partitions/i.test(member);
    want[member] = isSentence ? [] : value;
  }
  const got = one.kind === "subscription" ? decodeSubscription(bytes) : decodeAssignment(bytes);
  return { name: one.name, failure: compare(one.kind, want, got) };
}

const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"];

function batchCase(one: BatchCase): CaseResult {
  const walker = createBatchWalker();
  openBatches(walker, Buffer.from(one.hex, "hex"));
  const step = nextBatch(walker);
  if (step !== "batch") return { name: one.name, failure: `want a batch, got ${step}` };
  const batch = {
    baseOffset: walker.baseOffset,
    nextOffset: walker.nextOffset,
    compression: CODECS[walker.codec],
    transactional: walker.transactional,
    control: walker.control,
    producerId: producerIdOf(walker),
    producerEpoch: producerEpochOf(walker),
  };
  const records: object[] = [];
  let marker: object = {};
  let last = nextRecord(walker);
  for (; last === "record"; last = nextRecord(walker)) {
    records.push(recordOf(walker));
    const { kind, ...rest } = markerOf(walker);
    if (walker.control) marker = { marker: kind, ...rest };
  }
  if (last === "corrupt") return { name: one.name, failure: "want records, got a corrupt one" };
  return { name: one.name, failure: difference("batch", one.decoded, { ...batch, ...marker, records }) };
}

function recordOf(walker: BatchWalker): object {
  const commit: Commit = { committedOffset: Number.NaN, committedAtMs: Number.NaN };
  readCommit(walker.view, walker.valueStart, walker.valueEnd, commit);
  const key = decodeKey(walker.bytes, { start: walker.keyStart, end: walker.keyEnd });
  return {
    offset: walker.offset,
    timestamp: walker.timestampMs,
    pending: walker.transactional && !walker.control,
    key: key.kind === "decoded" ? key.value : undefined,
    committedOffset: commit.committedOffset,
  };
}

function partitioningCase(one: PartitioningCase): CaseResult {
  const got = {
    javaHashCode: javaHashCode(one.groupId),
    partitionOf50: groupPartition(one.groupId, 50),
    partitionOf16: groupPartition(one.groupId, 16),
  };
  const { groupId, ...want } = one;
  return { name: `partition of the group ${JSON.stringify(groupId)}`, failure: difference("hash", want, got) };
}

function compare(what: string, want: unknown, got: Decoded<unknown>): string | undefined {
  return got.kind === "malformed" ? `${what}: ${got.error.message}` : difference(what, want, got.value);
}

function valueOrError<T>(one: Decoded<T>): T | DecodeError {
  return one.kind === "decoded" ? one.value : one.error;
}

/** Kafka's names for what has a unit in ours. */
const NAMES_IN_CASES: Readonly<Record<string, string>> = {
  committedOffset: "offset",
  committedAtMs: "commitTimestamp",
  expiresAtMs: "expireTimestamp",
  stateSinceMs: "currentStateTimestamp",
  rebalanceTimeoutMs: "rebalanceTimeout",
  sessionTimeoutMs: "sessionTimeout",
  createdAtMs: "creationTimeMs",
  assignedAtMs: "assignmentTimestamp",
  resolvedAtMs: "timestamp",
};

function renamed(one: Decoded<object>): Decoded<object> {
  return one.kind === "malformed" ? one : { kind: "decoded", value: rename(one.value) };
}

/** Under both names: Kafka's schemas themselves end some of theirs in Ms. */
function rename(value: object): Record<string, unknown> {
  const entries = Object.entries(value);
  const kafkas = entries.map(([member, one]) => [NAMES_IN_CASES[member] ?? member, one]);
  return { ...Object.fromEntries(entries), ...Object.fromEntries(kafkas) };
}
