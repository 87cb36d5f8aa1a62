/** The interfaces under attack, in the short form: what was promised is judged, and how long it took is told. */

import { test } from "node:test";
import { attack } from "./attack.suite.ts";
import { COUNTS } from "./counts.ts";

test("500 slow sockets cost nobody an answer, and are let go; memory stays", async (t) => {
  const result = await attack(COUNTS.attackRequests.everyChange);
  t.diagnostic(JSON.stringify(result));
});
