/**
 * # Records of a consumer group (KIP-848)
 *
 *   key := type:i16 group:str, and memberId:str where the type has one. All values are version:i16=0, flexible.
 *   3 metadata           := epoch:i32 tags{ 0: metadataHash:i64, from 4.1 }
 *   4 partitions         := topics[ topicId:uuid topicName:str numPartitions:i32 partitionMetadata[] ]              to 4.0
 *   5 member             := instanceId:str rackId:str clientId:str clientHost:str subscribedTopicNames[str]
 *                           subscribedTopicRegex:str rebalanceTimeout:i32 serverAssignor:str tags{ 0: classicMember, null }
 *   6 target metadata    := assignmentEpoch:i32
 *   7 target of a member := topicPartitions[topic]
 *   8 current assignment := memberEpoch:i32 previousMemberEpoch:i32 state:i8 assignedPartitions[topic]
 *                           partitionsPendingRevocation[topic]
 *     topic              := topicId:uuid partitions[i32]
 *
 * `ConsumerGroup*Key.json`, `ConsumerGroup*Value.json` of apache/kafka. 4.1.2 writes tag 0 of type 5 as a null, and the regular
 * expression of a member that has none as "".
 */

import {
  type ByteWriter,
  createByteWriter,
  writeArray,
  writeInt8,
  writeInt16,
  writeInt32,
  writeRaw,
  writeTags,
  writeText,
  written,
} from "./byte-writer.ts";

const VALUE_VERSION = 0;

export const GROUP_EPOCH = 3;
export const PARTITION_METADATA = 4;
export const MEMBER = 5;
export const TARGET_EPOCH = 6;
export const MEMBER_TARGET = 7;
export const MEMBER_ASSIGNMENT = 8;

export interface TopicIdPartitions {
  readonly topicId: Uint8Array;
  readonly partitions: readonly number[];
}

/** Key of any type; types 5, 7 and 8 are a member's. */
export function encodeConsumerGroupKey(type: number, group: string, memberId?: string): Buffer {
  const writer = createByteWriter();
  writeInt16(writer, type);
  writeText(writer, group);
  if (memberId !== undefined) writeText(writer, memberId);
  return written(writer);
}

/** `metadataHash` is 8 bytes that mean nothing to a reader. */
export function encodeGroupEpoch(epoch: number, metadataHash?: Uint8Array): Buffer {
  return value((writer) => {
    writeInt32(writer, epoch);
    writeTags(writer, metadataHash === undefined ? undefined : { tag: 0, bytes: metadataHash });
  });
}

export interface PartitionMetadata {
  readonly topicId: Uint8Array;
  readonly topic: string;
  readonly partitions: number;
}

/** Without racks. */
export function encodePartitionMetadata(topics: readonly PartitionMetadata[]): Buffer {
  return value((writer) => {
    writeArray(writer, topics, (to, { topicId, topic, partitions }) => {
      writeRaw(to, topicId);
      writeText(to, topic);
      writeInt32(to, partitions);
      writeArray(to, [], () => undefined);
      writeTags(to);
    });
    writeTags(writer);
  });
}

export interface ConsumerMember {
  readonly instanceId: string | undefined;
  readonly rackId: string | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  readonly topics: readonly string[];
  readonly topicRegex: string | undefined;
  readonly rebalanceTimeoutMs: number;
  readonly serverAssignor: string | undefined;
  /** That it is no classic member: said, or left out. */
  readonly classicMember: "null" | "absent";
}

export function encodeMember(member: ConsumerMember): Buffer {
  return value((writer) => {
    writeText(writer, member.instanceId);
    writeText(writer, member.rackId);
    writeText(writer, member.clientId);
    writeText(writer, member.clientHost);
    writeArray(writer, member.topics, writeText);
    writeText(writer, member.topicRegex);
    writeInt32(writer, member.rebalanceTimeoutMs);
    writeText(writer, member.serverAssignor);
    writeTags(writer, member.classicMember === "null" ? { tag: 0, bytes: Buffer.of(0) } : undefined);
  });
}

export function encodeTargetEpoch(epoch: number): Buffer {
  return value((writer) => {
    writeInt32(writer, epoch);
    writeTags(writer);
  });
}

export function encodeMemberTarget(partitions: readonly TopicIdPartitions[]): Buffer {
  return value((writer) => {
    writeArray(writer, partitions, writeTopicIdPartitions);
    writeTags(writer);
  });
}

/** `UNREVOKED_PARTITIONS`, `UNRELEASED_PARTITIONS`: on the way to the target. */
export type MemberState = "stable" | "unrevoked" | "unreleased";

const STATES: Readonly<Record<MemberState, number>> = { stable: 0, unrevoked: 1, unreleased: 2 };

export interface MemberAssignment {
  readonly epoch: number;
  readonly previousEpoch: number;
  readonly state: MemberState;
  readonly assigned: readonly TopicIdPartitions[];
  readonly pendingRevocation: readonly TopicIdPartitions[];
}

export function encodeMemberAssignment(assignment: MemberAssignment): Buffer {
  return value((writer) => {
    writeInt32(writer, assignment.epoch);
    writeInt32(writer, assignment.previousEpoch);
    writeInt8(writer, STATES[assignment.state]);
    writeArray(writer, assignment.assigned, writeTopicIdPartitions);
    writeArray(writer, assignment.pendingRevocation, writeTopicIdPartitions);
    writeTags(writer);
  });
}

function writeTopicIdPartitions(writer: ByteWriter, { topicId, partitions }: TopicIdPartitions): void {
  writeRaw(writer, topicId);
  writeArray(writer, partitions, writeInt32);
  writeTags(writer);
}

function value(write: (writer: ByteWriter) => void): Buffer {
  const writer = createByteWriter(true);
  writeInt16(writer, VALUE_VERSION);
  write(writer);
  return written(writer);
}
