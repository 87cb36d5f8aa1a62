/** The slots of a group that are ours, by topic, then partition: those with a committed offset or an owner. */

import type { GroupPartitions } from "./group-partitions.ts";

export function liveSlotsOf(table: GroupPartitions, group: string): readonly number[] {
  const groupId = table.groups.find(group);
  if (groupId === undefined) return [];
  const { groupTopics } = table;
  return groupTopics
    .ofGroup(groupId)
    .flatMap((groupTopic) => groupTopics.slotsOf(groupTopic).filter((slot) => table.holds(slot, "live")));
}
