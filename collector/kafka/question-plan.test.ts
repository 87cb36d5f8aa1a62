/** What the poll of offsets asks for over ten minutes: that is what it costs each broker. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createQuestionPlan } from "./question-plan.ts";

const EVERY = { endEveryMs: 2_000, startEveryMs: 60_000, stableEveryMs: 30_000 };
const ROUNDS = 300;

function countsOf(isNewAt: readonly number[]): Readonly<Record<string, number>> {
  const plan = createQuestionPlan(EVERY, 0);
  const counts = { end: 0, start: 0, stable: 0 };
  for (let round = 0; round < ROUNDS; round += 1)
    for (const which of plan.round(round * EVERY.endEveryMs, isNewAt.includes(round))) counts[which] += 1;
  return counts;
}

test("in ten minutes: 300 end, 20 last stable, 9 start offsets, the first of which were asked for before", () => {
  assert.deepEqual(countsOf([]), { end: 300, start: 9, stable: 20 });
});

test("a new topology asks for start offsets at once, and its minute begins anew", () => {
  assert.deepEqual(countsOf([1]), { end: 300, start: 10, stable: 20 });
  assert.deepEqual(countsOf([29, 30, 31]), { end: 300, start: 11, stable: 20 });
});

test("the end offset is asked for first: what else is asked is held against it", () => {
  assert.deepEqual(createQuestionPlan(EVERY, 0).round(60_000, false), ["end", "start", "stable"]);
});

test("a late round asks once, not once for each that was missed", () => {
  const plan = createQuestionPlan(EVERY, 0);
  plan.round(0, false);
  assert.deepEqual(plan.round(500_000, false), ["end", "start", "stable"]);
  assert.deepEqual(plan.round(502_000, false), ["end"]);
});
