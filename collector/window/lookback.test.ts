/** What rates look back to: about a minute, less for what is young, and nothing for what is another thing now. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createFloat64Column } from "./column.ts";
import { createLookback, rateOf } from "./lookback.ts";

const T0 = 1_700_000_000_000; // a multiple of 40 s

/** A row that grows by `perSecond`, remembered at ticks of ten seconds. */
function grown(seconds: number, perSecond: number) {
  const column = createFloat64Column(Number.NaN);
  const past = createLookback(column);
  for (let s = 0; s <= seconds; s += 10) {
    column.set(0, s * perSecond);
    if (s >= 70) column.set(1, 500);
    past.remember(T0 + s * 1_000);
  }
  return { column, past };
}

test("it looks back 40 to 80 seconds, however long it has run", () => {
  for (let seconds = 40; seconds <= 600; seconds += 10) {
    const { past } = grown(seconds, 3);
    const spanMs = T0 + seconds * 1_000 - past.atMs(0);
    assert.ok(spanMs >= 40_000 && spanMs <= 80_000, `${seconds}: ${spanMs}`);
    assert.equal(rateOf({ before: past.before(0), now: seconds * 3, spanMs }), 3);
  }
});

test("a row that is young has the moment at which it was seen first, and one that was forgotten has none", () => {
  const { past } = grown(90, 1);
  assert.deepEqual([past.before(1), past.atMs(1)], [500, T0 + 70_000]);
  past.forget(1);
  assert.ok(Number.isNaN(past.before(1)));
  assert.deepEqual([past.before(0), past.atMs(0)], [40, T0 + 40_000]);
});

test("what is remembered does not change with the column", () => {
  const { column, past } = grown(80, 1);
  column.set(0, 1e9);
  assert.equal(past.before(0), 40);
});

test("a rate is not negative, not made of a moment, and not known where either number is not", () => {
  const rates = [
    rateOf({ before: 10, now: 9, spanMs: 60_000 }),
    rateOf({ before: 10, now: 20, spanMs: 4_999 }),
    rateOf({ before: Number.NaN, now: 20, spanMs: 60_000 }),
    rateOf({ before: 10, now: Number.NaN, spanMs: 60_000 }),
    rateOf({ before: 10, now: 20, spanMs: Number.NaN }),
  ];
  assert.deepEqual(
    rates,
    rates.map(() => Number.NaN),
  );
  assert.equal(rateOf({ before: 10, now: 11, spanMs: 30_000 }), 0.033);
});
