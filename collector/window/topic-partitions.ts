/**
 * # Topic partitions: (topic, partition) to a dense id
 *
 * The key of everything that is known per partition of a topic (high watermarks, log starts). An id lives as long as
 * someone holds it: each group-partition on it does, and whoever keeps values by it. So the id of a partition does not
 * change while a group is on it, even when its topic is deleted and made again.
 */

import { createInt32Column } from "./column.ts";
import { createNames, type Names } from "./names.ts";
import { searchPartition } from "./partition-list.ts";

export interface TopicPartitions {
  /** Names of topics; their ids key what is known per topic. */
  readonly topics: Names;
  topicIdOf(id: number): number;
  partitionOf(id: number): number;
  /** Ids in use are below this. */
  idLimit(): number;
  /** All ids of a topic, partition ascending. */
  idsOf(topicId: number): readonly number[];
  find(topic: string, partition: number): number | undefined;
  findInTopic(topicId: number, partition: number): number | undefined;
  /** The id, with one more reference on it; made if it is new. */
  retain(topic: string, partition: number): number;
  /** Gives one reference back. True when it was the last: the id may then stand for another partition. */
  release(id: number): boolean;
}

export function createTopicPartitions(topics: Names = createNames()): TopicPartitions {
  const topicIds = createInt32Column(-1);
  const partitions = createInt32Column(-1);
  const references = createInt32Column();
  const idsByTopic: (number[] | undefined)[] = [];
  const free: number[] = [];
  let idLimit = 0;

  const idsOf = (topicId: number): readonly number[] => idsByTopic[topicId] ?? [];
  const findInTopic = (topicId: number, partition: number): number | undefined =>
    idsOf(topicId)[searchPartition(idsOf(topicId), partition, partitions.get)];

  function add(topicId: number, partition: number): number {
    const id = free.pop() ?? idLimit++;
    topicIds.set(id, topicId);
    partitions.set(id, partition);
    idsByTopic[topicId] ??= [];
    const ids = idsByTopic[topicId];
    ids.splice(-1 - searchPartition(ids, partition, partitions.get), 0, id);
    return id;
  }

  function remove(id: number): void {
    const topicId = topicIds.get(id);
    const ids = idsByTopic[topicId] ?? [];
    ids.splice(searchPartition(ids, partitions.get(id), partitions.get), 1);
    if (ids.length === 0) idsByTopic[topicId] = undefined;
    topicIds.set(id, -1);
    partitions.set(id, -1);
    free.push(id);
  }

  return {
    topics,
    topicIdOf: topicIds.get,
    partitionOf: partitions.get,
    idLimit: () => idLimit,
    idsOf,
    findInTopic,
    find: (topic, partition) => {
      const topicId = topics.find(topic);
      return topicId === undefined ? undefined : findInTopic(topicId, partition);
    },
    retain: (topic, partition) => {
      const topicId = topics.retain(topic);
      const id = findInTopic(topicId, partition) ?? add(topicId, partition);
      references.set(id, references.get(id) + 1);
      return id;
    },
    release: (id) => {
      const left = references.get(id) - 1;
      if (left < 0) throw new RangeError(`topic-partition id ${id} was released more often than retained`);
      references.set(id, left);
      const topicId = topicIds.get(id);
      if (left === 0) remove(id);
      topics.release(topicId);
      return left === 0;
    },
  };
}
