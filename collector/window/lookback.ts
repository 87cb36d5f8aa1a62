/**
 * # Lookback: columns as they were about a minute ago
 *
 * A rate needs a number and what it was before. Columns are kept as they were at two moments, KEEP_MS apart; what is
 * looked back to is the older of them, 40 to 80 seconds ago, and for a young row the moment at which it was seen first.
 */

import type { Column } from "./column.ts";
import { CHUNK_BITS, CHUNK_ROWS, createFloat64Column, readFloat64 } from "./column.ts";

const KEEP_MS = 40_000;
/** A shorter time says more about the moments than about the rate. */
const SPAN_MS_MIN = 5_000;
const MS_PER_SECOND = 1_000;
/** Rates are rounded to thousandths: they fit few bytes, and nobody reads more. */
const ROUNDING = 1_000;

export interface Lookback {
  /** Keeps the column as it is now, where a turn begins; else the rows that were not known when it did. */
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
  /** When each row was so, epoch ms; NaN where the row is not known. */
  readonly atMs: Column<Float64Array>;
  /** In units of KEEP_MS. */
  turn: number;
}

export function createLookback(column: Column<Float64Array>): Lookback {
  const nothing = (): Kept => ({
    column: createFloat64Column(Number.NaN),
    atMs: createFloat64Column(Number.NaN),
    turn: Number.NaN,
  });
  let [older, newer] = [nothing(), nothing()];
  const keptOf = (id: number): Kept => (Number.isNaN(readFloat64(older.column, id)) ? newer : older);
  return {
    remember: (nowMs) => {
      // By the clock and not by the time since the last, so that a replay remembers when the live run did.
      const turn = Math.floor(nowMs / KEEP_MS);
      if (turn !== newer.turn) {
        // The oldest columns are written over: no garbage of this size at each turn.
        [older, newer] = [newer, older];
        newer.turn = turn;
        forgetAll(newer);
      }
      addUnknown(newer, column, nowMs);
    },
    atMs: (id) => readFloat64(keptOf(id).atMs, id),
    before: (id) => readFloat64(keptOf(id).column, id),
    forget: (id) => {
      for (const kept of [older.column, newer.column])
        if (!Number.isNaN(readFloat64(kept, id))) kept.set(id, Number.NaN);
    },
  };
}

function forgetAll({ column, atMs }: Kept): void {
  for (const some of [...column.chunks, ...atMs.chunks]) some.fill(Number.NaN);
}

/** Rows that came after the turn began are kept as they are found first. */
function addUnknown(kept: Kept, column: Column<Float64Array>, nowMs: number): void {
  column.chunks.forEach((chunk, index) => {
    for (const { chunks, set } of [kept.column, kept.atMs])
      if (chunks.length <= index) set(index << CHUNK_BITS, Number.NaN);
    const [values, times] = [kept.column.chunks[index], kept.atMs.chunks[index]];
    if (values === undefined || times === undefined) return;
    for (let row = 0; row < CHUNK_ROWS; row += 1) {
      const value = chunk[row] as number;
      if (Number.isNaN(value) || !Number.isNaN(values[row] as number)) continue;
      values[row] = value;
      times[row] = nowMs;
    }
  });
}

/** Per second; NaN where it is not known: never negative, and never made of a moment. */
export function rateOf({ before, now, spanMs }: { before: number; now: number; spanMs: number }): number {
  if (!(now >= before && spanMs >= SPAN_MS_MIN)) return Number.NaN;
  return Math.round(((now - before) / spanMs) * MS_PER_SECOND * ROUNDING) / ROUNDING;
}
