/**
 * # How far the offsets topic was read, by this run and by the one before
 *
 * What is opened again is compared with how far it was read: a log that ends before that was cut, or is another one. A topic
 * that was deleted and made again has other logs under the same numbers; then all of them count as cut.
 */

import type { LogPartition, ReadLog } from "./log-partition.ts";
import { readLogOf } from "./log-partition.ts";

/** What a later run needs to go on from here. */
export interface ReadTopic {
  /** Undefined where brokers have no ids. */
  readonly logTopicId: string | undefined;
  readonly logs: readonly ReadLog[];
}

export interface ReadPositions {
  /** Of partitions that are to be opened again. */
  readonly reached: ReadonlyMap<number, number>;
  /** What another run has read, and this one has not opened yet. */
  readonly saved: ReadonlyMap<number, ReadLog>;
  opened(index: number): void;
  closed(index: number, position: number): void;
  /** True where the topic is not the one of `open`, nor of the run before. */
  isOtherTopic(logTopicId: string | undefined, open: Iterable<number>): boolean;
  /** Undefined while a partition is being replayed: what is known then is less than what was known before. */
  readTopic(open: readonly LogPartition[]): ReadTopic | undefined;
}

export function createReadPositions(before: ReadTopic | undefined): ReadPositions {
  const logs = before?.logs ?? [];
  const saved = new Map(logs.map((log) => [log.logPartition, log]));
  const reached = new Map(logs.map(({ logPartition, position }) => [logPartition, position]));
  let topicId = before?.logTopicId;
  return {
    reached,
    saved,
    opened: (index) => {
      reached.delete(index);
      saved.delete(index);
    },
    closed: (index, position) => void reached.set(index, position),
    isOtherTopic: (logTopicId, open) => {
      if (logTopicId === undefined) return false;
      const isOther = topicId !== undefined && topicId !== logTopicId;
      topicId = logTopicId;
      if (!isOther) return false;
      saved.clear();
      for (const index of [...open, ...reached.keys()]) reached.set(index, Number.POSITIVE_INFINITY);
      return true;
    },
    readTopic: (open) => {
      if (open.length === 0 || !open.every(({ isReplayed }) => isReplayed)) return undefined;
      return { logTopicId: topicId, logs: [...open.map(readLogOf), ...saved.values()] };
    },
  };
}
