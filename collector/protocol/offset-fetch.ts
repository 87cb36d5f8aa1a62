/**
 * # OffsetFetch (api 9), versions 2 to 8; flexible since 6; many groups in one request since 8 (KIP-709)
 *
 *   request  (2..7) := group:str topics[] (7: requireStable:i8)                                       topics null: all
 *   request  (8)    := groups[ group:str topics[] ] requireStable:i8
 *   response (2..7) := (3+: throttle:i32) topics[] error:i16
 *   response (8)    := throttle:i32 groups[ group:str topics[] error:i16 ]
 *     topic     := name:str partitions[]
 *     partition := partition:i32 offset:i64 (5+: leaderEpoch:i32) metadata:nstr error:i16
 * Always asks for all topics, and not for stable offsets: what is pending in a transaction is not yet the group's.
 */

import { apiOf } from "./api.ts";
import {
  type Int64,
  type Reader,
  readArray,
  readInt16,
  readInt32,
  readInt64,
  readNullableText,
  readTags,
  readText,
} from "./reader.ts";
import { type Writer, writeArray, writeBoolean, writeCount, writeTags, writeText } from "./writer.ts";

export interface OffsetFetchRequest {
  /** Exactly one below version 8. */
  readonly groups: readonly string[];
}

interface FetchedOffset {
  readonly topic: string;
  readonly partition: number;
  /** -1: the group has no committed offset here. */
  readonly committedOffset: Int64;
  readonly error: number;
}

export interface FetchedGroup {
  /** undefined below version 8, whose response names no group: it is the one that was asked for. */
  readonly group: string | undefined;
  readonly error: number;
  readonly offsets: readonly FetchedOffset[];
}

export interface OffsetFetchResponse {
  readonly throttleMs: number;
  readonly groups: readonly FetchedGroup[];
}

/** Below this version one request asks for one group. */
export const MANY_GROUPS_SINCE_VERSION = 8;

export const offsetFetchApi = apiOf<OffsetFetchRequest, OffsetFetchResponse>({
  apiKey: 9,
  name: "OffsetFetch",
  versions: { min: 2, max: 8 },
  flexibleSince: 6,
  request: writeRequest,
  response: readResponse,
});

function writeRequest(writer: Writer, version: number, { groups }: OffsetFetchRequest): void {
  if (version >= MANY_GROUPS_SINCE_VERSION) {
    writeArray(writer, groups, (to, group) => {
      writeText(to, group);
      writeCount(to, undefined);
      writeTags(to);
    });
  } else {
    const [group, ...others] = groups;
    if (group === undefined || others.length > 0) {
      throw new RangeError(`OffsetFetch v${version} asks for one group, not for ${groups.length}`);
    }
    writeText(writer, group);
    writeCount(writer, undefined);
  }
  if (version >= 7) writeBoolean(writer, false);
  writeTags(writer);
}

function readResponse(reader: Reader, version: number): OffsetFetchResponse {
  const throttleMs = version >= 3 ? readInt32(reader) : 0;
  if (version < MANY_GROUPS_SINCE_VERSION) {
    return { throttleMs, groups: [readGroup(reader, version, undefined)] };
  }
  const groups = readArray(reader, 5, (from) => {
    const group = readGroup(from, version, readText(from));
    readTags(from);
    return group;
  });
  return { throttleMs, groups };
}

function readGroup(reader: Reader, version: number, group: string | undefined): FetchedGroup {
  const topics = readArray(reader, 3, (from) => {
    const topic = readText(from);
    const offsets = readArray(from, 15, (one) => readOffset(one, version, topic));
    readTags(from);
    return offsets;
  });
  return { group, error: readInt16(reader), offsets: topics.flat() };
}

function readOffset(reader: Reader, version: number, topic: string): FetchedOffset {
  const partition = readInt32(reader);
  const committedOffset = readInt64(reader);
  if (version >= 5) readInt32(reader); // leader epoch
  readNullableText(reader); // the committer's own words
  const error = readInt16(reader);
  readTags(reader);
  return { topic, partition, committedOffset, error };
}
