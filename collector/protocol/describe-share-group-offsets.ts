/**
 * # DescribeShareGroupOffsets (api 90, KIP-932), versions 0 and 1; always flexible; lags since 1 (KIP-1226)
 *
 *   request   := groups[ group:str topics:n[] ]                                                       topics null: all
 *   response  := throttle:i32 groups[ group:str topics[] error:i16 message:nstr ]
 *     topic     := name:str topicId:uuid partitions[]
 *     partition := partition:i32 startOffset:i64 leaderEpoch:i32 (1+: lag:i64) error:i16 message:nstr
 * Tags after each struct. The start offset of a share partition is the oldest one that may still be delivered, -1 where nothing
 * was ever read. It moves behind what is acknowledged, as the state is next written: of a group that has read all, it may lie
 * below the end. So no lag follows from it; version 1 gives one, -1 where the broker does not know.
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
  readUuid,
} from "./reader.ts";
import { type Writer, writeArray, writeCount, writeTags, writeText } from "./writer.ts";

export interface DescribeShareGroupOffsetsRequest {
  readonly groups: readonly string[];
}

export interface SharePartition {
  readonly topic: string;
  readonly partition: number;
  readonly startOffset: Int64;
  /** undefined below version 1. */
  readonly lag: Int64 | undefined;
  readonly error: number;
}

export interface ShareGroupOffsets {
  readonly group: string;
  readonly error: number;
  readonly partitions: readonly SharePartition[];
}

export interface DescribeShareGroupOffsetsResponse {
  readonly throttleMs: number;
  readonly groups: readonly ShareGroupOffsets[];
}

export const describeShareGroupOffsetsApi = apiOf<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse>({
  apiKey: 90,
  name: "DescribeShareGroupOffsets",
  versions: { min: 0, max: 1 },
  flexibleSince: 0,
  request: writeRequest,
  response: (reader, version) => ({
    throttleMs: readInt32(reader),
    groups: readArray(reader, 6, (from) => readGroup(from, version)),
  }),
});

function writeRequest(writer: Writer, _version: number, { groups }: DescribeShareGroupOffsetsRequest): void {
  writeArray(writer, groups, (to, group) => {
    writeText(to, group);
    writeCount(to, undefined);
    writeTags(to);
  });
  writeTags(writer);
}

function readGroup(reader: Reader, version: number): ShareGroupOffsets {
  const group = readText(reader);
  const topics = readArray(reader, 19, (from) => {
    const topic = readText(from);
    readUuid(from);
    const partitions = readArray(from, 20, (one) => readPartition(one, version, topic));
    readTags(from);
    return partitions;
  });
  const error = readInt16(reader);
  readNullableText(reader); // the error in words
  readTags(reader);
  return { group, error, partitions: topics.flat() };
}

function readPartition(reader: Reader, version: number, topic: string): SharePartition {
  const partition = readInt32(reader);
  const startOffset = readInt64(reader);
  readInt32(reader); // leader epoch
  const lag = version >= 1 ? readInt64(reader) : undefined;
  const error = readInt16(reader);
  readNullableText(reader); // the error in words
  readTags(reader);
  return { topic, partition, startOffset, lag, error };
}
