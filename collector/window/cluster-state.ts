/**
 * # Cluster state: everything that is known of one cluster
 *
 * One observer (collector/model/observation.ts), two views made from it: the strict store, which is Burrow's to the bit, and
 * the live tables, which are right at every moment. Both share the ids of groups, topics and group-partitions.
 *
 * A commit decided before its partition's baseline fills windows, but never becomes the present: OffsetFetch has already said
 * what that is. What the baseline does not know is gone, and its old commits do not bring it back.
 */

import type { Observation, Observer, Watermarks as WatermarksObservation } from "../model/observation.ts";
import type { BurrowStore, BurrowStoreOptions } from "./burrow-store.ts";
import { commit, createBurrowStore, deleteGroup, deleteTopic, setBrokerOffset } from "./burrow-store.ts";
import type { Column } from "./column.ts";
import { createInt32Column, createUint8Column } from "./column.ts";
import type { GroupPartitions } from "./group-partitions.ts";
import { createGroupPartitions } from "./group-partitions.ts";
import type { LiveGroups } from "./live-groups.ts";
import { createLiveGroups } from "./live-groups.ts";
import type { LiveOffsets } from "./live-offsets.ts";
import { createLiveOffsets, FIRST, GONE } from "./live-offsets.ts";
import { liveSlotsOf } from "./live-slots.ts";
import type { LogStates } from "./log-states.ts";
import { createLogStates } from "./log-states.ts";
import { forgetGroup, setMembers, setPastGeneration } from "./members.ts";
import type { OpenTransactions } from "./open-transactions.ts";
import { createOpenTransactions } from "./open-transactions.ts";
import { createTopicPartitions } from "./topic-partitions.ts";
import type { Topics, Watermarks } from "./watermarks.ts";
import { createTopics, createWatermarks } from "./watermarks.ts";

export interface ClusterState extends Observer {
  readonly cluster: string;
  readonly table: GroupPartitions;
  readonly topics: Topics;
  readonly watermarks: Watermarks;
  readonly offsets: LiveOffsets;
  readonly groups: LiveGroups;
  readonly logs: LogStates;
  readonly openTransactions: OpenTransactions;
  readonly burrow: BurrowStore;
  /** Verdict of the last tick by slot, as `statusCode`; 0: not judged yet. Written by evaluate/judge.ts. */
  readonly burrowCodes: Column<Uint8Array>;
  /** Partition of the offsets topic that holds a group; -1: not seen yet. */
  logPartitionOf(group: string): number;
  setLogPartition(group: string, logPartition: number): void;
  /** Rises with everything that could change an answer. */
  changes(): number;
  /** Says that an answer changed: verdicts are new. */
  touch(): void;
  /** Gives the strict store its sample of all end offsets; the caller keeps Burrow's cadence. */
  sampleBurrow(): void;
  /** A slot for these names, held "live". */
  slotOf(group: string, topic: string, partition: number): number;
}

export interface ClusterStateOptions {
  readonly cluster: string;
  readonly burrow: BurrowStoreOptions;
  /** The collector's clock, whole seconds, as Burrow's. */
  readonly nowS: () => number;
}

export function createClusterState({ cluster, burrow: burrowOptions, nowS }: ClusterStateOptions): ClusterState {
  const topicPartitions = createTopicPartitions();
  const table = createGroupPartitions(topicPartitions);
  const watermarks = createWatermarks();
  const topics = createTopics(topicPartitions, watermarks);
  const offsets = createLiveOffsets(table);
  const logs = createLogStates();
  const burrow = createBurrowStore(table, burrowOptions);
  const burrowCodes = createUint8Column();
  const logPartitions = createInt32Column(-1);
  let changes = 0;

  const slotOf = (group: string, topic: string, partition: number): number => {
    const key = { group, topic, partition };
    const known = table.find(key);
    const isNewGroup = table.groups.find(group) === undefined;
    const slot = table.hold(key, "live");
    if (isNewGroup) logPartitions.set(table.groupIdOf(slot), -1);
    if (known !== undefined) return slot;
    offsets.clear(slot);
    burrowCodes.set(slot, 0);
    return slot;
  };

  const state: ClusterState = {
    cluster,
    table,
    topics,
    watermarks,
    offsets,
    groups: createLiveGroups(),
    logs,
    openTransactions: createOpenTransactions(),
    burrow,
    burrowCodes,
    changes: () => changes,
    logPartitionOf: (group) => logPartitions.get(table.groups.find(group) ?? -1),
    setLogPartition: (group, logPartition) => {
      const groupId = table.groups.find(group);
      if (groupId !== undefined) logPartitions.set(groupId, logPartition);
    },
    touch: () => {
      changes += 1;
    },
    slotOf,
    get handlesEpoch() {
      return table.epoch();
    },
    handleOf: slotOf,
    commit: (slot, offset, atMs, order, logPartition, decidedOrder) => {
      const isOld = decidedOrder < logs.baselineOrderOf(logPartition);
      const taken = offsets.takeCommit(slot, offset, atMs, order, isOld);
      if (taken === GONE) return;
      if (taken === FIRST) logPartitions.set(table.groupIdOf(slot), logPartition);
      changes += 1;
      commit(burrow, slot, offset, order, atMs, nowS());
    },
    observe: (observation) => {
      if (take(state, observation)) changes += 1;
    },
    sampleBurrow: () => {
      for (const topic of topics.names()) sampleTopic(state, topic);
    },
  };
  return state;
}

/** Applies one observation; true where an answer may change by it. */
function take(state: ClusterState, observation: Observation): boolean {
  switch (observation.kind) {
    case "watermarks":
      return takeWatermarks(state, observation);
    case "topics":
      return takeTopics(state, observation.topics);
    case "baseline":
      return takeBaseline(state, observation);
    case "groups":
      return takeGroups(state, observation.groups);
    case "members":
      return setMembers(state, observation);
    case "past-generation":
      return setPastGeneration(state, observation);
    case "offset-tombstone":
      return takeTombstone(state, observation);
    case "group-tombstone":
      deleteGroup(state.burrow, observation.group);
      if (observation.order < state.logs.baselineOrderOf(observation.logPartition)) return false;
      return setMembers(state, { ...NO_MEMBERS, group: observation.group });
    case "open-transactions":
      return takeOpenTransactions(state, observation);
    case "log-partitions":
      return state.logs.setPartitions(observation.logPartitions);
    case "log-progress": {
      const { logPartition, logPartitions, ...progress } = observation;
      return state.logs.progress(logPartition, progress, logPartitions);
    }
    case "log-unavailable":
      return state.logs.unavailable(observation.logPartition, observation.reason);
  }
}

function takeOpenTransactions(
  { table, openTransactions }: ClusterState,
  { logPartition, sinceMs }: Extract<Observation, { kind: "open-transactions" }>,
): boolean {
  const byGroup = new Map<string, number>();
  for (const [handle, since] of sinceMs) {
    const group = table.keyOf(handle)?.group;
    if (group !== undefined) byGroup.set(group, Math.min(since, byGroup.get(group) ?? since));
  }
  openTransactions.set(logPartition, byGroup);
  return true;
}

const NO_MEMBERS = {
  kind: "members",
  protocolType: "",
  state: undefined,
  type: undefined,
  generation: undefined,
  members: [],
  order: undefined,
  logPartition: undefined,
} as const;

function takeWatermarks(state: ClusterState, asked: WatermarksObservation): boolean {
  const { topicPartitions } = state.table;
  const topicIds = asked.topics.map((topic) =>
    state.topics.get(topic) === undefined ? -1 : topicPartitions.topics.find(topic),
  );
  let isNews = false;
  for (let i = 0; i < asked.partitions.length; i += 1) {
    const topicId = topicIds[asked.topicIndex[i] ?? -1] ?? -1;
    if (topicId < 0) continue;
    const partition = asked.partitions[i] ?? -1;
    const ids = topicPartitions.idsOf(topicId);
    // Partitions are dense, so that the id of partition p is nearly always the p-th.
    const dense = ids[partition] ?? -1;
    const id =
      topicPartitions.partitionOf(dense) === partition ? dense : topicPartitions.findInTopic(topicId, partition);
    if (id !== undefined && setWatermark(state, asked, { i, id })) isNews = true;
  }
  return isNews;
}

function setWatermark(
  state: ClusterState,
  asked: WatermarksObservation,
  { i, id }: { i: number; id: number },
): boolean {
  const { watermarks, burrow } = state;
  const reason = asked.unavailable.get(i);
  const offset = asked.offsets[i] ?? Number.NaN;
  if (asked.which === "start") return reason === undefined && watermarks.setStart(id, offset);
  if (reason !== undefined) return watermarks.setUnavailable(id, reason);
  const isFirst = Number.isNaN(burrow.brokers.newest.get(id));
  const isNews = watermarks.setEnd(id, offset, asked.atMs);
  // Commits that come before the first sample are lost to the strict rules, so the first answer is one.
  if (isFirst) samplePartition(state, asked.topics[asked.topicIndex[i] ?? -1] ?? "", id);
  return isNews;
}

function sampleTopic(state: ClusterState, topic: string): void {
  const { topics, idsOf } = state.table.topicPartitions;
  const topicId = topics.find(topic);
  if (topicId === undefined) return;
  for (const id of idsOf(topicId)) samplePartition(state, topic, id);
}

function samplePartition({ topics, table, watermarks, burrow }: ClusterState, topic: string, id: number): void {
  const offset = watermarks.endOffset.get(id);
  const partition = table.topicPartitions.partitionOf(id);
  const partitions = topics.get(topic)?.partitions ?? 0;
  // A partition that only a group knows, or that does not answer, gives no sample, as a failed request of Burrow's gives none.
  if (Number.isNaN(offset) || partition >= partitions || watermarks.unavailable(id) !== undefined) return;
  setBrokerOffset(burrow, { topic, partition, partitions, offset });
}

function takeTopics(state: ClusterState, topics: Extract<Observation, { kind: "topics" }>["topics"]): boolean {
  const { appeared, gone } = state.topics.replace(topics);
  for (const topic of gone) deleteTopic(state.burrow, topic);
  return appeared.length + gone.length > 0;
}

function takeBaseline(state: ClusterState, baseline: Extract<Observation, { kind: "baseline" }>): boolean {
  const { group, logPartition } = baseline;
  const present = new Set<number>();
  for (const { topic, partition, committedOffset } of baseline.offsets) {
    if (committedOffset < 0) continue;
    const slot = state.slotOf(group, topic, partition);
    state.offsets.setBaseline(slot, committedOffset);
    present.add(slot);
  }
  state.setLogPartition(group, logPartition);
  for (const slot of liveSlotsOf(state.table, group)) {
    if (present.has(slot)) continue;
    state.offsets.forget(slot);
    state.offsets.releaseIfEmpty(slot);
  }
  return true;
}

function takeGroups(state: ClusterState, listed: Extract<Observation, { kind: "groups" }>["groups"]): boolean {
  for (const { group, protocolType, state: groupState, type } of listed) {
    state.groups.update(group, { protocolType, state: groupState, type });
  }
  const names = new Set(listed.map(({ group }) => group));
  // Where a log does not answer, its coordinator is away too: a listing of the others says nothing of its groups.
  const isAway = (group: string): boolean => state.logs.of(state.logPartitionOf(group)).unavailable !== undefined;
  for (const group of state.groups.listed(names, isAway)) forgetGroup(state, group);
  sweep(state);
  return true;
}

/** Lets go of slots that were made for old commits of partitions that are gone. */
function sweep({ table, offsets }: ClusterState): void {
  for (let slot = 0; slot < table.slotLimit(); slot += 1) if (table.holds(slot, "live")) offsets.releaseIfEmpty(slot);
}

function takeTombstone(state: ClusterState, tombstone: Extract<Observation, { kind: "offset-tombstone" }>): boolean {
  const { handle, logPartition, order } = tombstone;
  if (order < state.logs.baselineOrderOf(logPartition) || order < state.offsets.committedOrder.get(handle))
    return false;
  const group = state.table.keyOf(handle)?.group;
  state.offsets.forget(handle);
  state.offsets.releaseIfEmpty(handle);
  if (
    group !== undefined &&
    state.groups.get(group)?.state === undefined &&
    liveSlotsOf(state.table, group).length === 0
  ) {
    state.groups.remove(group);
  }
  return true;
}
