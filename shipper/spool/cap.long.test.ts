/** The cap in its long form: 1 GB into 256 MB. */

import { test } from "node:test";
import { checkCap } from "./cap.suite.ts";

const MIB = 1024 * 1024;

test("of 1 GB offered to 256 MB, the oldest rows are dropped, to the point, and file and WAL stay within 8 MB of the cap", () =>
  checkCap({ capBytes: 256 * MIB, offeredBytes: 1_024 * MIB }));
