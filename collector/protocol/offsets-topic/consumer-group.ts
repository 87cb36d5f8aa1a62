/**
 * # Values of a consumer group's state (KIP-848: key types 3 to 8 and 16)
 *
 * All are version 0 and flexible: tags after each struct.
 *   3  group metadata     := epoch:i32 tags{ 0: metadataHash:i64, 1: creationTime:i64 }
 *   4  topics, to 4.0     := topics[ topicId:uuid topicName:str numPartitions:i32 [ partition:i32 racks[str] ] ]
 *   5  member             := instanceId:nstr rackId:nstr clientId:str clientHost:str subscribedTopicNames[str]
 *                            subscribedTopicRegex:nstr rebalanceTimeout:i32 serverAssignor:nstr
 *                            tags{ 0: uvarint 1, sessionTimeout:i32 protocols[ name:str metadata:bytes ] }
 *   6  target metadata    := assignmentEpoch:i32 tags{ 0: assignmentTimestamp:i64 }
 *   7  target of a member := topicPartitions[]
 *   8  current assignment := memberEpoch:i32 previousMemberEpoch:i32 state:i8 assignedPartitions[] pendingRevocation[]
 *   16 regular expression := topics[str] version:i64 timestamp:i64
 *     topicPartitions     := topicId:uuid partitions[i32] tags{ 0: assignmentEpochs[i32] }
 *
 * Topics come by id; Metadata knows the names. A hash is 64 bits without meaning and always legal.
 * `group-coordinator/src/main/resources/common/message/ConsumerGroup*Value.json` of apache/kafka.
 */

import {
  type Int64,
  type Reader,
  readArray,
  readBytes,
  readInt8,
  readInt32,
  readInt32Array,
  readInt64,
  readNullableText,
  readOpaque64,
  readTags,
  readText,
  readUuid,
  readUvarint,
} from "../reader.ts";

export interface TopicIdPartitions {
  readonly topicId: string | undefined;
  readonly partitions: readonly number[];
}

interface ClassicMember {
  readonly sessionTimeoutMs: number;
  readonly supportedProtocols: readonly { readonly name: string; readonly metadata: Buffer | undefined }[];
}

export function readTopicIdPartitions(reader: Reader): TopicIdPartitions {
  const topicId = readUuid(reader);
  const partitions = readInt32Array(reader);
  readTags(reader);
  return { topicId, partitions };
}

export function readConsumerGroupMetadata(reader: Reader) {
  const epoch = readInt32(reader);
  let metadataHash: bigint | undefined;
  let createdAtMs: Int64 | undefined;
  readTags(reader, (tag, field) => {
    if (tag === 0) metadataHash = readOpaque64(field);
    if (tag === 1) createdAtMs = readInt64(field);
  });
  return { epoch, metadataHash, createdAtMs };
}

export function readConsumerGroupPartitionMetadata(reader: Reader) {
  const topics = readArray(reader, 23, (from) => {
    const topicId = readUuid(from);
    const topicName = readText(from);
    const numPartitions = readInt32(from);
    const partitionMetadata = readArray(from, 6, readPartitionRacks);
    readTags(from);
    return { topicId, topicName, numPartitions, partitionMetadata };
  });
  readTags(reader);
  return { topics };
}

function readPartitionRacks(reader: Reader) {
  const partition = readInt32(reader);
  const racks = readArray(reader, 1, readText);
  readTags(reader);
  return { partition, racks };
}

export function readConsumerGroupMember(reader: Reader) {
  const instanceId = readNullableText(reader);
  const rackId = readNullableText(reader);
  const clientId = readText(reader);
  const clientHost = readText(reader);
  const subscribedTopicNames = readArray(reader, 1, readText);
  const subscribedTopicRegex = readNullableText(reader);
  const rebalanceTimeoutMs = readInt32(reader);
  const serverAssignor = readNullableText(reader);
  let classicMemberMetadata: ClassicMember | undefined;
  readTags(reader, (tag, field) => {
    // A nullable struct in a tag begins with its presence (KIP-893).
    if (tag === 0 && readUvarint(field) > 0) classicMemberMetadata = readClassicMember(field);
  });
  return {
    instanceId,
    rackId,
    clientId,
    clientHost,
    subscribedTopicNames,
    subscribedTopicRegex,
    rebalanceTimeoutMs,
    serverAssignor,
    classicMemberMetadata,
  };
}

function readClassicMember(reader: Reader): ClassicMember {
  const sessionTimeoutMs = readInt32(reader);
  const supportedProtocols = readArray(reader, 3, (from) => {
    const name = readText(from);
    const metadata = readBytes(from);
    readTags(from);
    return { name, metadata };
  });
  readTags(reader);
  return { sessionTimeoutMs, supportedProtocols };
}

export function readTargetAssignmentMetadata(reader: Reader) {
  const assignmentEpoch = readInt32(reader);
  let assignedAtMs: Int64 | undefined;
  readTags(reader, (tag, field) => {
    if (tag === 0) assignedAtMs = readInt64(field);
  });
  return { assignmentEpoch, assignedAtMs };
}

export function readTargetAssignmentMember(reader: Reader) {
  const topicPartitions = readArray(reader, 18, readTopicIdPartitions);
  readTags(reader);
  return { topicPartitions };
}

/** `state`: 0 stable, 1 unrevoked partitions, 2 unreleased partitions, 127 unknown. */
export function readCurrentAssignment(reader: Reader) {
  const memberEpoch = readInt32(reader);
  const previousMemberEpoch = readInt32(reader);
  const state = readInt8(reader);
  const assignedPartitions = readArray(reader, 18, readTopicIdPartitions);
  const partitionsPendingRevocation = readArray(reader, 18, readTopicIdPartitions);
  readTags(reader);
  return { memberEpoch, previousMemberEpoch, state, assignedPartitions, partitionsPendingRevocation };
}

export function readRegularExpression(reader: Reader) {
  const topics = readArray(reader, 1, readText);
  const version = readOpaque64(reader);
  const resolvedAtMs = readInt64(reader);
  readTags(reader);
  return { topics, version, resolvedAtMs };
}
