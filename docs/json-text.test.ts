/** The same value, and the lines that the formatter would make. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonText } from "./json-text.ts";

test("a list of words is one line where it fits, else one a line; objects are never on one", () => {
  const long = Array.from({ length: 30 }, (_, index) => `word ${index}`);
  const value = { short: ["a", "b"], long, none: [], object: { list: [{ a: 1 }] }, empty: {}, gone: undefined };
  const text = jsonText(value);
  assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
  assert.match(text, /\n {2}"short": \["a", "b"\],\n/);
  assert.match(text, /\n {2}"long": \[\n {4}"word 0",\n/);
  assert.match(text, /"list": \[\n {6}\{\n {8}"a": 1\n {6}\}\n {4}\]/);
  assert.ok(text.split("\n").every((line) => line.length <= 120));
});
