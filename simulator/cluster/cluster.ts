/**
 * # A simulated cluster: what its brokers hold between them
 *
 * Two sides of one thing. `ClusterView` is what a broker may answer from; `Cluster` adds the changes, each of which happens at a
 * time that the caller gives (epoch ms, the brokers' clock). No clock, no chance, no socket in here.
 *
 * Topics hold no records, only offsets and the times they were appended at; the offsets topic alone holds bytes: record batches
 * as a broker of the impersonated version writes them. A group's partition of it and its coordinator follow from its name as in
 * `Utils.abs(group.hashCode()) % partitions` (GroupMetadataManager.scala).
 *
 * A change that the cluster cannot make (an unknown topic, an offset below the log start, a group with members that is deleted, a
 * consumer group on 2.8) throws ClusterError: it is a mistake of the script.
 */

export const OFFSETS_TOPIC = "__consumer_offsets";

export type BrokerVersion = "2.8" | "3.9" | "4.1";

export interface TopicView {
  readonly name: string;
  /** Changes when the topic is deleted and made again; 16 bytes. */
  readonly id: Uint8Array;
  readonly isInternal: boolean;
  readonly partitions: number;
  /** `retention.ms`, `retention.bytes`, `cleanup.policy`, `segment.bytes`, ... where they are not the broker's default. */
  readonly configs: ReadonlyMap<string, string>;
}

export interface PartitionView {
  /** Broker id, -1: none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly startOffset: number;
  readonly endOffset: number;
  readonly lastStableOffset: number;
}

export interface MemberSpec {
  readonly memberId: string;
  /** Static membership (KIP-345). */
  readonly instanceId: string | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  readonly partitions: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}

export interface GroupView {
  readonly group: string;
  /** The last two are only listed: a cluster makes none of them. */
  readonly type: "classic" | "consumer" | "share" | "streams";
  /** "" of a group that only commits. */
  readonly protocolType: string;
  /** As ListGroups says it: Stable, Empty, PreparingRebalance, Dead, ... */
  readonly state: string;
  /** Generation of a classic group, epoch of a consumer group. */
  readonly generation: number;
  readonly members: readonly MemberSpec[];
}

export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly committedOffset: number;
  readonly leaderEpoch: number;
}

export interface LogSlice {
  /** Whole batches from the one that holds the asked offset; empty where there is nothing yet. */
  readonly bytes: Uint8Array;
  readonly startOffset: number;
  readonly endOffset: number;
  readonly lastStableOffset: number;
}

export interface ClusterView {
  readonly clusterId: string;
  readonly version: BrokerVersion;
  /** Ids, ascending. */
  readonly brokers: readonly number[];
  readonly offsetsPartitions: number;
  topics(): Iterable<TopicView>;
  topic(name: string): TopicView | undefined;
  topicById(id: Uint8Array): TopicView | undefined;
  /** Undefined where there is no such partition. */
  partition(topic: string, partition: number): PartitionView | undefined;
  /** First offset whose record was appended at or after `timestampMs`, with its time; undefined where there is none. */
  offsetForTime(
    topic: string,
    partition: number,
    timestampMs: number,
  ): { readonly offset: number; readonly timestampMs: number } | undefined;
  /** Exact time the record at this offset was appended; undefined outside [log start, end offset), and for what the cleaner took. */
  appendedAtMs(topic: string, partition: number, offset: number): number | undefined;
  groups(): Iterable<GroupView>;
  group(name: string): GroupView | undefined;
  /** All committed offsets, pending transactions not included. */
  committedOffsets(group: string): readonly CommittedOffset[];
  /** Which of them an open transaction is about to change (UNSTABLE_OFFSET_COMMIT to those who require stable ones). */
  hasPendingOffset(group: string, topic: string, partition: number): boolean;
  /** Partition of the offsets topic. */
  logPartitionOf(group: string): number;
  /** Ends where a segment ends, so a slice may hold nothing but an empty batch. The bytes are a view that stays as it is. */
  readLog(logPartition: number, fromOffset: number, bytesMax: number): LogSlice | "out-of-range";
  /**
   * Called when a batch is in a partition of the offsets topic, for those who wait in a long poll; what the batch means for its
   * group is there when the change returns. Gives the way out.
   */
  onLogAppend(listener: (logPartition: number) => void): () => void;
  counts(): ClusterCounts;
}

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  readonly configs?: Readonly<Record<string, string>>;
  /** Log start and end of every partition at first, as if so many records had been there and gone. */
  readonly firstOffset?: number;
}

export interface CommitSpec {
  readonly group: string;
  readonly offsets: readonly {
    readonly topic: string;
    readonly partition: number;
    /** Any: brokers do not check it. */
    readonly committedOffset: number;
    /** Java's consumer knows it; -1, unknown, by default. */
    readonly leaderEpoch?: number;
    readonly metadata?: string;
  }[];
  readonly atMs: number;
  /** Part of this producer's transaction: pending until `endOffsetsTransaction`. */
  readonly producerId?: number;
  /** The request carried a retention time: the record is of version 1. */
  readonly expiresAtMs?: number;
  /** The request named its topics by id, as OffsetCommit v10 can: the record of 4.1 carries it. */
  readonly withTopicId?: boolean;
}

/** What fell off because of a limit, and what the cleaner did by itself. */
export interface ClusterCounts {
  /** Oldest appends whose records went so that the log start moved. */
  readonly appendsDropped: number;
  /** Of the offsets topic: what a broker would have kept. */
  readonly batchesDropped: number;
  readonly bytesDropped: number;
  readonly compactions: number;
  /** That the offsets topic takes now. */
  readonly logBytes: number;
}

export interface Cluster extends ClusterView {
  createTopic(spec: TopicSpec, atMs: number): void;
  /** Its committed offsets get tombstones, as a broker writes them. */
  deleteTopic(topic: string, atMs: number): void;
  growTopic(topic: string, partitions: number): void;
  setConfig(topic: string, name: string, value: string | undefined): void;
  /** `records` more, all appended at `atMs`; times of a partition never go back. */
  append(topic: string, partition: number, records: number, atMs: number): void;
  /** Unclean election: what was at and after `endOffset` is gone; the leader epoch grows. */
  truncate(topic: string, partition: number, endOffset: number): void;
  /** Retention, or DeleteRecords; also of the offsets topic, as where its policy is `compact,delete`. */
  advanceStart(topic: string, partition: number, startOffset: number): void;
  /** Pins the last stable offset at the present end. */
  beginTransaction(topic: string, partition: number, producerId: number): void;
  /** Writes the marker, which takes one offset. */
  endTransaction(topic: string, partition: number, producerId: number, outcome: "commit" | "abort", atMs: number): void;
  /** -1: no leader. The leader epoch grows. The offsets topic counts like any other. */
  moveLeader(topic: string, partition: number, broker: number): void;

  /**
   * One record batch in the group's partition of the offsets topic, whose first offset is the answer; makes a group that only
   * commits on first sight.
   */
  commit(spec: CommitSpec): number;
  endOffsetsTransaction(producerId: number, outcome: "commit" | "abort", atMs: number): void;
  /** A completed rebalance: generation + 1, and the group metadata record (or the records of KIP-848) that says so. */
  rebalanced(
    group: string,
    to: {
      readonly type: "classic" | "consumer";
      readonly members: readonly MemberSpec[];
      /** "consumer" by default; members of another one have bytes of their own, which say nothing of partitions. */
      readonly protocolType?: string;
    },
    atMs: number,
  ): void;
  /** While it has not completed: only states change, nothing is written. */
  rebalancing(group: string): void;
  /** Offsets expired or deleted: a tombstone each. The group stays, as on a broker until its next check. */
  deleteOffsets(
    group: string,
    partitions: readonly { readonly topic: string; readonly partition: number }[],
    atMs: number,
  ): void;
  /** Tombstones of all offsets, then of the group. */
  deleteGroup(group: string, atMs: number): void;
  /** Whole batches, offsets given by the cluster: for what no API writes. Counts no group and no offset. */
  appendRaw(logPartition: number, batches: Uint8Array): void;
  /**
   * Keeps the newest record of each key below `beforeOffset`; `retainEmpty` leaves the last batch of each producer as an empty one,
   * as the log cleaner does. Tombstones older than `tombstonesBeforeMs` go. The newest batch of the log and what lies behind the
   * last stable offset stay as they are. (By itself the cleaner runs when half of a log is dirty.)
   */
  compactLog(
    logPartition: number,
    options: { readonly beforeOffset: number; readonly retainEmpty: boolean; readonly tombstonesBeforeMs?: number },
  ): void;
}
