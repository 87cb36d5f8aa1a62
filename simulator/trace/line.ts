/**
 * # A line of a trace
 *
 * What a collector could have seen of one cluster, one observation a line, in the order of `t` (epoch ms, the collector's
 * clock). The form is documented in docs/trace.md; the collector has a reader of its own, made from that page and not from this
 * file, so that a mistake in one of them shows.
 */

export type Cause =
  | "producer-surge"
  | "slow-consumer"
  | "under-capacity"
  | "stopped"
  | "not-committing"
  | "stuck-partition"
  | "stuck-member"
  | "hot-partition"
  | "rebalance-storm"
  | "idle-members"
  | "rewind"
  | "skipped-ahead"
  | "data-lost"
  | "hanging-transaction"
  | "broker"
  | "downstream"
  | "data-loss-near"
  | "collector-blind"
  // What must not alarm.
  | "batch-job"
  | "catching-up"
  | "rolling-deploy"
  | "rare-committer"
  | "idle-topic"
  | "transaction-residue"
  | "planned-stop";

export interface TraceHeader {
  readonly trace: 1;
  readonly cluster: string;
  readonly interval_ms: number;
}

export interface WatermarkLine {
  readonly t: number;
  readonly topic: string;
  readonly partition: number;
  readonly end: number;
  readonly start: number;
  /** Last stable offset. */
  readonly stable?: number;
  readonly leader?: number;
}

export interface UnavailableLine {
  readonly t: number;
  readonly topic: string;
  readonly partition: number;
  readonly unavailable: string;
}

/** A commit, or a tombstone where `commit` is null. */
export interface CommitLine {
  readonly t: number;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly commit: number | null;
  /** Commit timestamp of the record, epoch ms of the coordinator's clock. */
  readonly at?: number;
  /** Offset of the record in its partition of the offsets topic. */
  readonly order: number;
}

export interface GroupLine {
  readonly t: number;
  readonly group: string;
  readonly state: string;
  readonly type: string;
  readonly generation: number;
  readonly members: readonly {
    readonly id: string;
    readonly client: string;
    readonly host: string;
    readonly partitions: readonly (readonly [topic: string, partition: number])[];
  }[];
}

export interface TopicLine {
  readonly t: number;
  readonly topic: string;
  readonly id: string;
  /** 0: deleted. */
  readonly partitions: number;
  readonly retention_ms?: number;
  readonly retention_bytes?: number;
  readonly segment_bytes?: number;
  readonly cleanup?: string;
}

export interface DeployLine {
  readonly t: number;
  readonly group: string;
  readonly deploy: string;
}

/** A label for scoring; whoever judges must not read it. */
export interface TruthLine {
  readonly t: number;
  readonly truth: {
    readonly group: string;
    readonly topic?: string;
    readonly partition?: number;
    readonly cause: Cause;
    readonly from: number;
    readonly until?: number;
  };
}

export type TraceLine = WatermarkLine | UnavailableLine | CommitLine | GroupLine | TopicLine | DeployLine | TruthLine;
