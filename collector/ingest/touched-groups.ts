/**
 * # Groups that have changed
 *
 * Groups of other types than the classic one spread their state over many records, with topics by id: the log says only that
 * something changed, and who wants the state asks the coordinator. A classic group's record says all, but a listing on its way
 * may be older and overrule it. A bounded map, by the type that the newest record was of; drained by that asker.
 */

import type { GroupType } from "../protocol/offsets-topic/key.ts";

export interface TouchedGroups {
  /** False where the map is full: the group is dropped, and the poll of all groups will find it. */
  add(group: string, type: GroupType): boolean;
  /** All of them, once. */
  drain(): ReadonlyMap<string, GroupType>;
}

export function createTouchedGroups(groupsMax: number): TouchedGroups {
  let groups = new Map<string, GroupType>();
  return {
    add(group, type) {
      if (groups.size >= groupsMax && !groups.has(group)) return false;
      groups.set(group, type);
      return true;
    },
    drain() {
      const drained = groups;
      groups = new Map();
      return drained;
    },
  };
}
