/** The cap in its short form. */

import { test } from "node:test";
import { checkCap } from "./cap.suite.ts";

const MIB = 1024 * 1024;

test("beyond the cap the oldest rows are dropped and counted; what is left comes in order", () =>
  checkCap({ capBytes: 16 * MIB, offeredBytes: 64 * MIB }));
