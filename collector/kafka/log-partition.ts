/**
 * # One partition of the offsets topic, as far as it is read
 *
 *     log start ──── backfill ────▶ replay start ──── live ────▶ ready ────▶ high watermark ...
 *
 * The present comes from OffsetFetch (baseline.ts); the log gives what happens from then on, and the windows. The replay
 * starts at the first record not older than the configured span; once it passes `readyOrder`, the end of the log when the
 * baselines were complete, nothing that it says is older than what the brokers said. What lies before the replay is read
 * afterwards, in the background.
 */

import type { LogReader } from "../ingest/offsets-log.ts";

export interface Span {
  readonly log: LogReader;
  position: number;
}

export interface Backfill extends Span {
  readonly end: number;
}

export interface LogPartition {
  readonly index: number;
  /** Commits before this order are part of the baselines. */
  readonly baselineOrder: number;
  readonly replayStart: number;
  readonly live: Span;
  /** Undefined where there is nothing older, or all of it is read. */
  backfill: Backfill | undefined;
  /** Where the log ended when the numbers were last known to be right, or the first answer after an outage. */
  readyOrder: number;
  /** False from an outage, until the first answer after it. */
  isAnswering: boolean;
  isReplayed: boolean;
  /** Groups that the coordinator would not tell of. */
  refused: readonly string[];
  highWatermark: number;
}

/** How far a partition is read: what a later run needs to go on from there. */
export interface ReadLog {
  readonly logPartition: number;
  /** Everything from here on was told; 0 where it was read from its start. */
  readonly from: number;
  readonly position: number;
  /** From where it must be read again; before `position` where a transaction is open. */
  readonly resume: number;
}

export function readLogOf({ index, backfill, live }: LogPartition): ReadLog {
  const { position } = live;
  return { logPartition: index, from: backfill?.end ?? 0, position, resume: live.log.resumeOf(position) };
}

/** Share of the replay that is done, from 0 to 1. */
export function replayProgress({ live, replayStart, readyOrder }: LogPartition): number {
  const whole = readyOrder - replayStart;
  return whole <= 0 ? 1 : Math.min(1, Math.max(0, (live.position - replayStart) / whole));
}
