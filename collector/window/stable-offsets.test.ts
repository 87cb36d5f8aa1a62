/** What last stable offsets say of transactions: from when to when one is open, and that another is another one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { OpenTransaction } from "./stable-offsets.ts";
import { createStableOffsets } from "./stable-offsets.ts";

type Answer = readonly [askedAtMs: number, stableOffset: number, endOffset: number];

const rows: readonly (readonly [name: string, answers: readonly Answer[], want: OpenTransaction | undefined])[] = [
  ["never asked", [], undefined],
  ["all is stable", [[1, 9, 9]], undefined],
  ["an empty log", [[1, 0, 0]], undefined],
  ["records came between the questions", [[1, 12, 9]], undefined],
  ["nobody knows the end", [[1, 4, Number.NaN]], undefined],
  ["a transaction is open", [[1, 4, 9]], { stableOffset: 4, sinceMs: 1, seenMs: 1 }],
  [
    "it stays open, and records come after it",
    [
      [1, 4, 9],
      [31, 4, 50],
      [61, 4, 70],
    ],
    { stableOffset: 4, sinceMs: 1, seenMs: 61 },
  ],
  [
    "it ends, and another is open",
    [
      [1, 4, 9],
      [31, 30, 50],
    ],
    { stableOffset: 30, sinceMs: 31, seenMs: 31 },
  ],
  [
    "it ends",
    [
      [1, 4, 9],
      [31, 50, 50],
    ],
    undefined,
  ],
  [
    "it ends, and one begins that was never seen before",
    [
      [1, 4, 9],
      [31, 9, 9],
      [61, 9, 20],
    ],
    { stableOffset: 9, sinceMs: 61, seenMs: 61 },
  ],
];
for (const [name, answers, want] of rows) {
  test(`an open transaction: ${name}`, () => {
    const stable = createStableOffsets();
    for (const [askedAtMs, offset, endOffset] of answers) stable.set(3, { offset, endOffset, askedAtMs });
    assert.deepEqual(stable.openTransactions.get(3), want);
    stable.forget(3);
    assert.deepEqual(
      [stable.openTransactions.size, stable.stableOffset.get(3), stable.hasMarkers.get(3)],
      [0, Number.NaN, 0],
    );
  });
}

test("only what is new is news", () => {
  const stable = createStableOffsets();
  const isNews = [5, 5, 9, 9].map((offset, at) => stable.set(0, { offset, endOffset: 9, askedAtMs: at }));
  assert.deepEqual(isNews, [true, true, true, false]);
});
