/** kill -9, in its long form. */

import { test } from "node:test";
import { killLoop } from "./kill-loop.suite.ts";

test("2,000 kills at random moments lose nothing that was acknowledged, and nothing is there twice", async (context) => {
  const { ticks, points } = await killLoop(2_000, Math.random);
  context.diagnostic(`${ticks} ticks, ${points} points`);
});
