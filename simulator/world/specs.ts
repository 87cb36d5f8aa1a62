/**
 * # What a world is made of: topics, groups, and faults on a script
 *
 * Plain data; scenario/ gives it as a file's form and in built-in worlds. Rates are records a second, over all partitions of
 * a topic or for one member of a group. Times of faults count from the world's `liveMs`, the moment at which somebody begins
 * to watch: below zero is its past.
 */

export type Production =
  | { readonly kind: "constant"; readonly perSecond: number }
  /** Between `perSecond * (1 - swing)` and `perSecond * (1 + swing)`, as a sine. */
  | { readonly kind: "diurnal"; readonly perSecond: number; readonly swing: number; readonly periodMs: number }
  /** `burstPerSecond` for `burstMs` in each `everyMs`, `perSecond` between. */
  | {
      readonly kind: "bursty";
      readonly perSecond: number;
      readonly burstPerSecond: number;
      readonly burstMs: number;
      readonly everyMs: number;
    }
  | { readonly kind: "idle" }
  /** All at once, spread evenly over the partitions. */
  | { readonly kind: "batch"; readonly records: number; readonly everyMs: number };

export interface Retention {
  /** Undefined: no limit. */
  readonly retentionMs: number | undefined;
  /** Of one partition. */
  readonly retentionBytes: number | undefined;
  readonly segmentMs: number;
  readonly segmentBytes: number;
  readonly recordBytes: number;
  readonly checkEveryMs: number;
}

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  readonly production: Production;
  /** 0: even. 1: the last partition gets twice the share of the middle one, the first none. */
  readonly skew: number;
  readonly retention: Retention;
  readonly isCompacted: boolean;
  /** Records come in transactions, each of which ends with a marker that takes an offset. */
  readonly isTransactional: boolean;
}

export interface GroupSpec {
  readonly group: string;
  /** simple: assigns itself and commits, is no member of anything. */
  readonly kind: "classic" | "consumer" | "simple";
  readonly topics: readonly string[];
  readonly members: number;
  readonly isStatic: boolean;
  /** Of one member. */
  readonly capacityPerSecond: number;
  readonly commitEveryMs: number;
  /** Reads a record only when it is so old. */
  readonly delayMs: number;
  /** Offsets are committed in transactions, as an exactly-once application does. */
  readonly isTransactional: boolean;
  readonly clientId: string;
}

/** Names are those of WORLD_FAULTS. */
export interface FaultSpec {
  readonly fault: string;
  readonly atMs: number;
  /** Undefined: at once and for good. */
  readonly forMs: number | undefined;
  readonly everyMs: number | undefined;
  readonly group: string | undefined;
  readonly topic: string | undefined;
  readonly partition: number | undefined;
  /** How much: what it means is said with the fault. */
  readonly amount: number | undefined;
  readonly name: string | undefined;
}

export interface Scenario {
  readonly cluster: string;
  readonly brokers: number;
  readonly offsetsPartitions: number;
  readonly topics: readonly TopicSpec[];
  readonly groups: readonly GroupSpec[];
  readonly faults: readonly FaultSpec[];
  /** Before `liveMs` cadences are this many times slower: a past of hours is made in seconds. */
  readonly pastPace: number;
}
