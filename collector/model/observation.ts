/**
 * # Observations: what a source tells about one cluster
 *
 * A source (Kafka, an existing Burrow, a trace) calls one `Observer`; windows and verdicts are made from nothing else.
 * Times are epoch ms of the collector's clock unless a name says otherwise. `logPartition` is a partition of
 * `__consumer_offsets`; `order` is a record's offset in it, the only reliable order of a group's commits. Where commits are
 * polled, `logPartition` stands for a coordinator, `order` counts answers, and the time of a commit is when it was seen.
 */

/** Why a value is not known. The first three make a partition `stale`, the last `unauthorised`. */
export type UnavailableReason = "no-leader" | "broker-unreachable" | "error" | "unauthorised";

export interface MemberDescription {
  readonly memberId: string;
  readonly clientId: string;
  /** As the coordinator writes it, such as `/10.0.0.1`. */
  readonly clientHost: string;
  readonly partitions: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}

/** The answer of ListOffsets for many partitions at once, by column: entry i of each array is one partition. */
export interface Watermarks {
  readonly kind: "watermarks";
  /** High watermark, log start, or last stable offset. */
  readonly which: "end" | "start" | "stable";
  /** When the request was sent. */
  readonly atMs: number;
  /** When the answer was there: between the two the leader looked. Never before `atMs`. */
  readonly answeredAtMs: number;
  /** Who was asked had asked the leader before, no earlier than this; `atMs` where absent. */
  readonly leaderAskedMs?: number;
  readonly topics: readonly string[];
  /** Index into `topics`. */
  readonly topicIndex: Int32Array;
  readonly partitions: Int32Array;
  /** NaN where `unavailable` has an entry for i. */
  readonly offsets: Float64Array;
  readonly unavailable: ReadonlyMap<number, UnavailableReason>;
}

/** Which record of a partition is the first that is not older than a time? */
export interface RecordTimeQuestion {
  readonly topic: string;
  readonly partition: number;
  /** Epoch ms; 0 asks for the oldest record of all. */
  readonly timestampMs: number;
}

/** Which record was the first that is not older than a time, for many partitions at once, by column. */
export interface RecordTimesAnswer {
  readonly kind: "record-times";
  readonly topics: readonly string[];
  /** Index into `topics`. */
  readonly topicIndex: Int32Array;
  readonly partitions: Int32Array;
  /** Epoch ms; 0 asks for the oldest record of all. */
  readonly askedMs: Float64Array;
  /** -1: no record is that new. */
  readonly offsets: Float64Array;
  /** The timestamp of that record, as its producer or broker wrote it. */
  readonly timesMs: Float64Array;
}

/** What a topic's configuration says of deletion. */
export interface TopicConfig {
  readonly topic: string;
  /** `cleanup.policy` names `delete`; else the limits below hold for nothing. */
  readonly deletes: boolean;
  /** Undefined: no limit. */
  readonly retentionMs: number | undefined;
  /** Of one partition; undefined: no limit. */
  readonly retentionBytes: number | undefined;
  /** Of one segment; undefined: not told. */
  readonly segmentBytes: number | undefined;
}

/** One commit of a window that somebody else keeps. */
export interface WindowCommit {
  readonly committedOffset: number;
  /** By the coordinator's clock. */
  readonly committedAtMs: number;
  /** Whole seconds of the other's clock, as ms. */
  readonly observedAtMs: number;
  /** Above that of the commit before it. */
  readonly order: number;
  /** Undefined: it came late, and nobody knows. */
  readonly lag: number | undefined;
}

export type Observation =
  | Watermarks
  | RecordTimesAnswer
  /** All topics of the cluster; what is missing was deleted. `topicId` changes when a topic is deleted and made again. */
  | {
      readonly kind: "topics";
      readonly topics: readonly {
        readonly topic: string;
        readonly topicId: string | undefined;
        readonly partitions: number;
      }[];
    }
  /** Of some topics; what is known of the others stays. */
  | { readonly kind: "topic-configs"; readonly topics: readonly TopicConfig[] }
  /** All committed offsets of a group as OffsetFetch gives them: the present, without commit times. */
  | {
      readonly kind: "baseline";
      readonly group: string;
      readonly logPartition: number;
      /** The log is read on since long: this tells only of what it has not told of. */
      readonly isLate?: boolean;
      readonly offsets: readonly {
        readonly topic: string;
        readonly partition: number;
        /** NaN: outside ±(2^53-1). */
        readonly committedOffset: number;
      }[];
    }
  /** The coordinator answers for other groups, but not for this one; the next baseline ends it. */
  | {
      readonly kind: "group-unavailable";
      readonly group: string;
      readonly logPartition: number;
      readonly reason: UnavailableReason;
      readonly atMs: number;
    }
  /** All groups that exist, as ListGroups names them; sent only when every coordinator has answered. */
  | {
      readonly kind: "groups";
      readonly groups: readonly {
        readonly group: string;
        readonly protocolType: string;
        readonly state: string | undefined;
        readonly type: string | undefined;
      }[];
    }
  /** Members and owners, from a group metadata record (then `order` is set) or from a describe request. */
  | {
      readonly kind: "members";
      readonly group: string;
      readonly protocolType: string;
      readonly state: string | undefined;
      readonly type: string | undefined;
      readonly generation: number | undefined;
      readonly members: readonly MemberDescription[];
      /** Who owns what is all that is told: how many members there are is not known. */
      readonly isOwnersOnly?: boolean;
      readonly order: number | undefined;
      /** Where `order` counts; undefined from a describe request. */
      readonly logPartition: number | undefined;
      /** When it was so: by the coordinator's clock where it comes from a record, else by ours. */
      readonly atMs: number;
    }
  /** How far a share group has read, as its coordinator tells it; whole. */
  | {
      readonly kind: "share-offsets";
      readonly group: string;
      readonly logPartition: number;
      readonly offsets: readonly {
        readonly topic: string;
        readonly partition: number;
        /** The oldest offset that the group may still be given. It trails behind what was read, so no lag follows from it. */
        readonly startOffset: number | undefined;
        /** Records that the group has yet to acknowledge; undefined where the broker does not count them. */
        readonly lag: number | undefined;
      }[];
    }
  /** Generation of a record older than the replay: it counts where nothing newer is known. */
  | { readonly kind: "past-generation"; readonly group: string; readonly generation: number }
  /** A commit whose offset is outside ±(2^53-1): what it says is not known, and what was committed before is no longer so. */
  | {
      readonly kind: "offset-refused";
      readonly handle: number;
      readonly committedAtMs: number;
      readonly logPartition: number;
      readonly order: number;
    }
  /** The group's committed offset for this partition was removed. */
  | {
      readonly kind: "offset-tombstone";
      readonly handle: number;
      readonly logPartition: number;
      readonly order: number;
    }
  /** The classic group metadata was removed: deleted, or turned into a group of another protocol. */
  | { readonly kind: "group-tombstone"; readonly group: string; readonly logPartition: number; readonly order: number }
  /** Handles whose next offsets wait in open transactions of this partition, all of them, with the start of the oldest one. */
  | {
      readonly kind: "open-transactions";
      readonly logPartition: number;
      /** Epoch ms of the coordinator's clock, by handle. */
      readonly sinceMs: ReadonlyMap<number, number>;
    }
  /** How many partitions the offsets topic has: each is unread until its own progress is told. 0: no such topic yet. */
  | { readonly kind: "log-partitions"; readonly logPartitions: number }
  /** How far a partition of the offsets topic is read. Not `replayed`: its groups are warming. */
  | {
      readonly kind: "log-progress";
      readonly logPartition: number;
      readonly logPartitions: number;
      /** Commits decided before this order are already part of the baselines. */
      readonly baselineOrder: number;
      readonly replayed: boolean;
      /** Everything that the log still holds is read, not only the replay's span. */
      readonly backfilled: boolean;
      /** Share of the replay that is done, from 0 to 1. */
      readonly progress: number;
      readonly atMs: number;
      /** Commits carry no times of their own: each is known to lie between two polls. */
      readonly isPolled?: boolean;
      /** An existing Burrow tells of them, and nobody else of anything. */
      readonly isBurrow?: boolean;
    }
  /** The window of a handle as somebody else keeps it; what was told of its commits before is part of it, or gone. */
  | { readonly kind: "window"; readonly handle: number; readonly commits: readonly WindowCommit[] }
  /** The newest commits of these handles were made after `afterMs`, and not after the time that they were told with. */
  | { readonly kind: "commit-bounds"; readonly handles: readonly number[]; readonly afterMs: number }
  /**
   * The log was cut, or made again, and its orders begin anew below those that were told: windows of its groups are of another
   * log. Told before the baselines of the new one.
   */
  | { readonly kind: "log-regressed"; readonly logPartition: number }
  /** Commits were read as soon as they could be: what the coordinator's clock said when the newest was made. */
  | {
      readonly kind: "coordinator-clock";
      readonly logPartition: number;
      readonly committedAtMs: number;
      readonly atMs: number;
    }
  | {
      readonly kind: "log-unavailable";
      readonly logPartition: number;
      readonly reason: UnavailableReason;
      readonly atMs: number;
    };

/** No handle: what is told with it is dropped, and the observer has counted it. */
export const NO_ROOM = -1;
/** No handle either: these names are left out by the configuration. */
export const EXCLUDED = -3;

export interface Observer {
  /** Handles stay valid while this number stays the same; a cache of handles is emptied when it changes. */
  readonly handlesEpoch: number;
  /** A handle for `commit`, made on first sight of these names; NO_ROOM where no more are kept, EXCLUDED where they are left out. */
  handleOf(group: string, topic: string, partition: number): number;
  /** The handle of these names, where somebody knows them. */
  findHandle(group: string, topic: string, partition: number): number | undefined;
  /**
   * One commit. `committedAtMs` is the coordinator's clock, as the record carries it. `decidedOrder` is the order of the record
   * that made it count: its own, or the end marker of its transaction. Called millions of times a second.
   */
  commit(
    handle: number,
    committedOffset: number,
    committedAtMs: number,
    order: number,
    logPartition: number,
    decidedOrder: number,
  ): void;
  observe(observation: Observation): void;
}
