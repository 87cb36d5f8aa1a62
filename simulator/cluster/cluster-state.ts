/**
 * # What a cluster consists of, and how its parts are found
 *
 * The changes are in topic-changes.ts and group-changes.ts, what a broker may see in cluster-view.ts.
 */

import { type BrokerVersion, type MemberSpec, OFFSETS_TOPIC } from "./cluster.ts";
import { ClusterError } from "./cluster-error.ts";
import type { GroupOffsets, OffsetsTransaction } from "./group-offsets.ts";
import { appendBatch, createOffsetsLog, type LogLimits, type OffsetsLog } from "./offsets-log/log.ts";
import { logPartitionOf } from "./offsets-log/log-partition.ts";
import {
  type BatchOrigin,
  type BatchWriter,
  beginBatch,
  createBatchWriter,
  endBatch,
  type RecordSpec,
  writeRecord,
} from "./offsets-log/record-batch.ts";
import { createTopic, epochOf, type Topic } from "./topics.ts";

export interface ClusterOptions extends Partial<LogLimits> {
  readonly clusterId: string;
  readonly version: BrokerVersion;
  /** Ids, ascending. */
  readonly brokers: readonly number[];
  /** Partitions of the offsets topic; 50 is a broker's default. */
  readonly offsetsPartitions: number;
  readonly replicationFactor?: number;
  /** From 0 to 1; for topic ids and the placement of partitions. */
  readonly random: () => number;
  /** Of one partition, 262,144 by default; the log start moves behind the oldest where there are more. */
  readonly appendsMax?: number;
}

export interface Group {
  readonly group: string;
  readonly logPartition: number;
  readonly offsets: GroupOffsets;
  type: "classic" | "consumer";
  protocolType: string;
  state: string;
  generation: number;
  members: readonly MemberSpec[];
}

export interface ClusterState {
  readonly clusterId: string;
  readonly version: BrokerVersion;
  readonly brokers: readonly number[];
  readonly replicationFactor: number;
  readonly offsetsPartitions: number;
  readonly appendsMax: number;
  readonly random: () => number;
  readonly topics: Map<string, Topic>;
  /** By the bytes of the id as latin1. */
  readonly topicsById: Map<string, Topic>;
  readonly logs: readonly OffsetsLog[];
  readonly groups: Map<string, Group>;
  /** By producer id. */
  readonly transactions: Map<number, OffsetsTransaction>;
  readonly logListeners: Set<(logPartition: number) => void>;
  readonly writer: BatchWriter;
  appendsDropped: number;
}

const MIB = 1_048_576;
const APPENDS_MAX = 262_144;

export function createState(options: ClusterOptions): ClusterState {
  const { segmentBytes = MIB, logBytesMax = 64 * MIB, replicationFactor = 3, appendsMax = APPENDS_MAX } = options;
  if (options.brokers.length === 0) throw new ClusterError("a cluster without brokers");
  if (!(Number.isInteger(options.offsetsPartitions) && options.offsetsPartitions > 0))
    throw new ClusterError(`an offsets topic of ${options.offsetsPartitions} partitions`);
  const state: ClusterState = {
    ...options,
    replicationFactor: Math.min(replicationFactor, options.brokers.length),
    appendsMax,
    topics: new Map(),
    topicsById: new Map(),
    logs: Array.from({ length: options.offsetsPartitions }, () => createOffsetsLog({ segmentBytes, logBytesMax })),
    groups: new Map(),
    transactions: new Map(),
    logListeners: new Set(),
    writer: createBatchWriter(),
    appendsDropped: 0,
  };
  addTopic(state, { topic: OFFSETS_TOPIC, partitions: options.offsetsPartitions, configs: OFFSETS_TOPIC_CONFIGS });
  return state;
}

const OFFSETS_TOPIC_CONFIGS = {
  "cleanup.policy": "compact",
  "compression.type": "producer",
  "segment.bytes": "104857600",
};

export function addTopic(
  state: ClusterState,
  spec: { topic: string; partitions: number; configs?: Readonly<Record<string, string>>; firstOffset?: number },
): void {
  if (state.topics.has(spec.topic)) throw new ClusterError(`the topic ${spec.topic} exists`);
  const id = newTopicId(state.random);
  const topic = createTopic({
    name: spec.topic,
    id,
    isInternal: spec.topic === OFFSETS_TOPIC,
    partitions: spec.partitions,
    configs: spec.configs ?? {},
    firstOffset: spec.firstOffset ?? 0,
    placed: placement(state),
  });
  state.topics.set(spec.topic, topic);
  state.topicsById.set(id.toString("latin1"), topic);
}

/** Round the brokers from one by chance; what all topics have in common is shared. */
export function placement({
  brokers,
  replicationFactor,
  random,
}: ClusterState): (partition: number) => readonly number[] {
  const first = Math.floor(random() * brokers.length);
  const ring = brokers.map((_, at) => [...brokers.slice(at), ...brokers.slice(0, at)].slice(0, replicationFactor));
  return (partition) => ring[(first + partition) % ring.length] ?? [];
}

/** A random UUID (RFC 9562, version 4). */
function newTopicId(random: () => number): Buffer {
  const id = Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256)));
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x40;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return id;
}

export function topicOf(state: ClusterState, name: string): Topic {
  const topic = state.topics.get(name);
  if (topic === undefined) throw new ClusterError(`no topic ${name}`);
  return topic;
}

/** The topic, where it has the partition. */
export function topicWith(state: ClusterState, name: string, partition: number): Topic {
  const topic = topicOf(state, name);
  if (!(Number.isInteger(partition) && partition >= 0 && partition < topic.partitions))
    throw new ClusterError(`no partition ${partition} of ${name}, which has ${topic.partitions}`);
  return topic;
}

export function logOf(state: ClusterState, logPartition: number): OffsetsLog {
  const log = state.logs[logPartition];
  if (log === undefined) throw new ClusterError(`no partition ${logPartition} of ${OFFSETS_TOPIC}`);
  return log;
}

export function groupOf(state: ClusterState, name: string): Group {
  const group = state.groups.get(name);
  if (group === undefined) throw new ClusterError(`no group ${name}`);
  return group;
}

/** The group, made where there is none. */
export function groupFor(state: ClusterState, name: string): Group {
  const known = state.groups.get(name);
  if (known !== undefined) return known;
  const group: Group = {
    group: name,
    logPartition: logPartitionOf(name, state.offsetsPartitions),
    offsets: new Map(),
    type: "classic",
    protocolType: "",
    state: "Empty",
    generation: 0,
    members: [],
  };
  state.groups.set(name, group);
  return group;
}

/** One batch of the coordinator, all records of one time; gives the offset of its first record. Nothing where there is none. */
export function appendRecords(
  state: ClusterState,
  logPartition: number,
  { records, atMs, origin = COORDINATOR }: { records: Iterable<RecordSpec>; atMs: number; origin?: BatchOrigin },
): number {
  const { writer } = state;
  beginBatch(writer);
  for (const record of records) writeRecord(writer, record, atMs);
  if (writer.count === 0) return logOf(state, logPartition).nextOffset;
  return appendToLog(state, logPartition, endBatch(writer, origin));
}

export function appendToLog(state: ClusterState, logPartition: number, batch: Buffer): number {
  const leaderEpoch = epochOf(topicOf(state, OFFSETS_TOPIC), logPartition);
  const baseOffset = appendBatch(logOf(state, logPartition), batch, leaderEpoch);
  for (const listener of state.logListeners) listener(logPartition);
  return baseOffset;
}

/** As a coordinator builds its batches: the sequence is 0 even where there is no producer to count it. */
const COORDINATOR: BatchOrigin = { attributes: 0, producerId: -1n, producerEpoch: -1, baseSequence: 0 };
