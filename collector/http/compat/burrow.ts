/**
 * # The names of Burrow
 *
 * linkedin/Burrow v1.9.5, `core/internal/httpserver/prometheus.go`: its numbers by its rules, as `/v3` answers them at this moment.
 * A group that it would not know has no series; a cluster that is not read to the end has none at all, as `/v3` answers 503.
 */

import { completeOf } from "../../evaluate/burrow.ts";
import { judgeGroup } from "../../evaluate/burrow-group.ts";
import { statusCode } from "../../model/status.ts";
import { consumerList, currentLagOf, fetchGroupId, listedTopics, slotsByPartition } from "../../window/burrow-reads.ts";
import type { BurrowStore } from "../../window/burrow-store.ts";
import type { Column } from "../../window/column.ts";
import { createUint8Column } from "../../window/column.ts";
import { newestOffsetOf } from "../../window/rings.ts";
import type { ClusterView } from "../cluster-view.ts";
import type { Exposition } from "../exposition.ts";
import { labelBytes } from "../exposition.ts";
import type { SeriesPlan } from "../series-budget.ts";
import { NOTHING, WITH_PARTITIONS } from "../series-budget.ts";
import type { GroupRows, SeriesSet } from "./series-set.ts";
import { shownTopics, topicPartitionSeries } from "./topic-series.ts";

/** The groups of a cluster by the strict rules, by column; partitions of a group are consecutive, by topic. */
interface StrictGroups {
  readonly cluster: string;
  readonly groups: { readonly group: string; readonly status: number; readonly totalLag: number }[];
  /** Rows of group g: from rowStart[g] to rowStart[g + 1]. */
  readonly rowStart: number[];
  readonly topics: string[];
  readonly topicIndex: number[];
  readonly partition: number[];
  readonly lag: number[];
  /** NaN where the window is not full. */
  readonly offset: number[];
  readonly status: number[];
}

export const BURROW: SeriesSet = {
  rates: { group: 2, groupTopic: 0, partition: 3, topic: 0, topicPartition: 1 },
  *prepare({ clusters }) {
    const complete = clusters.filter((view) => view.isStrictComplete());
    const known: StrictGroups[] = [];
    for (const view of complete) known.push(yield* readStrict(view));
    return {
      groups: known.flatMap(rowsOfGroups),
      *render(out, plan) {
        for (const family of GROUP_FAMILIES) yield* groupFamily(out, { known, plan }, family);
        for (const family of PARTITION_FAMILIES) yield* partitionFamily(out, { known, plan }, family);
        yield* topicOffsets(out, complete, plan);
      },
    };
  },
};

function rowsOfGroups({ cluster, groups, rowStart }: StrictGroups): readonly GroupRows[] {
  return groups.map(({ group }, index) => ({
    cluster,
    group,
    rows: (rowStart[index + 1] ?? 0) - (rowStart[index] ?? 0),
  }));
}

/** Rows of one step: some milliseconds. */
const STEP_ROWS = 10_000;

function* readStrict(view: ClusterView): Generator<void, StrictGroups> {
  const { store } = view.judge;
  const nowS = Math.floor(view.nowMs() / MS_PER_SECOND);
  const codes = createUint8Column();
  const read: StrictGroups = {
    cluster: view.cluster,
    groups: [],
    rowStart: [0],
    topics: [],
    topicIndex: [],
    partition: [],
    lag: [],
    offset: [],
    status: [],
  };
  let stepEnd = STEP_ROWS;
  // By name: ids change hands while others run.
  for (const group of consumerList(store)) {
    const id = fetchGroupId(store, group, nowS);
    if (id === undefined) continue;
    const { status, totalLag } = judgeGroup(view.judge, id, { nowS, codes });
    read.groups.push({ group, status: statusCode(status) ?? 0, totalLag });
    for (const groupTopic of listedTopics(store, id)) readTopic(read, groupTopic, { store, codes });
    read.rowStart.push(read.partition.length);
    if (read.partition.length < stepEnd) continue;
    stepEnd = read.partition.length + STEP_ROWS;
    yield;
  }
  return read;
}

function readTopic(
  read: StrictGroups,
  groupTopic: number,
  { store, codes }: { readonly store: BurrowStore; readonly codes: Column<Uint8Array> },
): void {
  const topicId = store.table.groupTopics.topicIdOf(groupTopic);
  read.topics.push(store.table.topicPartitions.topics.nameOf(topicId) ?? "");
  for (const [partition, slot] of slotsByPartition(store, groupTopic).entries()) {
    const isFull = slot !== undefined && completeOf(store, slot) === 1;
    read.topicIndex.push(read.topics.length - 1);
    read.partition.push(partition);
    read.lag.push(slot === undefined ? 0 : currentLagOf(store, slot));
    read.offset.push(isFull ? newestOffsetOf(store.rings, store.ringBySlot.get(slot)) : Number.NaN);
    read.status.push(isFull ? codes.get(slot) : Number.NaN);
  }
}

const MS_PER_SECOND = 1_000;

interface Known {
  readonly known: readonly StrictGroups[];
  readonly plan: SeriesPlan;
}

const GROUP_FAMILIES = [
  {
    name: "burrow_kafka_consumer_lag_total",
    help: "The sum of all partition current lag values for the group",
    column: "totalLag",
  },
  {
    name: "burrow_kafka_consumer_status",
    help: "The status of the consumer group. It is calculated from the highest status for the individual partitions. Statuses are an index list from NOTFOUND, OK, WARN, or ERR",
    column: "status",
  },
] as const;

const PARTITION_FAMILIES = [
  {
    name: "burrow_kafka_consumer_partition_lag",
    help: "Number of messages the consumer group is behind by for a partition as reported by Burrow",
    column: "lag",
  },
  {
    name: "burrow_kafka_consumer_current_offset",
    help: "Latest offset that Burrow is storing for this partition",
    column: "offset",
  },
  {
    name: "burrow_kafka_topic_partition_status",
    help: "The status of topic partition. It is calculated from the highest status for the individual partitions. Statuses are an index list from OK, WARN, STOP, STALL, REWIND",
    column: "status",
  },
] as const;

function groupLabels(cluster: string, group: string): Uint8Array {
  return Buffer.concat([labelBytes("cluster", cluster, "first"), labelBytes("consumer_group", group, "next")]);
}

function* groupFamily(out: Exposition, { known, plan }: Known, family: (typeof GROUP_FAMILIES)[number]) {
  const { name, help, column } = family;
  out.family({ name, help, type: "gauge" });
  for (const { cluster, groups } of known) {
    for (const one of groups) {
      if (plan.detailOf(cluster, one.group) !== NOTHING) out.series([groupLabels(cluster, one.group)], one[column]);
      if (out.isChunkFull()) yield out.take();
    }
  }
}

function* partitionFamily(out: Exposition, { known, plan }: Known, family: (typeof PARTITION_FAMILIES)[number]) {
  const { name, help, column } = family;
  out.family({ name, help, type: "gauge" });
  for (const read of known) {
    const { cluster, groups, rowStart, topics, topicIndex, partition } = read;
    for (const [index, { group }] of groups.entries()) {
      if (plan.detailOf(cluster, group) !== WITH_PARTITIONS) continue;
      const labels = groupLabels(cluster, group);
      let topic = -1;
      let withTopic: readonly Uint8Array[] = [];
      for (let row = rowStart[index] ?? 0; row < (rowStart[index + 1] ?? 0); row += 1) {
        if (topicIndex[row] !== topic) {
          topic = topicIndex[row] ?? 0;
          withTopic = [Buffer.concat([labels, labelBytes("topic", topics[topic] ?? "", "next")])];
        }
        out.partitionSeries(withTopic, partition[row] ?? 0, read[column][row] ?? Number.NaN);
      }
      if (out.isChunkFull()) yield out.take();
    }
  }
}

/** Numbered as partitions are: Burrow's numbers shift where a partition before has no high watermark. */
function* topicOffsets(out: Exposition, complete: readonly ClusterView[], plan: SeriesPlan) {
  out.family({
    name: "burrow_kafka_topic_partition_offset",
    help: "Latest offset the topic that Burrow is storing for this partition",
    type: "gauge",
  });
  const shown = shownTopics(complete, "cluster", plan);
  yield* topicPartitionSeries(out, shown, ({ state }, id) => state.burrow.brokers.newest.get(id));
}
