/** kill -9 in each transaction of the spool, at every call there is. */

import { test } from "node:test";
import { killStoreAt, SCENARIOS } from "./store-kills.suite.ts";
import { whyNoFaults } from "./syscall-faults.suite.ts";

const skip = whyNoFaults();

for (const scenario of SCENARIOS)
  test(`killed at every call while it does ${scenario}, the spool has all that was acknowledged`, {
    skip,
  }, async (context) => {
    let n = 1;
    while (await killStoreAt(scenario, n)) n += 1;
    context.diagnostic(`${n - 1} calls`);
  });
