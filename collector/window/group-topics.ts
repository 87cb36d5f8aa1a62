/**
 * # Group topics: (group, topic) to a dense id, with the slots under it
 *
 * The middle of the id table: a group lists its topics by name, a topic of a group lists its slots by partition. That is
 * the order every answer has. The names' references are the caller's (group-partitions.ts).
 */

import { createInt32Column } from "./column.ts";
import type { Names } from "./names.ts";

export interface GroupTopics {
  groupIdOf(groupTopic: number): number;
  topicIdOf(groupTopic: number): number;
  /** Ids in use are below this. */
  idLimit(): number;
  /** A group's group-topics, by topic name (UTF-16 order). */
  ofGroup(groupId: number): readonly number[];
  /** Slots under a group-topic, partition ascending. The list changes as slots come and go: do not keep it. */
  slotsOf(groupTopic: number): readonly number[];
  find(groupId: number, topicId: number): number | undefined;
}

export interface OwnGroupTopics extends GroupTopics {
  /** The list itself, for its one writer. */
  slotListOf(groupTopic: number): number[];
  add(groupId: number, topicId: number): number;
  remove(groupTopic: number): void;
}

const NONE: readonly number[] = [];

export function createGroupTopics(topics: Names): OwnGroupTopics {
  const groupIds = createInt32Column(-1);
  const topicIds = createInt32Column(-1);
  const slots: (number[] | undefined)[] = [];
  const byGroup: (number[] | undefined)[] = [];
  const free: number[] = [];

  const ofGroup = (groupId: number): readonly number[] => byGroup[groupId] ?? NONE;

  /** Index in the group's list; where it is missing, `-1 - index` of where it belongs. */
  function search(groupId: number, topicId: number): number {
    const list = ofGroup(groupId);
    const name = topics.nameOf(topicId) ?? "";
    let low = 0;
    let high = list.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = topicIds.get(list[middle] ?? 0);
      if (found === topicId) return middle;
      if ((topics.nameOf(found) ?? "") < name) low = middle + 1;
      else high = middle - 1;
    }
    return -1 - low;
  }

  return {
    groupIdOf: groupIds.get,
    topicIdOf: topicIds.get,
    idLimit: () => slots.length,
    ofGroup,
    slotsOf: (groupTopic) => slots[groupTopic] ?? NONE,
    slotListOf: (groupTopic) => slots[groupTopic] ?? [],
    find: (groupId, topicId) => ofGroup(groupId)[search(groupId, topicId)],
    add: (groupId, topicId) => {
      const groupTopic = free.pop() ?? slots.length;
      byGroup[groupId] ??= [];
      byGroup[groupId].splice(-1 - search(groupId, topicId), 0, groupTopic);
      groupIds.set(groupTopic, groupId);
      topicIds.set(groupTopic, topicId);
      slots[groupTopic] = [];
      return groupTopic;
    },
    remove: (groupTopic) => {
      const groupId = groupIds.get(groupTopic);
      const list = byGroup[groupId] ?? [];
      list.splice(search(groupId, topicIds.get(groupTopic)), 1);
      if (list.length === 0) byGroup[groupId] = undefined;
      groupIds.set(groupTopic, -1);
      topicIds.set(groupTopic, -1);
      slots[groupTopic] = undefined;
      free.push(groupTopic);
    },
  };
}
