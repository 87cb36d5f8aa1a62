/**
 * # A window as it is remembered from one round to the next
 *
 *     packed := (committed_offset committed_at_ms observed_at_ms lag order)*       oldest first, numbers of 64 bits; a lag of NaN: none
 *
 * Orders are ours, since Burrow tells none: a commit keeps the one that it got when it was first seen.
 */

import type { ToldCommit } from "./answers.ts";

export type Ordered = ToldCommit & { readonly order: number };

/** The known ones keep their orders; what comes behind them, or instead of them, gets new ones. */
export function inOrder(
  before: readonly Ordered[],
  told: readonly ToldCommit[],
  nextOrder: () => number,
): readonly Ordered[] {
  let at = 0;
  let isNew = false;
  return told.map((commit): Ordered => {
    const found = isNew ? -1 : before.findIndex((one, index) => index >= at && isSameCommit(one, commit));
    const same = before[found];
    if (same !== undefined) {
      at = found + 1;
      return { ...commit, order: same.order };
    }
    // One that came late stands before others that are known: its order has to fit between theirs.
    const next = isNew ? undefined : nextKnown(before.slice(at), told.slice(told.indexOf(commit) + 1));
    if (next !== undefined) return { ...commit, order: next.order - 1 };
    isNew = true;
    return { ...commit, order: nextOrder() };
  });
}

function nextKnown(before: readonly Ordered[], behind: readonly ToldCommit[]): Ordered | undefined {
  return before.find((one) => behind.some((commit) => isSameCommit(one, commit)));
}

function isSameCommit(one: ToldCommit, other: ToldCommit): boolean {
  return Object.is(one.committedOffset, other.committedOffset) && Object.is(one.committedAtMs, other.committedAtMs);
}

/** Some hundred bytes instead of a thousand: there are as many windows as there are group-partitions. */
export function packed(commits: readonly Ordered[]): Float64Array {
  const columns = new Float64Array(commits.length * PACKED);
  commits.forEach((commit, i) => {
    columns[i * PACKED] = commit.committedOffset;
    columns[i * PACKED + 1] = commit.committedAtMs;
    columns[i * PACKED + 2] = commit.observedAtMs;
    columns[i * PACKED + 3] = commit.lag ?? Number.NaN;
    columns[i * PACKED + 4] = commit.order;
  });
  return columns;
}

const PACKED = 5;

export function unpacked(columns: Float64Array): readonly Ordered[] {
  return Array.from({ length: columns.length / PACKED }, (_, i) => {
    const [committedOffset = 0, committedAtMs = 0, observedAtMs = 0, lag = 0, order = 0] = columns.subarray(i * PACKED);
    return { committedOffset, committedAtMs, observedAtMs, lag: Number.isNaN(lag) ? undefined : lag, order };
  });
}

export function isSame(columns: Float64Array, told: readonly ToldCommit[]): boolean {
  return (
    columns.length === told.length * PACKED &&
    told.every(
      ({ committedOffset, committedAtMs, lag = Number.NaN }, i) =>
        Object.is(columns[i * PACKED], committedOffset) &&
        Object.is(columns[i * PACKED + 1], committedAtMs) &&
        Object.is(columns[i * PACKED + 3], lag),
    )
  );
}

export function newestAtMs(columns: Float64Array): number | undefined {
  return columns.at(1 - PACKED);
}
