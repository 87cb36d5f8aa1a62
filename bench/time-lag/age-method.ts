/**
 * # A way to tell how old the oldest unread record is, from polls of one partition
 */

export interface PollSample {
  /** By the clock of who polls. */
  readonly atMs: number;
  readonly startOffset: number;
  readonly endOffset: number;
  /** Of the oldest and of the newest record in the log, where somebody asks for them. */
  readonly oldestMs: number;
  readonly newestMs: number;
}

export interface AgeMethod {
  poll(sample: PollSample): void;
  /** Undefined: no answer. */
  ageMs(committedOffset: number, nowMs: number): number | undefined;
}
