/**
 * # ListOffsets (api 2), versions 1 to 5
 *
 *   request  := replica:i32=-1 (2+: isolation:i8) topics[]
 *     topic  := name:str partitions[ partition:i32 (4+: leaderEpoch:i32=-1) timestamp:i64 ]
 *   response := (2+: throttle:i32) topics[]
 *     topic  := name:str partitions[ partition:i32 error:i16 timestamp:i64 offset:i64 (4+: leaderEpoch:i32) ]
 * timestamp -1 asks for the high watermark, or with isolation 1 for the last stable offset; -2 for the log-start offset, a time for
 * the first record not older than it.
 * The response is read into columns: a leader of 100,000 partitions answers in one of them.
 */

import { apiOf } from "./api.ts";
import { bytesLeft, type Reader, readCount, readInt16, readInt32, readInt64OrNaN, readText } from "./reader.ts";
import { type Writer, writeArray, writeCount, writeInt8, writeInt32, writeInt64, writeText } from "./writer.ts";

export const LATEST_TIMESTAMP = -1;
export const EARLIEST_TIMESTAMP = -2;

export interface ListOffsetsRequest {
  /** Epoch ms, or one of the two constants above. */
  readonly timestampMs: number;
  /** One for each partition, in the order of `topics`, instead of the one for all. */
  readonly timestampsMs?: Float64Array;
  /** Of what: all that may be read (the default), or all before the first open transaction. */
  readonly isolation?: "read_uncommitted" | "read_committed";
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] | Int32Array }[];
}

/** By column: entry i of each array is one partition, in the broker's order. */
export interface ListOffsetsResponse {
  readonly throttleMs: number;
  readonly topics: readonly string[];
  /** Index into `topics`. */
  readonly topicIndex: Int32Array;
  readonly partitions: Int32Array;
  readonly errors: Int16Array;
  /** NaN where it does not fit ±(2^53-1); -1 where no record is at or after the time asked for. Only without error. */
  readonly offsets: Float64Array;
  /** Of the record at the offset, epoch ms, where a time was asked for; else -1. NaN as above. */
  readonly timestampsMs: Float64Array;
}

export const listOffsetsApi = apiOf<ListOffsetsRequest, ListOffsetsResponse>({
  apiKey: 2,
  name: "ListOffsets",
  versions: { min: 1, max: 5 },
  flexibleSince: undefined,
  request: writeRequest,
  response: readResponse,
});

function writeRequest(writer: Writer, version: number, request: ListOffsetsRequest): void {
  const { timestampMs, timestampsMs, isolation, topics } = request;
  let row = 0;
  writeInt32(writer, -1);
  if (version >= 2) writeInt8(writer, isolation === "read_committed" ? 1 : 0);
  writeArray(writer, topics, (to, { topic, partitions }) => {
    writeText(to, topic);
    writeCount(to, partitions.length);
    for (const partition of partitions) {
      writeInt32(to, partition);
      if (version >= 4) writeInt32(to, -1);
      writeInt64(to, timestampsMs?.[row] ?? timestampMs);
      row += 1;
    }
  });
}

function readResponse(reader: Reader, version: number): ListOffsetsResponse {
  const throttleMs = version >= 2 ? readInt32(reader) : 0;
  const columns = columnsFor(Math.floor(bytesLeft(reader) / partitionBytes(version)));
  const topics: string[] = [];
  const topicCount = readCount(reader, 6);
  let row = 0;
  for (let t = 0; t < topicCount; t++) {
    topics.push(readText(reader));
    const partitionCount = readCount(reader, partitionBytes(version));
    for (let p = 0; p < partitionCount; p++, row++) {
      columns.topicIndex[row] = t;
      columns.partitions[row] = readInt32(reader);
      columns.errors[row] = readInt16(reader);
      columns.timestampsMs[row] = readInt64OrNaN(reader);
      columns.offsets[row] = readInt64OrNaN(reader);
      if (version >= 4) reader.at += 4;
    }
  }
  return {
    throttleMs,
    topics,
    topicIndex: columns.topicIndex.subarray(0, row),
    partitions: columns.partitions.subarray(0, row),
    errors: columns.errors.subarray(0, row),
    offsets: columns.offsets.subarray(0, row),
    timestampsMs: columns.timestampsMs.subarray(0, row),
  };
}

/** As many rows as the bytes can hold, so that columns are made once; topic names leave a little unused. */
function columnsFor(rows: number): Omit<ListOffsetsResponse, "throttleMs" | "topics"> {
  return {
    topicIndex: new Int32Array(rows),
    partitions: new Int32Array(rows),
    errors: new Int16Array(rows),
    offsets: new Float64Array(rows),
    timestampsMs: new Float64Array(rows),
  };
}

function partitionBytes(version: number): number {
  return version >= 4 ? 26 : 22;
}
