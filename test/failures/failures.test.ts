/** Each failure of the table has exactly one test, and the gate that says so can fail. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceTree } from "../source-tree.ts";
import { FAILURES, proofsOf, unproven } from "./failures.ts";

const numbered = (letter: string, length: number) => Array.from({ length }, (_, at) => `${letter}${at + 1}`);

test("each failure of the table has one test of its name, and each such test a row", () => {
  assert.deepEqual(
    FAILURES.map(({ id }) => id),
    [...numbered("C", 22), ...numbered("S", 25), ...numbered("H", 14)],
  );
  assert.deepEqual(unproven(FAILURES, sourceTree()), []);
});

const ROW = { id: "C1", fault: "f", promise: "p" };
const named = (id: string) => `test("${id}${": it holds"}", () => {});`;

const trees: readonly (readonly [string, ReadonlyMap<string, string>, RegExp])[] = [
  ["a row without a test", new Map([["a.test.ts", "nothing"]]), /^C1 has 0 tests/],
  [
    "a row with two",
    new Map([["a.test.ts", `${named("C1")}\n${named("C1")}`]]),
    /^C1 has 2 tests.*a\.test\.ts, a\.test\.ts/,
  ],
  ["a test without a row", new Map([["a.test.ts", `${named("C1")} ${named("C2")}`]]), /^a\.test\.ts proves C2/],
  ["a name that is in no test", new Map([["a.ts", named("C1")]]), /^C1 has 0 tests/],
];
for (const [what, tree, says] of trees)
  test(`the gate fails on ${what}`, () => {
    const [first, ...more] = unproven([ROW], tree);
    assert.match(first ?? "", says);
    assert.deepEqual(more, []);
  });

test("a test is found with the words behind its id, on whatever line they begin", () => {
  const tree = new Map([["a.test.ts", `  test(\n    "C7${": begins anew"}", async () => {});`]]);
  assert.deepEqual(proofsOf(tree).get("C7"), [{ id: "C7", path: "a.test.ts", name: "begins anew" }]);
});
