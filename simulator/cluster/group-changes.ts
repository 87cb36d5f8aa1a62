/**
 * # Changes of groups, and the records that make them
 *
 * State and log change together: one batch a change, as the coordinator writes it.
 */

import type { Cluster, CommitSpec, MemberSpec } from "./cluster.ts";
import { ClusterError } from "./cluster-error.ts";
import {
  appendRecords,
  type ClusterState,
  type Group,
  groupFor,
  groupOf,
  logOf,
  topicOf,
  topicWith,
} from "./cluster-state.ts";
import {
  clearCommitted,
  committedOf,
  hasCommitted,
  type OffsetsTransaction,
  type PendingCommit,
  pendingKey,
  setCommitted,
  settle,
  topicOffsets,
} from "./group-offsets.ts";
import {
  classicRecords,
  consumerRecords,
  groupTombstones,
  type Membership,
  type MembershipContext,
  newClassicGroupRecords,
} from "./membership-records.ts";
import { encodeCommitKey, encodeCommitValue, setKeyPartition } from "./offsets-log/commit-record.ts";
import { logPartitionOf } from "./offsets-log/log-partition.ts";
import { CONTROL, markerRecord, type RecordSpec, TRANSACTIONAL } from "./offsets-log/record-batch.ts";

type GroupChanges = Pick<
  Cluster,
  "commit" | "endOffsetsTransaction" | "rebalanced" | "rebalancing" | "deleteOffsets" | "deleteGroup"
>;
type PartitionSpec = { readonly topic: string; readonly partition: number };

export function groupChanges(state: ClusterState): GroupChanges {
  return {
    commit: (spec) => commit(state, spec),
    endOffsetsTransaction: (producerId, outcome, atMs) => endTransaction(state, producerId, { outcome, atMs }),
    rebalanced: (group, to, atMs) => rebalanced(state, group, { ...to, atMs }),
    rebalancing(name) {
      const group = groupOf(state, name);
      group.state = group.type === "classic" ? "PreparingRebalance" : "Reconciling";
    },
    deleteOffsets: (name, partitions, atMs) => deleteOffsets(state, groupOf(state, name), { partitions, atMs }),
    deleteGroup: (name, atMs) => deleteGroup(state, groupOf(state, name), atMs),
  };
}

function commit(state: ClusterState, spec: CommitSpec): number {
  const { offsets, atMs, producerId } = spec;
  for (const { topic, partition } of offsets) topicWith(state, topic, partition);
  // Nothing at all makes no batch, and no group.
  if (offsets.length === 0) return logOf(state, logPartitionOf(spec.group, state.offsetsPartitions)).nextOffset;
  const group = groupFor(state, spec.group);
  const origin =
    producerId === undefined
      ? {}
      : {
          origin: {
            attributes: TRANSACTIONAL,
            producerId: BigInt(producerId),
            producerEpoch: 0,
            baseSequence: 0,
          },
        };
  const baseOffset = appendRecords(state, group.logPartition, {
    records: commitRecords(state, group, spec),
    atMs,
    ...origin,
  });
  const transaction = producerId === undefined ? undefined : transactionFor(state, producerId, group.logPartition);
  for (const [i, { topic, partition, committedOffset, leaderEpoch = -1 }] of offsets.entries()) {
    const order = baseOffset + i;
    const one = { group: group.group, topic, partition, committedOffset, leaderEpoch, order };
    if (transaction === undefined) setCommitted(columnsOf(state, group, topic), one);
    else transaction.pending.set(pendingKey(group.group, topic, partition), one);
  }
  return baseOffset;
}

/** Lazily: the key of the columns is one buffer that changes from record to record. */
function* commitRecords(state: ClusterState, group: Group, spec: CommitSpec): Generator<RecordSpec> {
  const { atMs, expiresAtMs, withTopicId = false } = spec;
  const newest = state.version === "4.1" ? 4 : 3;
  for (const { topic, partition, committedOffset, leaderEpoch = -1, metadata = "" } of spec.offsets) {
    const key = setKeyPartition(columnsOf(state, group, topic).key, partition);
    const topicId = withTopicId && newest === 4 ? topicOf(state, topic).view.id : undefined;
    const value = encodeCommitValue(
      { committedOffset, leaderEpoch, metadata, committedAtMs: atMs, expiresAtMs, topicId },
      newest,
    );
    yield { key, value };
  }
}

function columnsOf(state: ClusterState, group: Group, topic: string) {
  const { partitions } = topicOf(state, topic);
  return topicOffsets(group.offsets, group.group, { name: topic, partitions });
}

function transactionFor(state: ClusterState, producerId: number, logPartition: number): OffsetsTransaction {
  const transaction = state.transactions.get(producerId) ?? {
    producerId,
    logPartitions: new Set(),
    pending: new Map(),
  };
  transaction.logPartitions.add(logPartition);
  state.transactions.set(producerId, transaction);
  return transaction;
}

/** One marker in each partition that the transaction wrote to. */
function endTransaction(
  state: ClusterState,
  producerId: number,
  { outcome, atMs }: { readonly outcome: "commit" | "abort"; readonly atMs: number },
): void {
  const transaction = state.transactions.get(producerId);
  if (transaction === undefined) throw new ClusterError(`producer ${producerId} has no transaction of offsets`);
  state.transactions.delete(producerId);
  const attributes = TRANSACTIONAL | CONTROL;
  const origin = { attributes, producerId: BigInt(producerId), producerEpoch: 0, baseSequence: -1 };
  for (const logPartition of transaction.logPartitions)
    appendRecords(state, logPartition, { records: [markerRecord(outcome, 0)], atMs, origin });
  if (outcome === "commit") for (const one of transaction.pending.values()) settlePending(state, one);
}

function settlePending(state: ClusterState, one: PendingCommit): void {
  settle(columnsOf(state, groupFor(state, one.group), one.topic), one);
}

function rebalanced(
  state: ClusterState,
  name: string,
  to: {
    readonly type: Group["type"];
    readonly members: readonly MemberSpec[];
    readonly protocolType?: string;
    readonly atMs: number;
  },
): void {
  const context = contextOf(state, to.atMs);
  if (to.type === "consumer" && state.version === "2.8")
    throw new ClusterError("a broker of 2.8 has no consumer groups");
  for (const { partitions } of to.members)
    for (const { topic, partitions: owned } of partitions)
      for (const partition of owned) topicWith(state, topic, partition);
  const isNew = !state.groups.has(name);
  const group = groupFor(state, name);
  const after = { ...to, group: name, protocolType: to.protocolType ?? "consumer", generation: group.generation + 1 };
  if (isNew && to.type === "classic" && state.version === "4.1")
    appendRecords(state, group.logPartition, { records: newClassicGroupRecords(name, context), atMs: to.atMs });
  const records = isNew ? recordsOf(undefined, after, context) : recordsOf(group, after, context);
  appendRecords(state, group.logPartition, { records, atMs: to.atMs });
  group.type = to.type;
  group.protocolType = after.protocolType;
  group.generation = after.generation;
  group.members = to.members;
  group.state = to.members.length === 0 ? "Empty" : "Stable";
}

function recordsOf(
  before: Membership | undefined,
  after: Membership,
  context: MembershipContext,
): readonly RecordSpec[] {
  const isOther = before !== undefined && before.type !== after.type;
  const removed = isOther ? groupTombstones(before, context) : [];
  switch (after.type) {
    case "classic":
      return [...removed, ...classicRecords(after, context)];
    case "consumer":
      return [...removed, ...consumerRecords(isOther ? undefined : before, after, context)];
  }
}

function contextOf(state: ClusterState, atMs: number): MembershipContext {
  return {
    version: state.version,
    atMs,
    topic(name) {
      const { partitions, view } = topicOf(state, name);
      return { topic: name, topicId: view.id, partitions };
    },
  };
}

function deleteOffsets(
  state: ClusterState,
  group: Group,
  { partitions, atMs }: { readonly partitions: Iterable<PartitionSpec>; readonly atMs: number },
): void {
  const records = [...partitions].flatMap((one) => forgetOffset(state, group, one));
  appendRecords(state, group.logPartition, { records, atMs });
}

/** Its tombstone; none where neither a commit nor a pending one is known. */
function forgetOffset(state: ClusterState, group: Group, { topic, partition }: PartitionSpec): readonly RecordSpec[] {
  const columns = group.offsets.get(topic);
  const key = pendingKey(group.group, topic, partition);
  let isKnown = hasCommitted(columns, partition);
  clearCommitted(columns, partition);
  for (const { pending } of state.transactions.values()) isKnown = pending.delete(key) || isKnown;
  return isKnown ? [{ key: setKeyPartition(encodeCommitKey(group.group, topic), partition), value: undefined }] : [];
}

function deleteGroup(state: ClusterState, group: Group, atMs: number): void {
  if (group.members.length > 0) throw new ClusterError(`the group ${group.group} has members and cannot be deleted`);
  const offsets = offsetsOf(state, group);
  const records = [
    ...offsets.flatMap((one) => forgetOffset(state, group, one)),
    ...groupTombstones(group, contextOf(state, atMs)),
  ];
  appendRecords(state, group.logPartition, { records, atMs });
  state.groups.delete(group.group);
}

/** Committed and pending. */
function offsetsOf(state: ClusterState, group: Group): readonly PartitionSpec[] {
  const pending = [...state.transactions.values()].flatMap((one) => [...one.pending.values()]);
  return [...committedOf(group.offsets), ...pending.filter((one) => one.group === group.group)];
}

/** The tombstones that a broker writes when a topic is gone: a batch in each partition of the log that held offsets of it. */
export function forgetTopic(state: ClusterState, topic: string, atMs: number): void {
  const byLog = new Map<number, RecordSpec[]>();
  for (const group of state.groups.values()) {
    if (!group.offsets.has(topic)) continue;
    const gone = offsetsOf(state, group).filter((one) => one.topic === topic);
    const records = gone.flatMap((one) => forgetOffset(state, group, one));
    if (records.length > 0) byLog.set(group.logPartition, [...(byLog.get(group.logPartition) ?? []), ...records]);
    group.offsets.delete(topic);
  }
  for (const [logPartition, records] of byLog) appendRecords(state, logPartition, { records, atMs });
}
