/**
 * # DescribeGroups (api 15), versions 0 to 5; flexible since 5
 *
 *   request  := groups[str] (3+: authorizedOps:i8)
 *   response := (1+: throttle:i32) groups[]
 *     group  := error:i16 group:str state:str protocolType:str protocol:str members[] (3+: authorizedOps:i32)
 *     member := memberId:str (4+: instanceId:nstr) clientId:str clientHost:str metadata:bytes assignment:bytes
 * For classic groups only: one of another protocol comes back as "Dead" without error, which is no news of its end.
 * `metadata` and `assignment` are filled only while the group is Stable.
 */

import { apiOf } from "./api.ts";
import {
  type Reader,
  readArray,
  readBytes,
  readInt16,
  readInt32,
  readNullableText,
  readTags,
  readText,
} from "./reader.ts";
import { type Writer, writeArray, writeBoolean, writeTags, writeText } from "./writer.ts";

export interface DescribeGroupsRequest {
  readonly groups: readonly string[];
}

export interface DescribedMember {
  readonly memberId: string;
  readonly clientId: string;
  readonly clientHost: string;
  /** Views of the payload, laid out as offsets-topic/consumer-protocol.ts says where the protocol type is "consumer". */
  readonly subscription: Buffer | undefined;
  readonly assignment: Buffer | undefined;
}

export interface DescribedGroup {
  readonly group: string;
  readonly error: number;
  readonly state: string;
  readonly protocolType: string;
  readonly members: readonly DescribedMember[];
}

export interface DescribeGroupsResponse {
  readonly throttleMs: number;
  readonly groups: readonly DescribedGroup[];
}

export const describeGroupsApi = apiOf<DescribeGroupsRequest, DescribeGroupsResponse>({
  apiKey: 15,
  name: "DescribeGroups",
  versions: { min: 0, max: 5 },
  flexibleSince: 5,
  request: writeRequest,
  response: readResponse,
});

function writeRequest(writer: Writer, version: number, { groups }: DescribeGroupsRequest): void {
  writeArray(writer, groups, writeText);
  if (version >= 3) writeBoolean(writer, false);
  writeTags(writer);
}

function readResponse(reader: Reader, version: number): DescribeGroupsResponse {
  const throttleMs = version >= 1 ? readInt32(reader) : 0;
  const groups = readArray(reader, 7, (from) => readGroup(from, version));
  return { throttleMs, groups };
}

function readGroup(reader: Reader, version: number): DescribedGroup {
  const error = readInt16(reader);
  const group = readText(reader);
  const state = readText(reader);
  const protocolType = readText(reader);
  readText(reader); // the assignor's name
  const members = readArray(reader, 5, (from) => readMember(from, version));
  if (version >= 3) readInt32(reader); // authorised operations, not asked for
  readTags(reader);
  return { group, error, state, protocolType, members };
}

function readMember(reader: Reader, version: number): DescribedMember {
  const memberId = readText(reader);
  if (version >= 4) readNullableText(reader); // static member's instance id
  const clientId = readText(reader);
  const clientHost = readText(reader);
  const subscription = readBytes(reader);
  const assignment = readBytes(reader);
  readTags(reader);
  return { memberId, clientId, clientHost, subscription, assignment };
}
