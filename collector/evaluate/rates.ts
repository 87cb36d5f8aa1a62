/** # Rates of a group: sums over the rows where they are known; the interval of its commits is the median of theirs. */

import type { Rows } from "../model/snapshot.ts";

export interface Rates {
  /** Records per second; NaN where no row knows it. */
  readonly committed: number;
  readonly produced: number;
  /** Ms; NaN where no row knows it. */
  readonly commitIntervalMs: number;
}

const ROUNDING = 1_000;

export function ratesOfRows(
  { committedPerSecond, producedPerSecond, commitIntervalMs }: Rows,
  { first, end }: { readonly first: number; readonly end: number },
): Rates {
  return {
    committed: sumOf(committedPerSecond, first, end),
    produced: sumOf(producedPerSecond, first, end),
    commitIntervalMs: medianOf(commitIntervalMs, first, end),
  };
}

function sumOf(rates: Float64Array, first: number, end: number): number {
  let sum = 0;
  let known = 0;
  for (let row = first; row < end; row += 1) {
    const rate = rates[row] as number;
    if (Number.isNaN(rate)) continue;
    sum += rate;
    known += 1;
  }
  // The rows are thousandths; their sum as a double is not always.
  return known === 0 ? Number.NaN : Math.round(sum * ROUNDING) / ROUNDING;
}

function medianOf(values: Float64Array, first: number, end: number): number {
  // NaN sorts to the end.
  const sorted = values.slice(first, end).sort();
  const known = sorted.findIndex(Number.isNaN);
  const count = known < 0 ? sorted.length : known;
  return count === 0 ? Number.NaN : (sorted[Math.ceil(count / 2) - 1] as number);
}
