/** How far behind in time, in words: with what it is worth, and never more than is known. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupSummary } from "../collector/model/evaluation.ts";
import { textOf } from "./html.ts";
import { rateText, timeLagBounds, timeLagText } from "./time-lag.ts";

const shown = (value: ReturnType<typeof timeLagText>): string => textOf(value).replaceAll(/<[^>]*>/gu, "");

const known = (lower: number, seconds: number, upper: number, method: GroupSummary["lag_seconds_method"]) => ({
  lag_seconds: seconds,
  lag_seconds_lower: lower,
  lag_seconds_upper: upper,
  lag_seconds_method: method,
});

const rows: readonly (readonly [name: string, of: Partial<GroupSummary>, text: string, bounds: string])[] = [
  ["caught up", known(0, 0, 1.4, "caught_up"), "0 s", "nothing was left to read"],
  ["between two samples", known(41.2, 42.1, 43.2, "watermarks"), "42 s", "between 41 s and 43 s"],
  ["close behind", known(0.42, 1.1, 1.93, "watermarks"), "1 s", "between 0.4 and 1.9 s"],
  ["within a second", known(41.2, 41.6, 41.9, "watermarks"), "41 s", "known to 0.7 s"],
  [
    "hours, by timestamps",
    known(9_000, 9_900, 10_900, "timestamps"),
    "2 h",
    "between 2 h and 3 h, by record timestamps",
  ],
  [
    "at least",
    { lag_seconds_lower: 400, lag_seconds_method: "lower_bound" },
    "≥ at least 6 min",
    "older than anything seen since the start",
  ],
  [
    "at least nothing",
    { lag_seconds_lower: 0, lag_seconds_method: "lower_bound" },
    "–not known",
    "older than anything seen since the start",
  ],
  ["not known", {}, "–not known", "not known yet"],
];
for (const [name, of, text, bounds] of rows)
  test(`behind by a time that is ${name}`, () =>
    assert.deepEqual([shown(timeLagText(of)), timeLagBounds(of)], [text, bounds]));

test("rates have three digits that count", () => {
  assert.deepEqual(
    [0, 0.012, 3.456, 78_901].map((rate) => shown(rateText(rate))),
    ["0/s", "0.012/s", "3.46/s", "78,900/s"],
  );
  assert.equal(shown(rateText(undefined)), "–not known");
});
