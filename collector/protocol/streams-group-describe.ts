/**
 * # StreamsGroupDescribe (api 89, KIP-1071), version 0; always flexible
 *
 *   request    := groups[str] authorizedOps:i8
 *   response   := throttle:i32 groups[]
 *     group    := error:i16 message:nstr group:str state:str epoch:i32 assignmentEpoch:i32 topology members[] authorizedOps:i32
 *     topology := nullable{ epoch:i32 subtopologies:n[ subtopologyId:str sourceTopics[str] repartitionSinkTopics[str]
 *                 stateChangelogTopics[topic] repartitionSourceTopics[topic] ] }
 *     topic    := name:str partitions:i32 replicationFactor:i16 configs[ key:str value:str ]
 *     member   := memberId:str memberEpoch:i32 instanceId:nstr rackId:nstr clientId:str clientHost:str topologyEpoch:i32
 *                 processId:str userEndpoint:nullable{ host:str port:u16 } clientTags[ key:str value:str ] taskOffsets[task]
 *                 taskEndOffsets[task] assignment target:assignment isClassic:i8
 *     task     := subtopologyId:str partition:i32 offset:i64
 *     assignment := active[] standby[] warmup[]     each [ subtopologyId:str partitions[i32] ]
 * Tags after each struct. A member is assigned tasks: a subtopology and a number stand for that partition of each topic that the
 * subtopology reads, as far as the topic has it. Only active tasks read and commit.
 */

import { apiOf } from "./api.ts";
import {
  type Reader,
  readArray,
  readBoolean,
  readInt16,
  readInt32,
  readInt32Array,
  readInt64,
  readNullableStruct,
  readNullableText,
  readTags,
  readText,
  readUint16,
} from "./reader.ts";
import { type Writer, writeArray, writeBoolean, writeTags, writeText } from "./writer.ts";

export interface StreamsGroupDescribeRequest {
  readonly groups: readonly string[];
}

export interface Subtopology {
  readonly subtopologyId: string;
  /** What it reads, topics that the application made for itself included. */
  readonly topics: readonly string[];
}

export interface StreamsTasks {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

export interface StreamsGroupMember {
  readonly memberId: string;
  readonly clientId: string;
  readonly clientHost: string;
  readonly activeTasks: readonly StreamsTasks[];
}

export interface DescribedStreamsGroup {
  readonly group: string;
  readonly error: number;
  readonly state: string;
  readonly epoch: number;
  /** Empty where the application has not told its topology, or topics of it are missing. */
  readonly subtopologies: readonly Subtopology[];
  readonly members: readonly StreamsGroupMember[];
}

export interface StreamsGroupDescribeResponse {
  readonly throttleMs: number;
  readonly groups: readonly DescribedStreamsGroup[];
}

export const streamsGroupDescribeApi = apiOf<StreamsGroupDescribeRequest, StreamsGroupDescribeResponse>({
  apiKey: 89,
  name: "StreamsGroupDescribe",
  versions: { min: 0, max: 0 },
  flexibleSince: 0,
  request: writeRequest,
  response: (reader) => ({ throttleMs: readInt32(reader), groups: readArray(reader, 18, readGroup) }),
});

function writeRequest(writer: Writer, _version: number, { groups }: StreamsGroupDescribeRequest): void {
  writeArray(writer, groups, writeText);
  writeBoolean(writer, false);
  writeTags(writer);
}

function readGroup(reader: Reader): DescribedStreamsGroup {
  const error = readInt16(reader);
  readNullableText(reader); // the error in words
  const group = readText(reader);
  const state = readText(reader);
  const epoch = readInt32(reader);
  readInt32(reader); // epoch of the assignment
  const subtopologies = readNullableStruct(reader, readTopology) ?? [];
  const members = readArray(reader, 25, readMember);
  readInt32(reader); // authorised operations, not asked for
  readTags(reader);
  return { group, error, state, epoch, subtopologies, members };
}

function readTopology(reader: Reader): readonly Subtopology[] {
  readInt32(reader); // its epoch
  const subtopologies = readArray(reader, 6, readSubtopology);
  readTags(reader);
  return subtopologies;
}

function readSubtopology(reader: Reader): Subtopology {
  const subtopologyId = readText(reader);
  const sourceTopics = readArray(reader, 1, readText);
  readArray(reader, 1, readText); // topics that it writes to
  readArray(reader, 9, readTopicInfo); // logs of its state, which are restored from and never committed to
  const repartitionTopics = readArray(reader, 9, readTopicInfo);
  readTags(reader);
  return { subtopologyId, topics: [...new Set([...sourceTopics, ...repartitionTopics])] };
}

function readTopicInfo(reader: Reader): string {
  const name = readText(reader);
  readInt32(reader); // partitions
  readInt16(reader); // replication factor
  readArray(reader, 3, skipKeyValue);
  readTags(reader);
  return name;
}

function skipKeyValue(reader: Reader): void {
  readText(reader);
  readText(reader);
  readTags(reader);
}

function readMember(reader: Reader): StreamsGroupMember {
  const memberId = readText(reader);
  readInt32(reader); // the member's epoch
  readNullableText(reader); // static member's instance id
  readNullableText(reader); // rack
  const clientId = readText(reader);
  const clientHost = readText(reader);
  readInt32(reader); // epoch of its topology
  readText(reader); // its process
  readNullableStruct(reader, skipEndpoint);
  readArray(reader, 3, skipKeyValue);
  readArray(reader, 14, skipTaskOffset);
  readArray(reader, 14, skipTaskOffset);
  const activeTasks = readActiveTasks(reader);
  readActiveTasks(reader); // what it is to hold
  readBoolean(reader); // whether it speaks the classic protocol
  readTags(reader);
  return { memberId, clientId, clientHost, activeTasks };
}

function skipEndpoint(reader: Reader): void {
  readText(reader);
  readUint16(reader);
  readTags(reader);
}

function skipTaskOffset(reader: Reader): void {
  readText(reader);
  readInt32(reader);
  readInt64(reader);
  readTags(reader);
}

function readActiveTasks(reader: Reader): readonly StreamsTasks[] {
  const active = readArray(reader, 3, readTasks);
  readArray(reader, 3, readTasks); // standby
  readArray(reader, 3, readTasks); // warming up
  readTags(reader);
  return active;
}

function readTasks(reader: Reader): StreamsTasks {
  const subtopologyId = readText(reader);
  const partitions = readInt32Array(reader);
  readTags(reader);
  return { subtopologyId, partitions };
}
