/** Patterns of names: as a regular expression would say it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { matchesName } from "./name-pattern.ts";

const cases: readonly (readonly [pattern: string, name: string, want: boolean])[] = [
  ["pay-*", "pay-checkout", true],
  ["pay-*", "pay-", true],
  ["pay-*", "xpay-1", false],
  ["*", "", true],
  ["", "", true],
  ["", "a", false],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["*-eu-*", "orders-eu-1", true],
  ["*/a", "b/c/a", true],
  ["a.c", "abc", false],
];
for (const [pattern, name, want] of cases)
  test(`"${pattern}" ${want ? "fits" : "does not fit"} "${name}"`, () =>
    assert.equal(matchesName(pattern, name), want));

test("it agrees with the same pattern as a regular expression", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", ".", "/"), maxLength: 12 });
  const patterns = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 8 });
  fc.assert(
    fc.property(patterns, letters, (pattern, name) => {
      const source = pattern.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("?", ".");
      assert.equal(matchesName(pattern, name), new RegExp(`^${source}$`, "u").test(name));
    }),
    { numRuns: 2_000 },
  );
});
