/**
 * # ShareGroupDescribe (api 77, KIP-932), version 1; always flexible
 *
 *   request    := groups[str] authorizedOps:i8
 *   response   := throttle:i32 groups[]
 *     group    := error:i16 message:nstr group:str state:str epoch:i32 assignmentEpoch:i32 assignor:str members[]
 *                 authorizedOps:i32
 *     member   := memberId:str rackId:nstr memberEpoch:i32 clientId:str clientHost:str topics[str] assignment
 *     assignment := as in consumer-group-describe.ts
 * Tags after each struct. Version 0 was an early form of Kafka 4.0 only. Members share partitions: one may have many owners.
 */

import { apiOf } from "./api.ts";
import { type AssignedTopic, readAssignment } from "./consumer-group-describe.ts";
import { type Reader, readArray, readInt16, readInt32, readNullableText, readTags, readText } from "./reader.ts";
import { type Writer, writeArray, writeBoolean, writeTags, writeText } from "./writer.ts";

export interface ShareGroupDescribeRequest {
  readonly groups: readonly string[];
}

export interface ShareGroupMember {
  readonly memberId: string;
  readonly clientId: string;
  readonly clientHost: string;
  readonly assignment: readonly AssignedTopic[];
}

export interface DescribedShareGroup {
  readonly group: string;
  readonly error: number;
  readonly state: string;
  readonly epoch: number;
  readonly members: readonly ShareGroupMember[];
}

export interface ShareGroupDescribeResponse {
  readonly throttleMs: number;
  readonly groups: readonly DescribedShareGroup[];
}

export const shareGroupDescribeApi = apiOf<ShareGroupDescribeRequest, ShareGroupDescribeResponse>({
  apiKey: 77,
  name: "ShareGroupDescribe",
  versions: { min: 1, max: 1 },
  flexibleSince: 0,
  request: writeRequest,
  response: (reader) => ({ throttleMs: readInt32(reader), groups: readArray(reader, 18, readGroup) }),
});

function writeRequest(writer: Writer, _version: number, { groups }: ShareGroupDescribeRequest): void {
  writeArray(writer, groups, writeText);
  writeBoolean(writer, false);
  writeTags(writer);
}

function readGroup(reader: Reader): DescribedShareGroup {
  const error = readInt16(reader);
  readNullableText(reader); // the error in words
  const group = readText(reader);
  const state = readText(reader);
  const epoch = readInt32(reader);
  readInt32(reader); // epoch of the assignment
  readText(reader); // the assignor's name
  const members = readArray(reader, 12, readMember);
  readInt32(reader); // authorised operations, not asked for
  readTags(reader);
  return { group, error, state, epoch, members };
}

function readMember(reader: Reader): ShareGroupMember {
  const memberId = readText(reader);
  readNullableText(reader); // rack
  readInt32(reader); // the member's epoch
  const clientId = readText(reader);
  const clientHost = readText(reader);
  readArray(reader, 1, readText); // subscribed topics
  const assignment = readAssignment(reader);
  readTags(reader);
  return { memberId, clientId, clientHost, assignment };
}
