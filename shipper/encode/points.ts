/**
 * # One tick's evaluations to points
 *
 *     group evaluation -> 1 group, 1 group_topic per topic, 1 partition per row
 *     whole tick       -> 1 topic point per topic partition, however many groups read it; its events, last
 *
 * Points are made while iterated, one group at a time. Thinning concerns partition and topic points: a partition is healthy
 * where it is OK, still warming or of unknown progress, a topic's where nobody reads it badly. Group and topic sums are always
 * made of all rows.
 */

import type { GroupEvaluation, PartitionEvaluation } from "../../collector/model/evaluation.ts";
import type { Tick } from "../../collector/model/feed.ts";
import { FIELDS, type Kind } from "../schema/kind.ts";
import type { Fields, Point, PointOf } from "../schema/point.ts";
import { deployPoint } from "./event-point.ts";
import type { EventWatch } from "./events.ts";
import { createEventWatch } from "./events.ts";
import type { Thinning } from "./thinning.ts";

/** The points of a tick; no two have the same identity as long as no group is evaluated twice in it. A watch that knows no tick before tells no events. */
export function* pointsOf(tick: Tick, thinning: Thinning, events: EventWatch = createEventWatch()): Generator<Point> {
  const topicsSeen: TopicSet = new Map();
  const topicsBad = topicsReadBadly(tick);
  const watch = events.begin(tick.at);
  for (const evaluation of tick.evaluations) {
    watch.see(evaluation);
    yield groupPoint(evaluation, tick.at);
    yield* groupTopicPoints(evaluation, tick.at);
    for (const row of evaluation.partitions) {
      const partition = thinning.thin(partitionPoint(evaluation, row, tick.at), !isUnhealthy(row));
      if (partition !== undefined) yield partition;
      const topic = topicPoint(evaluation.cluster, row, tick.at);
      if (topic === undefined || !addTopic(topicsSeen, topic.dimensions)) continue;
      const thinned = thinning.thin(topic, !hasTopic(topicsBad, topic.dimensions));
      if (thinned !== undefined) yield thinned;
    }
  }
  yield* watch.end();
  for (const deploy of tick.deploys ?? []) yield deployPoint(deploy);
}

function groupPoint(evaluation: GroupEvaluation, atMs: number): PointOf<"group"> {
  const { cluster, group } = evaluation;
  const fields = fieldsOf("group", { ...evaluation, partitions: evaluation.partitions.length });
  return { kind: "group", atMs, dimensions: { cluster, group }, fields };
}

function* groupTopicPoints(evaluation: GroupEvaluation, atMs: number): Generator<PointOf<"group_topic">> {
  const { cluster, group } = evaluation;
  for (const [topic, rows] of Map.groupBy(evaluation.partitions, (row) => row.topic)) {
    yield { kind: "group_topic", atMs, dimensions: { cluster, group, topic }, fields: sumsOf(rows) };
  }
}

function sumsOf(rows: readonly PartitionEvaluation[]): Fields<"group_topic"> {
  const lags = rows.flatMap(({ lag }) => (lag !== undefined && Number.isSafeInteger(lag) ? [lag] : []));
  return fieldsOf("group_topic", {
    lag: sumOf(lags),
    lag_max: lags.length === 0 ? undefined : lags.reduce((most, lag) => Math.max(most, lag)),
    lag_seconds: timeLagOf(rows),
    partitions: rows.length,
    partitions_bad: rows.filter(isBad).length,
    produced_per_second: rateOf(rows, "produced_per_second"),
    committed_per_second: rateOf(rows, "committed_per_second"),
  });
}

function sumOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value);
}

/** Of the partition that is furthest behind; not known where one of which only a lower bound is known may be it. */
function timeLagOf(rows: readonly PartitionEvaluation[]): number | undefined {
  if (rows.some((row) => row.lag_seconds === undefined && row.committed_offset !== undefined)) return undefined;
  return rows.reduce<number | undefined>(
    (most, { lag_seconds: one }) => (one === undefined ? most : Math.max(most ?? 0, one)),
    undefined,
  );
}

const PER_SECOND_ROUNDING = 1_000;

function rateOf(
  rows: readonly PartitionEvaluation[],
  field: "produced_per_second" | "committed_per_second",
): number | undefined {
  const sum = sumOf(rows.flatMap(({ [field]: rate }) => (rate === undefined ? [] : [rate])));
  return sum === undefined ? undefined : Math.round(sum * PER_SECOND_ROUNDING) / PER_SECOND_ROUNDING;
}

function partitionPoint(evaluation: GroupEvaluation, row: PartitionEvaluation, atMs: number): PointOf<"partition"> {
  const { cluster, group } = evaluation;
  const { topic, partition } = row;
  return {
    kind: "partition",
    atMs,
    dimensions: { cluster, group, topic, partition },
    fields: fieldsOf("partition", row),
  };
}

function topicPoint(cluster: string, row: PartitionEvaluation, atMs: number): PointOf<"topic"> | undefined {
  if (row.end_offset === undefined) return undefined;
  const { topic, partition } = row;
  return { kind: "topic", atMs, dimensions: { cluster, topic, partition }, fields: fieldsOf("topic", row) };
}

/** Partitions by cluster and topic. */
type TopicSet = Map<string, Map<string, Set<number>>>;
type TopicName = PointOf<"topic">["dimensions"];

function topicsReadBadly({ evaluations }: Tick): TopicSet {
  const bad: TopicSet = new Map();
  for (const { cluster, partitions } of evaluations) {
    for (const row of partitions)
      if (isUnhealthy(row)) addTopic(bad, { cluster, topic: row.topic, partition: row.partition });
  }
  return bad;
}

function hasTopic(set: TopicSet, { cluster, topic, partition }: TopicName): boolean {
  return set.get(cluster)?.get(topic)?.has(partition) ?? false;
}

/** False where it was there already. */
function addTopic(set: TopicSet, { cluster, topic, partition }: TopicName): boolean {
  const topics = set.get(cluster) ?? new Map<string, Set<number>>();
  const partitions = topics.get(topic) ?? new Set<number>();
  if (partitions.has(partition)) return false;
  set.set(cluster, topics.set(topic, partitions.add(partition)));
  return true;
}

/** What the field table names and the source knows; a number that is no number, or not exact, is not known. */
function fieldsOf<K extends Kind>(kind: K, source: Readonly<Partial<Record<string, unknown>>>): Fields<K> {
  const fields: Record<string, number | string> = {};
  for (const [name, field] of FIELDS[kind]) {
    const value = source[name];
    if (typeof value === "string") fields[name] = value;
    else if (typeof value === "number" && isExact(value, field.type)) fields[name] = value;
  }
  return fields as Fields<K>;
}

function isExact(value: number, type: string): boolean {
  return type === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value);
}

function isBad(row: PartitionEvaluation): boolean {
  switch (row.status) {
    case "WARN":
    case "STOP":
    case "STALL":
    case "REWIND":
      return true;
    case "OK":
    case "warming":
    case "stale":
    case "unauthorised":
    case "unknown":
      return false;
  }
}

function isUnhealthy(row: PartitionEvaluation): boolean {
  return row.status !== "OK" && row.status !== "warming" && row.status !== "unknown";
}
