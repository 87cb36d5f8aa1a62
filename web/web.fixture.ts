/** Groups for the tests of the page. */

import type { GroupEvaluation, GroupSummary, PartitionEvaluation } from "../collector/model/evaluation.ts";

export const NOW_MS = 1_800_000_000_000;

export function summaryOf(group: string, more: Partial<GroupSummary> = {}): GroupSummary {
  const { partitions, ...rest } = evaluationOf(group);
  return { ...rest, partitions: partitions.length, ...more };
}

export function evaluationOf(group: string, more: Partial<GroupEvaluation> = {}): GroupEvaluation {
  return {
    cluster: "prod",
    group,
    at: NOW_MS - 4_000,
    status: "OK",
    lag: 0,
    partitions_bad: 0,
    partitions_stale: 0,
    partitions_without_commit: 0,
    complete: 1,
    partitions: [partitionOf("orders", 0)],
    ...more,
  };
}

export function partitionOf(
  topic: string,
  partition: number,
  more: Partial<PartitionEvaluation> = {},
): PartitionEvaluation {
  return { topic, partition, status: "OK", lag: 0, committed_offset: 7, end_offset: 7, ...more };
}
