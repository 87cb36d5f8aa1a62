/** Hostile names and integers, read back by other readers; the long form tries a million. */

import { test } from "node:test";
import { COUNTS } from "./counts.ts";
import { checkHostile } from "./hostile.suite.ts";

const { everyChange: NAMES } = COUNTS.hostileNames;

test(`${NAMES} hostile names and integers come through documents, lines, rows, links and the log as they were`, () =>
  checkHostile(NAMES, Math.floor(Math.random() * 2 ** 32)));
