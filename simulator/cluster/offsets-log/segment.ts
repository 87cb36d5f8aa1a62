/**
 * # A segment: batches one behind the other, found by offset
 *
 * What was handed out is never written over: a buffer only grows behind its end, and the cleaner makes new segments.
 */

import { baseOffsetOf, maxTimestampOf, nextOffsetOf } from "./batch-reader.ts";

export interface Segment {
  bytes: Buffer;
  length: number;
  /** By batch: where it begins, its base offset, the offset behind it, its newest time. */
  readonly positions: number[];
  readonly baseOffsets: number[];
  readonly nextOffsets: number[];
  readonly maxTimestampsMs: number[];
}

const BYTES_FIRST = 4_096;

export function createSegment(): Segment {
  const bytes = Buffer.alloc(0);
  return { bytes, length: 0, positions: [], baseOffsets: [], nextOffsets: [], maxTimestampsMs: [] };
}

/** Copies the batch; gives the copy, so that its offsets can be stamped. */
export function appendTo(segment: Segment, batch: Buffer): Buffer {
  const at = segment.length;
  segment.length += batch.length;
  if (segment.length > segment.bytes.length) {
    const grown = Buffer.alloc(Math.max(BYTES_FIRST, segment.bytes.length * 2, segment.length));
    segment.bytes.copy(grown, 0, 0, at);
    segment.bytes = grown;
  }
  segment.bytes.set(batch, at);
  segment.positions.push(at);
  return segment.bytes.subarray(at, segment.length);
}

/** To be called when the batch carries its offsets. */
export function indexBatch(segment: Segment, batch: Buffer): void {
  segment.baseOffsets.push(baseOffsetOf(batch));
  segment.nextOffsets.push(nextOffsetOf(batch));
  segment.maxTimestampsMs.push(maxTimestampOf(batch));
}

export function batchesOf(segment: Segment): readonly Buffer[] {
  return segment.positions.map((_, index) => batchAt(segment, index));
}

export function batchAt(segment: Segment, index: number): Buffer {
  const { bytes, positions, length } = segment;
  return bytes.subarray(positions[index], positions[index + 1] ?? length);
}

/** Whole batches from the one that holds the offset, or the first behind it; at least one where there is one. */
export function readSegment(segment: Segment, fromOffset: number, bytesMax: number): Buffer {
  const { bytes, positions, nextOffsets, length } = segment;
  const first = firstAbove(nextOffsets, fromOffset);
  const start = positions[first];
  if (start === undefined) return bytes.subarray(0, 0);
  if (length - start <= bytesMax) return bytes.subarray(start, length);
  const beyond = firstAbove(positions, start + bytesMax);
  return bytes.subarray(start, positions[Math.max(beyond - 1, first + 1)] ?? length);
}

/** Index of the first of these ascending numbers that is greater; their count where none is. */
export function firstAbove(ascending: readonly number[], bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? Number.POSITIVE_INFINITY) > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}
