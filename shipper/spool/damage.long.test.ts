/** Many more damaged spool files. */

import { test } from "node:test";
import { longCount } from "../../test/claims/counts.ts";
import { checkDamage } from "./damage.suite.ts";

const FILES = longCount("damagedFiles");

test(`${FILES} damaged files: no altered byte, no loop, nothing uncounted`, (context) => {
  const { delivered, offered } = checkDamage(FILES);
  context.diagnostic(`${delivered} of ${offered} rows came through`);
});
