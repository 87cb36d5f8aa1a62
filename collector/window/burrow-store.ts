/**
 * # The strict store: what Burrow v1.9.5 would hold of one cluster
 *
 * The requests of linkedin/Burrow, core/internal/storage/inmemory.go, with its clock as an argument (whole seconds). Each
 * does what Burrow does to the bit, also where ours differs (v4 has its own state beside this one). Reads are in
 * burrow-reads.ts.
 *
 *   cluster     knownPartitions by topic (0: unknown topic), high watermarks by topic partition
 *   group       lastCommitMs by group (NaN: no such group; 0: known by an owner only)
 *   group topic listLength by group topic (0: none): partitions 0..listLength-1 are in every answer, with or without a ring
 *   partition   a ring, an owner and a client id by slot, for the partitions that had a commit or an owner
 *
 * Burrow's allow and deny lists are not here: what a source does not send is not stored.
 */

import { addHighWatermark, type BrokerRings, clearHighWatermarks, createBrokerRings } from "./broker-rings.ts";
import {
  CHUNK_BITS,
  CHUNK_MASK,
  type Column,
  createFloat64Column,
  createInt32Column,
  createUint8Column,
} from "./column.ts";
import type { GroupPartitionKey, GroupPartitions } from "./group-partitions.ts";
import { createNames, type Names } from "./names.ts";
import { APPENDED, createRings, giveRing, insertCommit, type Rings, takeRing } from "./rings.ts";

/** The first four are what rings.ts answers, in its order; what follows is dropped before it gets there. */
export const COMMIT_OUTCOMES = [
  "appended",
  "inserted",
  "duplicate",
  "older-than-window",
  "expired",
  "unknown-topic",
  "unknown-partition",
  "no-high-watermark",
] as const;
export type CommitOutcome = (typeof COMMIT_OUTCOMES)[number];
const EXPIRED = COMMIT_OUTCOMES.indexOf("expired");
const UNKNOWN_TOPIC = COMMIT_OUTCOMES.indexOf("unknown-topic");
const UNKNOWN_PARTITION = COMMIT_OUTCOMES.indexOf("unknown-partition");
const NO_HIGH_WATERMARK = COMMIT_OUTCOMES.indexOf("no-high-watermark");

export interface BurrowStoreOptions {
  /** Commits per window and high watermarks per partition, 1..255. */
  readonly intervals: number;
  readonly minDistanceMs: number;
  readonly expireGroupMs: number;
}

/** Burrow's own defaults. */
export const BURROW_STORE_DEFAULTS: BurrowStoreOptions = {
  intervals: 10,
  minDistanceMs: 0,
  expireGroupMs: 7 * 24 * 60 * 60 * 1000,
};

/** Written by the verbs of this file, and by saved-restore.ts before any of them; read by burrow-reads.ts and the evaluator. */
export interface BurrowStore {
  readonly options: BurrowStoreOptions;
  readonly table: GroupPartitions;
  readonly rings: Rings;
  readonly brokers: BrokerRings;
  /** -1 where a slot has no ring. */
  readonly ringBySlot: Column<Int32Array>;
  readonly lastCommitMs: Column<Float64Array>;
  readonly listLengths: Column<Int32Array>;
  readonly knownPartitions: Column<Int32Array>;
  /** Owners and client ids; -1 is the empty one. */
  readonly texts: Names;
  readonly ownerBySlot: Column<Int32Array>;
  readonly clientIdBySlot: Column<Int32Array>;
  /** Verdict of the last tick by slot, as `statusCode`; 0: not judged since its ring was made. Written by whoever judges. */
  readonly codes: Column<Uint8Array>;
  /** Commits by outcome, in the order of COMMIT_OUTCOMES. */
  readonly outcomes: Float64Array;
  /** High watermarks refused because their partition is not below the partition count they came with. */
  highWatermarksRefused: number;
}

export function createBurrowStore(
  table: GroupPartitions,
  options: BurrowStoreOptions = BURROW_STORE_DEFAULTS,
): BurrowStore {
  return {
    options,
    table,
    rings: createRings(options),
    brokers: createBrokerRings(options.intervals),
    ringBySlot: createInt32Column(-1),
    lastCommitMs: createFloat64Column(Number.NaN),
    listLengths: createInt32Column(),
    knownPartitions: createInt32Column(),
    texts: createNames(),
    ownerBySlot: createInt32Column(-1),
    clientIdBySlot: createInt32Column(-1),
    codes: createUint8Column(),
    outcomes: new Float64Array(COMMIT_OUTCOMES.length),
    highWatermarksRefused: 0,
  };
}

/** One sample of a high watermark. A topic's known partitions never shrink, as in Burrow, until it is deleted. */
export function setBrokerOffset(
  store: BurrowStore,
  sample: { readonly topic: string; readonly partition: number; readonly partitions: number; readonly offset: number },
): void {
  const { topicPartitions } = store.table;
  const { topic, partition, partitions, offset } = sample;
  const known = store.knownPartitions.get(topicPartitions.topics.find(topic) ?? -1);
  if (partition < 0 || partition >= Math.max(known, partitions)) {
    store.highWatermarksRefused += 1; // Burrow would index beyond its list and die
    return;
  }
  if (known === 0) topicPartitions.topics.retain(topic);
  const topicId = topicPartitions.topics.find(topic) ?? -1;
  if (partitions > known) store.knownPartitions.set(topicId, partitions);
  const id = topicPartitions.findInTopic(topicId, partition);
  const sampled = id !== undefined && !Number.isNaN(store.brokers.newest.get(id));
  // The store's one reference on a topic partition is that it has samples of it.
  addHighWatermark(store.brokers, sampled ? id : topicPartitions.retain(topic, partition), offset);
}

/**
 * One commit for a slot that somebody holds. `timestampMs` is the commit's own time, `nowS` Burrow's clock in whole
 * seconds (a fraction would be lost from what is kept). Numbers instead of an object: it is called millions of times a
 * second.
 */
export function commit(
  store: BurrowStore,
  slot: number,
  offset: number,
  order: number,
  timestampMs: number,
  nowS: number,
): void {
  const outcome = storeCommit(store, slot, offset, order, timestampMs, nowS);
  store.outcomes[outcome] = (store.outcomes[outcome] as number) + 1;
}

function storeCommit(
  store: BurrowStore,
  slot: number,
  offset: number,
  order: number,
  timestampMs: number,
  nowS: number,
): number {
  if (timestampMs < nowS * 1000 - store.options.expireGroupMs) return EXPIRED;
  const topicPartition = store.table.topicPartitionBySlot.chunks[slot >> CHUNK_BITS]?.[slot & CHUNK_MASK] ?? -1;
  const highWatermark =
    store.brokers.newest.chunks[topicPartition >> CHUNK_BITS]?.[topicPartition & CHUNK_MASK] ?? Number.NaN;
  if (Number.isNaN(highWatermark)) return whyNoHighWatermark(store, slot);
  let ring = store.ringBySlot.chunks[slot >> CHUNK_BITS]?.[slot & CHUNK_MASK] ?? -1;
  if (ring < 0) ring = openRing(store, slot);
  const lag = highWatermark > offset ? highWatermark - offset : 0;
  const outcome = insertCommit(store.rings, ring, offset, order, timestampMs, nowS, lag);
  // The last one appended, not the largest, and not of a commit that came late.
  if (outcome === APPENDED) store.lastCommitMs.set(store.table.groupIdOf(slot), timestampMs);
  return outcome;
}

function whyNoHighWatermark(store: BurrowStore, slot: number): number {
  const known = store.knownPartitions.get(store.table.topicIdOf(slot));
  const partition = store.table.partitionOf(slot);
  if (known === 0) return UNKNOWN_TOPIC;
  return partition < 0 || partition >= known ? UNKNOWN_PARTITION : NO_HIGH_WATERMARK;
}

/** The group, the list up to the topic's partition count, and a ring: as Burrow makes them at the first commit or owner. */
export function openRing(store: BurrowStore, slot: number): number {
  const { table, listLengths } = store;
  const groupTopic = table.groupTopicOf(slot);
  openGroup(store, table.groups.nameOf(table.groupIdOf(slot)) ?? "");
  if (table.partitionOf(slot) >= listLengths.get(groupTopic))
    listLengths.set(groupTopic, store.knownPartitions.get(table.topicIdOf(slot)));
  const ring = takeRing(store.rings);
  store.ringBySlot.set(slot, ring);
  table.holdSlot(slot, "burrow");
  return ring;
}

export function openGroup(store: BurrowStore, group: string): void {
  const { groups } = store.table;
  if (!Number.isNaN(store.lastCommitMs.get(groups.find(group) ?? -1))) return;
  store.lastCommitMs.set(groups.retain(group), 0);
}

/** Names the owner of a partition. As in Burrow the group appears even where the partition is not known. */
export function setConsumerOwner(
  store: BurrowStore,
  key: GroupPartitionKey,
  { owner, clientId }: { readonly owner: string; readonly clientId: string },
): void {
  openGroup(store, key.group);
  const topicPartition = store.table.topicPartitions.find(key.topic, key.partition) ?? -1;
  if (Number.isNaN(store.brokers.newest.get(topicPartition))) return;
  const slot = store.table.hold(key, "burrow");
  if (store.ringBySlot.get(slot) < 0) openRing(store, slot);
  setText(store, store.ownerBySlot, { slot, text: owner });
  setText(store, store.clientIdBySlot, { slot, text: clientId });
}

export function setText(
  store: BurrowStore,
  column: Column<Int32Array>,
  { slot, text }: { slot: number; text: string },
): void {
  const before = column.get(slot);
  column.set(slot, text === "" ? -1 : store.texts.retain(text));
  if (before >= 0) store.texts.release(before);
}

/** Blanks the owners of all partitions of a group. One that merely loses its owner keeps it until then, as in Burrow. */
export function clearConsumerOwners(store: BurrowStore, group: string): void {
  const groupId = store.table.groups.find(group);
  if (groupId === undefined) return;
  for (const groupTopic of store.table.groupTopics.ofGroup(groupId))
    for (const slot of store.table.groupTopics.slotsOf(groupTopic)) blankOwner(store, slot);
}

function blankOwner(store: BurrowStore, slot: number): void {
  if (store.ownerBySlot.get(slot) >= 0) setText(store, store.ownerBySlot, { slot, text: "" });
  if (store.clientIdBySlot.get(slot) >= 0) setText(store, store.clientIdBySlot, { slot, text: "" });
}

/** Drops a topic from the cluster and from every group; a group left without topics stays, as in Burrow. */
export function deleteTopic(store: BurrowStore, topic: string): void {
  const { groupTopics, groups, topicPartitions } = store.table;
  const topicId = topicPartitions.topics.find(topic);
  if (topicId === undefined) return;
  for (let groupId = 0; groupId < groups.idLimit(); groupId++) {
    const groupTopic = groupTopics.find(groupId, topicId);
    if (groupTopic !== undefined) dropGroupTopic(store, groupTopic);
  }
  if (store.knownPartitions.get(topicId) === 0) return;
  store.knownPartitions.set(topicId, 0);
  for (const id of [...topicPartitions.idsOf(topicId)]) {
    if (Number.isNaN(store.brokers.newest.get(id))) continue;
    clearHighWatermarks(store.brokers, id);
    topicPartitions.release(id);
  }
  topicPartitions.topics.release(topicId);
}

/** Drops a group; with a topic, drops that topic of it, and the group once it has none. */
export function deleteGroup(store: BurrowStore, group: string, topic?: string): void {
  const { groups, groupTopics, topicPartitions } = store.table;
  const groupId = groups.find(group);
  if (groupId === undefined || Number.isNaN(store.lastCommitMs.get(groupId))) return;
  const topicId = topic === undefined ? undefined : topicPartitions.topics.find(topic);
  for (const groupTopic of [...groupTopics.ofGroup(groupId)])
    if (topic === undefined || groupTopics.topicIdOf(groupTopic) === topicId) dropGroupTopic(store, groupTopic);
  if (groupTopics.ofGroup(groupId).some((groupTopic) => store.listLengths.get(groupTopic) > 0)) return;
  store.lastCommitMs.set(groupId, Number.NaN);
  groups.release(groupId);
}

function dropGroupTopic(store: BurrowStore, groupTopic: number): void {
  store.listLengths.set(groupTopic, 0); // before the last slot goes, and the id with it
  for (const slot of [...store.table.groupTopics.slotsOf(groupTopic)]) {
    const ring = store.ringBySlot.get(slot);
    if (ring < 0) continue;
    giveRing(store.rings, ring);
    store.ringBySlot.set(slot, -1);
    store.codes.set(slot, 0);
    blankOwner(store, slot);
    store.table.release(slot, "burrow");
  }
}
