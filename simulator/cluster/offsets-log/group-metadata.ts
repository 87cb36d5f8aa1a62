/**
 * # Record of a classic group
 *
 *   key    := type:i16=2 group:str
 *   value  := version:i16=3 protocolType:str generation:i32 protocol:str leader:str currentStateTimestamp:i64 members[member]
 *   member := memberId:str groupInstanceId:str clientId:str clientHost:str rebalanceTimeout:i32 sessionTimeout:i32
 *             subscription:bytes assignment:bytes
 *
 * Written when a generation is complete, and when the last member has left (no members, no protocol, no leader).
 * `GroupMetadataKey.json`, `GroupMetadataValue.json` of apache/kafka; every broker since 2.3 writes version 3.
 */

import {
  createByteWriter,
  writeArray,
  writeBytes,
  writeInt16,
  writeInt32,
  writeInt64,
  writeText,
  written,
} from "./byte-writer.ts";

const KEY_TYPE = 2;
const VALUE_VERSION = 3;

export interface ClassicMember {
  readonly memberId: string;
  readonly instanceId: string | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly subscription: Uint8Array;
  readonly assignment: Uint8Array;
}

export interface GroupMetadata {
  /** "" of a group that only commits. */
  readonly protocolType: string;
  readonly generation: number;
  readonly protocol: string | undefined;
  readonly leader: string | undefined;
  readonly stateSinceMs: number;
  readonly members: readonly ClassicMember[];
}

export function encodeGroupMetadataKey(group: string): Buffer {
  const writer = createByteWriter();
  writeInt16(writer, KEY_TYPE);
  writeText(writer, group);
  return written(writer);
}

export function encodeGroupMetadata(metadata: GroupMetadata): Buffer {
  const writer = createByteWriter();
  writeInt16(writer, VALUE_VERSION);
  writeText(writer, metadata.protocolType);
  writeInt32(writer, metadata.generation);
  writeText(writer, metadata.protocol);
  writeText(writer, metadata.leader);
  writeInt64(writer, metadata.stateSinceMs);
  writeArray(writer, metadata.members, (to, member) => {
    writeText(to, member.memberId);
    writeText(to, member.instanceId);
    writeText(to, member.clientId);
    writeText(to, member.clientHost);
    writeInt32(to, member.rebalanceTimeoutMs);
    writeInt32(to, member.sessionTimeoutMs);
    writeBytes(to, member.subscription);
    writeBytes(to, member.assignment);
  });
  return written(writer);
}
