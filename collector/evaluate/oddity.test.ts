/** What is odd about a verdict: each condition has a row on either side of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EndInTime } from "./oddity.ts";
import { isAhead, isTransactionResidue } from "./oddity.ts";

const AT_MS = 1_700_000_000_000;
const READ: EndInTime = {
  committedOffset: 99,
  committedAtMs: AT_MS,
  endOffset: 100,
  endAtMs: AT_MS + 10_000,
  stableOffset: 100,
  hasMarkers: true,
  endSinceMs: AT_MS - 5_000,
  endOtherAtMs: AT_MS - 7_000,
  hasMembers: false,
};

const residues: readonly (readonly [name: string, known: Partial<EndInTime>, want: boolean])[] = [
  ["one left, committed after the end stood still", {}, true],
  ["two left", { committedOffset: 98 }, true],
  ["three left", { committedOffset: 97 }, false],
  ["none left", { committedOffset: 100 }, false],
  ["no transaction was ever seen", { hasMarkers: false }, false],
  ["a transaction is open", { stableOffset: 99 }, false],
  ["nobody asked for the last stable offset", { stableOffset: Number.NaN }, false],
  ["the end was seen only once", { endAtMs: AT_MS - 5_000 }, false],
  ["committed between two polls, without members", { committedAtMs: AT_MS - 6_000 }, false],
  ["committed between two polls, with members", { committedAtMs: AT_MS - 6_000, hasMembers: true }, true],
  ["committed before the end moved, with members", { committedAtMs: AT_MS - 7_001, hasMembers: true }, false],
  ["the end never moved, without members", { committedAtMs: Number.NaN, endOtherAtMs: Number.NaN }, false],
  [
    "the end never moved, with members",
    { committedAtMs: Number.NaN, endOtherAtMs: Number.NaN, hasMembers: true },
    true,
  ],
];
for (const [name, known, want] of residues)
  test(`${name}: ${want ? "" : "no "}residue`, () => assert.equal(isTransactionResidue({ ...READ, ...known }), want));

const aheads: readonly (readonly [name: string, known: Partial<EndInTime>, want: boolean])[] = [
  ["beyond an end that was asked for later", { committedOffset: 101 }, true],
  ["at the end", { committedOffset: 100 }, false],
  ["beyond an end that was asked for before", { committedOffset: 101, endAtMs: AT_MS - 1 }, false],
  ["beyond an end of nearly the same time", { committedOffset: 101, endAtMs: AT_MS + 1_999 }, false],
  ["beyond, of a time that nobody knows", { committedOffset: 101, committedAtMs: Number.NaN }, true],
  ["an end that is not known", { committedOffset: 101, endOffset: Number.NaN }, false],
];
for (const [name, known, want] of aheads)
  test(`${name}: ${want ? "" : "not "}ahead`, () => assert.equal(isAhead({ ...READ, ...known }), want));
