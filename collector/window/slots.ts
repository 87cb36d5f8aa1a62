/**
 * # Slots: the rows of the group-partition table
 *
 * Reverse columns (slot to group-topic and topic-partition), who holds a slot, and the free list. Only
 * group-partitions.ts writes here.
 */

import { type Column, createInt32Column, createUint8Column } from "./column.ts";

export interface Slots {
  /** -1 where the slot is free. */
  readonly groupTopics: Column<Int32Array>;
  /** -1 where the slot is free. */
  readonly topicPartitions: Column<Int32Array>;
  /** One bit per holder. */
  readonly holders: Column<Uint8Array>;
  /** Rises whenever a slot is freed. */
  epoch(): number;
  /** Slots in use are below this. */
  limit(): number;
  count(): number;
  take(groupTopic: number, topicPartition: number): number;
  give(slot: number): void;
}

export function createSlots(): Slots {
  const groupTopics = createInt32Column(-1);
  const topicPartitions = createInt32Column(-1);
  const free: number[] = [];
  let limit = 0;
  let epoch = 0;
  return {
    groupTopics,
    topicPartitions,
    holders: createUint8Column(),
    epoch: () => epoch,
    limit: () => limit,
    count: () => limit - free.length,
    take: (groupTopic, topicPartition) => {
      const slot = free.pop() ?? limit++;
      groupTopics.set(slot, groupTopic);
      topicPartitions.set(slot, topicPartition);
      return slot;
    },
    give: (slot) => {
      groupTopics.set(slot, -1);
      topicPartitions.set(slot, -1);
      free.push(slot);
      epoch += 1;
    },
  };
}
