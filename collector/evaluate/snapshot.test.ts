/** Snapshots: what is known becomes a number, what is not is absent, and nothing depends on order. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { groupEvaluationsOf, lagOf, lostRecordsOf } from "../model/snapshot.ts";
import { AT, commit, groupOf, LOG, members, NOW_MS, offsets, owner, snapshotOf, watched } from "./snapshot.fixture.ts";
import { liveGroupNames } from "./snapshot.ts";

const lags: readonly (readonly [name: string, at: Parameters<typeof lagOf>[0], lag: number, lost: number])[] = [
  ["behind", { committedOffset: 40, endOffset: 100, startOffset: 0 }, 60, 0],
  ["at the end", { committedOffset: 100, endOffset: 100, startOffset: 0 }, 0, 0],
  ["beyond the end, which is older than the commit", { committedOffset: 101, endOffset: 100, startOffset: 0 }, 0, 0],
  ["overtaken by retention", { committedOffset: 40, endOffset: 100, startOffset: 70 }, 30, 30],
  ["all deleted", { committedOffset: 40, endOffset: 100, startOffset: 100 }, 0, 60],
  ["at the log start", { committedOffset: 70, endOffset: 100, startOffset: 70 }, 30, 0],
  ["with no end offset", { committedOffset: 40, endOffset: Number.NaN, startOffset: 0 }, Number.NaN, 0],
  ["with no start offset", { committedOffset: 40, endOffset: 100, startOffset: Number.NaN }, 60, Number.NaN],
  ["negative", { committedOffset: -1, endOffset: 100, startOffset: 0 }, Number.NaN, Number.NaN],
  ["without commit", { committedOffset: Number.NaN, endOffset: 100, startOffset: 0 }, Number.NaN, Number.NaN],
];
for (const [name, at, lag, lost] of lags) {
  test(`lag and lost records of a commit ${name}`, () => assert.deepEqual([lagOf(at), lostRecordsOf(at)], [lag, lost]));
}

test("a group with everything known has every field", () => {
  const one = watched();
  offsets(one, "end", { values: [100, 200, 300] });
  offsets(one, "start", { values: [50, 0, 0] });
  for (let i = 0; i < 10; i += 1) commit(one, 0, { offset: 20 + i, order: i, ageMs: 20_000 - i * 1_000 });
  commit(one, 1, { offset: 200, order: 20, ageMs: 4_000 });
  members(one, [owner([1, 2])]);
  one.verdicts.judge(AT, NOW_MS);
  const { partitions, ...summary } = groupOf(one);
  assert.deepEqual(summary, {
    cluster: "c",
    group: "g",
    at: AT,
    status: "ERR",
    status_code: 3,
    burrow_status: "ERR",
    burrow_status_code: 3,
    lag: 50,
    lag_max: 50,
    committed_offset: 229,
    // Partition 0 is furthest behind, and no answer of its leader came since it is watched.
    lag_seconds_lower: 0,
    lag_seconds_method: "lower_bound",
    commit_interval_seconds: 1,
    lost_records: 21,
    loss_seconds: 0,
    partitions_bad: 1,
    partitions_stale: 0,
    partitions_without_commit: 1,
    complete: 0.33333334,
    members: 1,
    state: "Stable",
    type: "classic",
    generation: 4,
    rebalances: 0,
    recent_rebalances: 0,
    commit_age_seconds: 4,
  });
  assert.deepEqual(partitions, [
    {
      topic: "t",
      partition: 0,
      status: "STOP",
      status_code: 4,
      burrow_status: "STOP",
      burrow_status_code: 4,
      lag: 50,
      committed_offset: 29,
      end_offset: 100,
      start_offset: 50,
      lost_records: 21,
      loss_seconds: 0,
      commit_age_seconds: 11,
      commit_interval_seconds: 1,
      commit_interval_p95_seconds: 1,
      complete: 1,
    },
    {
      topic: "t",
      partition: 1,
      status: "OK",
      status_code: 1,
      burrow_status: "OK",
      burrow_status_code: 1,
      lag: 0,
      lag_seconds: 0,
      lag_seconds_lower: 0,
      lag_seconds_upper: 1,
      lag_seconds_method: "caught_up",
      committed_offset: 200,
      end_offset: 200,
      start_offset: 0,
      lost_records: 0,
      commit_age_seconds: 4,
      complete: 0.1,
      owner: "/10.0.0.1",
      client_id: "client",
    },
    {
      topic: "t",
      partition: 2,
      status: "OK",
      status_code: 1,
      burrow_status: "OK",
      burrow_status_code: 1,
      end_offset: 300,
      start_offset: 0,
      // An owner opens a window, and a window without commits counts as one of them: Burrow's rule.
      complete: 0.1,
      owner: "/10.0.0.1",
      client_id: "client",
    },
  ]);
});

test("what is not known is absent: a baseline before any watermark", () => {
  const one = watched();
  one.state.observe({
    kind: "baseline",
    group: "g",
    logPartition: LOG,
    offsets: [{ topic: "t", partition: 0, committedOffset: 5 }],
  });
  const { partitions, ...summary } = groupOf(one);
  assert.deepEqual(summary, {
    cluster: "c",
    group: "g",
    at: 0,
    status: "stale",
    reason: "end_offset_unknown",
    partitions_bad: 0,
    partitions_stale: 1,
    partitions_without_commit: 0,
    complete: 0,
    committed_offset: 5,
  });
  const row = { topic: "t", partition: 0, status: "stale", reason: "end_offset_unknown", committed_offset: 5 };
  assert.deepEqual(partitions, [{ ...row, complete: 0 }]);
});

test("committed offsets whose sum is not exact have none, for nobody may read a rounded one", () => {
  const one = watched();
  for (const partition of [0, 1])
    commit(one, partition, { offset: Number.MAX_SAFE_INTEGER, order: 1 + partition, ageMs: 100 });
  const { committed_offset: sum, partitions } = groupOf(one);
  assert.deepEqual([sum, partitions[1]?.committed_offset], [undefined, Number.MAX_SAFE_INTEGER]);
});

test("a commit beyond the end offset has no lag, and the offset is shown as committed", () => {
  const one = watched();
  offsets(one, "end", { values: [100] });
  commit(one, 0, { offset: 130, order: 1, ageMs: 100 });
  const { lag, partitions } = groupOf(one);
  assert.deepEqual([lag, partitions[0]?.lag, partitions[0]?.committed_offset], [0, 0, 130]);
});

test("a partition whose broker is away keeps its numbers and their age, and is stale", () => {
  const one = watched();
  offsets(one, "end", { values: [100], atMs: NOW_MS - 9_000 });
  commit(one, 0, { offset: 90, order: 1, ageMs: 100 });
  one.verdicts.judge(AT, NOW_MS);
  offsets(one, "end", { values: ["broker-unreachable"] });
  const { status, partitions_stale, partitions } = groupOf(one);
  assert.deepEqual([status, partitions_stale], ["stale", 1]);
  assert.deepEqual(
    [partitions[0]?.status, partitions[0]?.lag, partitions[0]?.end_offset_age_seconds],
    ["stale", 10, 9],
  );
});

test("end offsets that nobody has asked for lately are stale, though nothing has failed", () => {
  const one = watched();
  offsets(one, "end", { values: [100], atMs: NOW_MS });
  commit(one, 0, { offset: 100, order: 1, ageMs: 0 });
  one.verdicts.judge(AT, NOW_MS);
  assert.equal(groupOf(one, NOW_MS + 15_000).status, "OK");
  assert.equal(groupOf(one, NOW_MS + 15_001).status, "stale");
});

test("a commit from the future has no negative age", () => {
  const one = watched();
  commit(one, 0, { offset: 5, order: 1, ageMs: -60_000 });
  assert.deepEqual([groupOf(one).commit_age_seconds, groupOf(one).partitions[0]?.commit_age_seconds], [0, 0]);
});

test("a group of which only commits older than the baseline are left is not shown; one with members alone is", () => {
  const one = watched({ baselineOrder: 100 });
  commit(one, 0, { offset: 5, order: 1, ageMs: 0 });
  assert.deepEqual(liveGroupNames(one.state), []);
  members(one, [{ ...owner([]), partitions: [] }]);
  assert.deepEqual(liveGroupNames(one.state), ["g"]);
  const evaluation = groupOf(one);
  assert.deepEqual([evaluation.status, evaluation.members, evaluation.partitions], ["unknown", 1, []]);
});

test("a share group is not judged: without lag it is well, with one or none told nobody knows", () => {
  const one = watched();
  offsets(one, "end", { values: [100, 200, 300] });
  offsets(one, "start", { values: [60, 0, 0] });
  one.state.observe({
    kind: "groups",
    groups: [{ group: "g", protocolType: "share", state: "Stable", type: "share" }],
  });
  const told = [
    { topic: "t", partition: 0, startOffset: 20, lag: 0 },
    { topic: "t", partition: 1, startOffset: 30, lag: 9 },
    { topic: "t", partition: 2, startOffset: 40, lag: undefined },
  ];
  one.state.observe({ kind: "share-offsets", group: "g", logPartition: LOG, offsets: told });
  one.verdicts.judge(AT, NOW_MS);
  const { status, burrow_status: strict, lag, lost_records: lost, type, partitions } = groupOf(one);
  assert.deepEqual([status, strict, lag, lost, type], ["unknown", "NOTFOUND", 9, undefined, "share"]);
  assert.deepEqual(
    partitions.map((row) => [row.status, row.lag, row.share_start_offset]),
    [
      ["OK", 0, 20],
      ["unknown", 9, 30],
      ["unknown", undefined, 40],
    ],
  );
  for (const row of partitions)
    assert.deepEqual([row.committed_offset, row.lost_records, row.burrow_status], [undefined, undefined, undefined]);
});

const rowsOfGroups = fc.uniqueArray(
  fc.record({
    group: fc.constantFrom("a", "b", "c"),
    partition: fc.nat({ max: 2 }),
    offset: fc.nat({ max: 120 }),
  }),
  { selector: ({ group, partition }) => `${group} ${partition}`, maxLength: 9 },
);

test("neither the order of first sight nor of groups changes an evaluation, and sums are those of the rows", () => {
  const evaluationsOf = (
    rows: readonly { group: string; partition: number; offset: number }[],
    order: readonly number[],
  ) => {
    const one = watched();
    offsets(one, "end", { values: [100, 110, 120] });
    for (const i of order) {
      const row = rows[i];
      if (row !== undefined)
        one.state.commit(one.state.handleOf(row.group, "t", row.partition), row.offset, NOW_MS, i, LOG, i);
    }
    one.verdicts.judge(AT, NOW_MS);
    return [...groupEvaluationsOf(snapshotOf(one))];
  };
  fc.assert(
    fc.property(rowsOfGroups, (rows) => {
      const order = rows.map((_, i) => i);
      const evaluations = evaluationsOf(rows, order);
      assert.deepEqual(evaluationsOf(rows, order.toReversed()), evaluations);
      for (const { lag, lag_max, partitions } of evaluations) {
        const known = partitions.flatMap((one) => one.lag ?? []);
        assert.equal(
          lag,
          known.reduce((sum, one) => sum + one, 0),
        );
        assert.equal(lag_max, Math.max(...known));
      }
      assert.equal(
        evaluations.reduce((sum, { partitions }) => sum + partitions.length, 0),
        rows.length,
      );
    }),
    { numRuns: 100 },
  );
});
