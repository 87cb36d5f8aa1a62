/** What is remembered is what would be made, however many texts there are. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { remembered } from "./remembered.ts";

test("an answer is made once, until there are too many of them", () => {
  let made = 0;
  const loud = remembered((text) => {
    made += 1;
    return text.toUpperCase();
  });
  assert.deepEqual([loud("a"), loud("a"), loud("b"), made], ["A", "A", "B", 2]);
  for (let count = 0; count < 20_000; count += 1) loud(`n${count}`);
  assert.deepEqual([loud("a"), made], ["A", 20_003], "all was forgotten on the way, and asked for anew");
});

test("a long text is made each time, so that memory is bounded", () => {
  let made = 0;
  const same = remembered((text) => {
    made += 1;
    return text;
  });
  const long = "x".repeat(1_025);
  assert.deepEqual([same(long), same(long), made], [long, long, 2]);
});
