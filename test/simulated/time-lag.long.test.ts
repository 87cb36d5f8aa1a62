/** As time-lag.test.ts, with more seeds and for hours. */

import { test } from "node:test";
import { MINUTE_MS, proveLags, SECOND_MS } from "./lag-proof.fixture.ts";

const SEEDS = 6;
const LENGTH_MS = 180 * MINUTE_MS;

for (let seed = 11; seed < 11 + SEEDS; seed += 1)
  for (const pollEveryMs of [2 * SECOND_MS, 10 * SECOND_MS])
    test(`seed ${seed}, polled every ${pollEveryMs / SECOND_MS} s: the true age lies between narrow bounds`, (context) => {
      proveLags(context, { seed, pollEveryMs, lengthMs: LENGTH_MS });
    });

for (let seed = 21; seed < 21 + SEEDS; seed += 1)
  test(`seed ${seed}: a collector that begins anew says nothing of the time before`, (context) => {
    const [pollEveryMs, restartAfterMs] = [2 * SECOND_MS, seed * MINUTE_MS];
    proveLags(context, { seed, pollEveryMs, lengthMs: LENGTH_MS, restartAfterMs });
  });
