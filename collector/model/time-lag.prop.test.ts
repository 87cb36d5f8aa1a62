/** Time lag from a time and its bounds, and of many partitions together: what is said always holds the truth. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ReadableTime, TimeLag } from "./time-lag.ts";
import { largestTimeLag, timeLagFields, timeLagOf } from "./time-lag.ts";

const NOW_MS = 1_700_000_000_000;

/** What may be known of one partition, and what is true of it, ms. */
interface Known {
  readonly readable: ReadableTime;
  readonly trueMs: number;
}

const ages = fc.tuple(fc.nat({ max: 1e9 }), fc.nat({ max: 1e9 }), fc.nat({ max: 1e9 }), fc.nat({ max: 1e9 }));
const CODES = ["caught_up", "watermarks", "timestamps", "lower_bound"] as const;

function knownOf(code: (typeof CODES)[number], some: readonly number[]): Known {
  const [least = 0, one = 0, other = 0, most = 0] = some.toSorted((left, right) => left - right);
  const none = Number.NaN;
  switch (code) {
    case "caught_up":
      return { readable: { code, afterMs: NOW_MS - most, atMs: none, byMs: none }, trueMs: one };
    case "lower_bound":
      return { readable: { code, afterMs: none, atMs: none, byMs: NOW_MS - least }, trueMs: most };
    case "watermarks":
    case "timestamps":
      return { readable: { code, afterMs: NOW_MS - most, atMs: NOW_MS - one, byMs: NOW_MS - least }, trueMs: other };
  }
}

const known = fc.tuple(fc.constantFrom(...CODES), ages).map(([code, some]) => knownOf(code, some));

function boundsOf(timeLag: TimeLag): { readonly lowerMs: number; readonly upperMs: number } {
  switch (timeLag.kind) {
    case "unknown":
      return { lowerMs: 0, upperMs: Number.POSITIVE_INFINITY };
    case "caught-up":
      return { lowerMs: 0, upperMs: timeLag.upperMs };
    case "at-least":
      return { lowerMs: timeLag.lowerMs, upperMs: Number.POSITIVE_INFINITY };
    case "estimated":
      return timeLag;
  }
}

function assertHolds(timeLag: TimeLag, trueMs: number): void {
  const { lowerMs, upperMs } = boundsOf(timeLag);
  assert.ok(lowerMs <= trueMs && trueMs <= upperMs, `${lowerMs} ${trueMs} ${upperMs}`);
  if (timeLag.kind === "estimated") assert.ok(lowerMs <= timeLag.timeLagMs && timeLag.timeLagMs <= upperMs);
}

const oneOf = ({ readable }: Known): TimeLag => timeLagOf(readable, NOW_MS);

test("of one partition: lower bound, estimate and upper bound stand in this order, with the truth between", () => {
  fc.assert(fc.property(known, (one) => assertHolds(oneOf(one), one.trueMs)));
});

test("it grows with the clock, and by nothing else", () => {
  fc.assert(
    fc.property(known, fc.nat({ max: 1e9 }), ({ readable, trueMs }, laterMs) => {
      const [before, after] = [boundsOf(timeLagOf(readable, NOW_MS)), boundsOf(timeLagOf(readable, NOW_MS + laterMs))];
      assert.equal(after.upperMs, before.upperMs + laterMs);
      if (readable.code === "caught_up") assert.equal(after.lowerMs, 0);
      else assert.equal(after.lowerMs, before.lowerMs + laterMs);
      assert.ok(after.lowerMs <= trueMs + laterMs);
    }),
  );
});

test("another epoch changes nothing", () => {
  fc.assert(
    fc.property(known, fc.integer({ min: -1e12, max: 1e12 }), ({ readable }, shiftMs) => {
      const { code, afterMs, atMs, byMs } = readable;
      const moved = { code, afterMs: afterMs + shiftMs, atMs: atMs + shiftMs, byMs: byMs + shiftMs };
      assert.deepEqual(timeLagOf(moved, NOW_MS + shiftMs), timeLagOf(readable, NOW_MS));
    }),
  );
});

test("a clock that went back makes no negative age", () => {
  fc.assert(
    fc.property(known, fc.nat({ max: 2e9 }), ({ readable }, backMs) => {
      const fields = timeLagFields(timeLagOf(readable, NOW_MS - backMs));
      const { lag_seconds = 0, lag_seconds_lower = 0, lag_seconds_upper = 0 } = fields;
      assert.ok(Math.min(lag_seconds, lag_seconds_lower, lag_seconds_upper) >= 0);
    }),
  );
});

test("of many partitions: the truth of the one furthest behind lies between the bounds, in whatever order they come", () => {
  const partitions = fc.array(known, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(partitions, fc.func(fc.double({ noNaN: true })), (all, place) => {
      const largest = largestTimeLag(all.map(oneOf));
      assert.ok(largest !== undefined);
      assertHolds(largest, Math.max(...all.map(({ trueMs }) => trueMs)));
      const shuffled = all.toSorted((left, right) => place(left) - place(right));
      assert.deepEqual(boundsOf(largestTimeLag(shuffled.map(oneOf)) ?? largest), boundsOf(largest));
    }),
  );
});
