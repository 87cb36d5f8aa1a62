/**
 * # Values of a share group's state (KIP-932: key types 10 to 15)
 *
 * All are version 0 and flexible: tags after each struct.
 *   10 member             := rackId:nstr clientId:str clientHost:str subscribedTopicNames[str]
 *   11 group metadata     := epoch:i32 metadataHash:i64
 *   12, 13                := as 6 and 7 of consumer-group.ts
 *   14 current assignment := memberEpoch:i32 previousMemberEpoch:i32 state:i8 assignedPartitions[]
 *   15 state partitions   := initializingTopics[topic] initializedTopics[topic] deletingTopics[ topicId:uuid topicName:str ]
 *     topic               := topicId:uuid topicName:str partitions[i32] createTimestamp:i64
 *     to 4.1              := initializedTopics[] deletingTopics[], a topic without createTimestamp
 *
 * How far a share group has read is not here but in `__share_group_state`. `ShareGroup*Value.json` of apache/kafka.
 */

import {
  type Reader,
  readArray,
  readInt8,
  readInt32,
  readInt32Array,
  readInt64,
  readNullableText,
  readOpaque64,
  readTags,
  readText,
  readUuid,
} from "../reader.ts";
import { readTopicIdPartitions } from "./consumer-group.ts";

export function readShareGroupMember(reader: Reader) {
  const rackId = readNullableText(reader);
  const clientId = readText(reader);
  const clientHost = readText(reader);
  const subscribedTopicNames = readArray(reader, 1, readText);
  readTags(reader);
  return { rackId, clientId, clientHost, subscribedTopicNames };
}

export function readShareGroupMetadata(reader: Reader) {
  const epoch = readInt32(reader);
  const metadataHash = readOpaque64(reader);
  readTags(reader);
  return { epoch, metadataHash };
}

export function readShareCurrentAssignment(reader: Reader) {
  const memberEpoch = readInt32(reader);
  const previousMemberEpoch = readInt32(reader);
  const state = readInt8(reader);
  const assignedPartitions = readArray(reader, 18, readTopicIdPartitions);
  readTags(reader);
  return { memberEpoch, previousMemberEpoch, state, assignedPartitions };
}

export function readShareStatePartitions(reader: Reader) {
  const initializingTopics = readArray(reader, 27, readDatedTopic);
  const initializedTopics = readArray(reader, 27, readDatedTopic);
  const deletingTopics = readArray(reader, 18, readTopicName);
  readTags(reader);
  return { initializingTopics, initializedTopics, deletingTopics };
}

export function readShareStatePartitionsOf41(reader: Reader) {
  const initializedTopics = readArray(reader, 19, readUndatedTopic);
  const deletingTopics = readArray(reader, 18, readTopicName);
  readTags(reader);
  return { initializedTopics, deletingTopics };
}

function readDatedTopic(reader: Reader) {
  const topicId = readUuid(reader);
  const topicName = readText(reader);
  const partitions = readInt32Array(reader);
  const createTimestamp = readInt64(reader);
  readTags(reader);
  return { topicId, topicName, partitions, createTimestamp };
}

function readUndatedTopic(reader: Reader) {
  const topicId = readUuid(reader);
  const topicName = readText(reader);
  const partitions = readInt32Array(reader);
  readTags(reader);
  return { topicId, topicName, partitions };
}

function readTopicName(reader: Reader) {
  const topicId = readUuid(reader);
  const topicName = readText(reader);
  readTags(reader);
  return { topicId, topicName };
}
