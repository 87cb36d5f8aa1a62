/**
 * # Rebalances: how many were completed since a group is watched
 *
 * A rebalance is complete when the members of a new generation (or epoch) know what they own; a group that became empty has
 * had none. What was complete when the watching began is where the count starts, but the first generation of all is one. A
 * cooperative rebalance (KIP-429) is two: members give up partitions in the first and get others in the second, some seconds
 * later. So a second one within PAIR_MS belongs to the first; a third does not, or a storm would count as one.
 */

export const PAIR_MS = 10_000;
const FIRST_GENERATION = 1;

export interface RebalanceCount {
  /** The newest one that is complete. */
  readonly generation: number;
  readonly rebalances: number;
  /** When the newest one that began a pair was complete; undefined where a second one would begin another. */
  readonly pairBeganMs: number | undefined;
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
    return { generation, rebalances: isFirst ? 1 : 0, pairBeganMs: isFirst ? atMs : undefined };
  }
  if (generation === before.generation) return before;
  if (members === 0) return { ...before, generation };
  const { pairBeganMs, rebalances } = before;
  // Clocks of two coordinators may differ: a second one that seems to come first is still near.
  if (pairBeganMs !== undefined && Math.abs(atMs - pairBeganMs) <= PAIR_MS)
    return { generation, rebalances, pairBeganMs: undefined };
  return { generation, rebalances: rebalances + 1, pairBeganMs: atMs };
}
