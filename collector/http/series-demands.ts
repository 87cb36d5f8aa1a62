/**
 * # What could be shown: the demands that a plan is made of
 *
 * Upper bounds, from numbers of groups, topics and partitions alone, each times what the sets have of them.
 */

import type { Snapshot } from "../model/snapshot.ts";
import { createByCluster } from "./by-cluster.ts";
import type { GroupRows, Reading, SeriesRates } from "./compat/series-set.ts";
import { inTurns } from "./in-turns.ts";
import { endOfRun } from "./labelled-slices.ts";
import type { GroupDemand, TopicDemand, TroubleMemory } from "./series-budget.ts";

export interface DemandsOf {
  readonly reading: Reading;
  /** The sum over all sets. */
  readonly rates: SeriesRates;
  /** Groups that a set knows beside the snapshots. */
  readonly more: readonly GroupRows[];
  readonly troubles: TroubleMemory;
}

/** Others may run at each `yield`. */
export function* groupDemands({ reading, rates, more, troubles }: DemandsOf): Generator<void, readonly GroupDemand[]> {
  const extra = createByCluster<number>();
  yield* inTurns(more, ({ cluster, group, rows }) => void extra.of(cluster).set(group, rows));
  const demands: GroupDemand[] = [];
  for (const snapshot of reading.snapshots) {
    const { cluster, readAtMs: nowMs } = snapshot;
    const strict = extra.of(cluster);
    for (const [index, { group, status }] of snapshot.groups.entries()) {
      const { rows, topics } = sizeOf(snapshot, index, rates.groupTopic > 0);
      const strictRows = strict.get(group) ?? 0;
      strict.delete(group);
      demands.push({
        cluster,
        group,
        isTroubled: troubles.isTroubled({ cluster, group, status, nowMs }),
        groupSeries: rates.group + topics * rates.groupTopic,
        partitionSeries: Math.max(rows, strictRows) * rates.partition,
      });
    }
    yield;
  }
  for (const [cluster, groups] of extra.all())
    for (const [group, rows] of groups)
      demands.push({
        cluster,
        group,
        isTroubled: false,
        groupSeries: rates.group,
        partitionSeries: rows * rates.partition,
      });
  return demands;
}

function sizeOf({ rowStart, rows }: Snapshot, index: number, countsTopics: boolean) {
  const [first, end] = [rowStart[index] ?? 0, rowStart[index + 1] ?? 0];
  let topics = 0;
  if (countsTopics) for (let row = first; row < end; row = endOfRun(rows, row, end)) topics += 1;
  return { rows: end - first, topics };
}

export function topicDemands({ reading, rates }: Pick<DemandsOf, "reading" | "rates">): readonly TopicDemand[] {
  if (rates.topic + rates.topicPartition === 0) return [];
  return reading.clusters.flatMap(({ cluster, state: { topics } }) =>
    topics.names().map((topic) => ({
      cluster,
      topic,
      series: rates.topic + (topics.get(topic)?.partitions ?? 0) * rates.topicPartition,
    })),
  );
}

export function sumOfRates(all: readonly SeriesRates[]): SeriesRates {
  const sum = (read: (rates: SeriesRates) => number) => all.reduce((total, rates) => total + read(rates), 0);
  return {
    group: sum(({ group }) => group),
    groupTopic: sum(({ groupTopic }) => groupTopic),
    partition: sum(({ partition }) => partition),
    topic: sum(({ topic }) => topic),
    topicPartition: sum(({ topicPartition }) => topicPartition),
  };
}
