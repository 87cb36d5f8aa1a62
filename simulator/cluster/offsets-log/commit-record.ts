/**
 * # Record of one committed offset
 *
 *   key      := type:i16=1 group:str topic:str partition:i32
 *   value v1 := 1:i16 offset:i64 metadata:str commitTimestamp:i64 expireTimestamp:i64     where the request carried a retention time
 *         v3 := 3:i16 offset:i64 leaderEpoch:i32 metadata:str commitTimestamp:i64         to 4.0
 *         v4 := 4:i16 offset:i64 leaderEpoch:i32 metadata:cstr commitTimestamp:i64 tags{ 0: topicId:uuid }     from 4.1
 *
 * `OffsetCommitKey.json`, `OffsetCommitValue.json` of apache/kafka; the version is chosen as in
 * `GroupCoordinatorRecordHelpers.newOffsetCommitRecord`.
 */

import { createByteWriter, writeInt16, writeInt32, writeInt64, writeTags, writeText, written } from "./byte-writer.ts";

const KEY_TYPE = 1;

/** The key of partition 0 of a group's topic; `setKeyPartition` makes it that of another one. */
export function encodeCommitKey(group: string, topic: string): Buffer {
  const writer = createByteWriter();
  writeInt16(writer, KEY_TYPE);
  writeText(writer, group);
  writeText(writer, topic);
  writeInt32(writer, 0);
  return written(writer);
}

/** In place: thousands of commits a second differ only in their partition. */
export function setKeyPartition(key: Buffer, partition: number): Buffer {
  key.writeInt32BE(partition, key.length - 4);
  return key;
}

export interface CommitValue {
  /** Any: brokers do not check it, and clients commit -1 and -2. */
  readonly committedOffset: number;
  /** -1: not known. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedAtMs: number;
  readonly expiresAtMs?: number | undefined;
  /** 16 bytes. */
  readonly topicId?: Uint8Array | undefined;
}

export function encodeCommitValue(value: CommitValue, newest: 3 | 4): Buffer {
  const version = value.expiresAtMs === undefined ? newest : 1;
  const writer = createByteWriter(version === 4);
  writeInt16(writer, version);
  writeInt64(writer, value.committedOffset);
  if (version > 1) writeInt32(writer, value.leaderEpoch);
  writeText(writer, value.metadata);
  writeInt64(writer, value.committedAtMs);
  if (value.expiresAtMs !== undefined) writeInt64(writer, value.expiresAtMs);
  writeTags(writer, value.topicId === undefined ? undefined : { tag: 0, bytes: value.topicId });
  return written(writer);
}
