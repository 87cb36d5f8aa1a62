/**
 * # Seekers: group-partitions whose oldest unread record is older than all samples
 *
 * Written down where somebody reads of them; whoever asks brokers for timestamps takes them from here. One that is not asked
 * for any more, because the group has moved on, is forgotten.
 */

export interface Seeker {
  readonly topicPartition: number;
  offset: number;
  /** Rounds of questions that were asked for this offset. */
  rounds: number;
  /** When the last of them was, epoch ms. */
  askedMs: number;
  readonly sinceMs: number;
  wantedMs: number;
}

/** By slot. */
export type Seekers = Map<number, Seeker>;

/** Who comes later waits until others are done. */
const SEEKERS_MAX = 50_000;

export interface Sought {
  readonly slot: number;
  readonly topicPartition: number;
  readonly offset: number;
  readonly nowMs: number;
}

export function seek(seekers: Seekers, { slot, topicPartition, offset, nowMs }: Sought): void {
  const known = seekers.get(slot);
  if (known === undefined || known.topicPartition !== topicPartition) {
    if (seekers.size < SEEKERS_MAX)
      seekers.set(slot, { topicPartition, offset, rounds: 0, askedMs: 0, sinceMs: nowMs, wantedMs: nowMs });
    return;
  }
  if (known.offset !== offset) known.rounds = 0;
  known.offset = offset;
  known.wantedMs = nowMs;
}
