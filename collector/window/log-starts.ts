/**
 * # Log starts: how many records stay when the oldest go
 *
 * A limit in bytes says nothing of records, whose sizes we do not see. But each move of a log start tells how many stayed. With
 * the log start seen at `old` (asked at t1), then at `new`, some segments between the two went at a time t after t1:
 *
 *     kept    := end(t1) - new                 no more than stayed then
 *     enough  := end(t1 - CHECK_MS) - new      no more than fill the limit, if records stay as large as they are
 *
 * `enough`: brokers look every `log.retention.check.interval.ms`, five minutes unless told otherwise, and let the oldest segment
 * go where what stays is at least the limit (`UnifiedLog.deleteOldSegments`). At the look before t, which was after t1 -
 * CHECK_MS, the last segment that went at t had to stay: without it, and that is from `new` on, the log was below the limit.
 * That holds whatever made the log start move. What stays when size alone is the reason is less than the limit and one segment,
 * so that `kept * limit / (limit + segment)` is a second such number; the larger counts.
 *
 * Record sizes change: a smaller number counts at once, a larger one by and by.
 *
 * A move is `unforeseen` where the newest of what went was younger than the limit in time: somebody deletes records, records
 * carry old timestamps, or the limit is another by now. From the second within FORGET_MS on, that is what has to be expected.
 *
 * Kept for the partitions that are watched (samples.ts).
 */

import type { Column } from "./column.ts";
import { createFloat64Column, createUint8Column, readFloat64, readUint8 } from "./column.ts";
import { hourlyPace } from "./production-pace.ts";
import type { Bracket, Samples } from "./samples.ts";
import { BRACKETED, endOffsetBefore, findReadable, isWatched } from "./samples.ts";

const CHECK_MS = 300_000;
const FORGET_MS = 7_200_000;
const PEAK_HALF_LIFE_MS = 7 * 86_400_000;
/** Of a larger number, the share that counts after one more move. */
const RISE = 0.25;
const UNFORESEEN_MIN = 2;

export interface LogStarts {
  /** When the log start was asked for last; NaN: not since the partition is watched. */
  readonly askedAtMs: Column<Float64Array>;
  /** The end offset that was known then. */
  readonly endThen: Column<Float64Array>;
  /** NaN: no move was seen. */
  readonly kept: Column<Float64Array>;
  readonly enough: Column<Float64Array>;
  /** Of the newest unforeseen move. */
  readonly unforeseenAtMs: Column<Float64Array>;
  /** How many there were, UNFORESEEN_MIN at most. */
  readonly unforeseen: Column<Uint8Array>;
  /** Records per ms in the fastest hour that was seen, fading over weeks; of logs with a limit in bytes. NaN: no hour yet. */
  readonly peakPerMs: Column<Float64Array>;
  readonly found: Bracket;
}

export function createLogStarts(): LogStarts {
  return {
    askedAtMs: createFloat64Column(Number.NaN),
    endThen: createFloat64Column(Number.NaN),
    kept: createFloat64Column(Number.NaN),
    enough: createFloat64Column(Number.NaN),
    unforeseenAtMs: createFloat64Column(Number.NaN),
    unforeseen: createUint8Column(),
    peakPerMs: createFloat64Column(Number.NaN),
    found: { afterMs: Number.NaN, estimateMs: Number.NaN, byMs: Number.NaN },
  };
}

export interface SeenStart {
  readonly id: number;
  readonly samples: Samples;
  readonly before: number;
  readonly startOffset: number;
  /** The newest that is known. */
  readonly endOffset: number;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
  /** Of the topic; NaN: not known. */
  readonly retentionMs: number;
  readonly retentionBytes: number;
}

/** Takes one answer, in the order of the questions. */
export function learnStart(starts: LogStarts, seen: SeenStart): void {
  const { id, samples, before, startOffset, endOffset, askedAtMs } = seen;
  if (!isWatched(samples, id)) return;
  if (startOffset < before) forgetStart(starts, id);
  else if (startOffset > before && !Number.isNaN(readFloat64(starts.askedAtMs, id))) learnMove(starts, seen);
  if (seen.retentionBytes < Number.POSITIVE_INFINITY) learnPeak(starts, seen);
  starts.askedAtMs.set(id, askedAtMs);
  starts.endThen.set(id, endOffset);
}

/** Production may be slow now and faster tomorrow at noon, as it was today. */
function learnPeak(starts: LogStarts, { id, samples, askedAtMs }: SeenStart): void {
  const perMs = hourlyPace(samples, id, askedAtMs);
  if (Number.isNaN(perMs)) return;
  const faded = starts.peakPerMs.get(id) * 2 ** ((starts.askedAtMs.get(id) - askedAtMs) / PEAK_HALF_LIFE_MS);
  starts.peakPerMs.set(id, Number.isNaN(faded) ? perMs : Math.max(faded, perMs));
}

function learnMove(starts: LogStarts, seen: SeenStart): void {
  const { id, samples, startOffset } = seen;
  const endEarlier = endOffsetBefore(samples, id, starts.askedAtMs.get(id) - CHECK_MS);
  learn(starts.kept, id, starts.endThen.get(id) - startOffset);
  learn(starts.enough, id, endEarlier - startOffset);
  if (isUnforeseen(starts, seen)) noteUnforeseen(starts, seen);
}

function learn(column: Column<Float64Array>, id: number, records: number): void {
  if (Number.isNaN(records)) return;
  const known = column.get(id);
  const now = Math.max(0, records);
  column.set(id, now > known ? known + (now - known) * RISE : now);
}

function isUnforeseen(
  { found }: LogStarts,
  { id, samples, startOffset, answeredAtMs, retentionMs }: SeenStart,
): boolean {
  if (!(retentionMs < Number.POSITIVE_INFINITY)) return false;
  return findReadable(samples, id, startOffset - 1, found) === BRACKETED && found.afterMs + retentionMs > answeredAtMs;
}

function noteUnforeseen(starts: LogStarts, { id, answeredAtMs }: SeenStart): void {
  const isAgain = answeredAtMs - starts.unforeseenAtMs.get(id) <= FORGET_MS;
  starts.unforeseen.set(id, isAgain ? UNFORESEEN_MIN : 1);
  starts.unforeseenAtMs.set(id, answeredAtMs);
}

/** More than the limits explain goes from this log. */
export function isDeletedOtherwise({ unforeseen, unforeseenAtMs }: LogStarts, id: number, nowMs: number): boolean {
  return readUint8(unforeseen, id) >= UNFORESEEN_MIN && nowMs - readFloat64(unforeseenAtMs, id) <= FORGET_MS;
}

/** So many records stay at least when the oldest go; NaN: not known. Limit and segment in bytes; no limit: Infinity. */
export function recordsKept(starts: LogStarts, id: number, of: { limitBytes: number; segmentBytes: number }): number {
  const kept = readFloat64(starts.kept, id);
  if (of.limitBytes === Number.POSITIVE_INFINITY) return kept;
  const sure = kept * (of.limitBytes / (of.limitBytes + of.segmentBytes));
  const enough = readFloat64(starts.enough, id);
  return Number.isNaN(enough) ? sure : Math.max(sure, enough);
}

export function forgetStart(starts: LogStarts, id: number): void {
  const { askedAtMs, endThen, kept, enough, unforeseenAtMs, unforeseen, peakPerMs } = starts;
  for (const column of [askedAtMs, endThen, kept, enough, unforeseenAtMs, peakPerMs])
    if (!Number.isNaN(column.get(id))) column.set(id, Number.NaN);
  if (unforeseen.get(id) !== 0) unforeseen.set(id, 0);
}
