/**
 * The strict rules against the plain model of burrow.model.ts, and what must hold of any verdict. The windows lean to
 * where the rules turn: equal offsets, rewinds, unknown lags, silence as long as the window. A failure prints its seed.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addHighWatermark } from "../window/broker-rings.ts";
import { BURROW_STORE_DEFAULTS, createBurrowStore } from "../window/burrow-store.ts";
import { createGroupPartitions } from "../window/group-partitions.ts";
import { insertCommit, takeRing } from "../window/rings.ts";
import { createTopicPartitions } from "../window/topic-partitions.ts";
import { modelJudge } from "./burrow.model.ts";
import { createBurrowJudge, judgeLagging } from "./burrow.ts";

const WINDOWS = 20_000;
const NOW_S = 1_700_000_000;

interface GivenWindow {
  readonly cells: readonly { readonly offset: number; readonly timestamp: number; readonly lag: number | null }[];
  readonly empty: number;
  readonly brokerOffsets: readonly number[];
  readonly currentLag: number;
  readonly minimumComplete: number;
  readonly allowedLag: number;
  readonly nowS: number;
}

/** Steps from one commit to the next: mostly on, sometimes the same, back a little, or far back. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: -60, max: -1 }) },
  { weight: 1, arbitrary: fc.constantFrom(-(2 ** 40), 2 ** 40) },
);
const gapMs = fc.oneof(fc.constantFrom(0, 1_000, 5_000), fc.integer({ min: -500, max: 20_000 }));
const knownLag = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 50) },
);
const rising = fc.boolean();

const givenWindow: fc.Arbitrary<GivenWindow> = fc
  .record({
    steps: fc.array(fc.tuple(step, gapMs, knownLag), { minLength: 1, maxLength: 12 }),
    stalled: fc.boolean(),
    rising,
    empty: fc.integer({ min: 0, max: 6 }),
    brokerDistances: fc.array(fc.integer({ min: -30, max: 90 }), { maxLength: 12 }),
    currentLag: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 40, max: 100 })),
    minimumComplete: fc.constantFrom(0, 0, 0, 0.3, 0.5, 0.7, 0.9, 1), // 7 of 10 is 0.7 only as float32
    allowedLag: fc.constantFrom(0, 0, 2, 50),
    silence: fc.oneof(fc.constant("span" as const), fc.integer({ min: -5_000, max: 80_000 })),
    nudgeS: fc.integer({ min: -1, max: 1 }),
  })
  .map(({ steps, stalled, rising: isRising, brokerDistances, silence, nudgeS, ...rest }) => {
    let [offset, timestamp, lagBefore] = [100_000, NOW_S * 1000, 0];
    const cells = steps.map(([by, gap, lag]) => {
      offset += stalled ? 0 : by;
      timestamp += gap;
      if (isRising && lag !== null) lagBefore = Math.max(lag, lagBefore);
      return { offset, timestamp, lag: lag !== null && isRising ? lagBefore : lag };
    });
    const span = timestamp - (cells[0]?.timestamp ?? 0);
    const nowS = Math.ceil((timestamp + (silence === "span" ? span : silence)) / 1000) + nudgeS;
    return { ...rest, cells, nowS, brokerOffsets: brokerDistances.map((by) => offset + by) };
  });

function fastVerdict(given: GivenWindow): string {
  const table = createGroupPartitions(createTopicPartitions());
  const intervals = Math.max(given.cells.length + given.empty, given.brokerOffsets.length);
  const store = createBurrowStore(table, {
    ...BURROW_STORE_DEFAULTS,
    intervals,
    minDistanceMs: Number.NEGATIVE_INFINITY, // each cell as given, none merged
  });
  const slot = table.hold({ group: "g", topic: "t", partition: 0 }, "burrow");
  const ring = takeRing(store.rings);
  store.ringBySlot.set(slot, ring);
  for (const [order, { offset, timestamp, lag }] of given.cells.entries())
    insertCommit(store.rings, ring, offset, order, timestamp, NOW_S, lag ?? Number.NaN);
  for (const offset of given.brokerOffsets) addHighWatermark(store.brokers, table.topicPartitionOf(slot), offset);
  return judgeLagging(createBurrowJudge(store, given), slot, given);
}

function modelVerdict(given: GivenWindow): string {
  const intervals = Math.max(given.cells.length + given.empty, given.brokerOffsets.length);
  const cells = given.cells.map((cell, order) => ({ ...cell, order, observedAt: NOW_S * 1000 }));
  const offsets = [...new Array<null>(intervals - cells.length).fill(null), ...cells];
  return modelJudge(given, { ...given, offsets }, given.nowS).status;
}

test(`the fast rules agree with the model on ${WINDOWS} windows, and every status occurs`, () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(givenWindow, (given) => {
      const verdict = fastVerdict(given);
      seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
      assert.equal(verdict, modelVerdict(given));
    }),
    { numRuns: WINDOWS },
  );
  for (const status of ["OK", "WARN", "STOP", "STALL", "REWIND"])
    assert.ok((seen.get(status) ?? 0) > WINDOWS / 200, `${status} occurred ${seen.get(status) ?? 0} times`);
});

test("shifting every instant, or every offset, by a constant changes no verdict", () => {
  fc.assert(
    fc.property(givenWindow, fc.integer({ min: -1_000_000, max: 1_000_000 }), (given, by) => {
      const shifted = {
        ...given,
        nowS: given.nowS + by,
        brokerOffsets: given.brokerOffsets.map((offset) => offset - by),
        cells: given.cells.map((cell) => ({
          ...cell,
          offset: cell.offset - by,
          timestamp: cell.timestamp + by * 1000,
        })),
      };
      assert.equal(fastVerdict(shifted), fastVerdict(given));
    }),
    { numRuns: 2_000 },
  );
});

test("a partition without lag is OK, whatever its window", () => {
  fc.assert(
    fc.property(givenWindow, (given) => assert.equal(fastVerdict({ ...given, currentLag: 0 }), "OK")),
    { numRuns: 2_000 },
  );
});
