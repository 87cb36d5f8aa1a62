/** How long a group-partition takes from one commit to the next. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cadence } from "./cadence.ts";
import { createCadence, quantile } from "./cadence.ts";
import { AT_MS, LOG, stateWithTopic, watermarks } from "./cluster-state.fixture.ts";
import type { ClusterState } from "./cluster-state.ts";

function learn(cadence: Cadence): void {
  for (const _ of cadence.learning());
}

function committed(state: ClusterState, atS: readonly number[], partition = 0): number {
  state.observe(watermarks("end", [[partition, 10_000]]));
  const slot = state.handleOf("g", "t", partition);
  for (const s of atS) state.commit(slot, 1_000 + s, AT_MS + s * 1_000, 1_000 + s, LOG, 1_000 + s);
  return slot;
}

const windows: readonly (readonly [name: string, atS: readonly number[], median: number, p95: number])[] = [
  ["steady", [0, 5, 10, 15, 20], 5_000, 5_000],
  ["one pause", [0, 5, 10, 15, 75, 80], 5_000, 60_000],
  ["two commits", [0, 5], Number.NaN, Number.NaN],
  ["three commits", [0, 5, 10], Number.NaN, Number.NaN],
  ["more than the window holds", [0, 100, 200, 205, 210, 215, 220, 225, 230, 235, 240, 245], 5_000, 5_000],
];
for (const [name, atS, median, p95] of windows)
  test(`the usual interval: ${name}`, () => {
    const state = stateWithTopic();
    const slot = committed(state, atS);
    learn(state.cadence);
    assert.deepEqual([state.cadence.medianMs(slot), state.cadence.p95Ms(slot)], [median, p95]);
  });

test("each slot is learnt anew within six ticks, and is not known once its window is gone", () => {
  const state = stateWithTopic(8);
  const slots = Array.from({ length: 8 }, (_, partition) => committed(state, [0, 5, 10, 15, 20], partition));
  learn(state.cadence);
  for (let partition = 0; partition < 8; partition += 1) committed(state, [50, 80, 110, 140, 170, 200], partition);
  for (let tick = 0; tick < 6; tick += 1) learn(state.cadence);
  assert.deepEqual(
    slots.map((slot) => state.cadence.medianMs(slot)),
    slots.map(() => 30_000),
  );
  state.observe({ kind: "topics", topics: [] });
  assert.ok(slots.every((slot) => Number.isNaN(state.cadence.medianMs(slot))));
});

test("a window learnt from before there are commits says nothing", () => {
  const state = stateWithTopic();
  const cadence = createCadence(state.burrow);
  learn(cadence);
  assert.ok(Number.isNaN(cadence.medianMs(0)));
});

test("a quantile is a value of the list: the nearest rank", () => {
  const sorted = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  assert.deepEqual(
    [0, 0.5, 0.95, 1].map((share) => quantile(sorted, share)),
    [1, 5, 9, 9],
  );
});
