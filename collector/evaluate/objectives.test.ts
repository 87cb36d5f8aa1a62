/** Objectives: the first pattern that fits, and what is not known is neither met nor missed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesName } from "../../runtime/name-pattern.ts";
import type { TimeLag } from "../model/time-lag.ts";
import { createObjectives, isObjectiveMet } from "./objectives.ts";

test("the first pattern that fits a group is its objective", () => {
  const objectiveMsOf = createObjectives(
    [
      { groups: "pay-slow", timeLagMs: 600_000 },
      { groups: "pay-*", timeLagMs: 60_000 },
      { groups: "*", timeLagMs: 3_600_000 },
    ],
    matchesName,
  );
  const names = ["pay-slow", "pay-fast", "mail", "pay-fast"];
  assert.deepEqual(names.map(objectiveMsOf), [600_000, 60_000, 3_600_000, 60_000]);
  assert.equal(createObjectives([{ groups: "pay-*", timeLagMs: 1 }], matchesName)("mail"), undefined);
});

const estimated = (timeLagMs: number): TimeLag => ({
  kind: "estimated",
  lowerMs: timeLagMs - 1_000,
  timeLagMs,
  upperMs: timeLagMs + 1_000,
  method: "watermarks",
});
const judged: readonly (readonly [name: string, timeLag: TimeLag | undefined, met: boolean | undefined])[] = [
  ["caught up", { kind: "caught-up", upperMs: 90_000 }, true],
  ["just at it", estimated(60_000), true],
  ["beyond it", estimated(60_001), false],
  ["at least so much", { kind: "at-least", lowerMs: 60_001 }, false],
  ["at least too little to say", { kind: "at-least", lowerMs: 60_000 }, undefined],
  ["unknown", { kind: "unknown", why: "stale" }, undefined],
  ["of no partition", undefined, undefined],
];
for (const [name, timeLag, met] of judged)
  test(`an objective of a minute, ${name}: ${met === undefined ? "not known" : met ? "met" : "missed"}`, () =>
    assert.equal(isObjectiveMet(timeLag, 60_000), met));
