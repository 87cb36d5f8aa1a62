/** Burrow's case files pass, all of them, and a case that is wrong does not. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { burrowCases } from "./burrow.ts";

const FILES = [
  { file: "burrow-evaluator-cases.json", cases: 16 },
  { file: "burrow-storage-cases.json", cases: 7 },
  { file: "burrow-window-cases.json", cases: 64 },
  { file: "burrow-sequence-cases.json", cases: 18 },
];

function contentOf(file: string): unknown[] {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
}

for (const { file, cases } of FILES)
  test(`the ${cases} cases of ${file} pass`, () => {
    const results = burrowCases(contentOf(file)) ?? [];
    assert.deepEqual(
      results.filter(({ failure }) => failure !== undefined),
      [],
    );
    assert.equal(results.length, cases);
  });

/** A case's expectation with each number, word and truth in it made wrong, one at a time. */
function* spoilt(one: unknown): Generator<unknown> {
  if (typeof one === "number") yield one + 1;
  else if (typeof one === "boolean") yield !one;
  else if (typeof one === "string") yield `${one}?`;
  else if (one === null) yield 1;
  else if (Array.isArray(one))
    for (const [i, value] of one.entries()) for (const bad of spoilt(value)) yield one.with(i, bad);
  else if (typeof one === "object")
    for (const [key, value] of Object.entries(one)) for (const bad of spoilt(value)) yield { ...one, [key]: bad };
}

for (const { file } of FILES)
  test(`no part of what ${file} expects can be wrong unseen`, () => {
    const one = contentOf(file)[0] as { readonly expected: unknown };
    for (const expected of spoilt(one.expected)) {
      const passed = burrowCases([{ ...one, expected }])?.every(({ failure }) => failure === undefined) ?? false;
      assert.equal(passed, false, JSON.stringify(expected));
    }
  });

test("what is not a list of Burrow's cases is left to others", () => {
  assert.equal(burrowCases([{ name: "other", bytes: "00" }]), undefined);
  assert.equal(burrowCases({ cases: [] }), undefined);
  assert.equal(burrowCases([]), undefined);
});
