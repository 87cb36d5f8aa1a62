/**
 * # What a group has committed, and what its transactions are about to
 *
 * By topic, columns by partition. A commit within a transaction is pending under its producer's id; on COMMIT it counts where its
 * record lies behind the one that counts already; a tombstone takes a key out of everything
 * (`OffsetMetadataManager.replay` and `replayEndTransactionMarker` of apache/kafka).
 */

import type { CommittedOffset } from "./cluster.ts";
import { encodeCommitKey } from "./offsets-log/commit-record.ts";

export interface TopicOffsets {
  /** Of the log's record; its partition is set before each use. */
  readonly key: Buffer;
  /** NaN: none. */
  committedOffsets: Float64Array;
  leaderEpochs: Int32Array;
  /** Offset of the record that counts. */
  orders: Float64Array;
}

export type GroupOffsets = Map<string, TopicOffsets>;

export interface PendingCommit {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly committedOffset: number;
  readonly leaderEpoch: number;
  readonly order: number;
}

export interface OffsetsTransaction {
  readonly producerId: number;
  readonly logPartitions: Set<number>;
  /** By pendingKey; of each the newest. */
  readonly pending: Map<string, PendingCommit>;
}

export function pendingKey(group: string, topic: string, partition: number): string {
  return `${group}\n${topic}\n${partition}`;
}

/** The columns of a topic, made or made longer where that is needed. */
export function topicOffsets(
  offsets: GroupOffsets,
  group: string,
  { name, partitions }: { readonly name: string; readonly partitions: number },
): TopicOffsets {
  const known = offsets.get(name);
  if (known !== undefined && known.orders.length >= partitions) return known;
  const columns = {
    key: known?.key ?? encodeCommitKey(group, name),
    committedOffsets: new Float64Array(partitions).fill(Number.NaN),
    leaderEpochs: new Int32Array(partitions),
    orders: new Float64Array(partitions),
  };
  columns.committedOffsets.set(known?.committedOffsets ?? []);
  columns.leaderEpochs.set(known?.leaderEpochs ?? []);
  columns.orders.set(known?.orders ?? []);
  offsets.set(name, columns);
  return columns;
}

/** A commit that counts from now on. */
export function setCommitted(columns: TopicOffsets, commit: Omit<PendingCommit, "group" | "topic">): void {
  const { partition } = commit;
  columns.committedOffsets[partition] = commit.committedOffset;
  columns.leaderEpochs[partition] = commit.leaderEpoch;
  columns.orders[partition] = commit.order;
}

/** A commit whose transaction was committed. */
export function settle(columns: TopicOffsets, commit: PendingCommit): void {
  const { partition } = commit;
  const isNewest = !hasCommitted(columns, partition) || commit.order > (columns.orders[partition] ?? 0);
  if (isNewest) setCommitted(columns, commit);
}

export function hasCommitted(columns: TopicOffsets | undefined, partition: number): boolean {
  return !Number.isNaN(columns?.committedOffsets[partition] ?? Number.NaN);
}

export function clearCommitted(columns: TopicOffsets | undefined, partition: number): void {
  if (columns !== undefined && partition < columns.committedOffsets.length)
    columns.committedOffsets[partition] = Number.NaN;
}

export function committedOf(offsets: GroupOffsets): readonly CommittedOffset[] {
  const committed: CommittedOffset[] = [];
  for (const [topic, { committedOffsets, leaderEpochs }] of offsets)
    for (const [partition, committedOffset] of committedOffsets.entries())
      if (!Number.isNaN(committedOffset))
        committed.push({ topic, partition, committedOffset, leaderEpoch: leaderEpochs[partition] ?? -1 });
  return committed;
}
