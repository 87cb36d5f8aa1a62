/**
 * # Rings: the last N commits of each group-partition, as Burrow keeps them
 *
 * A ring is N cells in the order of `order` (the commit's offset in its partition of `__consumer_offsets`). `head` is the
 * cell written next: the oldest commit when the ring is full, else empty. The `count` occupied cells end just before it.
 * The rule of insertion is that of linkedin/Burrow v1.9.5, core/internal/storage/inmemory.go:
 *
 *   empty, or newest.order < order     append
 *   full and oldest.order >= order     drop ("duplicate" where equal)
 *   an equal order in the ring         drop
 *   older than all in the ring         write before the oldest
 *   full, and only the oldest older    overwrite the oldest; never merged
 *   else                               shift the newer ones forward, over the oldest when full
 *
 *   merge: with q the commit before the cell to write, `timestamp - q.timestamp < minDistance` overwrites q instead, and
 *   keeps q's timestamp, so that a fast committer's window still spans some time. A commit that carries a smaller
 *   timestamp than its predecessor merges even with a minimum distance of 0.
 *
 * An appended commit has a lag; one that came late has none (NaN), whatever it overwrote.
 */

import { clearCell, packCell, type Spilled, unpackCell } from "./packed.ts";

const RING_BITS = 10;
const RINGS_PER_CHUNK = 1 << RING_BITS;
const RING_MASK = RINGS_PER_CHUNK - 1;
/** Added to `timestamp - observedAt`, so that 24 days before and after fit a packed cell. */
const TIMESTAMP_BIAS_MS = 2 ** 31;

export const INTERVALS_MAX = 255;

/** What became of one commit: indexes into the counts of burrow-store.ts. */
export const APPENDED = 0;
export const INSERTED = 1;
export const DUPLICATE = 2;
export const OLDER_THAN_WINDOW = 3;

interface RingChunk {
  readonly offsets: Float64Array;
  readonly orders: Float64Array;
  /** Epoch seconds at which we saw the commit. */
  readonly observedAtS: Uint32Array;
  /** Packed: commit time minus the time seen, in ms, plus the bias. */
  readonly timestamps: Uint32Array;
  /** Packed: records; none for a commit that came late. */
  readonly lags: Uint32Array;
  readonly heads: Uint8Array;
  readonly counts: Uint8Array;
}

export interface Rings {
  /** N, 1..INTERVALS_MAX. */
  readonly intervals: number;
  readonly minDistanceMs: number;
  readonly chunks: RingChunk[];
  readonly spilledTimestamps: Spilled;
  readonly spilledLags: Spilled;
  readonly free: number[];
  limit: number;
}

/** Commits oldest first, `length` of them, in arrays that are used again for the next window. */
export interface Window {
  length: number;
  readonly offsets: Float64Array;
  readonly orders: Float64Array;
  readonly timestampsMs: Float64Array;
  readonly observedAtS: Float64Array;
  /** Records; NaN where the commit came late. */
  readonly lags: Float64Array;
}

export function createRings({ intervals, minDistanceMs }: { intervals: number; minDistanceMs: number }): Rings {
  if (!Number.isInteger(intervals) || intervals < 1 || intervals > INTERVALS_MAX)
    throw new RangeError(`a window of ${intervals} commits is not between 1 and ${INTERVALS_MAX}`);
  return {
    intervals,
    minDistanceMs,
    chunks: [],
    spilledTimestamps: new Map(),
    spilledLags: new Map(),
    free: [],
    limit: 0,
  };
}

export function createWindow(intervals: number): Window {
  return {
    length: 0,
    offsets: new Float64Array(intervals),
    orders: new Float64Array(intervals),
    timestampsMs: new Float64Array(intervals),
    observedAtS: new Float64Array(intervals),
    lags: new Float64Array(intervals),
  };
}

/** An empty ring. */
export function takeRing(rings: Rings): number {
  const ring = rings.free.pop() ?? rings.limit++;
  const cells = RINGS_PER_CHUNK * rings.intervals;
  if (ring >> RING_BITS === rings.chunks.length)
    rings.chunks.push({
      offsets: new Float64Array(cells),
      orders: new Float64Array(cells),
      observedAtS: new Uint32Array(cells),
      timestamps: new Uint32Array(cells),
      lags: new Uint32Array(cells),
      heads: new Uint8Array(RINGS_PER_CHUNK),
      counts: new Uint8Array(RINGS_PER_CHUNK),
    });
  return ring;
}

/** Gives a ring back, with all it holds. */
export function giveRing(rings: Rings, ring: number): void {
  clearRing(rings, ring);
  rings.free.push(ring);
}

export function clearRing(rings: Rings, ring: number): void {
  const chunk = chunkOf(rings, ring);
  const first = (ring & RING_MASK) * rings.intervals;
  for (let cell = 0; cell < rings.intervals; cell++) {
    clearCell(chunk.timestamps, first + cell, ring * rings.intervals + cell, rings.spilledTimestamps);
    clearCell(chunk.lags, first + cell, ring * rings.intervals + cell, rings.spilledLags);
  }
  chunk.heads[ring & RING_MASK] = 0;
  chunk.counts[ring & RING_MASK] = 0;
}

/** How many of the N cells hold a commit. */
export function countOf(rings: Rings, ring: number): number {
  return chunkOf(rings, ring).counts[ring & RING_MASK] as number;
}

/** Offset of the newest commit; NaN where there is none. */
export function newestOffsetOf(rings: Rings, ring: number): number {
  const { heads, counts, offsets } = chunkOf(rings, ring);
  const local = ring & RING_MASK;
  if (counts[local] === 0) return Number.NaN;
  const head = heads[local] as number;
  return offsets[local * rings.intervals + (head === 0 ? rings.intervals : head) - 1] as number;
}

/** Its time, epoch ms. */
export function newestTimestampOf(rings: Rings, ring: number): number {
  const { heads, counts } = chunkOf(rings, ring);
  const local = ring & RING_MASK;
  if (counts[local] === 0) return Number.NaN;
  return timestampAt(rings, ring, ((heads[local] as number) || rings.intervals) - 1);
}

/**
 * Puts one commit into its place, and says what became of it. `timestampMs` is the commit's own time, `nowS` ours in whole
 * seconds (0..2^32-1), `lagIfAppended` its lag now. Seven numbers instead of an object: this runs millions of times a
 * second and an object each would be most of its cost.
 */
export function insertCommit(
  rings: Rings,
  ring: number,
  offset: number,
  order: number,
  timestampMs: number,
  nowS: number,
  lagIfAppended: number,
): number {
  const { intervals } = rings;
  const chunk = chunkOf(rings, ring);
  const local = ring & RING_MASK;
  const head = chunk.heads[local] as number;
  const count = chunk.counts[local] as number;
  const newest = head === 0 ? intervals - 1 : head - 1;
  if (count > 0) {
    if ((chunk.orders[local * intervals + newest] as number) >= order)
      return insertLate(rings, ring, offset, order, timestampMs, nowS);
    const newestMs = timestampAt(rings, ring, newest);
    if (timestampMs - newestMs < rings.minDistanceMs) {
      writeCell(rings, ring, newest, offset, order, newestMs, nowS, lagIfAppended);
      return APPENDED;
    }
  }
  writeCell(rings, ring, head, offset, order, timestampMs, nowS, lagIfAppended);
  advance(rings, ring);
  return APPENDED;
}

/** A commit that is not newer than the newest: out of order, or delivered again. Rare, so not tuned. */
function insertLate(
  rings: Rings,
  ring: number,
  offset: number,
  order: number,
  timestampMs: number,
  nowS: number,
): number {
  const { intervals } = rings;
  const { heads, counts } = chunkOf(rings, ring);
  const head = heads[ring & RING_MASK] as number;
  const count = counts[ring & RING_MASK] as number;
  const before = (cell: number): number => (cell === 0 ? intervals - 1 : cell - 1);
  const oldest = (head + intervals - count) % intervals;
  const oldestOrder = orderAt(rings, ring, oldest);
  if (oldestOrder === order) return DUPLICATE;
  if (oldestOrder > order) {
    if (count === intervals) return OLDER_THAN_WINDOW;
    // Burrow's merge cannot happen here: the cell before is empty, or holds the newest.
    writeCell(rings, ring, before(oldest), offset, order, timestampMs, nowS, Number.NaN);
    counts[ring & RING_MASK] = count + 1;
    return INSERTED;
  }
  // From here some commit is older, so the walk back ends; `place` is the first cell that is newer.
  let place = head;
  while (orderAt(rings, ring, before(place)) > order) place = before(place);
  const older = before(place);
  if (orderAt(rings, ring, older) === order) return DUPLICATE;
  if (count === intervals && older === head) {
    // Only the oldest is older: Burrow overwrites it in place, which leaves the same commits without moving any.
    writeCell(rings, ring, older, offset, order, timestampMs, nowS, Number.NaN);
    return INSERTED;
  }
  const olderMs = timestampAt(rings, ring, older);
  if (timestampMs - olderMs < rings.minDistanceMs) {
    writeCell(rings, ring, older, offset, order, olderMs, nowS, Number.NaN);
    return INSERTED;
  }
  for (let cell = head; cell !== place; cell = before(cell)) copyCell(rings, ring, before(cell), cell);
  writeCell(rings, ring, place, offset, order, timestampMs, nowS, Number.NaN);
  advance(rings, ring);
  return INSERTED;
}

/** Puts commit `i` of a window back, as it was: in the order of the window, into a ring that has room for it. */
export function restoreCommit(rings: Rings, ring: number, from: Omit<Window, "length">, i: number): void {
  const cell = chunkOf(rings, ring).heads[ring & RING_MASK] as number;
  const [offset, order, lag] = [from.offsets[i] as number, from.orders[i] as number, from.lags[i] as number];
  writeCell(rings, ring, cell, offset, order, from.timestampsMs[i] as number, from.observedAtS[i] as number, lag);
  advance(rings, ring);
}

/** Copies the ring's commits into `window`, oldest first. */
export function readWindow(rings: Rings, ring: number, window: Window): void {
  const { intervals } = rings;
  const chunk = chunkOf(rings, ring);
  const head = chunk.heads[ring & RING_MASK] as number;
  const count = chunk.counts[ring & RING_MASK] as number;
  const first = (ring & RING_MASK) * intervals;
  let cell = head >= count ? head - count : head - count + intervals;
  window.length = count;
  for (let i = 0; i < count; i++) {
    window.offsets[i] = chunk.offsets[first + cell] as number;
    window.orders[i] = chunk.orders[first + cell] as number;
    window.timestampsMs[i] = timestampAt(rings, ring, cell);
    window.observedAtS[i] = chunk.observedAtS[first + cell] as number;
    window.lags[i] = lagAt(rings, ring, cell);
    cell = cell + 1 === intervals ? 0 : cell + 1;
  }
}

function chunkOf(rings: Rings, ring: number): RingChunk {
  const chunk = rings.chunks[ring >> RING_BITS];
  if (chunk === undefined) throw new RangeError(`there is no ring ${ring}`);
  return chunk;
}

function orderAt(rings: Rings, ring: number, cell: number): number {
  return chunkOf(rings, ring).orders[(ring & RING_MASK) * rings.intervals + cell] as number;
}

function timestampAt(rings: Rings, ring: number, cell: number): number {
  const { timestamps, observedAtS } = chunkOf(rings, ring);
  const at = (ring & RING_MASK) * rings.intervals + cell;
  const packed = unpackCell(timestamps, at, ring * rings.intervals + cell, rings.spilledTimestamps);
  return packed - TIMESTAMP_BIAS_MS + (observedAtS[at] as number) * 1000;
}

function lagAt(rings: Rings, ring: number, cell: number): number {
  const { lags } = chunkOf(rings, ring);
  const at = (ring & RING_MASK) * rings.intervals + cell;
  return unpackCell(lags, at, ring * rings.intervals + cell, rings.spilledLags);
}

function writeCell(
  rings: Rings,
  ring: number,
  cell: number,
  offset: number,
  order: number,
  timestampMs: number,
  nowS: number,
  lag: number,
): void {
  const chunk = chunkOf(rings, ring);
  const at = (ring & RING_MASK) * rings.intervals + cell;
  const key = ring * rings.intervals + cell;
  chunk.offsets[at] = offset;
  chunk.orders[at] = order;
  chunk.observedAtS[at] = nowS;
  packCell(chunk.timestamps, at, key, timestampMs - nowS * 1000 + TIMESTAMP_BIAS_MS, rings.spilledTimestamps);
  packCell(chunk.lags, at, key, lag, rings.spilledLags);
}

function copyCell(rings: Rings, ring: number, from: number, to: number): void {
  const { offsets, orders, observedAtS } = chunkOf(rings, ring);
  const at = (ring & RING_MASK) * rings.intervals + from;
  const [offset, order, nowS] = [offsets[at] as number, orders[at] as number, observedAtS[at] as number];
  writeCell(rings, ring, to, offset, order, timestampAt(rings, ring, from), nowS, lagAt(rings, ring, from));
}

function advance(rings: Rings, ring: number): void {
  const { heads, counts } = chunkOf(rings, ring);
  const next = (heads[ring & RING_MASK] as number) + 1;
  heads[ring & RING_MASK] = next === rings.intervals ? 0 : next;
  if ((counts[ring & RING_MASK] as number) < rings.intervals)
    counts[ring & RING_MASK] = (counts[ring & RING_MASK] as number) + 1;
}
