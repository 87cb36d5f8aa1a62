/** One tick's evaluations to points: what is made, what is left out, and that sums are of all rows. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupEvaluation, PartitionEvaluation } from "../../collector/model/evaluation.ts";
import { PartitionStatus } from "../../collector/model/status.ts";
import { identityOf } from "../schema/point.ts";
import { pointsOf } from "./points.ts";
import { createThinning } from "./thinning.ts";

const AT = 1_700_000_000_000;

const row = (topic: string, partition: number, rest: Partial<PartitionEvaluation> = {}): PartitionEvaluation => ({
  topic,
  partition,
  status: "OK",
  lag: 1,
  committed_offset: 9,
  end_offset: 10,
  start_offset: 0,
  ...rest,
});

const evaluation = (group: string, partitions: readonly PartitionEvaluation[]): GroupEvaluation => ({
  cluster: "c",
  group,
  at: AT,
  status: "OK",
  partitions_bad: 0,
  partitions_stale: 0,
  partitions_without_commit: 0,
  complete: 1,
  partitions,
});

const made = (evaluations: readonly GroupEvaluation[], mode: "all" | "unhealthy" = "all") => [
  ...pointsOf({ at: AT, evaluations }, createThinning(new Set([mode]))),
];

const kinds = (points: ReturnType<typeof made>): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { kind } of points) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

test("a group of two topics makes its own point, one per topic, one per partition, and the topics' points", () => {
  const points = made([evaluation("g", [row("a", 0), row("a", 1), row("b", 0)])]);
  assert.deepEqual(kinds(points), { group: 1, group_topic: 2, partition: 3, topic: 3 });
  assert.equal(new Set(points.map(identityOf)).size, points.length);
  assert.ok(points.every((point) => point.atMs === AT));
  assert.deepEqual(points[0]?.fields, {
    status: "OK",
    partitions: 3,
    partitions_bad: 0,
    partitions_stale: 0,
    partitions_without_commit: 0,
    complete: 1,
  });
});

test("a partition that three groups read has one topic point", () => {
  const points = made(["x", "y", "z"].map((group) => evaluation(group, [row("a", 0)])));
  assert.deepEqual(kinds(points), { group: 3, group_topic: 3, partition: 3, topic: 1 });
});

test("the same topic in two clusters has a topic point in each", () => {
  const points = made([evaluation("g", [row("a", 0)]), { ...evaluation("g", [row("a", 0)]), cluster: "d" }]);
  assert.equal(kinds(points)["topic"], 2);
});

test("lag is summed over the partitions whose lag is known, and absent where none is", () => {
  const unknown = { status: "stale", lag: undefined, end_offset: undefined, start_offset: undefined } as const;
  const stale = (partition: number): PartitionEvaluation => {
    const { lag: _lag, end_offset: _end, start_offset: _start, ...rest } = row("a", partition);
    return { ...rest, status: unknown.status };
  };
  const points = made([evaluation("g", [stale(0), row("a", 1, { lag: 4 }), row("a", 2, { lag: 6 })])]);
  const some = points.find(({ kind }) => kind === "group_topic");
  assert.deepEqual(some?.fields, { lag: 10, lag_max: 6, partitions: 3, partitions_bad: 0 });
  const none = made([evaluation("g", [stale(0)])]);
  assert.deepEqual(none.find(({ kind }) => kind === "group_topic")?.fields, { partitions: 1, partitions_bad: 0 });
  assert.equal(kinds(none)["topic"], undefined);
});

const keptWhenUnhealthy: Readonly<Record<PartitionStatus, boolean>> = {
  OK: false,
  warming: false,
  WARN: true,
  STOP: true,
  STALL: true,
  REWIND: true,
  stale: true,
  unauthorised: true,
  unknown: false,
};
const badWhen: ReadonlySet<PartitionStatus> = new Set(["WARN", "STOP", "STALL", "REWIND"]);

for (const status of PartitionStatus.options) {
  const kept = keptWhenUnhealthy[status];
  test(`thinned to unhealthy, a ${status} partition is ${kept ? "kept" : "left out"}, and counts in the sums either way`, () => {
    const points = made([evaluation("g", [row("a", 0, { status, lag: 5 }), row("a", 1)])], "unhealthy");
    const want = { group: 1, group_topic: 1, ...(kept ? { partition: 1, topic: 1 } : {}) };
    assert.deepEqual(kinds(points), want);
    const sums = points.find(({ kind }) => kind === "group_topic")?.fields;
    assert.deepEqual(sums, { lag: 6, lag_max: 5, partitions: 2, partitions_bad: badWhen.has(status) ? 1 : 0 });
  });
}

test("what is no number, or not exact, is absent", () => {
  const odd = row("a", 0, { lag: Number.NaN, committed_offset: 2 ** 53, commit_age_seconds: Number.POSITIVE_INFINITY });
  const point = made([evaluation("g", [odd])]).find(({ kind }) => kind === "partition");
  assert.deepEqual(point?.fields, { status: "OK", end_offset: 10, start_offset: 0 });
});
