/** However a text is cut into chunks, its lines are the same, and what is too long is given up alone. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createLineSplitter } from "./split-lines.ts";

function linesOf(chunks: readonly string[], lineCharsMax = 100): readonly (string | undefined)[] {
  const splitter = createLineSplitter(lineCharsMax);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

const rows: readonly (readonly [name: string, chunks: readonly string[], want: readonly (string | undefined)[]])[] = [
  ["nothing", [], []],
  ["whole lines", ["a\nb\n"], ["a", "b"]],
  ["a last line without its end", ["a\nb"], ["a", "b"]],
  ["a line over three chunks", ["a", "b", "c\nd\n"], ["abc", "d"]],
  ["empty lines", ["\n\na\n"], ["", "", "a"]],
  ["a line of just the length", ["12345\n"], ["12345"]],
  ["one that is a character longer", ["123456\na\n"], [undefined, "a"]],
  ["one that grows too long over chunks", ["123", "456", "789", "0\na\n"], [undefined, "a"]],
  ["a last one that is too long", ["a\n123", "456"], ["a", undefined]],
];
for (const [name, chunks, want] of rows) test(name, () => assert.deepEqual(linesOf(chunks, 5), want));

test("where a text is cut makes no difference", () => {
  const text = fc.array(fc.constantFrom("a", "\n", "é", "🌊"), { maxLength: 60 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.array(fc.nat(60)), fc.integer({ min: 1, max: 20 }), (whole, cuts, lineCharsMax) => {
      const places = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).toSorted((a, b) => a - b), whole.length];
      const chunks = places.slice(1).map((end, i) => whole.slice(places[i], end));
      assert.deepEqual(linesOf(chunks, lineCharsMax), linesOf([whole], lineCharsMax));
    }),
  );
});
