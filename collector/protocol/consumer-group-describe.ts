/**
 * # ConsumerGroupDescribe (api 69, KIP-848), versions 0 and 1; always flexible
 *
 *   request    := groups[str] authorizedOps:i8
 *   response   := throttle:i32 groups[]
 *     group    := error:i16 message:nstr group:str state:str epoch:i32 assignmentEpoch:i32 assignor:str members[]
 *                 authorizedOps:i32
 *     member   := memberId:str instanceId:nstr rackId:nstr memberEpoch:i32 clientId:str clientHost:str topics[str]
 *                 regex:nstr assignment target:assignment (1+: memberType:i8)
 *     assignment := topics[ topicId:uuid topic:str partitions[i32] ]
 * Tags after each struct. `assignment` is what the member holds now, `target` what it is to hold.
 */

import { apiOf } from "./api.ts";
import {
  type Reader,
  readArray,
  readInt8,
  readInt16,
  readInt32,
  readInt32Array,
  readNullableText,
  readTags,
  readText,
  readUuid,
} from "./reader.ts";
import { type Writer, writeArray, writeBoolean, writeTags, writeText } from "./writer.ts";

export interface ConsumerGroupDescribeRequest {
  readonly groups: readonly string[];
}

export interface AssignedTopic {
  readonly topicId: string | undefined;
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface ConsumerGroupMember {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly clientId: string;
  readonly clientHost: string;
  readonly assignment: readonly AssignedTopic[];
  readonly targetAssignment: readonly AssignedTopic[];
}

interface DescribedConsumerGroup {
  readonly group: string;
  readonly error: number;
  readonly state: string;
  readonly epoch: number;
  readonly assignmentEpoch: number;
  readonly members: readonly ConsumerGroupMember[];
}

export interface ConsumerGroupDescribeResponse {
  readonly throttleMs: number;
  readonly groups: readonly DescribedConsumerGroup[];
}

export const consumerGroupDescribeApi = apiOf<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>({
  apiKey: 69,
  name: "ConsumerGroupDescribe",
  versions: { min: 0, max: 1 },
  flexibleSince: 0,
  request: writeRequest,
  response: readResponse,
});

function writeRequest(writer: Writer, _version: number, { groups }: ConsumerGroupDescribeRequest): void {
  writeArray(writer, groups, writeText);
  writeBoolean(writer, false);
  writeTags(writer);
}

function readResponse(reader: Reader, version: number): ConsumerGroupDescribeResponse {
  const throttleMs = readInt32(reader);
  const groups = readArray(reader, 18, (from) => readGroup(from, version));
  return { throttleMs, groups };
}

function readGroup(reader: Reader, version: number): DescribedConsumerGroup {
  const error = readInt16(reader);
  readNullableText(reader); // the error in words
  const group = readText(reader);
  const state = readText(reader);
  const epoch = readInt32(reader);
  const assignmentEpoch = readInt32(reader);
  readText(reader); // the assignor's name
  const members = readArray(reader, 14, (from) => readMember(from, version));
  readInt32(reader); // authorised operations, not asked for
  readTags(reader);
  return { group, error, state, epoch, assignmentEpoch, members };
}

function readMember(reader: Reader, version: number): ConsumerGroupMember {
  const memberId = readText(reader);
  readNullableText(reader); // static member's instance id
  readNullableText(reader); // rack
  const memberEpoch = readInt32(reader);
  const clientId = readText(reader);
  const clientHost = readText(reader);
  readArray(reader, 1, readText); // subscribed topics
  readNullableText(reader); // subscribed pattern
  const assignment = readAssignment(reader);
  const targetAssignment = readAssignment(reader);
  if (version >= 1) readInt8(reader); // whether it speaks the classic protocol
  readTags(reader);
  return { memberId, memberEpoch, clientId, clientHost, assignment, targetAssignment };
}

export function readAssignment(reader: Reader): readonly AssignedTopic[] {
  const topics = readArray(reader, 18, (from) => {
    const topicId = readUuid(from);
    const topic = readText(from);
    const partitions = readInt32Array(from);
    readTags(from);
    return { topicId, topic, partitions };
  });
  readTags(reader);
  return topics;
}
