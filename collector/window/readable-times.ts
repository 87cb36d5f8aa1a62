/**
 * # Readable times: when the record at each committed offset became readable
 *
 * Found when a committed offset is first looked at, before the samples around it are thinned, and kept with the
 * group-partition until it commits another: it cannot change. Looking is lazy (a tick, an answer), so that a replay of millions
 * of commits does not pay for it. A row counts for one offset of one era (samples.ts), and eras are never used twice, so that
 * rows need no clearing where ids are used again.
 *
 *     byMs     the latest time; `after` and `at` are kept as ms before it, -1: not known
 */

import type { Column } from "./column.ts";
import {
  createFloat64Column,
  createInt32Column,
  createUint8Column,
  readFloat64,
  readInt32,
  readUint8,
} from "./column.ts";
import type { Bracket, Samples } from "./samples.ts";
import { findReadable, NOT_YET, OLDER } from "./samples.ts";

export interface ReadableTimes {
  readonly offset: Column<Float64Array>;
  readonly era: Column<Int32Array>;
  readonly byMs: Column<Float64Array>;
  readonly afterBeforeByMs: Column<Int32Array>;
  readonly atBeforeByMs: Column<Int32Array>;
  readonly basis: Column<Uint8Array>;
  readonly found: Bracket;
}

/** Position in TIME_LAG_CODES of what a time rests on is not this folder's to know: three plain numbers. */
export type Basis = typeof UNSEEN | typeof BY_WATERMARKS | typeof BY_OLDEST;
/** No answer has shown that the record is there. */
export const UNSEEN = 0;
export const BY_WATERMARKS = 1;
/** It was there when the oldest answer came that is kept. */
export const BY_OLDEST = 2;

const WIDTH_MS_MAX = 2 ** 31 - 1;

export function createReadableTimes(): ReadableTimes {
  return {
    offset: createFloat64Column(Number.NaN),
    era: createInt32Column(),
    byMs: createFloat64Column(),
    afterBeforeByMs: createInt32Column(),
    atBeforeByMs: createInt32Column(),
    basis: createUint8Column(),
    found: { afterMs: Number.NaN, estimateMs: Number.NaN, byMs: Number.NaN },
  };
}

export interface RecordOf {
  readonly slot: number;
  readonly topicPartition: number;
  readonly offset: number;
}

/** What is known of the record at `offset`, in `times.found`, from what was found before or from the samples. */
export function readableTime(times: ReadableTimes, samples: Samples, record: RecordOf): Basis {
  const { slot, topicPartition, offset } = record;
  if (readFloat64(times.offset, slot) === offset && readInt32(times.era, slot) === samples.eras.get(topicPartition))
    return recall(times, slot);
  const kind = findReadable(samples, topicPartition, offset, times.found);
  if (kind === NOT_YET) return UNSEEN;
  const basis = kind === OLDER ? BY_OLDEST : BY_WATERMARKS;
  keepReadableTime(times, samples, { ...record, basis });
  return basis;
}

/** Keeps `times.found` for a record. */
export function keepReadableTime(
  times: ReadableTimes,
  samples: Samples,
  { slot, topicPartition, offset, basis }: RecordOf & { readonly basis: Basis },
): void {
  const { afterMs, estimateMs, byMs } = times.found;
  times.offset.set(slot, offset);
  times.era.set(slot, samples.eras.get(topicPartition));
  times.byMs.set(slot, byMs);
  times.afterBeforeByMs.set(slot, distance(byMs - afterMs));
  times.atBeforeByMs.set(slot, distance(byMs - estimateMs));
  times.basis.set(slot, basis);
}

/** -1 for NaN, and for more than 24 days: so wide a bracket says nothing. */
function distance(widthMs: number): number {
  return widthMs <= WIDTH_MS_MAX ? Math.ceil(widthMs) : -1;
}

function recall(times: ReadableTimes, slot: number): Basis {
  const { found } = times;
  const [after, at] = [readInt32(times.afterBeforeByMs, slot), readInt32(times.atBeforeByMs, slot)];
  found.byMs = readFloat64(times.byMs, slot);
  found.afterMs = after < 0 ? Number.NaN : found.byMs - after;
  found.estimateMs = at < 0 ? Number.NaN : found.byMs - at;
  return readUint8(times.basis, slot) as Basis; // written by keepReadableTime only
}
