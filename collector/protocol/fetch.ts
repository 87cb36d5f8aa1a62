/**
 * # Fetch (api 1), versions 4 to 11
 *
 *   request  := replica:i32=-1 maxWait:i32 minBytes:i32 maxBytes:i32 isolation:i8 (7+: session:i32=0 epoch:i32=-1)
 *               topics[] (7+: forgotten[]) (11+: rack:str)
 *     topic  := name:str partitions[ partition:i32 (9+: leaderEpoch:i32=-1) offset:i64 (5+: logStart:i64=-1) maxBytes:i32 ]
 *   response := throttle:i32 (7+: error:i16 session:i32) topics[]
 *     topic  := name:str partitions[]
 *     partition := partition:i32 error:i16 highWatermark:i64 lastStable:i64 (5+: logStart:i64)
 *                  aborted[ producerId:i64 firstOffset:i64 ] (11+: preferredReplica:i32) records:bytes
 * No fetch session (KIP-227): epoch -1 asks for a full answer each time. `records` are batches, see record-batch.ts.
 */

import { apiOf } from "./api.ts";
import {
  type Int64,
  type Reader,
  readArray,
  readBytes,
  readInt16,
  readInt32,
  readInt64,
  readText,
  skipArray,
} from "./reader.ts";
import { type Writer, writeArray, writeCount, writeInt8, writeInt32, writeInt64, writeText } from "./writer.ts";

export interface FetchRequest {
  /** How long the broker may wait for `responseBytesMin`. */
  readonly waitMsMax: number;
  readonly responseBytesMin: number;
  readonly responseBytesMax: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly position: number;
      readonly partitionBytesMax: number;
    }[];
  }[];
}

export interface FetchPartition {
  readonly topic: string;
  readonly partition: number;
  readonly error: number;
  /** -1 where the broker does not know, as with an error. */
  readonly highWatermark: Int64;
  readonly lastStableOffset: Int64;
  /** undefined below version 5. */
  readonly logStartOffset: Int64 | undefined;
  /** A view of the payload: copy what is kept. The last batch may be incomplete. */
  readonly records: Buffer;
}

export interface FetchResponse {
  readonly throttleMs: number;
  readonly error: number;
  readonly partitions: readonly FetchPartition[];
}

const NO_RECORDS = Buffer.alloc(0);

export const fetchApi = apiOf<FetchRequest, FetchResponse>({
  apiKey: 1,
  name: "Fetch",
  versions: { min: 4, max: 11 },
  flexibleSince: undefined,
  request: writeRequest,
  response: readResponse,
});

function writeRequest(writer: Writer, version: number, request: FetchRequest): void {
  writeInt32(writer, -1);
  writeInt32(writer, request.waitMsMax);
  writeInt32(writer, request.responseBytesMin);
  writeInt32(writer, request.responseBytesMax);
  writeInt8(writer, 0); // READ_UNCOMMITTED: a hanging transaction must not hide the commits behind it
  if (version >= 7) {
    writeInt32(writer, 0);
    writeInt32(writer, -1);
  }
  writeArray(writer, request.topics, (to, { topic, partitions }) => {
    writeText(to, topic);
    writeArray(to, partitions, (into, one) => writeRequestPartition(into, version, one));
  });
  if (version >= 7) writeCount(writer, 0);
  if (version >= 11) writeText(writer, "");
}

type RequestPartition = FetchRequest["topics"][number]["partitions"][number];

function writeRequestPartition(writer: Writer, version: number, asked: RequestPartition): void {
  writeInt32(writer, asked.partition);
  if (version >= 9) writeInt32(writer, -1);
  writeInt64(writer, asked.position);
  if (version >= 5) writeInt64(writer, -1);
  writeInt32(writer, asked.partitionBytesMax);
}

function readResponse(reader: Reader, version: number): FetchResponse {
  const throttleMs = readInt32(reader);
  const error = version >= 7 ? readInt16(reader) : 0;
  if (version >= 7) readInt32(reader); // session
  const topics = readArray(reader, 6, (from) => {
    const topic = readText(from);
    return readArray(from, 30, (one) => readPartition(one, version, topic));
  });
  return { throttleMs, error, partitions: topics.flat() };
}

function readPartition(reader: Reader, version: number, topic: string): FetchPartition {
  const partition = readInt32(reader);
  const error = readInt16(reader);
  const highWatermark = readInt64(reader);
  const lastStableOffset = readInt64(reader);
  const logStartOffset = version >= 5 ? readInt64(reader) : undefined;
  skipArray(reader, 16); // aborted transactions: their markers say the same
  if (version >= 11) readInt32(reader); // preferred replica: we name no rack, so there is none
  const records = readBytes(reader) ?? NO_RECORDS;
  return { topic, partition, error, highWatermark, lastStableOffset, logStartOffset, records };
}
