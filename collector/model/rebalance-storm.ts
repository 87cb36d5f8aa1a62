/**
 * # What a rebalance storm is
 *
 * At least STORM_REBALANCES_MIN rebalances completed within STORM_SPAN_MS. During each the members of a classic group read
 * nothing, and begin again where they have committed last, so a group that does little else falls behind though all its members
 * live. A member that leaves and comes back makes two, which is none yet; a deploy that replaces member by member is one while it
 * lasts.
 */

export const STORM_SPAN_MS = 300_000;
export const STORM_REBALANCES_MIN = 3;

export function isRebalanceStorm(recentRebalances: number | undefined): boolean {
  return recentRebalances !== undefined && recentRebalances >= STORM_REBALANCES_MIN;
}
