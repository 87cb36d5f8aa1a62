/** The spool agrees with its model, in many more sequences. */

import { test } from "node:test";
import { checkAgainstModel } from "./store.suite.ts";

test("the spool agrees with its model over 20,000 sequences of commands", () => checkAgainstModel(20_000));
