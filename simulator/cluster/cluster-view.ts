/** # What a broker may answer from: the state, as plain answers */

import {
  type ClusterCounts,
  type ClusterView,
  type GroupView,
  type LogSlice,
  OFFSETS_TOPIC,
  type PartitionView,
} from "./cluster.ts";
import { type ClusterState, type Group, logOf, topicWith } from "./cluster-state.ts";
import { committedOf, pendingKey } from "./group-offsets.ts";
import { lastStableOffset, logBytes, readLog, recordAtOffset, recordAtTime } from "./offsets-log/log.ts";
import { logPartitionOf } from "./offsets-log/log-partition.ts";
import { endOf, epochOf, leaderOf, offsetAt, stableOf, startOf, timeOf } from "./topics.ts";

export function viewOf(state: ClusterState): ClusterView {
  const { clusterId, version, brokers, offsetsPartitions } = state;
  return {
    clusterId,
    version,
    brokers,
    offsetsPartitions,
    topics: () => topicViews(state),
    topic: (name) => state.topics.get(name)?.view,
    topicById: (id) => state.topicsById.get(Buffer.from(id).toString("latin1"))?.view,
    partition: (topic, partition) => partitionView(state, topic, partition),
    offsetForTime: (topic, partition, timestampMs) =>
      topic === OFFSETS_TOPIC
        ? recordAtTime(logOf(state, partition), timestampMs)
        : offsetAt(topicWith(state, topic, partition), partition, timestampMs),
    appendedAtMs: (topic, partition, offset) =>
      topic === OFFSETS_TOPIC
        ? logTime(state, partition, offset)
        : timeOf(topicWith(state, topic, partition), partition, offset),
    groups: () => groupViews(state),
    group: (name) => groupView(state.groups.get(name)),
    committedOffsets: (group) => committedOf(state.groups.get(group)?.offsets ?? new Map()),
    hasPendingOffset: (group, topic, partition) => hasPending(state, pendingKey(group, topic, partition)),
    logPartitionOf: (group) => logPartitionOf(group, offsetsPartitions),
    readLog: (logPartition, fromOffset, bytesMax) => logSlice(state, logPartition, { fromOffset, bytesMax }),
    onLogAppend(listener) {
      state.logListeners.add(listener);
      return () => void state.logListeners.delete(listener);
    },
    counts: () => countsOf(state),
  };
}

function* topicViews(state: ClusterState) {
  for (const { view } of state.topics.values()) yield view;
}

function* groupViews(state: ClusterState) {
  for (const group of state.groups.values()) yield viewOfGroup(group);
}

function groupView(group: Group | undefined): GroupView | undefined {
  return group === undefined ? undefined : viewOfGroup(group);
}

function viewOfGroup({ group, type, protocolType, state, generation, members }: Group): GroupView {
  return { group, type, protocolType, state, generation, members };
}

function partitionView(state: ClusterState, name: string, partition: number): PartitionView | undefined {
  const topic = state.topics.get(name);
  const replicas = topic?.replicas[partition];
  if (topic === undefined || replicas === undefined) return undefined;
  const log = name === OFFSETS_TOPIC ? logOf(state, partition) : undefined;
  return {
    leader: leaderOf(topic, partition),
    leaderEpoch: epochOf(topic, partition),
    replicas,
    startOffset: log?.startOffset ?? startOf(topic, partition),
    endOffset: log?.nextOffset ?? endOf(topic, partition),
    lastStableOffset: log === undefined ? stableOf(topic, partition) : lastStableOffset(log),
  };
}

function logTime(state: ClusterState, logPartition: number, offset: number): number | undefined {
  const record = recordAtOffset(logOf(state, logPartition), offset);
  return record?.offset === offset ? record.timestampMs : undefined;
}

function hasPending(state: ClusterState, key: string): boolean {
  for (const { pending } of state.transactions.values()) if (pending.has(key)) return true;
  return false;
}

function logSlice(
  state: ClusterState,
  logPartition: number,
  { fromOffset, bytesMax }: { readonly fromOffset: number; readonly bytesMax: number },
): LogSlice | "out-of-range" {
  const log = logOf(state, logPartition);
  const bytes = readLog(log, fromOffset, bytesMax);
  if (bytes === "out-of-range") return bytes;
  return { bytes, startOffset: log.startOffset, endOffset: log.nextOffset, lastStableOffset: lastStableOffset(log) };
}

function countsOf({ logs, appendsDropped }: ClusterState): ClusterCounts {
  const sum = (of: (log: (typeof logs)[number]) => number) => logs.reduce((total, log) => total + of(log), 0);
  return {
    appendsDropped,
    batchesDropped: sum((log) => log.batchesDropped),
    bytesDropped: sum((log) => log.bytesDropped),
    compactions: sum((log) => log.compactions),
    logBytes: sum(logBytes),
  };
}
