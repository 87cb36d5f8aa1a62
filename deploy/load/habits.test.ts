/** The script of the demonstration: a good beginning, each trouble within its time, and names that are on the board. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isBadTime, MAILER, SHOP, SURGE, TOPICS, troubleAt } from "./habits.ts";

const MINUTE_MS = 60_000;
/** A window of ten commits, one each 2 s, has to lie in the trouble for some ticks. */
const LEAST_MS = MINUTE_MS;

for (const { group, topic, trouble } of [...SHOP, ...MAILER])
  test(`${group} reads a topic that is filled, begins well and shows its trouble for long enough`, () => {
    assert.ok(TOPICS.some((one) => one.topic === topic));
    assert.equal(troubleAt(trouble, 0).kind, "none");
    if (trouble.kind === "none") return;
    assert.ok(trouble.forMs >= LEAST_MS && trouble.everyMs >= 2 * trouble.forMs);
    assert.equal(troubleAt(trouble, trouble.everyMs - trouble.forMs - 1).kind, "none");
    assert.equal(troubleAt(trouble, trouble.everyMs - trouble.forMs).kind, trouble.kind);
    assert.equal(troubleAt(trouble, trouble.everyMs - 1).kind, trouble.kind);
    assert.equal(troubleAt(trouble, trouble.everyMs).kind, "none");
  });

test("a surge comes and goes", () => {
  assert.equal(isBadTime(SURGE, 0), false);
  assert.equal(isBadTime(SURGE, 10 * MINUTE_MS), true);
  assert.equal(isBadTime(SURGE, 11 * MINUTE_MS), false);
});

test("every group has a name of its own", () => {
  const names = [...SHOP, ...MAILER].map(({ group }) => group);
  assert.equal(new Set(names).size, names.length);
});
