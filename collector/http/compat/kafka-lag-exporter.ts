/**
 * # The names of kafka-lag-exporter
 *
 * seglo/kafka-lag-exporter 0.8.2, `Metrics.scala`. Labels of a partition name its member, `unknown` where it has none, as there.
 */

import type { RowOwner, Snapshot } from "../../model/snapshot.ts";
import { timeLagAt } from "../../model/snapshot.ts";
import { timeLagFields } from "../../model/time-lag.ts";
import type { Exposition } from "../exposition.ts";
import { labelBytes } from "../exposition.ts";
import type { LabelledSlice } from "../labelled-slices.ts";
import { groupSeries, labelledSlices, NO_LABEL, sumOf, topicRuns, topicSums } from "../labelled-slices.ts";
import type { SeriesPlan } from "../series-budget.ts";
import { WITH_PARTITIONS } from "../series-budget.ts";
import type { Reading, SeriesSet } from "./series-set.ts";
import { committedOffsetAt, lagToEndAt } from "./series-set.ts";
import { shownTopics, topicPartitionSeries } from "./topic-series.ts";

const CLUSTER = "cluster_name";

/** `pollMs`: how long the last look at everything took, which is a tick here. */
export function createKafkaLagExporter(pollMs: () => number): SeriesSet {
  return {
    rates: { group: 3, groupTopic: 1, partition: 3, topic: 0, topicPartition: 2 },
    *prepare(reading) {
      return { groups: [], render: (out, plan) => families(out, reading, { plan, pollMs: pollMs() }) };
    },
  };
}

function* families(
  out: Exposition,
  { clusters, snapshots }: Reading,
  { plan, pollMs }: { readonly plan: SeriesPlan; readonly pollMs: number },
): Generator<readonly Uint8Array[]> {
  const topics = shownTopics(clusters, CLUSTER, plan);
  gauge(out, "kafka_partition_latest_offset", "Latest offset of a partition");
  yield* topicPartitionSeries(out, topics, ({ state }, id) => state.watermarks.endOffset.get(id));
  gauge(out, "kafka_partition_earliest_offset", "Earliest offset of a partition");
  yield* topicPartitionSeries(out, topics, ({ state }, id) => state.watermarks.startOffset.get(id));
  const slices = yield* labelledSlices(snapshots, { cluster: CLUSTER, group: "group" }, plan);
  yield* groupFamilies(out, slices);
  yield* partitionFamilies(out, slices);
  gauge(out, "kafka_consumergroup_poll_time_ms", "Group time poll time");
  for (const { cluster } of clusters) out.series([labelBytes(CLUSTER, cluster, "first")], pollMs);
}

function gauge(out: Exposition, name: string, help: string): void {
  out.family({ name, help, type: "gauge" });
}

function* groupFamilies(out: Exposition, slices: readonly LabelledSlice[]) {
  gauge(out, "kafka_consumergroup_group_max_lag", "Max group offset lag");
  for (const one of slices) yield* groupSeries(out, one, (index) => maxLagOf(one.snapshot, index));
  gauge(out, "kafka_consumergroup_group_max_lag_seconds", "Max group time lag");
  for (const one of slices)
    yield* groupSeries(out, one, (index) => one.snapshot.groups[index]?.lag_seconds ?? Number.NaN);
  gauge(out, "kafka_consumergroup_group_sum_lag", "Sum of group offset lag");
  for (const one of slices) yield* groupSeries(out, one, (index) => sumLagOf(one.snapshot, index));
  gauge(out, "kafka_consumergroup_group_topic_sum_lag", "Sum of group offset lag across topic partitions");
  for (const one of slices) yield* topicSums(out, one, (row) => lagToEndAt(one.snapshot, row));
}

function rowsOf({ rowStart }: Snapshot, index: number) {
  return { first: rowStart[index] ?? 0, end: rowStart[index + 1] ?? 0 };
}

function sumLagOf(snapshot: Snapshot, index: number): number {
  const { first, end } = rowsOf(snapshot, index);
  return sumOf(first, end, (row) => lagToEndAt(snapshot, row));
}

function maxLagOf(snapshot: Snapshot, index: number): number {
  const { first, end } = rowsOf(snapshot, index);
  let most = Number.NaN;
  for (let row = first; row < end; row += 1) {
    const lag = lagToEndAt(snapshot, row);
    if (!(lag <= most) && !Number.isNaN(lag)) most = lag;
  }
  return most;
}

function* partitionFamilies(out: Exposition, slices: readonly LabelledSlice[]) {
  gauge(out, "kafka_consumergroup_group_offset", "Last group consumed offset of a partition");
  for (const one of slices) yield* memberRows(out, one, committedOffsetAt);
  gauge(out, "kafka_consumergroup_group_lag", "Group offset lag of a partition");
  for (const one of slices) yield* memberRows(out, one, lagToEndAt);
  gauge(out, "kafka_consumergroup_group_lag_seconds", "Group time lag of a partition");
  for (const one of slices) yield* memberRows(out, one, lagSecondsAt);
}

function lagSecondsAt({ rows, readAtMs }: Snapshot, row: number): number {
  return timeLagFields(timeLagAt(rows, { row, nowMs: readAtMs })).lag_seconds ?? Number.NaN;
}

function* memberRows(out: Exposition, slice: LabelledSlice, valueAt: (snapshot: Snapshot, row: number) => number) {
  const { snapshot } = slice;
  const { rows } = snapshot;
  const owners = rows.owners.map(memberLabels);
  for (const { labels, first, end } of topicRuns(slice, WITH_PARTITIONS)) {
    for (let row = first; row < end; row += 1) {
      const member = owners[rows.ownerIndex[row] ?? -1] ?? NO_MEMBER;
      out.partitionSeries([labels[0] ?? NO_LABEL, member], rows.partition[row] ?? 0, valueAt(snapshot, row));
    }
    if (out.isChunkFull()) yield out.take();
  }
}

const NOBODY = "unknown";
const NO_MEMBER = memberLabels({ owner: NOBODY, clientId: NOBODY });

function memberLabels({ owner, memberId, clientId }: RowOwner): Uint8Array {
  return Buffer.concat([
    labelBytes("member_host", owner, "next"),
    labelBytes("consumer_id", memberId ?? NOBODY, "next"),
    labelBytes("client_id", clientId, "next"),
  ]);
}
