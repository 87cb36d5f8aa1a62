/**
 * # Values of a streams group's state (KIP-1071: key types 17 and 19 to 24)
 *
 * All are version 0 and flexible: tags after each struct. Read as Kafka 4.1 writes them; the schemas were still moving, so a
 * value that does not fit is malformed and no more than that.
 *   17 group metadata     := epoch:i32 metadataHash:i64 tags{ 0: validatedTopologyEpoch:i32 }          to 4.0: epoch:i32 only
 *   19 member             := instanceId:nstr rackId:nstr clientId:str clientHost:str rebalanceTimeout:i32 topologyEpoch:i32
 *                            processId:str userEndpoint:nullable{ host:str port:u16 } clientTags[ key:str value:str ]
 *   20 target metadata    := as 6 of consumer-group.ts
 *   21 target of a member := activeTasks[] standbyTasks[] warmupTasks[]
 *   22 current assignment := memberEpoch:i32 previousMemberEpoch:i32 state:i8 activeTasks[] standbyTasks[] warmupTasks[]
 *                            and the same three pending revocation
 *   23 topology           := epoch:i32 subtopologies[]
 *   24 resolved topics    := assignmentEpoch:i32 [ subtopologyId:str topicIds[uuid] ]
 *     tasks               := subtopologyId:str partitions[i32]
 *     subtopology         := subtopologyId:str sourceTopics[str] sourceTopicRegex[str] stateChangelogTopics[topic]
 *                            repartitionSinkTopics[str] repartitionSourceTopics[topic] copartitionGroups[ 3 times [i16] ]
 *     topic               := name:str partitions:i32 replicationFactor:i16 topicConfigs[ key:str value:str ]
 *
 * A streams group commits ordinary offsets (key type 1). `StreamsGroup*Value.json` of apache/kafka.
 */

import {
  type Reader,
  readArray,
  readInt8,
  readInt16,
  readInt32,
  readInt32Array,
  readNullableStruct,
  readNullableText,
  readOpaque64,
  readTags,
  readText,
  readUint16,
  readUuid,
} from "../reader.ts";

export function readStreamsGroupMetadata(reader: Reader) {
  const epoch = readInt32(reader);
  const metadataHash = readOpaque64(reader);
  let validatedTopologyEpoch: number | undefined;
  readTags(reader, (tag, field) => {
    if (tag === 0) validatedTopologyEpoch = readInt32(field);
  });
  return { epoch, metadataHash, validatedTopologyEpoch };
}

export function readStreamsGroupMetadataOf40(reader: Reader) {
  const epoch = readInt32(reader);
  readTags(reader);
  return { epoch };
}

export function readStreamsResolvedTopicIds(reader: Reader) {
  const assignmentEpoch = readInt32(reader);
  const resolvedTopicIdsBySubtopology = readArray(reader, 3, (from) => {
    const subtopologyId = readText(from);
    const topicIds = readArray(from, 16, readUuid);
    readTags(from);
    return { subtopologyId, topicIds };
  });
  readTags(reader);
  return { assignmentEpoch, resolvedTopicIdsBySubtopology };
}

export function readStreamsGroupMember(reader: Reader) {
  const instanceId = readNullableText(reader);
  const rackId = readNullableText(reader);
  const clientId = readText(reader);
  const clientHost = readText(reader);
  const rebalanceTimeoutMs = readInt32(reader);
  const topologyEpoch = readInt32(reader);
  const processId = readText(reader);
  const userEndpoint = readNullableStruct(reader, readEndpoint);
  const clientTags = readArray(reader, 3, readKeyValue);
  readTags(reader);
  return {
    instanceId,
    rackId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    topologyEpoch,
    processId,
    userEndpoint,
    clientTags,
  };
}

function readEndpoint(reader: Reader) {
  const host = readText(reader);
  const port = readUint16(reader);
  readTags(reader);
  return { host, port };
}

function readKeyValue(reader: Reader) {
  const key = readText(reader);
  const value = readText(reader);
  readTags(reader);
  return { key, value };
}

function readTasks(reader: Reader) {
  const subtopologyId = readText(reader);
  const partitions = readInt32Array(reader);
  readTags(reader);
  return { subtopologyId, partitions };
}

export function readStreamsTargetMember(reader: Reader) {
  const activeTasks = readArray(reader, 3, readTasks);
  const standbyTasks = readArray(reader, 3, readTasks);
  const warmupTasks = readArray(reader, 3, readTasks);
  readTags(reader);
  return { activeTasks, standbyTasks, warmupTasks };
}

export function readStreamsCurrentAssignment(reader: Reader) {
  const memberEpoch = readInt32(reader);
  const previousMemberEpoch = readInt32(reader);
  const state = readInt8(reader);
  const activeTasks = readArray(reader, 3, readTasks);
  const standbyTasks = readArray(reader, 3, readTasks);
  const warmupTasks = readArray(reader, 3, readTasks);
  const activeTasksPendingRevocation = readArray(reader, 3, readTasks);
  const standbyTasksPendingRevocation = readArray(reader, 3, readTasks);
  const warmupTasksPendingRevocation = readArray(reader, 3, readTasks);
  readTags(reader);
  return {
    memberEpoch,
    previousMemberEpoch,
    state,
    activeTasks,
    standbyTasks,
    warmupTasks,
    activeTasksPendingRevocation,
    standbyTasksPendingRevocation,
    warmupTasksPendingRevocation,
  };
}

export function readStreamsTopology(reader: Reader) {
  const epoch = readInt32(reader);
  const subtopologies = readArray(reader, 8, readSubtopology);
  readTags(reader);
  return { epoch, subtopologies };
}

function readSubtopology(reader: Reader) {
  const subtopologyId = readText(reader);
  const sourceTopics = readArray(reader, 1, readText);
  const sourceTopicRegex = readArray(reader, 1, readText);
  const stateChangelogTopics = readArray(reader, 9, readTopicInfo);
  const repartitionSinkTopics = readArray(reader, 1, readText);
  const repartitionSourceTopics = readArray(reader, 9, readTopicInfo);
  const copartitionGroups = readArray(reader, 4, readCopartitionGroup);
  readTags(reader);
  return {
    subtopologyId,
    sourceTopics,
    sourceTopicRegex,
    stateChangelogTopics,
    repartitionSinkTopics,
    repartitionSourceTopics,
    copartitionGroups,
  };
}

function readTopicInfo(reader: Reader) {
  const name = readText(reader);
  const partitions = readInt32(reader);
  const replicationFactor = readInt16(reader);
  const topicConfigs = readArray(reader, 3, readKeyValue);
  readTags(reader);
  return { name, partitions, replicationFactor, topicConfigs };
}

function readCopartitionGroup(reader: Reader) {
  const sourceTopics = readArray(reader, 2, readInt16);
  const sourceTopicRegex = readArray(reader, 2, readInt16);
  const repartitionSourceTopics = readArray(reader, 2, readInt16);
  readTags(reader);
  return { sourceTopics, sourceTopicRegex, repartitionSourceTopics };
}
