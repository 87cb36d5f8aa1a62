/**
 * # OffsetFetch (9), versions 0 to 9
 *
 *     0 to 7    request   group topics(null from 2: all) [name [id]] require_stable(7)
 *               answer    throttle(3) topics [name partitions [id offset leader_epoch(5) metadata error]] error(2)
 *     8, 9      request   groups [group member_id(9) member_epoch(9) topics(null: all) [name [id]]] require_stable
 *               answer    throttle groups [group topics [...] error]
 *
 * An offset that is not committed is -1. Whoever requires stable offsets is told where a transaction is about to change one.
 */

import type { CommittedOffset } from "../../cluster/cluster.ts";
import {
  writeArray,
  writeInt16,
  writeInt32,
  writeInt64,
  writeTags,
  writeText,
} from "../../cluster/offsets-log/byte-writer.ts";
import type { Api, Call } from "../api.ts";
import { coordinatorError, isTopicDenied } from "../api.ts";
import { ERROR } from "../errors.ts";
import type { RequestReader } from "../request-reader.ts";
import {
  readArray,
  readBoolean,
  readInt32,
  readNullableArray,
  readNullableString,
  readString,
  skipTags,
} from "../request-reader.ts";

interface AskedTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

interface AskedGroup {
  readonly group: string;
  /** Undefined: all. */
  readonly topics: readonly AskedTopic[] | undefined;
}

interface Fetched {
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly FetchedPartition[] }[];
  readonly error: number;
}

interface FetchedPartition {
  readonly partition: number;
  readonly committedOffset: number;
  readonly leaderEpoch: number;
  readonly error: number;
}

export const offsetFetchApi: Api = {
  key: 9,
  name: "OffsetFetch",
  flexibleFrom: 6,
  handle: (call) => {
    const { version, request, answer, throttleMs } = call;
    const groups = version >= 8 ? readArray(request, () => readGroup(request, version)) : [readGroup(request, version)];
    const requireStable = version >= 7 && readBoolean(request);
    skipTags(request);
    const fetched = groups.map((asked) => ({ group: asked.group, ...fetchGroup(call, asked, requireStable) }));

    if (version >= 3) writeInt32(answer, throttleMs);
    if (version >= 8) {
      writeArray(answer, fetched, (_, { group, topics, error }) => {
        writeText(answer, group);
        writeTopics(call, topics);
        writeInt16(answer, error);
        writeTags(answer);
      });
    } else {
      writeTopics(call, fetched[0]?.topics ?? []);
      if (version >= 2) writeInt16(answer, fetched[0]?.error ?? ERROR.none);
    }
    writeTags(answer);
  },
};

function readGroup(request: RequestReader, version: number): AskedGroup {
  const group = readString(request);
  if (version >= 9) {
    readNullableString(request);
    readInt32(request);
  }
  const topics = readNullableArray(request, (): AskedTopic => {
    const topic = readString(request);
    const partitions = readArray(request, () => readInt32(request));
    skipTags(request);
    return { topic, partitions };
  });
  if (version >= 8) skipTags(request);
  return { group, topics };
}

function fetchGroup({ context }: Call, { group, topics: asked }: AskedGroup, requireStable: boolean): Fetched {
  const error = coordinatorError(context, "OffsetFetch", group);
  if (error !== ERROR.none) return { topics: [], error };
  const committed = Map.groupBy(context.view.committedOffsets(group), ({ topic }) => topic);
  const names = asked?.map(({ topic }) => topic) ?? [...committed.keys()];
  const topics = names.map((topic, index) => {
    const known = new Map((committed.get(topic) ?? []).map((one) => [one.partition, one]));
    const partitions = asked?.[index]?.partitions ?? [...known.keys()];
    const pending = (partition: number): boolean =>
      requireStable && context.view.hasPendingOffset(group, topic, partition);
    return {
      topic,
      partitions: partitions.map((partition) => partitionOf(partition, known.get(partition), pending(partition))),
    };
  });
  // As a broker does: what may not be described is left out of all, without an error.
  return { topics: topics.filter(({ topic }) => !isTopicDenied(context, topic)), error };
}

function partitionOf(partition: number, known: CommittedOffset | undefined, isPending: boolean): FetchedPartition {
  if (isPending) return { partition, committedOffset: -1, leaderEpoch: -1, error: ERROR.unstableOffsetCommit };
  const { committedOffset = -1, leaderEpoch = -1 } = known ?? {};
  return { partition, committedOffset, leaderEpoch, error: ERROR.none };
}

function writeTopics({ answer, version }: Call, topics: Fetched["topics"]): void {
  writeArray(answer, topics, (_, { topic, partitions }) => {
    writeText(answer, topic);
    writeArray(answer, partitions, (_, { partition, committedOffset, leaderEpoch, error }) => {
      writeInt32(answer, partition);
      writeInt64(answer, committedOffset);
      if (version >= 5) writeInt32(answer, leaderEpoch);
      writeText(answer, "");
      writeInt16(answer, error);
      writeTags(answer);
    });
    writeTags(answer);
  });
}
