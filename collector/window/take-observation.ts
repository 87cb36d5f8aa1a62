/**
 * # Taking an observation: what it means for the state
 *
 * Each answers whether an answer may change by it. What the log says of a time before its partition's baseline fills windows
 * only: the baseline has told what became of it.
 */

import type {
  Observation,
  RecordTimesAnswer,
  TopicConfig,
  Watermarks as WatermarksObservation,
} from "../model/observation.ts";
import { NO_ROOM } from "../model/observation.ts";
import { deleteGroup, deleteTopic, setBrokerOffset } from "./burrow-store.ts";
import type { ClusterState } from "./cluster-state.ts";
import { readInt32 } from "./column.ts";
import { liveSlotsOf } from "./live-slots.ts";
import { learnStart } from "./log-starts.ts";
import { forgetGroup, setMembers, setPastGeneration } from "./members.ts";
import { takeOpenTransactions } from "./open-transactions.ts";
import { addAnswer } from "./record-times.ts";
import { newestOffsetOf, newestTimestampOf } from "./rings.ts";
import { takeShareOffsets } from "./share-offsets.ts";
import { takeWindow } from "./told-window.ts";

/** Applies one observation; true where an answer may change by it. */
export function take(state: ClusterState, observation: Observation): boolean {
  switch (observation.kind) {
    case "watermarks":
      return takeWatermarks(state, observation);
    case "record-times":
      return takeRecordTimes(state, observation);
    case "topics":
      return takeTopics(state, observation.topics);
    case "topic-configs":
      return takeConfigs(state, observation.topics);
    case "baseline":
      return takeBaseline(state, observation);
    case "group-unavailable": {
      const { group, logPartition, reason, atMs } = observation;
      state.setLogPartition(group, logPartition);
      return state.groups.setUnavailable(group, { reason, sinceMs: atMs });
    }
    case "groups":
      return takeGroups(state, observation.groups);
    case "members":
      return setMembers(state, observation);
    case "past-generation":
      return setPastGeneration(state, observation);
    case "offset-tombstone":
      return takeTombstone(state, observation);
    case "offset-refused":
      return takeRefused(state, observation);
    case "share-offsets":
      return takeShareOffsets(state, observation);
    case "group-tombstone":
      return takeGroupTombstone(state, observation);
    case "open-transactions":
      return takeOpenTransactions(state, observation);
    case "log-partitions":
      return state.logs.setPartitions(observation.logPartitions);
    case "log-progress":
      if (observation.replayed && observation.backfilled) state.knownOrders.close(observation.logPartition);
      return state.logs.progress(observation);
    case "log-unavailable":
      return state.logs.unavailable(observation);
    case "window":
      return takeWindow(state, observation);
    case "commit-bounds":
      for (const handle of observation.handles) state.offsets.setBound(handle, observation.afterMs);
      return true;
    case "log-regressed":
      return takeRegression(state, observation.logPartition);
    case "coordinator-clock":
      state.logs.clocks.sample(observation.logPartition, observation.atMs - observation.committedAtMs);
      return false;
  }
}

/** Orders begin anew, so that windows would take every commit for an old one. They fill again, as after a start of Burrow. */
function takeRegression(state: ClusterState, logPartition: number): boolean {
  const { table, knownOrders, logPartitionOf } = state;
  knownOrders.close(logPartition);
  for (let groupId = 0; groupId < table.groups.idLimit(); groupId += 1) {
    const group = table.groups.nameOf(groupId);
    if (group !== undefined && logPartitionOf(group) === logPartition) loseWindows(state, group);
  }
  return true;
}

function loseWindows({ table, burrow, lostWindows, offsets }: ClusterState, group: string): void {
  const hasOffsets = liveSlotsOf(table, group).some((slot) => !Number.isNaN(offsets.committedOffset.get(slot)));
  if (hasOffsets) lostWindows.lose(table.groups.find(group) ?? -1);
  deleteGroup(burrow, group);
}

/** To the strict rules it is the end of the group; what is true of its members, others tell. */
function takeGroupTombstone(
  state: ClusterState,
  { group, logPartition, order }: Extract<Observation, { kind: "group-tombstone" }>,
): boolean {
  const groupId = state.table.groups.find(group);
  if (groupId === undefined || state.knownOrders.knows(groupId, logPartition, order)) return false;
  loseWindows(state, group);
  return true;
}

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
  const offset = asked.offsets[i] ?? Number.NaN;
  // An answer without an error and without an offset is none.
  const reason = asked.unavailable.get(i) ?? (offset >= 0 ? undefined : "error");
  if (asked.which === "start") return reason === undefined && setStart(state, asked, { offset, id });
  if (asked.which === "stable") return reason === undefined && watermarks.setStable(id, offset, asked.atMs);
  if (reason !== undefined) return watermarks.setUnavailable(id, reason);
  const isFirst = Number.isNaN(burrow.brokers.newest.get(id));
  const isNews = watermarks.setEnd(id, offset, asked.atMs, asked.answeredAtMs, asked.leaderAskedMs);
  // Commits that come before the first sample are lost to the strict rules, so the first answer is one.
  if (isFirst) samplePartition(state, asked.topics[asked.topicIndex[i] ?? -1] ?? "", id);
  return isNews;
}

function takeRecordTimes(state: ClusterState, answer: RecordTimesAnswer): boolean {
  const { topicPartitions } = state.table;
  for (let i = 0; i < answer.partitions.length; i += 1) {
    const topic = answer.topics[answer.topicIndex[i] ?? -1] ?? "";
    const topicPartition = topicPartitions.find(topic, answer.partitions[i] ?? -1);
    if (topicPartition === undefined) continue;
    const era = readInt32(state.watermarks.samples.eras, topicPartition);
    const [askedMs, offset, timeMs] = [answer.askedMs[i], answer.offsets[i], answer.timesMs[i]];
    if (askedMs === undefined || offset === undefined || timeMs === undefined) continue;
    addAnswer(state.recordTimes, { topicPartition, era }, { askedMs, offset, timeMs });
  }
  return answer.partitions.length > 0;
}

function setStart(
  { watermarks, topics, table }: ClusterState,
  { atMs: askedAtMs, answeredAtMs }: WatermarksObservation,
  { offset, id }: { readonly offset: number; readonly id: number },
): boolean {
  const { starts, samples } = watermarks;
  const topicId = table.topicPartitions.topicIdOf(id);
  learnStart(starts, {
    id,
    samples,
    before: watermarks.startOffset.get(id),
    startOffset: offset,
    endOffset: watermarks.endOffset.get(id),
    askedAtMs,
    answeredAtMs,
    retentionMs: topics.configs.retentionMs.get(topicId),
    retentionBytes: topics.configs.retentionBytes.get(topicId),
  });
  return watermarks.setStart(id, offset);
}

export function sampleTopic(state: ClusterState, topic: string): void {
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
  const wasInDoubt = !state.topicsInDoubt.isEmpty();
  state.topicsInDoubt.clear();
  return wasInDoubt || appeared.length + gone.length > 0;
}

/** Of a topic that is not there nothing is kept: its id may become that of another. */
function takeConfigs({ topics, table }: ClusterState, told: readonly TopicConfig[]): boolean {
  let isNews = false;
  for (const config of told) {
    const topicId = table.topicPartitions.topics.find(config.topic);
    if (topicId === undefined || topics.get(config.topic) === undefined) continue;
    if (topics.configs.set(topicId, config)) isNews = true;
  }
  return isNews;
}

function takeBaseline(state: ClusterState, baseline: Extract<Observation, { kind: "baseline" }>): boolean {
  const { group, logPartition, isLate = false } = baseline;
  // It has none there, and that is not their end.
  if (state.groups.get(group)?.type === "share") return state.groups.setUnavailable(group, undefined);
  const present = new Set<number>();
  for (const { topic, partition, committedOffset } of baseline.offsets) {
    if (committedOffset < 0) continue;
    const slot = state.slotOf(group, topic, partition);
    if (slot === NO_ROOM) continue;
    present.add(slot);
    // What the log has told since is newer than what was asked for at some time in between.
    if (isLate && state.offsets.committedOrder.get(slot) >= 0) continue;
    state.offsets.setBaseline(slot, committedOffset);
    setTimeOfWindow(state, slot, committedOffset);
  }
  state.setLogPartition(group, logPartition);
  state.groups.setUnavailable(group, undefined);
  if (isLate) return true;
  if (state.logs.of(logPartition).isPolled) loseUnseen(state, group, present);
  for (const slot of liveSlotsOf(state.table, group)) {
    if (present.has(slot)) continue;
    state.offsets.forget(slot);
    state.offsets.releaseIfEmpty(slot);
  }
  return true;
}

/** Nobody has seen them commit, and no log tells of the past: their windows begin now, as those do that were lost. */
function loseUnseen({ burrow, lostWindows, table }: ClusterState, group: string, slots: ReadonlySet<number>): void {
  if ([...slots].some((slot) => burrow.ringBySlot.get(slot) < 0)) lostWindows.lose(table.groups.find(group) ?? -1);
}

/** OffsetFetch gives no times; where the window's newest commit is the one it gives, its time is known. */
function setTimeOfWindow({ burrow, offsets }: ClusterState, slot: number, committedOffset: number): void {
  const ring = burrow.ringBySlot.get(slot);
  if (ring < 0 || newestOffsetOf(burrow.rings, ring) !== committedOffset) return;
  if (Number.isNaN(offsets.committedAtMs.get(slot))) offsets.setTime(slot, newestTimestampOf(burrow.rings, ring));
}

/** An old one is part of the baseline, which has told that it cannot be read. */
function takeRefused(state: ClusterState, refused: Extract<Observation, { kind: "offset-refused" }>): boolean {
  const { handle, committedAtMs, logPartition, order } = refused;
  if (order < state.logs.baselineOrderOf(logPartition)) return false;
  state.offsets.refuseCommit(handle, committedAtMs, order);
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
  const { group, topic } = state.table.keyOf(handle) ?? {};
  if (group !== undefined && topic !== undefined) state.topicsInDoubt.doubt(topic, group);
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
