/**
 * # Leaving out: groups and topics that are not watched any more
 *
 * Both views forget them at once, as if they had never been; what is left keeps its windows.
 */

import { deleteGroup, deleteTopic } from "./burrow-store.ts";
import type { ClusterState } from "./cluster-state.ts";
import { forgetGroup } from "./members.ts";

export interface Watching {
  isGroup(group: string): boolean;
  isTopic(topic: string): boolean;
}

/** How many groups were known that are so no more. */
export function leaveOut(state: ClusterState, watching: Watching): number {
  const { table, burrow, groups, topics } = state;
  const named = Array.from({ length: table.groups.idLimit() }, (_, id) => table.groups.nameOf(id) ?? []).flat();
  const out = [...new Set([...groups.names(), ...named])].filter((group) => !watching.isGroup(group));
  for (const group of out) {
    forgetGroup(state, group);
    deleteGroup(burrow, group);
  }
  leaveOutTopics(state, watching);
  const listed = topics.names().flatMap((topic) => {
    const known = watching.isTopic(topic) ? topics.get(topic) : undefined;
    return known === undefined ? [] : [{ topic, ...known }];
  });
  state.observe({ kind: "topics", topics: listed });
  state.touch();
  return out.length;
}

function leaveOutTopics({ table, burrow, offsets }: ClusterState, { isTopic }: Watching): void {
  const out = new Set<string>();
  for (let slot = 0; slot < table.slotLimit(); slot += 1) {
    const topic = table.keyOf(slot)?.topic;
    if (topic === undefined || isTopic(topic)) continue;
    out.add(topic);
    if (!table.holds(slot, "live")) continue;
    offsets.forget(slot);
    offsets.setOwner(slot, undefined);
    offsets.releaseIfEmpty(slot);
  }
  for (const topic of out) deleteTopic(burrow, topic);
}
