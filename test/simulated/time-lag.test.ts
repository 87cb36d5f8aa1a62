/**
 * Time lag against what is true: every kind of traffic, polled often and seldom, looked at on ticks and between. The counts are
 * in the diagnostics; time-lag.long.test.ts has more seeds and hours.
 */

import { test } from "node:test";
import { MINUTE_MS, proveLags, SECOND_MS } from "./lag-proof.fixture.ts";

const LENGTH_MS = 50 * MINUTE_MS;

for (const pollEveryMs of [2 * SECOND_MS, 10 * SECOND_MS])
  test(`polled every ${pollEveryMs / SECOND_MS} s, the true age lies between narrow bounds`, (context) => {
    proveLags(context, { seed: 1, pollEveryMs, lengthMs: LENGTH_MS });
  });

test("a collector that begins anew says nothing of the time before", (context) => {
  proveLags(context, { seed: 2, pollEveryMs: 10 * SECOND_MS, lengthMs: LENGTH_MS, restartAfterMs: 15 * MINUTE_MS });
});
