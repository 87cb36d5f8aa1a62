/**
 * # History: what a page reads back
 *
 * The port of the embedded history. Points come in buckets of equal length, so that an hour and a week draw alike: a
 * bucket stands at the time of its newest point, and shows the largest lag in it, because a peak must not be averaged away.
 */

/** `lag` is absent where no point of the bucket knew it. */
export interface LagPoint {
  /** Grid time, epoch ms. */
  readonly atMs: number;
  readonly lag?: number;
}

export interface HistoryPoint extends LagPoint {
  /** That of the bucket's newest point. */
  readonly status: string;
}

export interface TopicHistory {
  readonly topic: string;
  readonly points: readonly LagPoint[];
}

/** A partition that was neither OK nor unknown at some ticks of the range, one entry per status it had then. */
export interface PartitionTrouble {
  readonly topic: string;
  readonly partition: number;
  readonly status: string;
  /** Grid times of the first and the last such tick, epoch ms; between them the partition may have been well. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly ticks: number;
}

/** What happened to a group, told once. */
export interface HistoryEvent {
  /** Epoch ms; a deploy has its own time, the others that of the tick in which they were seen. */
  readonly atMs: number;
  /** A name of event.ts; a newer program may have written another. */
  readonly event: string;
  readonly text: string;
}

export interface GroupHistory {
  readonly points: readonly HistoryPoint[];
  /** The most recent first, at most TROUBLES_MAX. */
  readonly troubles: readonly PartitionTrouble[];
  /** The most recent first, at most EVENTS_MAX of each name: many rebalances must not hide a deploy. */
  readonly events: readonly HistoryEvent[];
  /** At most TOPICS_MAX, the largest lags first. */
  readonly topics: readonly TopicHistory[];
  /** How many topics are left out of `topics`. */
  readonly topicsLeftOut: number;
}

/** From `sinceMs` (inclusive) to `untilMs` (inclusive), grid times in epoch ms; at most `pointsMax` points a series. */
export interface SparklinesQuery {
  readonly cluster: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly pointsMax: number;
}

export interface GroupQuery extends SparklinesQuery {
  readonly group: string;
}

export const TOPICS_MAX = 20;
export const TROUBLES_MAX = 50;
export const EVENTS_MAX = 10;

/** Both answer from committed data only; both reject when the history cannot be read, with the reason as the message. */
export interface History {
  /** Each group that has a point in the range, oldest point first. */
  sparklines(query: SparklinesQuery): Promise<ReadonlyMap<string, readonly HistoryPoint[]>>;
  /** One group; no points where nothing is known of it. */
  group(query: GroupQuery): Promise<GroupHistory>;
}
