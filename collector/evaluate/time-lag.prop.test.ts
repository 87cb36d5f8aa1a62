/** The time lag of a group from its rows, whatever each of them knows. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { timeLagAt } from "../model/snapshot.ts";
import type { TimeLag, TimeLagCode } from "../model/time-lag.ts";
import { largestTimeLag, TIME_LAG_CODES } from "../model/time-lag.ts";
import { allocateRows } from "./snapshot-rows.ts";
import { timeLagOfRows } from "./time-lag.ts";

const NOW_MS = 1_700_000_000_000;

interface Row {
  readonly code: TimeLagCode;
  readonly afterMs: number;
  readonly atMs: number;
  readonly byMs: number;
}

const row: fc.Arbitrary<Row> = fc
  .record({
    code: fc.constantFrom(...TIME_LAG_CODES),
    ages: fc.array(fc.nat({ max: 1e8 }), { minLength: 3, maxLength: 3 }),
  })
  .map(({ code, ages }) => {
    const [byMs = 0, atMs = 0, afterMs = 0] = ages.toSorted((left, right) => left - right).map((age) => NOW_MS - age);
    return { code, afterMs, atMs, byMs };
  });

function rowsOf(all: readonly Row[]) {
  const rows = allocateRows(all.length, false);
  for (const [index, { code, afterMs, atMs, byMs }] of all.entries()) {
    rows.timeLag[index] = TIME_LAG_CODES.indexOf(code);
    rows.readableAfterMs[index] = afterMs;
    rows.readableAtMs[index] = atMs;
    rows.readableByMs[index] = byMs;
  }
  return rows;
}

const ANYTHING: TimeLag = { kind: "at-least", lowerMs: 0 };

test("a group is as far behind as the furthest of its rows, and one of which nothing is known may be that", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 10 }), fc.nat({ max: 3 }), (all, first) => {
      const rows = rowsOf(all);
      const mine = all.slice(first);
      const each = mine.map((_, index) => timeLagAt(rows, { row: first + index, nowMs: NOW_MS }));
      const isUnknown = mine.some(({ code }) => code === "warming" || code === "stale" || code === "unseen");
      const isKnown = each.some(({ kind }) => kind !== "unknown");
      const want = isKnown ? largestTimeLag(isUnknown ? [...each, ANYTHING] : each) : undefined;
      const found = timeLagOfRows(rows, { first, end: all.length, nowMs: NOW_MS });
      assert.deepEqual(withoutMethod(found), withoutMethod(want));
    }),
    { numRuns: 500 },
  );
});

/** Of two that are equally far behind either may be named. */
function withoutMethod(timeLag: TimeLag | undefined): unknown {
  return timeLag?.kind === "estimated" ? { ...timeLag, method: undefined } : timeLag;
}
