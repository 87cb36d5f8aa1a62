/** What is committed is what the catalogue makes; and layout, text and line by line what they promise. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { jsonText } from "./grafana/json-text.ts";
import { GRID_COLUMNS, positionsOf } from "./grafana/layout.ts";
import { outputs } from "./output.ts";

const OUT = join(import.meta.dirname, "out");

test("out/ holds what is generated, and nothing else", () => {
  const wanted = outputs();
  const entries = readdirSync(OUT, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const present = entries.map((entry) => join(entry.parentPath, entry.name).slice(OUT.length + 1));
  assert.deepEqual(present.toSorted(), [...wanted.keys()].toSorted());
  const stale = present.filter((path) => readFileSync(join(OUT, path), "utf8") !== wanted.get(path));
  assert.deepEqual(stale, [], "run: npm run dashboards");
});

test("JSON is written so that it reads back", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value);
      assert.equal(JSON.stringify(JSON.parse(jsonText(JSON.parse(text)))), text);
    }),
  );
});

test("panels stand inside the grid, in their order, and none overlap", () => {
  const boxes = fc.array(
    fc.record({ width: fc.integer({ min: 1, max: GRID_COLUMNS }), height: fc.integer({ min: 1, max: 20 }) }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(boxes, (list) => {
      const taken = new Set<string>();
      for (const { x, y, w, h } of positionsOf(list)) {
        assert.ok(x >= 0 && x + w <= GRID_COLUMNS);
        for (let column = x; column < x + w; column += 1)
          for (let line = y; line < y + h; line += 1) {
            assert.ok(!taken.has(`${column} ${line}`));
            taken.add(`${column} ${line}`);
          }
      }
    }),
  );
});
