/** Which completed generations count as a rebalance; times in seconds after the first. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isRebalanceStorm } from "../model/rebalance-storm.ts";
import type { RebalanceCount } from "./rebalances.ts";
import { countRebalance, PAIR_MS, recentRebalances } from "./rebalances.ts";

const AT_MS = 1_700_000_000_000;
const PAIR_S = PAIR_MS / 1_000;

type Completed = readonly [generation: number, atSeconds: number, members?: number];

const rows: readonly { readonly name: string; readonly seen: readonly Completed[]; readonly want: number }[] = [
  { name: "what was there when the watching began is none", seen: [[7, 0]], want: 0 },
  { name: "the first generation of a group that is new is one", seen: [[1, 0]], want: 1 },
  { name: "a group that is made empty has none", seen: [[1, 0, 0]], want: 0 },
  {
    name: "the next generation is one",
    seen: [
      [7, 0],
      [8, 60],
    ],
    want: 1,
  },
  {
    name: "the same one told again is none",
    seen: [
      [7, 0],
      [8, 60],
      [8, 90],
    ],
    want: 1,
  },
  {
    name: "generations that were not seen are not counted",
    seen: [
      [7, 0],
      [12, 60],
    ],
    want: 1,
  },
  {
    name: "a cooperative pair is one",
    seen: [
      [7, 0],
      [8, 60],
      [9, 62],
    ],
    want: 1,
  },
  {
    name: "two that are just near enough are one",
    seen: [
      [7, 0],
      [8, 60],
      [9, 60 + PAIR_S],
    ],
    want: 1,
  },
  {
    name: "two that are just too far apart are two",
    seen: [
      [7, 0],
      [8, 60],
      [9, 60.001 + PAIR_S],
    ],
    want: 2,
  },
  {
    name: "a pair where one clock is behind the other is one",
    seen: [
      [7, 0],
      [8, 60],
      [9, 58],
    ],
    want: 1,
  },
  {
    name: "a storm is not one pair",
    seen: [
      [7, 0],
      [8, 2],
      [9, 4],
      [10, 6],
      [11, 8],
      [12, 10],
    ],
    want: 3,
  },
  {
    name: "a new group's pair is one",
    seen: [
      [1, 0],
      [2, 3],
    ],
    want: 1,
  },
  {
    name: "the last member leaving is none",
    seen: [
      [7, 0],
      [8, 60, 0],
    ],
    want: 0,
  },
  {
    name: "all members leaving and coming back is one",
    seen: [
      [7, 0],
      [8, 60, 0],
      [9, 64],
    ],
    want: 1,
  },
  {
    name: "a group made again under its name begins anew and counts on",
    seen: [
      [7, 0],
      [8, 60],
      [1, 300],
    ],
    want: 2,
  },
];

for (const { name, seen, want } of rows) {
  test(name, () => {
    let count: RebalanceCount | undefined;
    for (const [generation, atSeconds, members = 2] of seen)
      count = countRebalance(count, { generation, members, atMs: AT_MS + atSeconds * 1_000 });
    assert.equal(count?.rebalances, want);
  });
}

test("three rebalances within five minutes are a storm; the first is forgotten when it is older", () => {
  let count: RebalanceCount | undefined;
  const atSeconds = [0, 60, 120, 180, 240];
  for (const [generation, atS] of atSeconds.entries())
    count = countRebalance(count, { generation: generation + 5, members: 2, atMs: AT_MS + atS * 1_000 });
  assert.ok(count !== undefined);
  const counted = count;
  const seen = [240, 359, 360, 480, 540].map((atS) => recentRebalances(counted, AT_MS + atS * 1_000));
  assert.deepEqual(seen, [4, 4, 3, 1, 0]);
  assert.deepEqual(seen.map(isRebalanceStorm), [true, true, true, false, false]);
  assert.equal(isRebalanceStorm(undefined), false);
});

test("however often a clock jumps, what is held of the times is bounded", () => {
  let count: RebalanceCount | undefined;
  for (let generation = 1; generation < 1_000; generation += 1)
    count = countRebalance(count, { generation, members: 1, atMs: AT_MS - generation * PAIR_MS * 2 });
  assert.equal(count?.recentMs.length, 100);
});
