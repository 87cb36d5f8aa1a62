/** What a ring keeps, and with which lag and time: a row per consequence of the rule of insertion. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { APPENDED, createRings, createWindow, giveRing, insertCommit, readWindow, takeRing } from "./rings.ts";

type Row = readonly [offset: number, order: number, timestampMs: number, lag: number | "late"];

const rows: readonly {
  readonly name: string;
  readonly intervals?: number;
  readonly minDistanceMs?: number;
  /** offset, order, timestamp; each has lag 7 if appended. */
  readonly commits: readonly (readonly [number, number, number])[];
  readonly want: readonly Row[];
}[] = [
  {
    name: "commits in order are kept oldest first",
    commits: [
      [10, 1, 1_000],
      [20, 2, 2_000],
    ],
    want: [
      [10, 1, 1_000, 7],
      [20, 2, 2_000, 7],
    ],
  },
  {
    name: "a full ring loses its oldest",
    intervals: 2,
    commits: [
      [10, 1, 1_000],
      [20, 2, 2_000],
      [30, 3, 3_000],
    ],
    want: [
      [20, 2, 2_000, 7],
      [30, 3, 3_000, 7],
    ],
  },
  {
    name: "offsets may fall: only the order counts",
    commits: [
      [20, 1, 1_000],
      [10, 2, 2_000],
    ],
    want: [
      [20, 1, 1_000, 7],
      [10, 2, 2_000, 7],
    ],
  },
  {
    name: "without a minimum distance, a newer commit with the same timestamp is kept apart",
    commits: [
      [10, 1, 1_000],
      [20, 2, 1_000],
    ],
    want: [
      [10, 1, 1_000, 7],
      [20, 2, 1_000, 7],
    ],
  },
  {
    name: "without a minimum distance, a newer commit with a smaller timestamp still merges, and keeps the older time",
    commits: [
      [10, 1, 1_000],
      [20, 2, 999],
    ],
    want: [[20, 2, 1_000, 7]],
  },
  {
    name: "closer than the minimum distance merges",
    minDistanceMs: 1_000,
    commits: [
      [10, 1, 1_000],
      [20, 2, 1_999],
    ],
    want: [[20, 2, 1_000, 7]],
  },
  {
    name: "exactly the minimum distance does not merge",
    minDistanceMs: 1_000,
    commits: [
      [10, 1, 1_000],
      [20, 2, 2_000],
    ],
    want: [
      [10, 1, 1_000, 7],
      [20, 2, 2_000, 7],
    ],
  },
  {
    name: "a late commit goes to its place, without a lag",
    commits: [
      [10, 1, 1_000],
      [30, 3, 3_000],
      [20, 2, 2_000],
    ],
    want: [
      [10, 1, 1_000, 7],
      [20, 2, 2_000, "late"],
      [30, 3, 3_000, 7],
    ],
  },
  {
    name: "a late commit that merges into its older neighbour takes that one's lag away",
    minDistanceMs: 5_000,
    commits: [
      [10, 1, 1_000],
      [30, 3, 9_000],
      [20, 2, 2_000],
    ],
    want: [
      [20, 2, 1_000, "late"],
      [30, 3, 9_000, 7],
    ],
  },
  {
    name: "a ring of one keeps the newest order",
    intervals: 1,
    commits: [
      [20, 2, 2_000],
      [10, 1, 1_000],
      [30, 3, 3_000],
    ],
    want: [[30, 3, 3_000, 7]],
  },
  {
    name: "a time 60 days off the clock, or absurd, is exact",
    commits: [
      [10, 1, 60 * 86_400_000],
      [20, 2, 2 ** 52 + 1],
    ],
    want: [
      [10, 1, 60 * 86_400_000, 7],
      [20, 2, 2 ** 52 + 1, 7],
    ],
  },
];

for (const { name, intervals = 4, minDistanceMs = 0, commits, want } of rows)
  test(name, () => {
    const rings = createRings({ intervals, minDistanceMs });
    const ring = takeRing(rings);
    for (const [offset, order, timestampMs] of commits) insertCommit(rings, ring, offset, order, timestampMs, 2, 7);
    const window = createWindow(intervals);
    readWindow(rings, ring, window);
    const kept = Array.from({ length: window.length }, (_, i) => {
      const lag = window.lags[i] ?? 0;
      return [window.offsets[i], window.orders[i], window.timestampsMs[i], Number.isNaN(lag) ? "late" : lag];
    });
    assert.deepEqual(kept, want);
  });

test("lags around the limit of a packed cell are exact, and cost nothing once they are gone", () => {
  const lags = [0, 2 ** 32 - 3, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
  const rings = createRings({ intervals: lags.length, minDistanceMs: 0 });
  const ring = takeRing(rings);
  for (const [order, lag] of lags.entries())
    assert.equal(insertCommit(rings, ring, 1, order, order * 1_000, 0, lag), APPENDED);
  const window = createWindow(lags.length);
  readWindow(rings, ring, window);
  assert.deepEqual([...window.lags], lags);
  assert.equal(rings.spilledLags.size, 4);
  giveRing(rings, ring);
  assert.equal(rings.spilledLags.size, 0);
});

test("a ring given back comes again empty", () => {
  const rings = createRings({ intervals: 3, minDistanceMs: 0 });
  const ring = takeRing(rings);
  insertCommit(rings, ring, 1, 1, 1, 0, 0);
  giveRing(rings, ring);
  assert.equal(takeRing(rings), ring);
  const window = createWindow(3);
  readWindow(rings, ring, window);
  assert.equal(window.length, 0);
});

for (const intervals of [0, 256, 1.5])
  test(`a window of ${intervals} commits is refused`, () =>
    assert.throws(() => createRings({ intervals, minDistanceMs: 0 }), RangeError));
