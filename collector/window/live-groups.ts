/**
 * # Live groups: state, type, members of each group, now
 *
 * A group is here while its coordinator lists it, while it has committed offsets, or while it has members. One listing
 * without it proves nothing (it may be younger than the listing); the second one does.
 */

import type { UnavailableReason } from "../model/observation.ts";

export interface GroupFacts {
  readonly protocolType: string | undefined;
  readonly state: string | undefined;
  readonly type: string | undefined;
  /** Generation of a classic group, epoch of a consumer group. */
  readonly generation: number | undefined;
  readonly members: number | undefined;
}

const UNKNOWN: GroupFacts = {
  protocolType: undefined,
  state: undefined,
  type: undefined,
  generation: undefined,
  members: undefined,
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
      unavailable.delete(group);
    },
  };
}
