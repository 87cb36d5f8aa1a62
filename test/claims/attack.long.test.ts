/** The interfaces under attack, in the long form. */

import { test } from "node:test";
import { attack } from "./attack.suite.ts";
import { longCount } from "./counts.ts";

const REQUESTS = longCount("attackRequests");

test(`500 slow sockets cost none of ${REQUESTS} requests its answer, and are let go; memory stays`, async (t) => {
  t.diagnostic(JSON.stringify(await attack(REQUESTS)));
});
