/**
 * # The names of kafka_exporter
 *
 * danielqsj/kafka_exporter 1.9.0, `kafka_exporter.go`; Strimzi's is the same program. It watches one cluster and has no label for
 * it: with one cluster there is none here either, with several a `cluster`, as its `--kafka.labels` adds labels.
 */

import type { TopicReplication } from "../../model/replication.ts";
import type { ClusterView } from "../cluster-view.ts";
import type { Exposition } from "../exposition.ts";
import { labelBytes } from "../exposition.ts";
import { groupSeries, labelledSlices, rowSeries, topicSums } from "../labelled-slices.ts";
import type { SeriesPlan } from "../series-budget.ts";
import type { Reading, SeriesSet } from "./series-set.ts";
import { committedOffsetAt, lagToEndAt } from "./series-set.ts";
import type { TopicOf } from "./topic-series.ts";
import { shownTopics, topicLabels, topicPartitionSeries } from "./topic-series.ts";

export const KAFKA_EXPORTER: SeriesSet = {
  rates: { group: 1, groupTopic: 2, partition: 2, topic: 1, topicPartition: 7 },
  *prepare(reading) {
    return { groups: [], render: (out, plan) => families(out, reading, plan) };
  },
};

function* families(out: Exposition, reading: Reading, plan: SeriesPlan): Generator<readonly Uint8Array[]> {
  const clusterLabel = reading.clusters.length === 1 ? undefined : "cluster";
  yield* brokers(out, reading, clusterLabel);
  yield* topics(out, shownTopics(reading.clusters, clusterLabel, plan));
  yield* replicas(out, replicatedTopics(reading.clusters, clusterLabel, plan));
  yield* groups(out, reading, { clusterLabel, plan });
}

function gauge(out: Exposition, name: string, help: string): void {
  out.family({ name: `kafka_${name}`, help, type: "gauge" });
}

function* brokers(out: Exposition, { clusters }: Reading, clusterLabel: string | undefined) {
  const known = clusters.flatMap((view) => {
    const replication = view.replication?.();
    if (replication === undefined) return [];
    const labels = clusterLabel === undefined ? [] : [labelBytes(clusterLabel, view.cluster, "first")];
    return [{ brokers: replication.brokers, labels }];
  });
  gauge(out, "brokers", "Number of Brokers in the Kafka Cluster.");
  for (const { brokers: all, labels } of known) out.series(labels, all.length);
  gauge(out, "broker_info", "Information about the Kafka Broker.");
  for (const { brokers: all, labels } of known) {
    for (const { nodeId, address } of all) {
      const id = labelBytes("id", String(nodeId), labels.length === 0 ? "first" : "next");
      out.series([...labels, id, labelBytes("address", address, "next")], 1);
    }
    if (out.isChunkFull()) yield out.take();
  }
}

function* topics(out: Exposition, shown: readonly TopicOf[]) {
  gauge(out, "topic_partitions", "Number of partitions for this Topic");
  for (const { view, topic, labels } of shown) {
    out.series(labels, view.state.topics.get(topic)?.partitions ?? Number.NaN);
    if (out.isChunkFull()) yield out.take();
  }
  gauge(out, "topic_partition_current_offset", "Current Offset of a Broker at Topic/Partition");
  yield* topicPartitionSeries(out, shown, ({ state }, id) => state.watermarks.endOffset.get(id));
  gauge(out, "topic_partition_oldest_offset", "Oldest Offset of a Broker at Topic/Partition");
  yield* topicPartitionSeries(out, shown, ({ state }, id) => state.watermarks.startOffset.get(id));
}

interface ReplicatedTopic {
  readonly replication: TopicReplication;
  readonly labels: readonly Uint8Array[];
}

/** As metadata named them last, so that all five families have the same partitions. */
function replicatedTopics(
  clusters: readonly ClusterView[],
  clusterLabel: string | undefined,
  plan: Pick<SeriesPlan, "hasTopic">,
): readonly ReplicatedTopic[] {
  return clusters.flatMap((view) => {
    const { cluster } = view;
    const known = [...(view.replication?.()?.topics ?? [])].filter(
      ([topic]) => view.state.topics.get(topic) !== undefined && plan.hasTopic(cluster, topic),
    );
    return known.map(([topic, replication]) => ({
      replication,
      labels: topicLabels({ clusterLabel, cluster, topic }),
    }));
  });
}

const REPLICA_FAMILIES = [
  ["leader", "Leader Broker ID of this Topic/Partition", leaderOf],
  ["replicas", "Number of Replicas for this Topic/Partition", ({ replicas: all }, i) => all[i]],
  ["in_sync_replica", "Number of In-Sync Replicas for this Topic/Partition", ({ inSync }, i) => inSync[i]],
  [
    "leader_is_preferred",
    "1 if Topic/Partition is using the Preferred Broker",
    ({ leaders, preferred }, i) => (leaders[i] !== -1 && leaders[i] === preferred[i] ? 1 : 0),
  ],
  [
    "under_replicated_partition",
    "1 if Topic/Partition is under Replicated",
    ({ replicas: all, inSync }, i) => ((inSync[i] ?? 0) < (all[i] ?? 0) ? 1 : 0),
  ],
] as const satisfies readonly (readonly [
  name: string,
  help: string,
  valueAt: (topic: TopicReplication, index: number) => number | undefined,
])[];

function leaderOf({ leaders }: TopicReplication, index: number): number | undefined {
  return leaders[index] === -1 ? undefined : leaders[index];
}

function* replicas(out: Exposition, shown: readonly ReplicatedTopic[]) {
  for (const [name, help, valueAt] of REPLICA_FAMILIES) {
    gauge(out, `topic_partition_${name}`, help);
    for (const { replication, labels } of shown) {
      for (const [i, partition] of replication.partitions.entries())
        out.partitionSeries(labels, partition, valueAt(replication, i) ?? Number.NaN);
      if (out.isChunkFull()) yield out.take();
    }
  }
}

function* groups(
  out: Exposition,
  { snapshots }: Reading,
  { clusterLabel, plan }: { readonly clusterLabel: string | undefined; readonly plan: SeriesPlan },
) {
  const slices = yield* labelledSlices(snapshots, { cluster: clusterLabel, group: "consumergroup" }, plan);
  const of = "of a ConsumerGroup at Topic";
  gauge(out, "consumergroup_current_offset", `Current Offset ${of}/Partition`);
  for (const one of slices) yield* rowSeries(out, one, (row) => committedOffsetAt(one.snapshot, row));
  gauge(out, "consumergroup_current_offset_sum", `Current Offset ${of} for all partitions`);
  for (const one of slices) yield* topicSums(out, one, (row) => committedOffsetAt(one.snapshot, row));
  gauge(out, "consumergroup_lag", `Current Approximate Lag ${of}/Partition`);
  for (const one of slices) yield* rowSeries(out, one, (row) => lagToEndAt(one.snapshot, row));
  gauge(out, "consumergroup_lag_sum", `Current Approximate Lag ${of} for all partitions`);
  for (const one of slices) yield* topicSums(out, one, (row) => lagToEndAt(one.snapshot, row));
  gauge(out, "consumergroup_members", "Amount of members in a consumer group");
  for (const one of slices) yield* groupSeries(out, one, (index) => one.snapshot.groups[index]?.members ?? Number.NaN);
}
