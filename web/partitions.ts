/**
 * # A group's partitions: in which order, and summed by topic
 */

import type { PartitionEvaluation } from "../collector/model/evaluation.ts";
import { severityRank } from "../collector/model/status.ts";
import { compareTexts } from "./overview.ts";

/** Worst first, then the largest lag, then as Kafka counts them. */
export function worstFirst(partitions: readonly PartitionEvaluation[]): readonly PartitionEvaluation[] {
  return partitions.toSorted(
    (left, right) =>
      severityRank(left.status) - severityRank(right.status) ||
      (right.lag ?? -1) - (left.lag ?? -1) ||
      compareTexts(left.topic, right.topic) ||
      left.partition - right.partition,
  );
}

export interface TopicSummary {
  readonly topic: string;
  readonly partitions: number;
  readonly bad: number;
  /** The worst of its partitions. */
  readonly status: PartitionEvaluation["status"];
  /** Summed over the partitions whose lag is known; absent where none is. */
  readonly lag: number | undefined;
  readonly lagMax: number | undefined;
}

/** Worst topic first. */
export function topicsOf(partitions: readonly PartitionEvaluation[]): readonly TopicSummary[] {
  const topics = Map.groupBy(partitions, ({ topic }) => topic);
  return [...topics].map(([topic, rows]) => topicSummary(topic, rows)).sort(compareTopics);
}

function topicSummary(topic: string, rows: readonly PartitionEvaluation[]): TopicSummary {
  const lags = rows.flatMap(({ lag }) => lag ?? []);
  const known = lags.length > 0;
  return {
    topic,
    partitions: rows.length,
    bad: rows.filter(({ status }) => isBad(status)).length,
    status: worstFirst(rows)[0]?.status ?? "OK",
    lag: known ? lags.reduce((sum, lag) => sum + lag, 0) : undefined,
    lagMax: known ? lags.reduce((most, lag) => Math.max(most, lag), 0) : undefined,
  };
}

function compareTopics(left: TopicSummary, right: TopicSummary): number {
  return (
    severityRank(left.status) - severityRank(right.status) ||
    (right.lag ?? -1) - (left.lag ?? -1) ||
    compareTexts(left.topic, right.topic)
  );
}

export function isBad(status: PartitionEvaluation["status"]): boolean {
  switch (status) {
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
