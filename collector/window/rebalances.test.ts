/** Which completed generations count as a rebalance; times in seconds after the first. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RebalanceCount } from "./rebalances.ts";
import { countRebalance, PAIR_MS } from "./rebalances.ts";

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
