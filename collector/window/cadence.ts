/**
 * # Cadence: how long each group-partition takes from one commit to the next
 *
 * Learnt from the commits of its window: median and 95th percentile, so that one pause does not change what is usual. Commits
 * that the window merges (rings.ts) count as one. A window moves slowly, so that only a share of the slots is learnt anew at
 * each tick; one that has just become long enough is learnt at once.
 */

import type { BurrowStore } from "./burrow-store.ts";
import type { Column } from "./column.ts";
import { CHUNK_ROWS, createInt32Column, readInt32 } from "./column.ts";
import { countOf, createWindow, readWindow, type Window } from "./rings.ts";

/** Of two intervals one may be anything. */
const INTERVALS_MIN = 3;
/** Ticks until all are learnt anew: a minute, with a tick of ten seconds. */
const TURNS = 6;
const NOT_KNOWN = -1;
const INTERVAL_MS_MAX = 2 ** 31 - 1;

export interface Cadence {
  /** By slot, ms; NaN: not known. Counts only while the slot has a window. */
  medianMs(slot: number): number;
  p95Ms(slot: number): number;
  /** To be run through each tick; others may run in between. */
  learning(): Generator<void, void>;
}

export function createCadence(store: BurrowStore): Cadence {
  const median = createInt32Column(NOT_KNOWN);
  const p95 = createInt32Column(NOT_KNOWN);
  const window = createWindow(store.options.intervals);
  const sorted = new Float64Array(store.options.intervals);
  let turn = 0;
  const read = (column: Column<Int32Array>, slot: number): number => {
    const ms = readInt32(column, slot);
    return ms < 0 || readInt32(store.ringBySlot, slot) < 0 ? Number.NaN : ms;
  };
  const learnSlot = (slot: number, ring: number): void => {
    const intervals = intervalsOf(store, { ring, window, sorted });
    const isEnough = intervals.length >= INTERVALS_MIN;
    median.set(slot, isEnough ? quantile(intervals, 0.5) : NOT_KNOWN);
    p95.set(slot, isEnough ? quantile(intervals, 0.95) : NOT_KNOWN);
  };
  return {
    medianMs: (slot) => read(median, slot),
    p95Ms: (slot) => read(p95, slot),
    *learning() {
      turn = (turn + 1) % TURNS;
      for (const [index, chunk] of store.ringBySlot.chunks.entries()) {
        for (let row = 0; row < CHUNK_ROWS; row += 1) {
          const ring = chunk[row] as number;
          const slot = index * CHUNK_ROWS + row;
          if (ring < 0) continue;
          const isNew = readInt32(median, slot) < 0 && countOf(store.rings, ring) > INTERVALS_MIN;
          if (isNew || slot % TURNS === turn) learnSlot(slot, ring);
        }
        yield;
      }
    },
  };
}

interface Read {
  readonly ring: number;
  readonly window: Window;
  readonly sorted: Float64Array;
}

/** Sorted; a clock that went back between two commits says nothing of them. */
function intervalsOf({ rings }: BurrowStore, { ring, window, sorted }: Read): Float64Array {
  readWindow(rings, ring, window);
  let count = 0;
  for (let i = 1; i < window.length; i += 1) {
    const interval = (window.timestampsMs[i] as number) - (window.timestampsMs[i - 1] as number);
    if (!(interval >= 0)) continue;
    sorted[count] = Math.min(interval, INTERVAL_MS_MAX);
    count += 1;
  }
  return sorted.subarray(0, count).sort();
}

/** The smallest value that is not below this share of all (nearest rank). */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] as number;
}
