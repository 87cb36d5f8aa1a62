/**
 * # Topology: who leads what
 *
 * One Metadata answer, arranged by what we ask next: the user topics of each leader, the leaders of the offsets topic's
 * partitions, and what has no leader. Errors of single topics and partitions stay with them (KIP-516 ids where known).
 */

import { ERROR_CODE } from "../protocol/errors.ts";
import type { MetadataResponse, MetadataTopic } from "../protocol/metadata.ts";

export const OFFSETS_TOPIC = "__consumer_offsets";

export interface TopicPartitionList {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface Topology {
  /** Topics to watch, by the broker that leads their partitions. The offsets topic is not among them. */
  readonly byLeader: ReadonlyMap<number, readonly TopicPartitionList[]>;
  readonly leaderless: readonly TopicPartitionList[];
  readonly topics: readonly {
    readonly topic: string;
    readonly topicId: string | undefined;
    readonly partitions: number;
  }[];
  /** Number of partitions by topic, the offsets topic included. */
  readonly partitionCounts: ReadonlyMap<string, number>;
  /** Changes when the offsets topic is deleted and made again; undefined where the broker has no ids, or no such topic. */
  readonly logTopicId: string | undefined;
  /** Leader of each partition of the offsets topic; undefined where it has none at present. Empty: no such topic yet. */
  readonly logLeaders: readonly (number | undefined)[];
}

export const EMPTY_TOPOLOGY: Topology = {
  byLeader: new Map(),
  leaderless: [],
  topics: [],
  partitionCounts: new Map(),
  logTopicId: undefined,
  logLeaders: [],
};

export function topologyOf(response: MetadataResponse): Topology {
  const byLeader = new Map<number, TopicPartitionList[]>();
  const leaderless: TopicPartitionList[] = [];
  const present = response.topics.filter(exists).map(plausible);
  const watched = present.filter(({ topic }) => topic !== OFFSETS_TOPIC);
  for (const { topic, partitions } of watched) {
    const byNode = Map.groupBy(partitions, ({ leaderNodeId }) => leaderNodeId);
    for (const [nodeId, led] of byNode) {
      const list = { topic, partitions: led.map(({ partition }) => partition).toSorted((a, b) => a - b) };
      if (nodeId === undefined) leaderless.push(list);
      else pushTo(byLeader, nodeId, list);
    }
  }
  return {
    byLeader,
    leaderless,
    topics: watched.map(({ topic, topicId, partitions }) => ({ topic, topicId, partitions: countOf(partitions) })),
    partitionCounts: new Map(present.map(({ topic, partitions }) => [topic, countOf(partitions)])),
    logTopicId: present.find(({ topic }) => topic === OFFSETS_TOPIC)?.topicId,
    logLeaders: logLeadersOf(present.find(({ topic }) => topic === OFFSETS_TOPIC)),
  };
}

function exists({ error }: MetadataTopic): boolean {
  return error !== ERROR_CODE.UNKNOWN_TOPIC_OR_PARTITION && error !== ERROR_CODE.TOPIC_AUTHORIZATION_FAILED;
}

/** More than any cluster has in all: what is counted up to a number from the wire must end. */
const PARTITIONS_MAX = 1_000_000;

function plausible(topic: MetadataTopic): MetadataTopic {
  return {
    ...topic,
    partitions: topic.partitions.filter(({ partition }) => partition >= 0 && partition < PARTITIONS_MAX),
  };
}

/** One past the largest number: a partition without a leader still counts. */
function countOf(partitions: MetadataTopic["partitions"]): number {
  return partitions.reduce((most, { partition }) => Math.max(most, partition + 1), 0);
}

function logLeadersOf(topic: MetadataTopic | undefined): readonly (number | undefined)[] {
  const leaders: (number | undefined)[] = Array.from({ length: countOf(topic?.partitions ?? []) }, () => undefined);
  for (const { partition, leaderNodeId } of topic?.partitions ?? []) leaders[partition] = leaderNodeId;
  return leaders;
}

function pushTo(byLeader: Map<number, TopicPartitionList[]>, nodeId: number, list: TopicPartitionList): void {
  const lists = byLeader.get(nodeId);
  if (lists === undefined) byLeader.set(nodeId, [list]);
  else lists.push(list);
}

/** The same partitions, led by the same brokers. */
export function isSameTopology(left: Topology, right: Topology): boolean {
  return (
    left.byLeader.size === right.byLeader.size &&
    [...left.byLeader].every(([nodeId, lists]) =>
      isSameList(lists, right.byLeader.get(nodeId), isSameTopicPartitions),
    ) &&
    isSameList(left.leaderless, right.leaderless, isSameTopicPartitions) &&
    isSameList(left.topics, right.topics, isSameTopic) &&
    left.logTopicId === right.logTopicId &&
    isSameList(left.logLeaders, right.logLeaders, Object.is)
  );
}

/** As the answers have them: another order is another list. */
function isSameList<T>(
  left: readonly T[],
  right: readonly T[] | undefined,
  isSame: (left: T, right: T) => boolean,
): boolean {
  if (right === undefined || left.length !== right.length) return false;
  return left.every((one, index) => isSame(one, right[index] as T));
}

function isSameTopicPartitions(left: TopicPartitionList, right: TopicPartitionList): boolean {
  return left.topic === right.topic && isSameList(left.partitions, right.partitions, Object.is);
}

type WatchedTopic = Topology["topics"][number];

function isSameTopic(left: WatchedTopic, right: WatchedTopic): boolean {
  return left.topic === right.topic && left.topicId === right.topicId && left.partitions === right.partitions;
}
