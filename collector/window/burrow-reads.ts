/**
 * # Reading the strict store: Burrow's fetch requests
 *
 * As in linkedin/Burrow v1.9.5 a group expires when it is asked for, not before: until then the list shows it. Where
 * Burrow dies (its issue #864: a group lists more partitions than the topic has now, or one without a high watermark),
 * here the partition has lag 0 and no broker offsets, which is what Burrow answers for a topic it does not know.
 */

import { createBrokerWindow, readBrokerWindow } from "./broker-rings.ts";
import { type BurrowStore, COMMIT_OUTCOMES, type CommitOutcome, deleteGroup } from "./burrow-store.ts";
import { CHUNK_BITS, CHUNK_MASK } from "./column.ts";
import { createWindow, newestOffsetOf, readWindow, type Window } from "./rings.ts";

const NO_LAG = 0;

/** One commit as an answer shows it. */
export interface CommitSample {
  readonly offset: number;
  /** Of the commit record in its partition of the offsets topic; no answer of Burrow shows it. */
  readonly order: number;
  readonly timestampMs: number;
  readonly observedAtMs: number;
  /** Undefined where the commit came late. */
  readonly lag: number | undefined;
}

export interface ConsumerPartition {
  /** As long as the window, empty cells first; empty where the partition never had a ring. */
  readonly offsets: readonly (CommitSample | undefined)[];
  /** Oldest first. */
  readonly brokerOffsets: readonly number[];
  readonly owner: string;
  readonly clientId: string;
  readonly currentLag: number;
}

export interface ConsumerTopic {
  readonly topic: string;
  /** By partition, from 0. */
  readonly partitions: readonly ConsumerPartition[];
}

/** The names of all groups, expired ones included until they are asked for. */
export function consumerList(store: BurrowStore): readonly string[] {
  return groupIds(store).map((groupId) => store.table.groups.nameOf(groupId) ?? "");
}

/** The ids of all groups of the store. They are valid until a group is deleted or expires. */
export function groupIds(store: BurrowStore): readonly number[] {
  const ids: number[] = [];
  for (let groupId = 0; groupId < store.table.groups.idLimit(); groupId++)
    if (!Number.isNaN(store.lastCommitMs.get(groupId))) ids.push(groupId);
  return ids;
}

/** The id of a group; undefined where it is unknown, or found expired just now, which deletes it. */
export function fetchGroupId(store: BurrowStore, group: string, nowS: number): number | undefined {
  const groupId = store.table.groups.find(group);
  if (groupId === undefined) return undefined;
  const lastCommitMs = store.lastCommitMs.get(groupId);
  if (Number.isNaN(lastCommitMs)) return undefined;
  if (nowS * 1000 - store.options.expireGroupMs <= lastCommitMs) return groupId;
  deleteGroup(store, group);
  return undefined;
}

/** All that is known of a group, topics by name; undefined as for `fetchGroupId`. */
export function fetchConsumer(store: BurrowStore, group: string, nowS: number): readonly ConsumerTopic[] | undefined {
  const groupId = fetchGroupId(store, group, nowS);
  if (groupId === undefined) return undefined;
  const { groupTopics, topicPartitions } = store.table;
  return listedTopics(store, groupId).map((groupTopic) => {
    const topicId = groupTopics.topicIdOf(groupTopic);
    const slots = slotsByPartition(store, groupTopic);
    return {
      topic: topicPartitions.topics.nameOf(topicId) ?? "",
      partitions: slots.map((slot, partition) => ({
        ...consumerPartition(store, slot),
        brokerOffsets: brokerOffsets(store, topicPartitions.findInTopic(topicId, partition)),
      })),
    };
  });
}

/** The group topics that Burrow would list for a group, by topic name. */
export function listedTopics(store: BurrowStore, groupId: number): readonly number[] {
  return store.table.groupTopics.ofGroup(groupId).filter((groupTopic) => store.listLengths.get(groupTopic) > 0);
}

/** The slot of each partition 0..listLength-1 of a group topic; undefined where it has no ring. */
export function slotsByPartition(store: BurrowStore, groupTopic: number): readonly (number | undefined)[] {
  const slots = new Array<number | undefined>(store.listLengths.get(groupTopic)).fill(undefined);
  for (const slot of store.table.groupTopics.slotsOf(groupTopic))
    if (store.ringBySlot.get(slot) >= 0) slots[store.table.partitionOf(slot)] = slot;
  return slots;
}

function consumerPartition(store: BurrowStore, slot: number | undefined): Omit<ConsumerPartition, "brokerOffsets"> {
  if (slot === undefined) return { offsets: [], owner: "", clientId: "", currentLag: 0 };
  return {
    offsets: commitSamples(store, slot),
    owner: ownerOf(store, slot),
    clientId: clientIdOf(store, slot),
    currentLag: currentLagOf(store, slot),
  };
}

function brokerOffsets(store: BurrowStore, topicPartition: number | undefined): readonly number[] {
  if (topicPartition === undefined) return [];
  const window = createBrokerWindow(store.options.intervals);
  readBrokerWindow(store.brokers, topicPartition, window);
  return [...window.offsets.subarray(0, window.length)];
}

/** A slot's window, oldest first, empty cells before it, so that it is always as long as the ring. */
export function commitSamples(store: BurrowStore, slot: number): readonly (CommitSample | undefined)[] {
  const { intervals } = store.options;
  const window = createWindow(intervals);
  readWindow(store.rings, store.ringBySlot.get(slot), window);
  const empty = new Array<undefined>(intervals - window.length).fill(undefined);
  return [...empty, ...Array.from({ length: window.length }, (_, i) => commitSample(window, i))];
}

/** Commit `i` of a window. */
export function commitSample(window: Window, i: number): CommitSample {
  const lag = window.lags[i] ?? Number.NaN;
  return {
    offset: window.offsets[i] ?? 0,
    order: window.orders[i] ?? 0,
    timestampMs: window.timestampsMs[i] ?? 0,
    observedAtMs: (window.observedAtS[i] ?? 0) * 1000,
    lag: Number.isNaN(lag) ? undefined : lag,
  };
}

export function ownerOf(store: BurrowStore, slot: number): string {
  return store.texts.nameOf(store.ownerBySlot.get(slot)) ?? "";
}

export function clientIdOf(store: BurrowStore, slot: number): string {
  return store.texts.nameOf(store.clientIdBySlot.get(slot)) ?? "";
}

/** Newest high watermark minus newest commit, never negative; 0 where either is missing. */
export function currentLagOf(store: BurrowStore, slot: number): number {
  const ring = store.ringBySlot.get(slot);
  return ring < 0 ? 0 : currentLagOfRing(store, slot, ring);
}

/** The same for a slot whose ring is known. Chunks are read directly: a tick asks this of every partition. */
export function currentLagOfRing(store: BurrowStore, slot: number, ring: number): number {
  const topicPartition = store.table.topicPartitionBySlot.chunks[slot >> CHUNK_BITS]?.[slot & CHUNK_MASK] ?? -1;
  const highWatermark = store.brokers.newest.chunks[topicPartition >> CHUNK_BITS]?.[topicPartition & CHUNK_MASK];
  const lag = (highWatermark ?? Number.NaN) - newestOffsetOf(store.rings, ring);
  return lag > 0 ? lag : NO_LAG; // also where a NaN says that one of the two is missing
}

/** Newest high watermark per partition. As in Burrow a partition without one is left out, which shifts those after it. */
export function fetchTopic(store: BurrowStore, topic: string): readonly number[] | undefined {
  const { topics, idsOf } = store.table.topicPartitions;
  const topicId = topics.find(topic) ?? -1;
  if (store.knownPartitions.get(topicId) === 0) return undefined;
  return idsOf(topicId)
    .map((id) => store.brokers.newest.get(id))
    .filter((offset) => !Number.isNaN(offset));
}

/** The topics of the cluster that had a high watermark. */
export function topicList(store: BurrowStore): readonly string[] {
  const { topics } = store.table.topicPartitions;
  const known: string[] = [];
  for (let topicId = 0; topicId < topics.idLimit(); topicId++)
    if (store.knownPartitions.get(topicId) > 0) known.push(topics.nameOf(topicId) ?? "");
  return known;
}

/** The groups that list this topic. */
export function fetchConsumersForTopic(store: BurrowStore, topic: string): readonly string[] {
  const topicId = store.table.topicPartitions.topics.find(topic);
  if (topicId === undefined) return [];
  return groupIds(store)
    .filter((groupId) => store.listLengths.get(store.table.groupTopics.find(groupId, topicId) ?? -1) > 0)
    .map((groupId) => store.table.groups.nameOf(groupId) ?? "");
}

/** How many commits had each outcome since the start; their sum is how many came in. */
export function commitCounts(store: BurrowStore): Readonly<Record<CommitOutcome, number>> {
  const counts = COMMIT_OUTCOMES.map((outcome, i) => [outcome, store.outcomes[i] ?? 0] as const);
  return Object.fromEntries(counts) as Record<CommitOutcome, number>;
}
