/**
 * # Groups whose state is in records that are not read here
 *
 * Consumer groups of KIP-848, share and streams groups spread their state over many records, with topics by id. The log says
 * only that something changed; who wants the state asks the coordinator. A bounded set, drained by that asker.
 */

export interface TouchedGroups {
  /** False where the set is full: the group is dropped, and the poll of all groups will find it. */
  add(group: string): boolean;
  /** All names, once. */
  drain(): readonly string[];
}

export function createTouchedGroups(groupsMax: number): TouchedGroups {
  const groups = new Set<string>();
  return {
    add(group) {
      if (groups.size >= groupsMax && !groups.has(group)) return false;
      groups.add(group);
      return true;
    },
    drain() {
      const drained = [...groups];
      groups.clear();
      return drained;
    },
  };
}
