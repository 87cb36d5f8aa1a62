/** # Series of topics: end and start offsets of all partitions that are watched */

import type { ClusterView } from "../cluster-view.ts";
import type { Exposition } from "../exposition.ts";
import { labelBytes } from "../exposition.ts";
import type { SeriesPlan } from "../series-budget.ts";

export interface TopicOf {
  readonly view: ClusterView;
  readonly topic: string;
  /** Up to the topic's. */
  readonly labels: readonly Uint8Array[];
}

/** The topics of all clusters that the plan has, with labels; `clusterLabel` undefined: clusters have none. */
export function shownTopics(
  clusters: readonly ClusterView[],
  clusterLabel: string | undefined,
  plan: Pick<SeriesPlan, "hasTopic">,
): readonly TopicOf[] {
  return clusters.flatMap((view) => {
    const { cluster, state } = view;
    const names = state.topics.names().filter((topic) => plan.hasTopic(cluster, topic));
    return names.map((topic) => ({ view, topic, labels: topicLabels({ clusterLabel, cluster, topic }) }));
  });
}

export function topicLabels({
  clusterLabel,
  cluster,
  topic,
}: {
  readonly clusterLabel: string | undefined;
  readonly cluster: string;
  readonly topic: string;
}): readonly Uint8Array[] {
  if (clusterLabel === undefined) return [labelBytes("topic", topic, "first")];
  return [labelBytes(clusterLabel, cluster, "first"), labelBytes("topic", topic, "next")];
}

/** A series per partition of these topics, by the id of the topic partition; NaN: none. */
export function* topicPartitionSeries(
  out: Exposition,
  topics: readonly TopicOf[],
  valueAt: (view: ClusterView, id: number) => number,
): Generator<readonly Uint8Array[]> {
  for (const { view, topic, labels } of topics) {
    const { topicPartitions } = view.state.table;
    const topicId = topicPartitions.topics.find(topic) ?? -1;
    for (const id of topicPartitions.idsOf(topicId))
      out.partitionSeries(labels, topicPartitions.partitionOf(id), valueAt(view, id));
    if (out.isChunkFull()) yield out.take();
  }
}
