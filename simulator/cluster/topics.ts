/**
 * # Topics and the offsets of their partitions
 *
 * Columns by partition. Nothing is kept of a record but its offset and the time of its append. The log start of a partition goes
 * with its oldest appends when there are more than `appendsMax`, as retention by size would move it; that is counted.
 */

import {
  type AppendIndex,
  appendedAtMs,
  appendsOf,
  createAppendIndex,
  firstAtOrAfter,
  forgetBelow,
  forgetFrom,
  noteAppend,
  secondOffset,
} from "./append-index.ts";
import type { TopicView } from "./cluster.ts";
import { ClusterError } from "./cluster-error.ts";

export interface Topic {
  view: TopicView;
  partitions: number;
  leaders: Int32Array;
  leaderEpochs: Int32Array;
  replicas: (readonly number[])[];
  startOffsets: Float64Array;
  endOffsets: Float64Array;
  readonly appends: (AppendIndex | undefined)[];
  /** By partition, then by producer: first offset of its open transaction. */
  readonly openTransactions: Map<number, Map<number, number>>;
}

export interface NewTopic {
  readonly name: string;
  readonly id: Uint8Array;
  readonly isInternal: boolean;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
  readonly firstOffset: number;
  /** Of a partition: brokers, the preferred leader first. */
  readonly placed: (partition: number) => readonly number[];
}

export function createTopic({ name, id, isInternal, partitions, configs, firstOffset, placed }: NewTopic): Topic {
  const topic: Topic = {
    view: { name, id, isInternal, partitions: 0, configs: new Map(Object.entries(configs)) },
    partitions: 0,
    leaders: new Int32Array(0),
    leaderEpochs: new Int32Array(0),
    replicas: [],
    startOffsets: new Float64Array(0),
    endOffsets: new Float64Array(0),
    appends: [],
    openTransactions: new Map(),
  };
  growTopic(topic, partitions, placed);
  topic.startOffsets.fill(firstOffset);
  topic.endOffsets.fill(firstOffset);
  return topic;
}

export function growTopic(topic: Topic, partitions: number, placed: (partition: number) => readonly number[]): void {
  const from = topic.partitions;
  if (!(Number.isInteger(partitions) && partitions > from))
    throw new ClusterError(`${topic.view.name} has ${from} partitions and cannot have ${partitions}`);
  for (let partition = from; partition < partitions; partition++) topic.replicas.push(placed(partition));
  topic.leaders = Int32Array.from(topic.replicas, (brokers, at) => topic.leaders[at] ?? brokers[0] ?? -1);
  topic.leaderEpochs = grown(topic.leaderEpochs, new Int32Array(partitions));
  topic.startOffsets = grown(topic.startOffsets, new Float64Array(partitions));
  topic.endOffsets = grown(topic.endOffsets, new Float64Array(partitions));
  topic.partitions = partitions;
  topic.view = { ...topic.view, partitions };
}

function grown<T extends Int32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

export function setTopicConfig(topic: Topic, name: string, value: string | undefined): void {
  const configs = new Map(topic.view.configs);
  if (value === undefined) configs.delete(name);
  else configs.set(name, value);
  topic.view = { ...topic.view, configs };
}

/** Gives how many of the oldest appends had to go. */
export function appendRecords(
  topic: Topic,
  partition: number,
  { records, atMs, appendsMax }: { readonly records: number; readonly atMs: number; readonly appendsMax: number },
): number {
  if (!(Number.isInteger(records) && records >= 0)) throw new ClusterError(`${records} records cannot be appended`);
  if (records === 0) return 0;
  let index = topic.appends[partition];
  if (index === undefined) {
    index = createAppendIndex();
    topic.appends[partition] = index;
  }
  const offset = endOf(topic, partition);
  noteAppend(index, offset, atMs);
  // Of an empty log the newest append is still known, so that times cannot go back; it holds nothing any more.
  if (offset === startOf(topic, partition)) forgetBelow(index, offset);
  topic.endOffsets[partition] = offset + records;
  const surplus = appendsOf(index) - appendsMax;
  const start = surplus > 0 ? secondOffset(index) : undefined;
  if (start === undefined) return 0;
  topic.startOffsets[partition] = start;
  forgetBelow(index, start);
  return surplus;
}

export function truncatePartition(topic: Topic, partition: number, endOffset: number): void {
  const [start, end] = [startOf(topic, partition), endOf(topic, partition)];
  if (!(endOffset >= start && endOffset <= end))
    throw new ClusterError(`${nameOf(topic, partition)} holds ${start} to ${end} and cannot be cut at ${endOffset}`);
  topic.endOffsets[partition] = endOffset;
  const index = topic.appends[partition];
  if (index !== undefined) forgetFrom(index, endOffset);
  const open = topic.openTransactions.get(partition);
  for (const [producerId, first] of open ?? []) if (first >= endOffset) open?.delete(producerId);
  setLeader(topic, partition, leaderOf(topic, partition));
}

export function advancePartitionStart(topic: Topic, partition: number, startOffset: number): void {
  const [start, end] = [startOf(topic, partition), endOf(topic, partition)];
  if (!(startOffset >= start && startOffset <= end))
    throw new ClusterError(`${nameOf(topic, partition)} holds ${start} to ${end} and cannot start at ${startOffset}`);
  topic.startOffsets[partition] = startOffset;
  const index = topic.appends[partition];
  if (index !== undefined) forgetBelow(index, startOffset);
}

export function openTransaction(topic: Topic, partition: number, producerId: number): void {
  const open = topic.openTransactions.get(partition) ?? new Map<number, number>();
  if (open.has(producerId))
    throw new ClusterError(`producer ${producerId} has a transaction in ${nameOf(topic, partition)}`);
  open.set(producerId, endOf(topic, partition));
  topic.openTransactions.set(partition, open);
}

export function closeTransaction(topic: Topic, partition: number, producerId: number): void {
  if (topic.openTransactions.get(partition)?.delete(producerId) !== true)
    throw new ClusterError(`producer ${producerId} has no transaction in ${nameOf(topic, partition)}`);
}

/** One past the newest record outside open transactions: they were opened in the order of their offsets. */
export function stableOf(topic: Topic, partition: number): number {
  for (const first of topic.openTransactions.get(partition)?.values() ?? [])
    return Math.max(first, startOf(topic, partition));
  return endOf(topic, partition);
}

/** Every election makes an epoch, one without an outcome too. */
export function setLeader(topic: Topic, partition: number, broker: number): void {
  topic.leaders[partition] = broker;
  topic.leaderEpochs[partition] = epochOf(topic, partition) + 1;
  const replicas = topic.replicas[partition] ?? [];
  if (broker >= 0 && !replicas.includes(broker)) topic.replicas[partition] = [broker, ...replicas.slice(1)];
}

export function timeOf(topic: Topic, partition: number, offset: number): number | undefined {
  const index = topic.appends[partition];
  if (index === undefined || !(offset >= startOf(topic, partition) && offset < endOf(topic, partition)))
    return undefined;
  return appendedAtMs(index, offset);
}

export function offsetAt(topic: Topic, partition: number, wantedMs: number) {
  const index = topic.appends[partition];
  const found = index === undefined ? undefined : firstAtOrAfter(index, wantedMs);
  if (found === undefined) return undefined;
  const offset = Math.max(found.offset, startOf(topic, partition));
  // Of the append that was found no record may be left: then the time is that of the next one.
  const timestampMs = (index === undefined ? undefined : appendedAtMs(index, offset)) ?? found.timestampMs;
  return offset < endOf(topic, partition) ? { offset, timestampMs } : undefined;
}

export function leaderOf(topic: Topic, partition: number): number {
  return topic.leaders[partition] ?? -1;
}

export function epochOf(topic: Topic, partition: number): number {
  return topic.leaderEpochs[partition] ?? 0;
}

export function startOf(topic: Topic, partition: number): number {
  return topic.startOffsets[partition] ?? 0;
}

export function endOf(topic: Topic, partition: number): number {
  return topic.endOffsets[partition] ?? 0;
}

function nameOf(topic: Topic, partition: number): string {
  return `${topic.view.name}/${partition}`;
}
