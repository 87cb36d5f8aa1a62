/** The spool agrees with its model; the long form runs more sequences of the same. */

import { test } from "node:test";
import { COUNTS } from "../../test/claims/counts.ts";
import { checkAgainstModel } from "./store.suite.ts";

test("whatever is appended comes back in order, once settled never again, and what is lost is counted", () => {
  checkAgainstModel(COUNTS.commandSequences.everyChange);
});
