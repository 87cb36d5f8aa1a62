/**
 * # Lookback: columns as they were about a minute ago
 *
 * A rate needs a number and what it was before. Columns are kept as they were at two moments, KEEP_MS apart at least; what is
 * looked back to is the older of them, so 40 to 80 seconds with a tick of ten. Whole chunks are copied: a
 * tick of 200,000 rows costs a fraction of a millisecond.
 */

import type { Column } from "./column.ts";
import { CHUNK_BITS, createFloat64Column, readFloat64 } from "./column.ts";

const KEEP_MS = 40_000;
/** A shorter time says more about the moments than about the rate. */
const SPAN_MS_MIN = 5_000;
const MS_PER_SECOND = 1_000;
/** Rates are rounded to thousandths: they fit few bytes, and nobody reads more. */
const ROUNDING = 1_000;

export interface Lookback {
  /** Keeps the column as it is now, where what is kept is old enough. */
  remember(nowMs: number): void;
  /** When the row was as `before` says; NaN where nothing is remembered. */
  atMs(id: number): number;
  /** What the row was then; NaN: not known. One that is young has only the newer of the two moments. */
  before(id: number): number;
  /** The row stands for something else from now on. */
  forget(id: number): void;
}

interface Kept {
  readonly column: Column<Float64Array>;
  readonly atMs: number;
}

export function createLookback(column: Column<Float64Array>): Lookback {
  const nothing = (): Kept => ({ column: createFloat64Column(Number.NaN), atMs: Number.NaN });
  let [older, newer] = [nothing(), nothing()];
  const keptOf = (id: number): Kept => (Number.isNaN(readFloat64(older.column, id)) ? newer : older);
  return {
    remember: (nowMs) => {
      // By the clock and not by the time since the last, so that a replay remembers when the live run did.
      if (column.chunks.length === 0) return;
      if (Math.floor(nowMs / KEEP_MS) === Math.floor(newer.atMs / KEEP_MS)) return;
      // The oldest columns are written over: no garbage of this size at each turn.
      const now: Kept = { column: copyInto(older.column, column), atMs: nowMs };
      older = newer;
      newer = now;
      if (Number.isNaN(older.atMs)) older = { column: copyInto(older.column, column), atMs: nowMs };
    },
    atMs: (id) => keptOf(id).atMs,
    before: (id) => readFloat64(keptOf(id).column, id),
    forget: (id) => {
      for (const kept of [older.column, newer.column])
        if (!Number.isNaN(readFloat64(kept, id))) kept.set(id, Number.NaN);
    },
  };
}

function copyInto(to: Column<Float64Array>, from: Column<Float64Array>): Column<Float64Array> {
  from.chunks.forEach((chunk, index) => {
    if (to.chunks.length <= index) to.set(index << CHUNK_BITS, Number.NaN);
    to.chunks[index]?.set(chunk);
  });
  return to;
}

/** Per second; NaN where it is not known: never negative, and never made of a moment. */
export function rateOf({ before, now, spanMs }: { before: number; now: number; spanMs: number }): number {
  if (!(now >= before && spanMs >= SPAN_MS_MIN)) return Number.NaN;
  return Math.round(((now - before) / spanMs) * MS_PER_SECOND * ROUNDING) / ROUNDING;
}
