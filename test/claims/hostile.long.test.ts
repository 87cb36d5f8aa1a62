/** Hostile names and integers, in the long form. */

import { test } from "node:test";
import { longCount } from "./counts.ts";
import { checkHostile } from "./hostile.suite.ts";

const NAMES = longCount("hostileNames");

test(`${NAMES} hostile names and integers come through documents, lines, rows, links and the log as they were`, () =>
  checkHostile(NAMES, Math.floor(Math.random() * 2 ** 32)));
