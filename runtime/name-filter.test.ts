/** Rules of names: what is in, what is refused, and that no name takes long. */

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { createNameFilter, problemOfRule } from "./name-filter.ts";

suite("what is in", () => {
  const rows: readonly (readonly [readonly string[], string, boolean])[] = [
    [[], "anything", true],
    [["pay"], "pay", true],
    [["pay"], "payments", false],
    [["pay-*"], "pay-eu", true],
    [["pay-?"], "pay-eu", false],
    [["!tmp-*"], "pay", true],
    [["!tmp-*"], "tmp-1", false],
    [["pay-*", "mail"], "mail", true],
    [["pay-*", "!pay-test"], "pay-test", false],
    [["!pay-test", "pay-*"], "pay-test", false],
    [["/^team-[a-z]+$/"], "team-a", true],
    [["/^team-[a-z]+$/"], "team-1", false],
    [["/eam/"], "team-1", true],
    [["!/^console-consumer-[0-9]+$/"], "console-consumer-123", false],
    [["!/^console-consumer-[0-9]+$/"], "console-consumer-x", true],
    [["/(?i)PAY/"], "pay", true],
    [["/a.b/"], "a\nb", false],
    [["/"], "/", true],
    [["//"], "//", true],
    [["a/b/"], "a/b/", true],
    [["__proto__"], "__proto__", true],
    [["!__proto__"], "__proto__", false],
  ];
  for (const [rules, name, want] of rows)
    test(`${JSON.stringify(name)} is ${want ? "in" : "out"} by ${JSON.stringify(rules)}, asked twice`, () => {
      const filter = createNameFilter(rules);
      assert.equal(filter.isIn(name), want);
      assert.equal(filter.isIn(name), want);
    });
});

suite("rules that are refused, in words", () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ["", /must name something/],
    ["!", /must name something/],
    ["/(?=a)b/", /no lookaround/],
    ["!/(?!a)b/", /no lookaround.*"!" in front/],
    ["/(?<=a)b/", /no lookaround/],
    ["/(?<!a)b/", /no lookaround/],
    ["/(a)\\1/", /no references back/],
    ["/[/", /RE2's syntax: .*missing closing/],
    ["/a{1001}/", /RE2's syntax/],
    ["/((a{1000}){1000}){1000}/", /RE2's syntax/],
    ["a".repeat(1_001), /at most 1000 characters/],
  ];
  for (const [rule, want] of rows)
    test(rule.slice(0, 40) || "nothing", () => assert.match(problemOfRule(rule) ?? "", want));
  for (const rule of ["a", "!a", "*", "/a/", "/(?P<name>a)/", "/(?<name>a)/", "a".repeat(1_000), "/a|b/", "a(?=b)"])
    test(`${rule.slice(0, 40)} is sound`, () => assert.equal(problemOfRule(rule), undefined));
});

test("what backtracks for ever elsewhere is answered by steps that grow with the name alone", () => {
  // V8 takes 2^40 steps for the first of these.
  const filter = createNameFilter(["/^(a+)+$/", "/^(a|aa)+$/", "/^(.*)(.*)(.*)(.*)(.*)!!$/"]);
  assert.equal(filter.isIn(`${"a".repeat(20_000)}!`), false);
});

test("a filter that takes in what another left out widens it; only names that somebody asked for count", () => {
  const before = createNameFilter(["pay-*"]);
  const next = createNameFilter(["pay-*", "mail"]);
  assert.equal(before.isWidenedBy(next), false);
  before.isIn("pay-1");
  assert.equal(before.isWidenedBy(createNameFilter(["!pay-1"])), false);
  before.isIn("mail");
  assert.equal(before.isWidenedBy(next), true);
});

test("more names than are remembered: what was left out may be in", () => {
  const before = createNameFilter(["a"]);
  for (let i = 0; i <= 100_000; i += 1) before.isIn(`n${i}`);
  assert.equal(before.isWidenedBy(createNameFilter(["a"])), true);
});

test("a rule never decides by its place, and a name that is left out by one is out", () => {
  const rule = fc.constantFrom("a*", "!ab", "/b$/", "!/^c/", "?", "!?b");
  const name = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 3 });
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 5 }), name, (rules, one) => {
      const answer = createNameFilter(rules).isIn(one);
      assert.equal(createNameFilter(rules.toReversed()).isIn(one), answer);
      for (const out of rules.filter((text) => text.startsWith("!")))
        if (!createNameFilter([out]).isIn(one)) assert.equal(answer, false);
    }),
  );
});
