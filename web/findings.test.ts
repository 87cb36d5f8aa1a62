/** What is a finding, and what is not: each beside its nearest neighbour. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupEvaluation } from "../collector/model/evaluation.ts";
import { findingsOf } from "./findings.ts";
import { evaluationOf, partitionOf } from "./web.fixture.ts";

const held = { committed_offset: 100, stable_offset: 100, end_offset: 130, lag: 30, open_transaction_seconds: 60 };

const rows: readonly (readonly [name: string, more: Partial<GroupEvaluation>, want: readonly string[]])[] = [
  ["nothing", {}, []],
  ["a tenth of its retention behind", { loss_seconds: 540, lag_seconds_upper: 60 }, []],
  ["close to the log start, and keeping up", { loss_seconds: 8, lag_seconds_upper: 2 }, []],
  ["four fifths of its retention behind", { loss_seconds: 60, lag_seconds_upper: 240 }, ["data-loss-near"]],
  ["overtaken a moment ago", { loss_seconds: 0 }, ["data-loss-near"]],
  ["overtaken", { lost_records: 7, loss_seconds: 0 }, ["data-lost"]],
  ["no rebalance of late", { rebalances: 900, recent_rebalances: 0 }, []],
  ["two rebalances in five minutes, as of a member that comes back", { recent_rebalances: 2 }, []],
  ["three rebalances in five minutes", { recent_rebalances: 3 }, ["rebalance-storm"]],
  ["offsets in a transaction of the moment", { pending_transaction_seconds: 9.9 }, []],
  ["offsets in an open transaction", { pending_transaction_seconds: 10 }, ["offsets-held"]],
  ["all read up to an open transaction", { partitions: [partitionOf("t", 0, held)] }, ["hanging-transaction"]],
  ["not yet there", { partitions: [partitionOf("t", 0, { ...held, committed_offset: 99 })] }, []],
  ["read past it, and nothing left", { partitions: [partitionOf("t", 0, { ...held, committed_offset: 130 })] }, []],
  [
    "never committed",
    { partitions: [{ topic: "t", partition: 0, status: "OK", stable_offset: 5, end_offset: 9 }] },
    [],
  ],
  [
    "a transaction on many partitions",
    { partitions: Array.from({ length: 9 }, (_, partition) => partitionOf("t", partition, held)) },
    Array.from({ length: 5 }, () => "hanging-transaction"),
  ],
];
for (const [name, more, want] of rows) {
  test(`findings: ${name}`, () => {
    assert.deepEqual(
      findingsOf(evaluationOf("g", more)).map(({ kind }) => kind),
      want,
    );
  });
}
