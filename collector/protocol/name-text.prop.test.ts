/** Different bytes are different texts, and each text leads back to its bytes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesOfText, isEscaped, textOfBytes } from "./name-text.ts";

const textOf = (bytes: Buffer): string => textOfBytes(bytes, 0, bytes.length);

/** Pieces of names that are legal, cut off, overlong, surrogates, beyond Unicode, and such as look like escapes. */
const PIECES = [
  "61",
  "20",
  "c3a9",
  "f09f8c8a",
  "efbfbd",
  "6666",
  "ff",
  "80",
  "c3",
  "e282",
  "c0af",
  "eda080",
  "f4908080",
  "f8",
];
const bytes = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => Buffer.from(pieces.join(""), "hex")),
  fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array)),
);

test("each text leads back to its bytes", () => {
  fc.assert(
    fc.property(bytes, (one) => assert.deepEqual(bytesOfText(textOf(one)), one)),
    { numRuns: 20_000 },
  );
});

test("a text of UTF-8 is itself, whatever is in it, unless it looks like an escape", () => {
  const strings = fc.string({ unit: "binary", maxLength: 12 });
  fc.assert(
    fc.property(strings, (text) => {
      fc.pre(!isEscaped(text));
      assert.equal(textOf(Buffer.from(text)), text);
    }),
    { numRuns: 5_000 },
  );
  for (const text of ["", "caf\uFFFD", "\uFFFD f0", "\uFEFFbom", "a\0b"]) assert.equal(textOf(Buffer.from(text)), text);
});

const rows: readonly (readonly [string, string])[] = [
  ["61ff62", "a\uFFFDffb"],
  ["c3", "\uFFFDc3"],
  ["eda080", "\uFFFDed\uFFFDa0\uFFFD80"],
  ["efbfbd6666", "\uFFFDef\uFFFDbf\uFFFDbdff"],
];
for (const [hex, want] of rows)
  test(`${hex} is ${JSON.stringify(want)}`, () => assert.equal(textOf(Buffer.from(hex, "hex")), want));
