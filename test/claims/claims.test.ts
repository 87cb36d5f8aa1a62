/** The table of claims: its files are there and run where it says so. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceTree } from "../source-tree.ts";
import { CLAIMS } from "./claims.ts";
import { COUNTS } from "./counts.ts";

const tree = sourceTree();

for (const { id, everyChange, long, shownBy } of CLAIMS)
  test(`${id} is shown by files that are there, in the tiers that it names`, () => {
    assert.deepEqual(
      shownBy.filter((path) => !tree.has(path)),
      [],
    );
    const isLong = (path: string) => path.endsWith(".long.test.ts");
    const isReal = (path: string) => path.startsWith("test/real/");
    assert.equal(
      shownBy.some((path) => !isLong(path) && !isReal(path)),
      everyChange !== "-",
    );
    assert.equal(shownBy.some(isLong), long !== "-");
  });

test("ids are in order, each once, and no long run tries less than a short one", () => {
  const numbers = CLAIMS.map(({ id }) => Number(id.slice(1)));
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((one, other) => one - other),
  );
  for (const { everyChange, short, full } of Object.values(COUNTS))
    assert.ok(everyChange <= short && short <= full && everyChange > 0);
});
