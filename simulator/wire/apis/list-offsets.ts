/**
 * # ListOffsets (2), versions 0 to 10
 *
 *     request   replica isolation(2) topics [name partitions [id leader_epoch(4) timestamp max_offsets(0 only)]] timeout_ms(10)
 *     answer    throttle(2) topics [name partitions [id error timestamp(1) offset(1) leader_epoch(4) | offsets (0)]]
 *
 * Timestamps: -1 the end (the last stable offset where the isolation is read-committed), -2 the start, -3 the newest record
 * (KIP-734), else the first record at or after that time; without one, offset and timestamp are -1.
 */

import type { PartitionView } from "../../cluster/cluster.ts";
import {
  writeArray,
  writeInt16,
  writeInt32,
  writeInt64,
  writeTags,
  writeText,
} from "../../cluster/offsets-log/byte-writer.ts";
import type { Api, Call } from "../api.ts";
import { faultCode, isTopicDenied } from "../api.ts";
import { ERROR } from "../errors.ts";
import { readArray, readInt8, readInt32, readInt64, readString, skipTags } from "../request-reader.ts";

interface Asked {
  readonly partition: number;
  readonly timestamp: number;
}

const LATEST = -1;
const EARLIEST = -2;
const NEWEST_RECORD = -3;
const READ_COMMITTED = 1;

export const listOffsetsApi: Api = {
  key: 2,
  name: "ListOffsets",
  flexibleFrom: 6,
  handle: (call) => {
    const { version, request, answer, throttleMs } = call;
    readInt32(request);
    const isolation = version >= 2 ? readInt8(request) : 0;
    const topics = readArray(request, () => {
      const topic = readString(request);
      const partitions = readArray(request, (): Asked => {
        const partition = readInt32(request);
        if (version >= 4) readInt32(request);
        const timestamp = readInt64(request);
        if (version === 0) readInt32(request);
        skipTags(request);
        return { partition, timestamp };
      });
      skipTags(request);
      return { topic, partitions };
    });
    if (version >= 10) readInt32(request);
    skipTags(request);

    if (version >= 2) writeInt32(answer, throttleMs);
    writeArray(answer, topics, (_, { topic, partitions }) => {
      writeText(answer, topic);
      writeArray(answer, partitions, (_, asked) => writePartition(call, { topic, isolation, ...asked }));
      writeTags(answer);
    });
    writeTags(answer);
  },
};

interface Position {
  readonly offset: number;
  readonly timestampMs: number;
}

const NOWHERE: Position = { offset: -1, timestampMs: -1 };

function writePartition(
  { version, answer, context }: Call,
  asked: Asked & { readonly topic: string; readonly isolation: number },
): void {
  const { topic, partition } = asked;
  const view = context.view.partition(topic, partition);
  const error = errorOf(context, { topic, partition }, view);
  const position = error === ERROR.none && view !== undefined ? positionOf(context, asked, view) : NOWHERE;
  writeInt32(answer, partition);
  writeInt16(answer, error);
  if (version === 0)
    writeArray(answer, position === NOWHERE ? [] : [position.offset], (_, one) => writeInt64(answer, one));
  else {
    writeInt64(answer, position.timestampMs);
    writeInt64(answer, position.offset);
  }
  if (version >= 4) writeInt32(answer, error === ERROR.none ? (view?.leaderEpoch ?? -1) : -1);
  writeTags(answer);
}

function errorOf(
  context: Call["context"],
  where: { readonly topic: string; readonly partition: number },
  view: PartitionView | undefined,
): number {
  if (isTopicDenied(context, where.topic)) return ERROR.topicAuthorizationFailed;
  if (view === undefined) return ERROR.unknownTopicOrPartition;
  if (view.leader !== context.broker) return ERROR.notLeader;
  return faultCode(context, "ListOffsets", where);
}

function positionOf(
  { view: cluster }: Call["context"],
  { topic, partition, timestamp, isolation }: Asked & { readonly topic: string; readonly isolation: number },
  view: PartitionView,
): Position {
  switch (timestamp) {
    case LATEST:
      return { offset: isolation === READ_COMMITTED ? view.lastStableOffset : view.endOffset, timestampMs: -1 };
    case EARLIEST:
      return { offset: view.startOffset, timestampMs: -1 };
    case NEWEST_RECORD: {
      const timestampMs = cluster.appendedAtMs(topic, partition, view.endOffset - 1);
      return timestampMs === undefined ? NOWHERE : { offset: view.endOffset - 1, timestampMs };
    }
    default:
      return timestamp < 0 ? NOWHERE : (cluster.offsetForTime(topic, partition, timestamp) ?? NOWHERE);
  }
}
