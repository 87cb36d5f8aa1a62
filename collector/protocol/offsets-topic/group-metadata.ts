/**
 * # Value of a classic group's metadata (key type 2)
 *
 *   value    := version:i16 protocolType:str generation:i32 protocol:nstr leader:nstr (2+: currentStateTimestamp:i64) members[]
 *     member := memberId:str (3+: groupInstanceId:nstr) clientId:str clientHost:str (1+: rebalanceTimeout:i32)
 *               sessionTimeout:i32 subscription:bytes assignment:bytes
 * Versions 0 to 4; 4 is flexible. Written when a generation is complete, and when the last member has left: never while the
 * group rebalances. A group that only commits has protocol type "" and no member. `clientHost` begins with a slash.
 * `GroupMetadataValue.json` of apache/kafka.
 */

import { type Decoded, DecodeError, decoded } from "../decode-error.ts";
import {
  type Int64,
  type Reader,
  readArray,
  readBytes,
  readerOf,
  readInt16,
  readInt32,
  readInt64,
  readNullableText,
  readTags,
  readText,
} from "../reader.ts";

const VERSION_MAX = 4;

export interface GroupMember {
  readonly memberId: string;
  /** undefined below version 3, and for members that are not static (KIP-345). */
  readonly groupInstanceId: string | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  /** undefined below version 1. */
  readonly rebalanceTimeoutMs: number | undefined;
  readonly sessionTimeoutMs: number;
  /** Views of the value; consumer-protocol.ts reads them where the protocol type is "consumer". */
  readonly subscription: Buffer | undefined;
  readonly assignment: Buffer | undefined;
}

export interface GroupMetadata {
  readonly version: number;
  readonly protocolType: string;
  readonly generation: number;
  readonly protocol: string | undefined;
  readonly leader: string | undefined;
  /** undefined below version 2. -1: not known. */
  readonly stateSinceMs: Int64 | undefined;
  readonly members: readonly GroupMember[];
}

export function decodeGroupMetadata(bytes: Buffer, range = { start: 0, end: bytes.length }): Decoded<GroupMetadata> {
  return decoded(() => {
    const prefix = readerOf(bytes, { what: "group metadata of __consumer_offsets", ...range });
    const version = readInt16(prefix);
    if (version < 0 || version > VERSION_MAX) throw new DecodeError(prefix.what, 0, `version ${version} is not known`);
    return readGroupMetadata({ ...prefix, flexible: version >= 4 }, version);
  });
}

function readGroupMetadata(reader: Reader, version: number): GroupMetadata {
  const protocolType = readText(reader);
  const generation = readInt32(reader);
  const protocol = readNullableText(reader);
  const leader = readNullableText(reader);
  const stateSinceMs = version >= 2 ? readInt64(reader) : undefined;
  const members = readArray(reader, 10, (from) => readMember(from, version));
  readTags(reader);
  return { version, protocolType, generation, protocol, leader, stateSinceMs, members };
}

function readMember(reader: Reader, version: number): GroupMember {
  const memberId = readText(reader);
  const groupInstanceId = version >= 3 ? readNullableText(reader) : undefined;
  const clientId = readText(reader);
  const clientHost = readText(reader);
  const rebalanceTimeoutMs = version >= 1 ? readInt32(reader) : undefined;
  const sessionTimeoutMs = readInt32(reader);
  const subscription = readBytes(reader);
  const assignment = readBytes(reader);
  readTags(reader);
  return {
    memberId,
    groupInstanceId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    sessionTimeoutMs,
    subscription,
    assignment,
  };
}
