/** No silent drop: every statement that lets go of something is in the table, and the gate that says so can fail. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceTree } from "../source-tree.ts";
import { DISCARDS, silentDiscards } from "./discards.ts";

test("each statement of the shipper that lets go of points is counted, or loses nothing", () => {
  assert.deepEqual(silentDiscards(sourceTree(), DISCARDS), []);
});

const path = "shipper/a.ts";
const row = { path, code: "points.shift()", counted: "dropped += 1", reason: "r" };
const counting = "points.shift();\ndropped += 1;";

const trees: readonly (readonly [string, string, readonly (typeof row)[], RegExp])[] = [
  ["a statement that nobody lists", "points.shift();", [], /^shipper\/a\.ts:1 lets go/],
  ["a second one beside one that is listed", `${counting}\nrows.splice(0, 1);`, [row], /^shipper\/a\.ts:3 lets go/],
  ["a row whose statement is gone", "nothing", [row], /has no "points\.shift\(\)" any more/],
  ["a counter that is gone", "points.shift();", [row], /does not count by "dropped \+= 1"/],
];
for (const [what, text, table, says] of trees)
  test(`the gate fails on ${what}`, () => {
    const [first, ...more] = silentDiscards(new Map([[path, text]]), table);
    assert.match(first ?? "", says);
    assert.deepEqual(more, []);
  });

test("what is counted passes, and tests may let go of what they like", () => {
  assert.deepEqual(silentDiscards(new Map([[path, counting]]), [row]), []);
  assert.deepEqual(silentDiscards(new Map([["shipper/a.test.ts", "points.shift();"]]), []), []);
});
