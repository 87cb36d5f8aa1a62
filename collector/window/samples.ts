/**
 * # Samples: when each high watermark was seen
 *
 *   partition := run*                                        oldest first
 *   run       := end_offset first_answered last_asked        a stretch in which the high watermark did not move
 *
 * A leader reads its high watermark between our question and its answer, and it never goes back. So with run i the last one
 * whose end offset is not above c, the record at offset c became readable at a time T(c) for which
 *
 *   last_asked(i) < T(c) <= first_answered(i + 1)
 *
 * That is a proof, and both ends are of our own clock, whatever the producers' clocks say. It stays one when runs are left
 * out: the bracket only grows. A run is left out where the bracket stays within a sixth of its age, which keeps some 50 runs
 * for an hour of steady production, and few for a partition that is rarely written to. What does not fit falls off the old
 * end, and is counted. A high watermark that goes back (truncation), or a clock that does, ends the history: a new `era`.
 *
 * A partition that is watched has a block of runs (sample-blocks.ts), which grows as it needs it.
 */

import type { Column } from "./column.ts";
import { createFloat64Column, createInt32Column, createUint8Column, readFloat64, readInt32 } from "./column.ts";
import type { SampleBlocks } from "./sample-blocks.ts";
import { capacityOf, chunkAt, createSampleBlocks, firstRun, giveBlock, takeBlock } from "./sample-blocks.ts";

/** Two brackets become one where it is not wider than this share of its age. */
const AGE_PER_WIDTH = 6;
const RELATIVE_MS_MAX = 2 ** 32 - 1;
/** A base this much before now leaves as much room after it. */
const REBASED_MS = 2 ** 31;

export interface Samples {
  readonly blocks: SampleBlocks;
  /** By topic partition: where its block is; -1: not watched. */
  readonly places: Column<Int32Array>;
  readonly counts: Column<Uint8Array>;
  readonly baseMs: Column<Float64Array>;
  /** A new number where a topic partition's history ends: what was found before may not be so any more. No two share one. */
  readonly eras: Column<Int32Array>;
  erasBegun: number;
  watched: number;
  /** Runs that fell off the old end, and partitions that could not be watched, for want of room. */
  runsDropped: number;
  unwatchable: number;
}

/** 900,000 partitions with nine runs each, or 116,000 with all they may have. */
const BYTES_MAX_DEFAULT = 128 * 2 ** 20;

export function createSamples({ bytesMax = BYTES_MAX_DEFAULT }: { readonly bytesMax?: number } = {}): Samples {
  return {
    blocks: createSampleBlocks(bytesMax),
    places: createInt32Column(-1),
    counts: createUint8Column(),
    baseMs: createFloat64Column(),
    eras: createInt32Column(),
    erasBegun: 0,
    watched: 0,
    runsDropped: 0,
    unwatchable: 0,
  };
}

export function isWatched({ places }: Samples, topicPartition: number): boolean {
  return readInt32(places, topicPartition) >= 0;
}

/** From now on the partition's high watermarks are kept; false where there is no room. */
export function watch(samples: Samples, topicPartition: number): boolean {
  if (isWatched(samples, topicPartition)) return true;
  const place = takeBlock(samples.blocks);
  if (place === undefined) {
    samples.unwatchable += 1;
    return false;
  }
  samples.places.set(topicPartition, place);
  samples.watched += 1;
  beginEra(samples, topicPartition);
  return true;
}

/** Lets go of a partition and all that is kept of it. */
export function unwatch(samples: Samples, topicPartition: number): void {
  const place = readInt32(samples.places, topicPartition);
  if (place < 0) return;
  giveBlock(samples.blocks, place);
  samples.places.set(topicPartition, -1);
  samples.watched -= 1;
  beginEra(samples, topicPartition);
}

/** Forgets what is kept: the log is another one, though it has the same name. */
export function beginEra(samples: Samples, topicPartition: number): void {
  samples.erasBegun += 1;
  samples.counts.set(topicPartition, 0);
  samples.eras.set(topicPartition, samples.erasBegun);
}

/** One answer, in the order of the questions. Numbers instead of an object: all partitions come by every two seconds. */
export function addSample(
  samples: Samples,
  topicPartition: number,
  endOffset: number,
  askedAtMs: number,
  answeredAtMs: number,
): void {
  const place = readInt32(samples.places, topicPartition);
  if (place < 0) return;
  if (answeredAtMs - readFloat64(samples.baseMs, topicPartition) > RELATIVE_MS_MAX)
    rebase(samples, topicPartition, askedAtMs);
  const count = samples.counts.get(topicPartition);
  if (count > 0) {
    const base = readFloat64(samples.baseMs, topicPartition);
    const { endOffsets, lastAsked } = chunkAt(samples.blocks, place);
    const newest = firstRun(place) + count - 1;
    const before = endOffsets[newest] as number;
    if (endOffset < before || askedAtMs < base + (lastAsked[newest] as number)) {
      beginEra(samples, topicPartition);
    } else if (endOffset === before) {
      lastAsked[newest] = askedAtMs - base;
      return;
    }
  }
  append(samples, topicPartition, endOffset, askedAtMs, answeredAtMs);
}

function append(
  samples: Samples,
  topicPartition: number,
  endOffset: number,
  askedAtMs: number,
  answeredAtMs: number,
): void {
  const { counts, baseMs, places } = samples;
  if (counts.get(topicPartition) === 0) baseMs.set(topicPartition, askedAtMs);
  else if (counts.get(topicPartition) === capacityOf(places.get(topicPartition)))
    makeRoom(samples, topicPartition, answeredAtMs);
  const place = places.get(topicPartition);
  const count = counts.get(topicPartition);
  const base = baseMs.get(topicPartition);
  const { endOffsets, firstAnswered, lastAsked } = chunkAt(samples.blocks, place);
  const run = firstRun(place) + count;
  endOffsets[run] = endOffset;
  // Rounded so that the bracket stays a proof: its begin down (by the column), its end up.
  firstAnswered[run] = Math.ceil(answeredAtMs - base);
  lastAsked[run] = askedAtMs - base;
  counts.set(topicPartition, count + 1);
}

/** Leaves out what can be left out; where that is too little, takes a larger block, or lets the oldest go. */
function makeRoom(samples: Samples, topicPartition: number, nowMs: number): void {
  const place = samples.places.get(topicPartition);
  const capacity = capacityOf(place);
  const left = thin(samples, topicPartition, nowMs);
  if (left <= (capacity * 3) / 4 || grow(samples, topicPartition)) return;
  const tooMany = left - (capacity * 7) / 8;
  if (tooMany <= 0) return;
  const chunk = chunkAt(samples.blocks, place);
  const first = firstRun(place);
  for (const column of [chunk.endOffsets, chunk.firstAnswered, chunk.lastAsked])
    column.copyWithin(first, first + tooMany, first + left);
  samples.counts.set(topicPartition, left - tooMany);
  samples.runsDropped += tooMany;
}

function thin(samples: Samples, topicPartition: number, nowMs: number): number {
  const { counts, baseMs } = samples;
  const place = samples.places.get(topicPartition);
  const { endOffsets, firstAnswered, lastAsked } = chunkAt(samples.blocks, place);
  const now = nowMs - baseMs.get(topicPartition);
  const first = firstRun(place);
  const newest = first + counts.get(topicPartition) - 1;
  let kept = first;
  for (let run = first + 1; run <= newest; run += 1) {
    const until = firstAnswered[run + 1] as number;
    const width = until - (lastAsked[kept] as number);
    if (run < newest && width * AGE_PER_WIDTH <= now - until) continue;
    kept += 1;
    endOffsets[kept] = endOffsets[run] as number;
    firstAnswered[kept] = firstAnswered[run] as number;
    lastAsked[kept] = lastAsked[run] as number;
  }
  counts.set(topicPartition, kept - first + 1);
  return kept - first + 1;
}

function grow(samples: Samples, topicPartition: number): boolean {
  const before = samples.places.get(topicPartition);
  const place = takeBlock(samples.blocks, before);
  if (place === undefined) return false;
  const [from, to] = [chunkAt(samples.blocks, before), chunkAt(samples.blocks, place)];
  const [first, end] = [firstRun(before), firstRun(before) + samples.counts.get(topicPartition)];
  to.endOffsets.set(from.endOffsets.subarray(first, end), firstRun(place));
  to.firstAnswered.set(from.firstAnswered.subarray(first, end), firstRun(place));
  to.lastAsked.set(from.lastAsked.subarray(first, end), firstRun(place));
  giveBlock(samples.blocks, before);
  samples.places.set(topicPartition, place);
  return true;
}

/**
 * Every 49 days at most: times fit their columns again. Runs that ended before the new base are let go; a run that goes on
 * may have begun later than it did, which only widens brackets.
 */
function rebase(samples: Samples, topicPartition: number, nowMs: number): void {
  const place = samples.places.get(topicPartition);
  const { endOffsets, firstAnswered, lastAsked } = chunkAt(samples.blocks, place);
  const shift = nowMs - REBASED_MS - samples.baseMs.get(topicPartition);
  const first = firstRun(place);
  const end = first + samples.counts.get(topicPartition);
  let kept = first;
  for (let run = first; run < end; run += 1) {
    if ((lastAsked[run] as number) < shift) continue;
    endOffsets[kept] = endOffsets[run] as number;
    firstAnswered[kept] = Math.max(0, (firstAnswered[run] as number) - shift);
    lastAsked[kept] = (lastAsked[run] as number) - shift;
    kept += 1;
  }
  samples.runsDropped += end - kept;
  samples.baseMs.set(topicPartition, samples.baseMs.get(topicPartition) + shift);
  samples.counts.set(topicPartition, kept - first);
}

/** The end offset that was known at a time; NaN where none is kept that is so old. */
export function endOffsetBefore(samples: Samples, topicPartition: number, atMs: number): number {
  const place = readInt32(samples.places, topicPartition);
  const count = place < 0 ? 0 : samples.counts.get(topicPartition);
  if (count === 0) return Number.NaN;
  const { endOffsets, firstAnswered } = chunkAt(samples.blocks, place);
  const first = firstRun(place);
  const relativeMs = atMs - readFloat64(samples.baseMs, topicPartition);
  let run = first + count - 1;
  while (run >= first && (firstAnswered[run] as number) > relativeMs) run -= 1;
  return run < first ? Number.NaN : (endOffsets[run] as number);
}

/** When the record at an offset became readable: after `afterMs`, at `byMs` at the latest; used again for the next search. */
export interface Bracket {
  /** NaN: not known. */
  afterMs: number;
  /** In the middle of what records evenly spread would have; NaN: not known. */
  estimateMs: number;
  byMs: number;
}

export type Found = typeof NOT_YET | typeof OLDER | typeof BRACKETED;
/** No answer has shown a record at that offset. */
export const NOT_YET = 0;
/** It was readable when the oldest answer came that is kept: only `byMs` is known. */
export const OLDER = 1;
export const BRACKETED = 2;

/** Searches from the newest run back: nearly all groups are close behind. */
export function findReadable(samples: Samples, topicPartition: number, offset: number, into: Bracket): Found {
  const place = readInt32(samples.places, topicPartition);
  const count = place < 0 ? 0 : samples.counts.get(topicPartition);
  if (count === 0) return NOT_YET;
  const { endOffsets, firstAnswered, lastAsked } = chunkAt(samples.blocks, place);
  const first = firstRun(place);
  let run = first + count - 1;
  if ((endOffsets[run] as number) <= offset) return NOT_YET;
  while (run >= first && (endOffsets[run] as number) > offset) run -= 1;
  const base = readFloat64(samples.baseMs, topicPartition);
  into.byMs = base + (firstAnswered[run + 1] as number);
  into.afterMs = Number.NaN;
  into.estimateMs = Number.NaN;
  if (run < first) return OLDER;
  into.afterMs = base + (lastAsked[run] as number);
  const records = (endOffsets[run + 1] as number) - (endOffsets[run] as number);
  const share = (offset - (endOffsets[run] as number) + 0.5) / records;
  into.estimateMs = Math.round(into.afterMs + (into.byMs - into.afterMs) * share);
  return BRACKETED;
}
