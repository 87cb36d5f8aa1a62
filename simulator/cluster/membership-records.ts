/**
 * # The records that say who belongs to a group
 *
 * What a coordinator writes when a generation of a classic group, or an epoch of a consumer group, is complete, and when a group
 * goes or turns into one of the other type: then the records of the one type are removed in the batch that writes those of the
 * other (`convertToConsumerGroup`, `convertToClassicGroup` of apache/kafka's GroupMetadataManager), and offsets stay.
 */

import { crc32c } from "@node-rs/crc32";
import type { BrokerVersion, MemberSpec } from "./cluster.ts";
import {
  encodeConsumerGroupKey,
  encodeGroupEpoch,
  encodeMember,
  encodeMemberAssignment,
  encodeMemberTarget,
  encodePartitionMetadata,
  encodeTargetEpoch,
  GROUP_EPOCH,
  MEMBER,
  MEMBER_ASSIGNMENT,
  MEMBER_TARGET,
  PARTITION_METADATA,
  TARGET_EPOCH,
} from "./offsets-log/consumer-group.ts";
import { encodeAssignment, encodeSubscription } from "./offsets-log/consumer-protocol.ts";
import { encodeGroupMetadata, encodeGroupMetadataKey } from "./offsets-log/group-metadata.ts";
import type { RecordSpec } from "./offsets-log/record-batch.ts";

/** One generation of a group. */
export interface Membership {
  readonly group: string;
  readonly type: "classic" | "consumer";
  readonly protocolType: string;
  readonly generation: number;
  readonly members: readonly MemberSpec[];
}

export interface KnownTopic {
  readonly topic: string;
  readonly topicId: Uint8Array;
  readonly partitions: number;
}

export interface MembershipContext {
  readonly version: BrokerVersion;
  readonly atMs: number;
  /** Throws where there is no such topic. */
  readonly topic: (name: string) => KnownTopic;
}

const REBALANCE_TIMEOUT_MS = 300_000;
const SESSION_TIMEOUT_MS = 45_000;
const CONSUMER_PROTOCOL = "consumer";
const ASSIGNOR = "range";

export function classicRecords(after: Membership, { version, atMs }: MembershipContext): readonly RecordSpec[] {
  const { group, protocolType, generation, members } = after;
  const topics = topicsOf(members);
  const consumerProtocol = version === "2.8" ? 1 : 3;
  const isConsumer = protocolType === CONSUMER_PROTOCOL;
  const subscription = isConsumer
    ? encodeSubscription({ topics, ownedPartitions: [], generation: -1 }, consumerProtocol)
    : OPAQUE;
  const described = members.map((member) => ({
    ...member,
    rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    subscription,
    assignment: isConsumer ? encodeAssignment({ partitions: member.partitions }, consumerProtocol) : OPAQUE,
  }));
  const leader = members[0]?.memberId;
  const protocol = leader === undefined ? undefined : ASSIGNOR;
  const value = encodeGroupMetadata({
    protocolType,
    generation,
    protocol,
    leader,
    stateSinceMs: atMs,
    members: described,
  });
  return [{ key: encodeGroupMetadataKey(group), value }];
}

/** What the new coordinator writes before the first member of a new group has joined. */
export function newClassicGroupRecords(group: string, context: MembershipContext): readonly RecordSpec[] {
  return classicRecords({ group, type: "classic", protocolType: "", generation: 0, members: [] }, context);
}

/** From one epoch to the next; `before` undefined: there was no such group, or it was a classic one. */
export function consumerRecords(
  before: Membership | undefined,
  after: Membership,
  context: MembershipContext,
): readonly RecordSpec[] {
  const { group, generation, members } = after;
  const stayed = new Map((before?.members ?? []).map((member) => [member.memberId, member]));
  const gone = [...stayed.keys()].filter((id) => !members.some(({ memberId }) => memberId === id));
  const topics = topicsOf(members);
  const known = topics.map(context.topic);
  const head = [
    ...gone.flatMap((memberId) => memberTombstones(group, memberId)),
    ...members.flatMap((member) =>
      sameClient(stayed.get(member.memberId), member) ? [] : [memberRecord(group, member, topics)],
    ),
    ...epochRecords(after, known, context.version),
  ];
  if (members.length === 0) return head;
  const moved = members.filter((member) => !sameAssignment(stayed.get(member.memberId), member));
  const previousEpoch = ({ memberId }: MemberSpec) => (stayed.has(memberId) ? (before?.generation ?? 0) : 0);
  return [
    ...head,
    ...moved.map((member) => ({
      key: encodeConsumerGroupKey(MEMBER_TARGET, group, member.memberId),
      value: encodeMemberTarget(byId(member, context)),
    })),
    { key: encodeConsumerGroupKey(TARGET_EPOCH, group), value: encodeTargetEpoch(generation) },
    ...members.map((member) => ({
      key: encodeConsumerGroupKey(MEMBER_ASSIGNMENT, group, member.memberId),
      value: encodeMemberAssignment({
        epoch: generation,
        previousEpoch: previousEpoch(member),
        state: "stable",
        assigned: byId(member, context),
        pendingRevocation: [],
      }),
    })),
  ];
}

/** Of all records of the group, in the order that the broker takes them. */
export function groupTombstones(
  { group, type, members }: Membership,
  { version }: MembershipContext,
): readonly RecordSpec[] {
  switch (type) {
    case "classic":
      return [{ key: encodeGroupMetadataKey(group), value: undefined }];
    case "consumer": {
      const ofMembers = (keyType: number) => members.map(({ memberId }) => tombstone(keyType, group, memberId));
      return [
        ...ofMembers(MEMBER_ASSIGNMENT),
        ...ofMembers(MEMBER_TARGET),
        tombstone(TARGET_EPOCH, group),
        ...ofMembers(MEMBER),
        ...(version === "4.1" ? [] : [tombstone(PARTITION_METADATA, group)]),
        tombstone(GROUP_EPOCH, group),
      ];
    }
  }
}

function epochRecords(
  { group, generation }: Membership,
  topics: readonly KnownTopic[],
  version: BrokerVersion,
): readonly RecordSpec[] {
  const key = encodeConsumerGroupKey(GROUP_EPOCH, group);
  if (version === "4.1") return [{ key, value: encodeGroupEpoch(generation, metadataHash(topics)) }];
  const metadata = encodePartitionMetadata(topics);
  return [
    { key: encodeConsumerGroupKey(PARTITION_METADATA, group), value: metadata },
    { key, value: encodeGroupEpoch(generation) },
  ];
}

/** Changes when a topic does, as the broker's does; its value means nothing to anybody else. None of a group without topics. */
function metadataHash(topics: readonly KnownTopic[]): Uint8Array | undefined {
  if (topics.length === 0) return undefined;
  const metadata = encodePartitionMetadata(topics);
  const hash = Buffer.alloc(8);
  hash.writeUInt32BE(crc32c(metadata), 0);
  hash.writeUInt32BE(crc32c(Buffer.concat([hash, metadata])), 4);
  return hash;
}

function memberRecord(group: string, member: MemberSpec, topics: readonly string[]): RecordSpec {
  const value = encodeMember({
    ...member,
    rackId: undefined,
    topics,
    topicRegex: "",
    rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
    serverAssignor: undefined,
    classicMember: "null",
  });
  return { key: encodeConsumerGroupKey(MEMBER, group, member.memberId), value };
}

function memberTombstones(group: string, memberId: string): readonly RecordSpec[] {
  return [MEMBER_ASSIGNMENT, MEMBER_TARGET, MEMBER].map((keyType) => tombstone(keyType, group, memberId));
}

function tombstone(keyType: number, group: string, memberId?: string): RecordSpec {
  return { key: encodeConsumerGroupKey(keyType, group, memberId), value: undefined };
}

function byId(member: MemberSpec, context: MembershipContext) {
  return member.partitions.map(({ topic, partitions }) => ({ topicId: context.topic(topic).topicId, partitions }));
}

/** A member without partitions subscribes as the others do. */
function topicsOf(members: readonly MemberSpec[]): readonly string[] {
  return [...new Set(members.flatMap(({ partitions }) => partitions.map(({ topic }) => topic)))];
}

function sameClient(before: MemberSpec | undefined, after: MemberSpec): boolean {
  return (
    before !== undefined &&
    before.clientId === after.clientId &&
    before.clientHost === after.clientHost &&
    before.instanceId === after.instanceId
  );
}

function sameAssignment(before: MemberSpec | undefined, after: MemberSpec): boolean {
  return before !== undefined && JSON.stringify(before.partitions) === JSON.stringify(after.partitions);
}

/** Connect and others write their own bytes there. */
const OPAQUE = Buffer.from([0, 1, 2, 3]);
