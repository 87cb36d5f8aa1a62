/** Samples of high watermarks: what is found, what is forgotten, and how much room it takes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RUN_BYTES } from "./sample-blocks.ts";
import type { Bracket, Samples } from "./samples.ts";
import {
  addSample,
  BRACKETED,
  beginEra,
  createSamples,
  findReadable,
  isWatched,
  NOT_YET,
  OLDER,
  unwatch,
  watch,
} from "./samples.ts";

const P = 3;
const START_MS = 1_700_000_000_000;

function watched(options: Parameters<typeof createSamples>[0] = {}): Samples {
  const samples = createSamples(options);
  assert.ok(watch(samples, P));
  return samples;
}

/** Polls of [seconds after the start, end offset]; each is answered 100 ms after it was asked. */
function poll(samples: Samples, polls: readonly (readonly [atS: number, endOffset: number])[]): Samples {
  for (const [atS, endOffset] of polls)
    addSample(samples, P, endOffset, START_MS + atS * 1000, START_MS + atS * 1000 + 100);
  return samples;
}

interface Row {
  readonly name: string;
  readonly polls: readonly (readonly [atS: number, endOffset: number])[];
  readonly offset: number;
  /** Bounds in ms after the start. */
  readonly want:
    | "not yet"
    | { readonly by: number }
    | { readonly after: number; readonly estimate: number; readonly by: number };
}

const rows: readonly Row[] = [
  { name: "without a sample nothing is known", polls: [], offset: 5, want: "not yet" },
  { name: "the record at the newest end offset is not there yet", polls: [[0, 5]], offset: 5, want: "not yet" },
  {
    name: "a record that was there at the first answer is at least as old",
    polls: [[0, 5]],
    offset: 4,
    want: { by: 100 },
  },
  {
    name: "the only record between two polls lies in the middle of them",
    polls: [
      [0, 5],
      [2, 6],
    ],
    offset: 5,
    want: { after: 0, estimate: 1_050, by: 2_100 },
  },
  {
    name: "of a hundred records between two polls, the first lies at their begin",
    polls: [
      [0, 100],
      [2, 200],
    ],
    offset: 100,
    want: { after: 0, estimate: 11, by: 2_100 },
  },
  {
    name: "of a hundred records between two polls, the last lies at their end",
    polls: [
      [0, 100],
      [2, 200],
    ],
    offset: 199,
    want: { after: 0, estimate: 2_090, by: 2_100 },
  },
  {
    name: "an idle stretch does not widen the bracket after it",
    polls: [
      [0, 5],
      [2, 5],
      [4, 5],
      [600, 5],
      [602, 6],
    ],
    offset: 5,
    want: { after: 600_000, estimate: 601_050, by: 602_100 },
  },
  {
    name: "an idle stretch does not widen the bracket before it",
    polls: [
      [0, 4],
      [2, 5],
      [4, 5],
      [600, 5],
      [602, 6],
    ],
    offset: 4,
    want: { after: 0, estimate: 1_050, by: 2_100 },
  },
  {
    name: "a high watermark that goes back ends the history",
    polls: [
      [0, 4],
      [2, 9],
      [4, 6],
      [6, 8],
    ],
    offset: 5,
    want: { by: 4_100 },
  },
  {
    name: "after it has gone back, what is new is found again",
    polls: [
      [0, 4],
      [2, 9],
      [4, 6],
      [6, 8],
    ],
    offset: 6,
    want: { after: 4_000, estimate: 4_525, by: 6_100 },
  },
  {
    name: "a clock that goes back ends the history",
    polls: [
      [10, 4],
      [12, 9],
      [2, 10],
    ],
    offset: 9,
    want: { by: 2_100 },
  },
];

for (const { name, polls, offset, want } of rows) {
  test(name, () => {
    const found: Bracket = { afterMs: 0, estimateMs: 0, byMs: 0 };
    const kind = findReadable(poll(watched(), polls), P, offset, found);
    if (want === "not yet") return assert.equal(kind, NOT_YET);
    assert.equal(kind, "after" in want ? BRACKETED : OLDER);
    const [after, estimate] = "after" in want ? [want.after, want.estimate] : [Number.NaN, Number.NaN];
    assert.deepEqual(found, { afterMs: START_MS + after, estimateMs: START_MS + estimate, byMs: START_MS + want.by });
  });
}

test("each end of a history is another era, and so is watching anew", () => {
  const samples = poll(watched(), [
    [0, 4],
    [2, 9],
  ]);
  const era = (): number => samples.eras.get(P);
  const eras = [era()];
  poll(samples, [[4, 8]]);
  eras.push(era());
  poll(samples, [
    [6, 8],
    [8, 9],
  ]);
  eras.push(era());
  beginEra(samples, P);
  eras.push(era());
  unwatch(samples, P);
  watch(samples, P);
  eras.push(era());
  assert.deepEqual(
    eras.map((one) => one - (eras[0] ?? 0)),
    [0, 1, 1, 2, 4],
  );
});

test("a partition that nobody watches takes no room, and its samples are not kept", () => {
  const samples = createSamples();
  poll(samples, [
    [0, 4],
    [2, 9],
  ]);
  assert.equal(findReadable(samples, P, 4, { afterMs: 0, estimateMs: 0, byMs: 0 }), NOT_YET);
  assert.deepEqual([samples.watched, samples.blocks.usedBytes, isWatched(samples, P)], [0, 0, false]);
});

test("an hour of steady production takes 72 runs, a partition that is rarely written to takes 9", () => {
  const samples = watched();
  for (let atS = 0; atS < 3_600; atS += 2) poll(samples, [[atS, Math.floor(atS / 900)]]);
  assert.equal(samples.blocks.usedBytes, 9 * RUN_BYTES);
  unwatch(samples, P);
  watch(samples, P);
  for (let atS = 0; atS < 3_600; atS += 2) poll(samples, [[atS, atS]]);
  assert.equal(samples.blocks.usedBytes, 72 * RUN_BYTES);
  assert.equal(samples.runsDropped, 0, "an hour fits");
  assert.equal(findReadable(samples, P, 1, { afterMs: 0, estimateMs: 0, byMs: 0 }), BRACKETED);
});

test("where there is no more room, partitions are not watched, and blocks do not grow: both counted", () => {
  const samples = createSamples({ bytesMax: 9 * RUN_BYTES });
  assert.ok(watch(samples, P));
  assert.equal(watch(samples, P + 1), false);
  for (let atS = 0; atS < 60; atS += 2) poll(samples, [[atS, atS]]);
  assert.equal(samples.unwatchable, 1);
  assert.ok(samples.runsDropped > 0);
  const found: Bracket = { afterMs: 0, estimateMs: 0, byMs: 0 };
  assert.equal(findReadable(samples, P, 56, found), BRACKETED);
  assert.equal(findReadable(samples, P, 1, found), OLDER);
  unwatch(samples, P);
  assert.ok(watch(samples, P + 1), "what is let go is room for others");
});

test("a history of months keeps its newest brackets exact, and forgets what its columns cannot hold", () => {
  const samples = poll(watched(), [
    [0, 4],
    [2, 5],
  ]);
  const month = 30 * 86_400;
  poll(samples, [
    [month, 5],
    [2 * month, 5],
    [2 * month + 2, 6],
  ]);
  const found: Bracket = { afterMs: 0, estimateMs: 0, byMs: 0 };
  assert.equal(findReadable(samples, P, 5, found), BRACKETED);
  assert.deepEqual([found.afterMs, found.byMs], [START_MS + 2 * month * 1000, START_MS + (2 * month + 2) * 1000 + 100]);
  assert.equal(findReadable(samples, P, 4, found), OLDER);
  assert.ok(found.byMs >= START_MS + 2_100, "later than it was, never earlier");
});
