/**
 * # When each offset of a partition was appended
 *
 * One entry an append, `[first offset, time]`, both ascending; what was appended in one millisecond is one entry, so the time of
 * every offset in the log is exact. Entries below the log start go. One plain array a partition, flat, since most of a hundred
 * thousand partitions have few entries.
 */

import { ClusterError } from "./cluster-error.ts";

export interface AppendIndex {
  /** Pairs: first offset, time. */
  readonly entries: number[];
  /** Where the first live pair begins. */
  head: number;
}

const PAIR = 2;
/** Dead pairs are cut off when they are as many as the live ones, and more than these. */
const DEAD_MAX = 64 * PAIR;

export function createAppendIndex(): AppendIndex {
  return { entries: [], head: 0 };
}

export function noteAppend(index: AppendIndex, offset: number, atMs: number): void {
  const { entries } = index;
  const lastMs = entries.length > index.head ? (entries[entries.length - 1] ?? 0) : Number.NEGATIVE_INFINITY;
  if (atMs < lastMs) throw new ClusterError(`an append at ${atMs} ms behind one at ${lastMs} ms`);
  if (atMs > lastMs) entries.push(offset, atMs);
}

/** Forgets what lies below `startOffset`; the append that it cuts stays. */
export function forgetBelow(index: AppendIndex, startOffset: number): void {
  index.head = Math.max(index.head, entryOf(index, startOffset));
  if (index.head > DEAD_MAX && index.head * 2 > index.entries.length) {
    index.entries.splice(0, index.head);
    index.head = 0;
  }
}

/** Forgets what begins at or behind `endOffset`. */
export function forgetFrom(index: AppendIndex, endOffset: number): void {
  const { entries } = index;
  let length = entries.length;
  while (length > index.head && (entries[length - PAIR] ?? 0) >= endOffset) length -= PAIR;
  entries.length = length;
}

/** Of an offset that is in the log; undefined where it is older than the first append. */
export function appendedAtMs(index: AppendIndex, offset: number): number | undefined {
  const at = entryOf(index, offset);
  return (index.entries[at] ?? Number.POSITIVE_INFINITY) <= offset ? index.entries[at + 1] : undefined;
}

/** First append at or after the time; undefined where there is none. */
export function firstAtOrAfter(
  index: AppendIndex,
  timestampMs: number,
): { readonly offset: number; readonly timestampMs: number } | undefined {
  const { entries } = index;
  const at = search(index, (pair) => (entries[pair + 1] ?? 0) >= timestampMs);
  const [offset, atMs] = [entries[at], entries[at + 1]];
  return offset === undefined || atMs === undefined ? undefined : { offset, timestampMs: atMs };
}

/** The second oldest append's offset: where the log would begin if the oldest append went. */
export function secondOffset(index: AppendIndex): number | undefined {
  return index.entries[index.head + PAIR];
}

export function appendsOf(index: AppendIndex): number {
  return (index.entries.length - index.head) / PAIR;
}

/** Of the last pair that begins at or below the offset; the first one where there is none. */
function entryOf(index: AppendIndex, offset: number): number {
  const { entries, head } = index;
  return Math.max(head, search(index, (pair) => (entries[pair] ?? 0) > offset) - PAIR);
}

/** The first pair for which it holds, or the end; it holds for all behind that. */
function search({ entries, head }: AppendIndex, holds: (pair: number) => boolean): number {
  let low = head / PAIR;
  let high = entries.length / PAIR;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle * PAIR)) high = middle;
    else low = middle + 1;
  }
  return low * PAIR;
}
