/** # Changes of topics: what the brokers' logs hold, and who leads them */

import { type Cluster, type ClusterView, OFFSETS_TOPIC } from "./cluster.ts";
import { ClusterError } from "./cluster-error.ts";
import { addTopic, appendToLog, type ClusterState, logOf, placement, topicOf, topicWith } from "./cluster-state.ts";
import { forgetTopic } from "./group-changes.ts";
import { advanceLogStart, compactLog } from "./offsets-log/log.ts";
import { BEFORE_LENGTH_BYTES, HEADER_BYTES, LENGTH_AT, MAGIC_AT } from "./offsets-log/record-batch.ts";
import {
  advancePartitionStart,
  appendRecords,
  closeTransaction,
  growTopic,
  openTransaction,
  setLeader,
  setTopicConfig,
  type Topic,
  truncatePartition,
} from "./topics.ts";

type TopicChanges = Omit<
  Cluster,
  | keyof ClusterView
  | "commit"
  | "endOffsetsTransaction"
  | "rebalanced"
  | "rebalancing"
  | "deleteOffsets"
  | "deleteGroup"
>;

export function topicChanges(state: ClusterState): TopicChanges {
  return {
    createTopic: (spec) => addTopic(state, spec),
    deleteTopic: (topic, atMs) => deleteTopic(state, topic, atMs),
    growTopic: (topic, partitions) => growTopic(userTopic(state, topic), partitions, placement(state)),
    setConfig: (topic, name, value) => setTopicConfig(topicOf(state, topic), name, value),
    append(topic, partition, records, atMs) {
      const { appendsMax } = state;
      const own = userTopic(state, topic, partition);
      state.appendsDropped += appendRecords(own, partition, { records, atMs, appendsMax });
    },
    truncate: (topic, partition, endOffset) =>
      truncatePartition(userTopic(state, topic, partition), partition, endOffset),
    advanceStart: (topic, partition, startOffset) => advanceStart(state, { topic, partition, startOffset }),
    beginTransaction: (topic, partition, producerId) =>
      openTransaction(userTopic(state, topic, partition), partition, producerId),
    // Aborted records keep their offsets, so the outcome changes nothing here.
    endTransaction(topic, partition, producerId, _outcome, atMs) {
      const own = userTopic(state, topic, partition);
      closeTransaction(own, partition, producerId);
      state.appendsDropped += appendRecords(own, partition, { records: 1, atMs, appendsMax: state.appendsMax });
    },
    moveLeader(topic, partition, broker) {
      if (broker !== -1 && !state.brokers.includes(broker)) throw new ClusterError(`no broker ${broker}`);
      setLeader(topicWith(state, topic, partition), partition, broker);
    },
    appendRaw: (logPartition, batches) => appendRaw(state, logPartition, Buffer.from(batches)),
    compactLog: (logPartition, options) => compactLog(logOf(state, logPartition), options),
  };
}

function deleteTopic(state: ClusterState, name: string, atMs: number): void {
  const topic = userTopic(state, name);
  forgetTopic(state, name, atMs);
  state.topics.delete(name);
  state.topicsById.delete(Buffer.from(topic.view.id).toString("latin1"));
}

function advanceStart(
  state: ClusterState,
  {
    topic,
    partition,
    startOffset,
  }: { readonly topic: string; readonly partition: number; readonly startOffset: number },
): void {
  if (topic !== OFFSETS_TOPIC) {
    advancePartitionStart(userTopic(state, topic, partition), partition, startOffset);
    return;
  }
  const log = logOf(state, partition);
  if (!(startOffset >= log.startOffset && startOffset <= log.nextOffset))
    throw new ClusterError(`${topic}/${partition} holds ${log.startOffset} to ${log.nextOffset}, not ${startOffset}`);
  advanceLogStart(log, startOffset);
}

/** The offsets topic is written by coordinators alone. */
function userTopic(state: ClusterState, name: string, partition = 0): Topic {
  if (name === OFFSETS_TOPIC) throw new ClusterError(`${OFFSETS_TOPIC} is changed by its groups, and by appendRaw`);
  return topicWith(state, name, partition);
}

function appendRaw(state: ClusterState, logPartition: number, batches: Buffer): void {
  for (let at = 0; at < batches.length; ) {
    const length = batches.length - at < HEADER_BYTES ? 0 : batches.readInt32BE(at + LENGTH_AT) + BEFORE_LENGTH_BYTES;
    const batch = batches.subarray(at, at + length);
    if (length < HEADER_BYTES || batch.length < length || batch[MAGIC_AT] !== 2)
      throw new ClusterError(`no whole batch of version 2 at byte ${at}`);
    appendToLog(state, logPartition, batch);
    at += length;
  }
}
