/**
 * # Broker rings: the last N high watermarks of each partition of a topic
 *
 * One sample per refresh, by topic-partition id (topic-partitions.ts). Neither order nor repeats are looked at, as in
 * Burrow: a high watermark that falls is kept as it came. `newest` is the column that every commit and every verdict
 * reads; the N samples serve one rule (was the group at the end lately).
 */

import { type Column, createFloat64Column } from "./column.ts";

const RING_BITS = 10;
const RINGS_PER_CHUNK = 1 << RING_BITS;
const RING_MASK = RINGS_PER_CHUNK - 1;

interface BrokerChunk {
  readonly offsets: Float64Array;
  /** The cell written next. */
  readonly heads: Uint8Array;
  readonly counts: Uint8Array;
}

export interface BrokerRings {
  readonly intervals: number;
  readonly chunks: BrokerChunk[];
  /** Newest high watermark by topic-partition id; NaN where there is none. */
  readonly newest: Column<Float64Array>;
}

/** High watermarks oldest first, `length` of them, in an array that is used again. */
export interface BrokerWindow {
  length: number;
  readonly offsets: Float64Array;
}

export function createBrokerRings(intervals: number): BrokerRings {
  return { intervals, chunks: [], newest: createFloat64Column(Number.NaN) };
}

export function createBrokerWindow(intervals: number): BrokerWindow {
  return { length: 0, offsets: new Float64Array(intervals) };
}

export function addHighWatermark(rings: BrokerRings, id: number, highWatermark: number): void {
  const { intervals } = rings;
  const chunk = growTo(rings, id);
  const local = id & RING_MASK;
  const head = chunk.heads[local] ?? 0;
  chunk.offsets[local * intervals + head] = highWatermark;
  chunk.heads[local] = head + 1 === intervals ? 0 : head + 1;
  chunk.counts[local] = Math.min(intervals, (chunk.counts[local] ?? 0) + 1);
  rings.newest.set(id, highWatermark);
}

/** Forgets all samples of a partition. */
export function clearHighWatermarks(rings: BrokerRings, id: number): void {
  const chunk = growTo(rings, id);
  chunk.heads[id & RING_MASK] = 0;
  chunk.counts[id & RING_MASK] = 0;
  rings.newest.set(id, Number.NaN);
}

/** Copies the samples of a partition into `window`, oldest first. */
export function readBrokerWindow(rings: BrokerRings, id: number, window: BrokerWindow): void {
  const { intervals } = rings;
  const local = id & RING_MASK;
  const chunk = rings.chunks[id >> RING_BITS];
  const count = chunk?.counts[local] ?? 0;
  const head = chunk?.heads[local] ?? 0;
  window.length = count;
  for (let i = 0; i < count; i++)
    window.offsets[i] = chunk?.offsets[local * intervals + ((head + intervals - count + i) % intervals)] ?? 0;
}

function growTo(rings: BrokerRings, id: number): BrokerChunk {
  let chunk = rings.chunks[id >> RING_BITS];
  while (chunk === undefined) {
    rings.chunks.push({
      offsets: new Float64Array(RINGS_PER_CHUNK * rings.intervals),
      heads: new Uint8Array(RINGS_PER_CHUNK),
      counts: new Uint8Array(RINGS_PER_CHUNK),
    });
    chunk = rings.chunks[id >> RING_BITS];
  }
  return chunk;
}
