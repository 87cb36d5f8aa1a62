/** kill -9 in each transaction of the spool, in its short form. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { killStoreAt, SCENARIOS } from "./store-kills.suite.ts";
import { whyNoFaults } from "./syscall-faults.suite.ts";

const skip = whyNoFaults();

for (const scenario of SCENARIOS)
  test(`killed while it does ${scenario}, the spool has all that was acknowledged, and its accounts add up`, {
    skip,
  }, async () => {
    for (const n of [9, 40, 97]) assert.ok(await killStoreAt(scenario, n), `call ${n} was never reached`);
  });
