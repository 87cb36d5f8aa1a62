/**
 * # Rebalances: how many were completed since a group is watched
 *
 * A rebalance is complete when the members of a new generation (or epoch) know what they own; a group that became empty has
 * had none. What was complete when the watching began is where the count starts, but the first generation of all is one. A
 * cooperative rebalance (KIP-429) is two: members give up partitions in the first and get others in the second, some seconds
 * later. So a second one within PAIR_MS belongs to the first; a third does not, or a storm would count as one.
 */

import { STORM_SPAN_MS } from "../model/rebalance-storm.ts";

export const PAIR_MS = 10_000;
const FIRST_GENERATION = 1;
/** Of STORM_SPAN_MS; with pairs there are never more than two in PAIR_MS, unless clocks jump. */
const RECENT_MAX = 100;

export interface RebalanceCount {
  /** The newest one that is complete. */
  readonly generation: number;
  readonly rebalances: number;
  /** When the newest one that began a pair was complete; undefined where a second one would begin another. */
  readonly pairBeganMs: number | undefined;
  /** When the newest of them were complete, those of STORM_SPAN_MS, oldest first. */
  readonly recentMs: readonly number[];
}

export interface CompletedGeneration {
  readonly generation: number;
  readonly members: number;
  /** Epoch ms. */
  readonly atMs: number;
}

export function countRebalance(before: RebalanceCount | undefined, completed: CompletedGeneration): RebalanceCount {
  const { generation, members, atMs } = completed;
  if (before === undefined) {
    const isFirst = generation === FIRST_GENERATION && members > 0;
    const pairBeganMs = isFirst ? atMs : undefined;
    return { generation, rebalances: isFirst ? 1 : 0, pairBeganMs, recentMs: isFirst ? [atMs] : [] };
  }
  if (generation === before.generation) return before;
  if (members === 0) return { ...before, generation };
  const { pairBeganMs, rebalances, recentMs } = before;
  // Clocks of two coordinators may differ: a second one that seems to come first is still near.
  if (pairBeganMs !== undefined && Math.abs(atMs - pairBeganMs) <= PAIR_MS)
    return { ...before, generation, pairBeganMs: undefined };
  const recent = [...recentMs.filter((oneMs) => atMs - oneMs < STORM_SPAN_MS), atMs].slice(-RECENT_MAX);
  return { generation, rebalances: rebalances + 1, pairBeganMs: atMs, recentMs: recent };
}

/** How many were complete within STORM_SPAN_MS before `nowMs`. */
export function recentRebalances({ recentMs }: RebalanceCount, nowMs: number): number {
  return recentMs.filter((oneMs) => nowMs - oneMs < STORM_SPAN_MS).length;
}
