/** Each seeded bug still fits the source; whether the suite catches them is for the long run. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceTree } from "../source-tree.ts";
import { SEEDED_BUGS } from "./bugs.ts";

const tree = sourceTree();

test("there are sixteen, and no two change the same", () => {
  assert.equal(new Set(SEEDED_BUGS.map(({ path, find }) => `${path} ${find}`)).size, 16);
});

for (const { bug, path, find, put, caughtBy } of SEEDED_BUGS)
  test(`"${bug}" can be seeded: its place stands once in ${path}`, () => {
    assert.equal((tree.get(path) ?? "").split(find).length, 2, "the source has changed: seed the bug anew");
    assert.notEqual(find, put);
    assert.ok(tree.has(caughtBy), `${caughtBy} is gone`);
  });
