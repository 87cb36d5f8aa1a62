/**
 * # Live groups: state, type, members of each group, now
 *
 * A group is here while its coordinator lists it, while it has committed offsets, or while it has members. One listing
 * without it proves nothing (it may be younger than the listing); the second one does.
 */

import type { UnavailableReason } from "../model/observation.ts";
import type { CompletedGeneration, RebalanceCount } from "./rebalances.ts";
import { countRebalance, recentRebalances } from "./rebalances.ts";

export interface GroupFacts {
  readonly protocolType: string | undefined;
  readonly state: string | undefined;
  readonly type: string | undefined;
  /** Generation of a classic group, epoch of any other. */
  readonly generation: number | undefined;
  readonly members: number | undefined;
  /** Completed since the group is watched. */
  readonly rebalances: number | undefined;
}

const UNKNOWN: GroupFacts = {
  protocolType: undefined,
  state: undefined,
  type: undefined,
  generation: undefined,
  members: undefined,
  rebalances: undefined,
};

const LISTINGS_MISSED_MAX = 1;

/** Its coordinator answers, but not for this group. */
export interface GroupUnavailable {
  readonly reason: UnavailableReason;
  /** Epoch ms. */
  readonly sinceMs: number;
}

export interface LiveGroups {
  get(group: string): GroupFacts | undefined;
  names(): Iterable<string>;
  /** Merges what is known now into what was known. */
  update(group: string, facts: Partial<GroupFacts>): void;
  /** A generation is complete: its rebalance counts where it is a new one. */
  completed(group: string, generation: CompletedGeneration): void;
  /** Rebalances completed of late, by the clock that told of them; undefined where none is counted. */
  recentRebalances(group: string, nowMs: number): number | undefined;
  /** A generation that was complete before the group was watched. */
  completedBefore(group: string, generation: number): void;
  /** Takes a full listing; answers with the groups that it and the one before could have named and did not. */
  listed(groups: ReadonlySet<string>, isAway: (group: string) => boolean): readonly string[];
  remove(group: string): void;
  unavailableOf(group: string): GroupUnavailable | undefined;
  /** True where that is news. */
  setUnavailable(group: string, unavailable: GroupUnavailable | undefined): boolean;
}

export function createLiveGroups(): LiveGroups {
  const facts = new Map<string, GroupFacts>();
  const missed = new Map<string, number>();
  const rebalances = new Map<string, RebalanceCount>();
  const unavailable = new Map<string, GroupUnavailable>();
  return {
    unavailableOf: (group) => (unavailable.size === 0 ? undefined : unavailable.get(group)),
    setUnavailable: (group, now) => {
      const before = unavailable.get(group);
      if (now === undefined) return unavailable.delete(group);
      if (before?.reason === now.reason) return false;
      unavailable.set(group, { ...now, sinceMs: before?.sinceMs ?? now.sinceMs });
      return true;
    },
    get: (group) => facts.get(group),
    names: () => facts.keys(),
    update: (group, news) => {
      const known = Object.entries(news).filter(([, value]) => value !== undefined);
      facts.set(group, { ...(facts.get(group) ?? UNKNOWN), ...Object.fromEntries(known) });
    },
    completed: (group, generation) => {
      const count = countRebalance(rebalances.get(group), generation);
      rebalances.set(group, count);
      facts.set(group, { ...(facts.get(group) ?? UNKNOWN), rebalances: count.rebalances });
    },
    recentRebalances: (group, nowMs) => {
      const count = rebalances.get(group);
      return count === undefined ? undefined : recentRebalances(count, nowMs);
    },
    completedBefore: (group, generation) => {
      const known = facts.get(group);
      if (known === undefined || (rebalances.get(group)?.generation ?? -1) >= generation) return;
      rebalances.set(group, {
        generation,
        rebalances: known.rebalances ?? 0,
        pairBeganMs: undefined,
        recentMs: rebalances.get(group)?.recentMs ?? [],
      });
      facts.set(group, { ...known, rebalances: known.rebalances ?? 0 });
    },
    listed: (groups, isAway) => {
      const gone: string[] = [];
      for (const group of new Set([...facts.keys(), ...unavailable.keys()])) {
        const times = groups.has(group) || isAway(group) ? 0 : (missed.get(group) ?? 0) + 1;
        if (times === 0) missed.delete(group);
        else missed.set(group, times);
        if (times > LISTINGS_MISSED_MAX) gone.push(group);
      }
      return gone;
    },
    remove: (group) => {
      facts.delete(group);
      missed.delete(group);
      rebalances.delete(group);
      unavailable.delete(group);
    },
  };
}
