/** kill -9, in its long form. */

import { test } from "node:test";
import { longCount } from "../../test/claims/counts.ts";
import { killLoop } from "./kill-loop.suite.ts";

const KILLS = longCount("kills");
const LANES = 2;

test(`${KILLS} kills at random moments lose nothing that was acknowledged, and nothing is there twice`, async (context) => {
  const { ticks, points } = await killLoop(KILLS, Math.random, LANES);
  context.diagnostic(`${ticks} ticks, ${points} points`);
});
