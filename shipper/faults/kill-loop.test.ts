/** kill -9, in its short form. */

import { test } from "node:test";
import { killLoop } from "./kill-loop.suite.ts";

test("S16: 30 kills at random moments lose nothing that was acknowledged, and nothing is there twice", async (context) => {
  const { ticks, points } = await killLoop(30, Math.random);
  context.diagnostic(`${ticks} ticks, ${points} points`);
});
