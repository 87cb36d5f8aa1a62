/**
 * # Group partitions: (group, topic, partition) to a slot
 *
 * A slot is a dense id; what is known of a group-partition lies in columns keyed by it (column.ts), wherever they are
 * kept. Slots are used again, so every holder puts its rows back to their fill before it lets go.
 *
 * A slot lives while a holder holds it. There are two, because Burrow's rules keep a partition that we know to be gone
 * (they ignore offset tombstones) and drop one that we still show (they expire groups on reading): "live" is ours,
 * "burrow" is the strict store's. Holding twice is holding once.
 */

import type { Column } from "./column.ts";
import { createGroupTopics, type GroupTopics, type OwnGroupTopics } from "./group-topics.ts";
import { createNames, type Names } from "./names.ts";
import { searchPartition } from "./partition-list.ts";
import { createSlots, type Slots } from "./slots.ts";
import type { TopicPartitions } from "./topic-partitions.ts";

export interface GroupPartitionKey {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

export type Holder = "live" | "burrow";

export interface GroupPartitions {
  readonly groups: Names;
  readonly topicPartitions: TopicPartitions;
  readonly groupTopics: GroupTopics;
  /** Rises whenever a slot is freed: a cache of slots is valid while this number stays the same. */
  epoch(): number;
  /** Slots in use are below this. */
  slotLimit(): number;
  /** How many slots are in use. */
  count(): number;
  find(key: GroupPartitionKey): number | undefined;
  /** The slot of `key`, held by `holder`; made if it is new. */
  hold(key: GroupPartitionKey, holder: Holder): number;
  /** Holds a slot that someone holds already. */
  holdSlot(slot: number, holder: Holder): void;
  /** Lets go of a slot. True when nobody holds it any more: it may then stand for another group-partition. */
  release(slot: number, holder: Holder): boolean;
  holds(slot: number, holder: Holder): boolean;
  /** The (group, topic) of a slot; -1 where the slot is free. */
  groupTopicOf(slot: number): number;
  /** The (topic, partition) of a slot; -1 where the slot is free. */
  topicPartitionOf(slot: number): number;
  /** The same as a column, for hot loops. Nobody else writes it. */
  readonly topicPartitionBySlot: Column<Int32Array>;
  groupIdOf(slot: number): number;
  topicIdOf(slot: number): number;
  partitionOf(slot: number): number;
  /** The names of a slot in use; undefined where it is free. */
  keyOf(slot: number): GroupPartitionKey | undefined;
}

const BIT: Readonly<Record<Holder, number>> = { live: 1, burrow: 2 };

export function createGroupPartitions(
  topicPartitions: TopicPartitions,
  groups: Names = createNames(),
): GroupPartitions {
  const { topics } = topicPartitions;
  const groupTopics = createGroupTopics(topics);
  const slots = createSlots();
  const { holders } = slots;
  const partitionOf = (slot: number): number => topicPartitions.partitionOf(slots.topicPartitions.get(slot));
  const edit = createEditor({ groups, topicPartitions, groupTopics, slots, partitionOf });
  const groupIdOf = (slot: number): number => groupTopics.groupIdOf(slots.groupTopics.get(slot));
  const topicIdOf = (slot: number): number => groupTopics.topicIdOf(slots.groupTopics.get(slot));
  const holdSlot = (slot: number, holder: Holder): void => holders.set(slot, holders.get(slot) | BIT[holder]);

  return {
    groups,
    topicPartitions,
    groupTopics,
    topicPartitionBySlot: slots.topicPartitions,
    epoch: slots.epoch,
    slotLimit: slots.limit,
    count: slots.count,
    find: edit.find,
    holdSlot,
    hold: (key, holder) => {
      const slot = edit.find(key) ?? edit.add(key);
      holdSlot(slot, holder);
      return slot;
    },
    release: (slot, holder) => {
      const held = holders.get(slot);
      const left = held & ~BIT[holder];
      holders.set(slot, left);
      if (left !== 0 || held === 0) return false;
      edit.remove(slot);
      return true;
    },
    holds: (slot, holder) => (holders.get(slot) & BIT[holder]) !== 0,
    groupTopicOf: slots.groupTopics.get,
    topicPartitionOf: slots.topicPartitions.get,
    groupIdOf,
    topicIdOf,
    partitionOf,
    keyOf: (slot) => {
      const group = groups.nameOf(groupIdOf(slot));
      const topic = topics.nameOf(topicIdOf(slot));
      return group === undefined || topic === undefined ? undefined : { group, topic, partition: partitionOf(slot) };
    },
  };
}

interface Tables {
  readonly groups: Names;
  readonly topicPartitions: TopicPartitions;
  readonly groupTopics: OwnGroupTopics;
  readonly slots: Slots;
  readonly partitionOf: (slot: number) => number;
}

/** The changes that touch more than one table. A slot holds one reference on its group and one on its topic-partition. */
function createEditor({ groups, topicPartitions, groupTopics, slots, partitionOf }: Tables) {
  return {
    find({ group, topic, partition }: GroupPartitionKey): number | undefined {
      const groupId = groups.find(group);
      const topicId = topicPartitions.topics.find(topic);
      if (groupId === undefined || topicId === undefined) return undefined;
      const groupTopic = groupTopics.find(groupId, topicId);
      if (groupTopic === undefined) return undefined;
      const list = groupTopics.slotsOf(groupTopic);
      return list[searchPartition(list, partition, partitionOf)];
    },
    add({ group, topic, partition }: GroupPartitionKey): number {
      const groupId = groups.retain(group);
      const topicPartition = topicPartitions.retain(topic, partition);
      const topicId = topicPartitions.topicIdOf(topicPartition);
      const groupTopic = groupTopics.find(groupId, topicId) ?? groupTopics.add(groupId, topicId);
      const slot = slots.take(groupTopic, topicPartition);
      const list = groupTopics.slotListOf(groupTopic);
      list.splice(-1 - searchPartition(list, partition, partitionOf), 0, slot);
      return slot;
    },
    remove(slot: number): void {
      const groupTopic = slots.groupTopics.get(slot);
      const groupId = groupTopics.groupIdOf(groupTopic);
      const topicPartition = slots.topicPartitions.get(slot);
      const list = groupTopics.slotListOf(groupTopic);
      list.splice(searchPartition(list, partitionOf(slot), partitionOf), 1);
      if (list.length === 0) groupTopics.remove(groupTopic);
      slots.give(slot);
      topicPartitions.release(topicPartition);
      groups.release(groupId);
    },
  };
}
