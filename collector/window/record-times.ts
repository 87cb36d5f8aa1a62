/**
 * # Record times: what brokers say of the timestamps of records
 *
 *   answer := asked offset time        the first record not older than `asked` is at `offset`, written at `time`
 *           | asked -1                 no record is that new
 *
 * For a log whose timestamps rise with its offsets, each answer bounds every record of the partition: one at or after `offset`
 * is from `time` or later, one before it is older than `asked`. So the answers for one group serve all others on the same
 * partition. Timestamps are what producers wrote; where they contradict each other, nothing is said.
 */

import type { Bracket } from "./samples.ts";

interface Answer {
  readonly askedMs: number;
  readonly offset: number;
  readonly timeMs: number;
}

interface Answers {
  /** Of the samples: what was answered of another log does not count. */
  readonly era: number;
  /** Newest last. */
  readonly list: Answer[];
}

/** By topic partition. */
export interface RecordTimes {
  readonly byPartition: Map<number, Answers>;
  /** Answers that had to go for want of room. */
  dropped: number;
}

const ANSWERS_MAX = 16;
/** 50 MB at most; a partition more lets the oldest go. */
const PARTITIONS_MAX = 20_000;

export function createRecordTimes(): RecordTimes {
  return { byPartition: new Map(), dropped: 0 };
}

export interface PartitionOfLog {
  readonly topicPartition: number;
  readonly era: number;
}

export function addAnswer(times: RecordTimes, { topicPartition, era }: PartitionOfLog, answer: Answer): void {
  const known = times.byPartition.get(topicPartition);
  const answers = known?.era === era ? known : { era, list: [] };
  if (answers !== known) {
    times.byPartition.set(topicPartition, answers);
    if (times.byPartition.size > PARTITIONS_MAX) dropOldest(times);
  }
  answers.list.push(answer);
  if (answers.list.length <= ANSWERS_MAX) return;
  answers.list.shift();
  times.dropped += 1;
}

function dropOldest(times: RecordTimes): void {
  const [oldest] = times.byPartition.keys();
  if (oldest === undefined) return;
  times.dropped += times.byPartition.get(oldest)?.list.length ?? 0;
  times.byPartition.delete(oldest);
}

/** What the answers say of one record; used again for the next. */
export interface RecordBracket extends Bracket {
  /** Offsets of the answers that the bounds are from; NaN where there is none. */
  afterOffset: number;
  byOffset: number;
}

export function createRecordBracket(): RecordBracket {
  const no = Number.NaN;
  return { afterMs: no, estimateMs: no, byMs: no, afterOffset: no, byOffset: no };
}

/**
 * Bounds of the record at `offset`, into `into`; each NaN where no answer bounds it. False where the answers contradict each
 * other.
 */
export function bracketRecord(
  { byPartition }: RecordTimes,
  { topicPartition, era, offset }: PartitionOfLog & { readonly offset: number },
  into: RecordBracket,
): boolean {
  const answers = byPartition.get(topicPartition);
  into.afterMs = into.estimateMs = into.byMs = into.afterOffset = into.byOffset = Number.NaN;
  if (answers?.era !== era) return true;
  for (const { askedMs, offset: found, timeMs } of answers.list) {
    const isBefore = found < 0 || found > offset;
    if (!isBefore && !(timeMs <= into.afterMs)) [into.afterMs, into.afterOffset] = [timeMs, found];
    if (isBefore && !(askedMs >= into.byMs)) [into.byMs, into.byOffset] = [askedMs, found < 0 ? Number.NaN : found];
    if (found === offset && !(timeMs >= into.byMs)) [into.byMs, into.byOffset] = [timeMs, found];
  }
  if (into.byMs < into.afterMs) return false;
  into.estimateMs = estimateMs(into, offset);
  return true;
}

/** As if records were evenly spread between the two answers. */
function estimateMs({ afterMs, byMs, afterOffset, byOffset }: RecordBracket, offset: number): number {
  if (!(byOffset > afterOffset)) return Math.round((afterMs + byMs) / 2);
  return Math.round(afterMs + ((byMs - afterMs) * (offset - afterOffset)) / (byOffset - afterOffset));
}
