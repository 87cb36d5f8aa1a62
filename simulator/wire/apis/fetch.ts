/**
 * # Fetch (1), versions 4 to 12, of the offsets topic alone
 *
 *     request   replica max_wait min_bytes max_bytes isolation session_id(7) session_epoch(7)
 *               topics [name partitions [id leader_epoch(9) offset last_epoch(12) log_start(5) max_bytes]]
 *               forgotten(7) [name [id]] rack(11)
 *     answer    throttle error(7) session_id(7)
 *               topics [name partitions [id error high_watermark last_stable log_start(5) aborted [] preferred(11) records]]
 *
 * Answers when there are `min_bytes`, when a partition has an error, or after `max_wait`. The first batch is given however
 * large it is. A session is not opened (its id stays 0): each request names all partitions. Other topics hold no bytes here,
 * and no user of a simulated cluster may read them.
 */

import { setTimeout as wait } from "node:timers/promises";
import { OFFSETS_TOPIC } from "../../cluster/cluster.ts";
import {
  writeArray,
  writeBytes,
  writeInt16,
  writeInt32,
  writeInt64,
  writeTags,
  writeText,
} from "../../cluster/offsets-log/byte-writer.ts";
import type { Api, Call } from "../api.ts";
import { faultCode, isTopicDenied } from "../api.ts";
import { ERROR } from "../errors.ts";
import type { RequestReader } from "../request-reader.ts";
import { readArray, readInt8, readInt32, readInt64, readString, skipTags } from "../request-reader.ts";

interface FetchRequest {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly Asked[] }[];
}

interface Asked {
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes: number;
}

interface Found {
  readonly partition: number;
  readonly error: number;
  readonly endOffset: number;
  readonly lastStableOffset: number;
  readonly startOffset: number;
  readonly records: Uint8Array;
}

export const fetchApi: Api = {
  key: 1,
  name: "Fetch",
  flexibleFrom: 12,
  handle: async (call) => {
    const request = readFetch(call.request, call.version);
    const topics = await awaitBytes(call, request);
    if (topics !== undefined) writeFetch(call, topics);
  },
};

function readFetch(request: RequestReader, version: number): FetchRequest {
  readInt32(request);
  const [maxWaitMs, minBytes, maxBytes] = [readInt32(request), readInt32(request), readInt32(request)];
  readInt8(request);
  if (version >= 7) {
    readInt32(request);
    readInt32(request);
  }
  const topics = readArray(request, () => {
    const topic = readString(request);
    const partitions = readArray(request, (): Asked => {
      const partition = readInt32(request);
      if (version >= 9) readInt32(request);
      const offset = readInt64(request);
      if (version >= 12) readInt32(request);
      if (version >= 5) readInt64(request);
      const asked = { partition, offset, maxBytes: readInt32(request) };
      skipTags(request);
      return asked;
    });
    skipTags(request);
    return { topic, partitions };
  });
  // The rest, topics forgotten by a session and the client's rack, changes nothing.
  return { maxWaitMs, minBytes, maxBytes, topics };
}

type FoundTopics = readonly { readonly topic: string; readonly partitions: readonly Found[] }[];

/** Undefined where the connection ended first. */
async function awaitBytes(call: Call, request: FetchRequest): Promise<FoundTopics | undefined> {
  const { view } = call.context;
  const timeout = new AbortController();
  const over = wait(request.maxWaitMs, "over" as const, { signal: AbortSignal.any([timeout.signal, call.signal]) });
  const ended = over.catch(() => "over" as const);
  let appended = Promise.withResolvers<"appended">();
  const stopListening = view.onLogAppend(() => appended.resolve("appended"));
  try {
    for (;;) {
      appended = Promise.withResolvers();
      const found = find(call, request);
      const partitions = found.flatMap((one) => one.partitions);
      const bytes = partitions.reduce((sum, { records }) => sum + records.length, 0);
      if (bytes >= request.minBytes || partitions.some(({ error }) => error !== ERROR.none)) return found;
      if ((await Promise.race([ended, appended.promise])) === "over") {
        return call.signal.aborted ? undefined : find(call, request);
      }
    }
  } finally {
    stopListening();
    timeout.abort();
  }
}

function find({ context }: Call, { topics, maxBytes }: FetchRequest): FoundTopics {
  let left = maxBytes;
  return topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((asked) => {
      const found = findPartition(context, { topic, ...asked, maxBytes: Math.max(0, Math.min(asked.maxBytes, left)) });
      left -= found.records.length;
      return found;
    }),
  }));
}

const NO_BYTES = new Uint8Array();

function findPartition(context: Call["context"], asked: Asked & { readonly topic: string }): Found {
  const { topic, partition, offset, maxBytes } = asked;
  const failed = (error: number): Found => ({
    partition,
    error,
    endOffset: -1,
    lastStableOffset: -1,
    startOffset: -1,
    records: NO_BYTES,
  });
  if (isTopicDenied(context, topic) || topic !== OFFSETS_TOPIC) return failed(ERROR.topicAuthorizationFailed);
  const view = context.view.partition(topic, partition);
  if (view === undefined) return failed(ERROR.unknownTopicOrPartition);
  if (view.leader !== context.broker) return failed(ERROR.notLeader);
  const fault = faultCode(context, "Fetch", { topic, partition });
  if (fault !== ERROR.none) return failed(fault);
  const slice = context.view.readLog(partition, offset, maxBytes);
  if (slice === "out-of-range") {
    return { ...failed(ERROR.offsetOutOfRange), endOffset: view.endOffset, startOffset: view.startOffset };
  }
  const { bytes, endOffset, lastStableOffset, startOffset } = slice;
  const records = maxBytes > 0 ? bytes : NO_BYTES;
  return { partition, error: ERROR.none, endOffset, lastStableOffset, startOffset, records };
}

function writeFetch({ version, answer, throttleMs, context }: Call, topics: FoundTopics): void {
  writeInt32(answer, throttleMs);
  if (version >= 7) {
    writeInt16(answer, faultCode(context, "Fetch"));
    writeInt32(answer, 0);
  }
  writeArray(answer, topics, (_, { topic, partitions }) => {
    writeText(answer, topic);
    writeArray(answer, partitions, (_, found) => {
      writeInt32(answer, found.partition);
      writeInt16(answer, found.error);
      writeInt64(answer, found.endOffset);
      writeInt64(answer, found.lastStableOffset);
      if (version >= 5) writeInt64(answer, found.startOffset);
      writeArray(answer, [], () => {});
      if (version >= 11) writeInt32(answer, -1);
      writeBytes(answer, found.records);
      writeTags(answer);
    });
    writeTags(answer);
  });
  writeTags(answer);
}
