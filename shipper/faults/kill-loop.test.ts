/** kill -9, in its short form. */

import { test } from "node:test";
import { COUNTS } from "../../test/claims/counts.ts";
import { killLoop } from "./kill-loop.suite.ts";

test("S16: kills at random moments, over and over, lose nothing that was acknowledged, and nothing is there twice", async (context) => {
  const { ticks, points } = await killLoop(COUNTS.kills.everyChange, Math.random);
  context.diagnostic(`${COUNTS.kills.everyChange} kills, ${ticks} ticks, ${points} points`);
});
