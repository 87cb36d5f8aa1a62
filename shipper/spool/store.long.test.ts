/** The spool agrees with its model, in many more sequences. */

import { test } from "node:test";
import { longCount } from "../../test/claims/counts.ts";
import { checkAgainstModel } from "./store.suite.ts";

const SEQUENCES = longCount("commandSequences");

test(`the spool agrees with its model over ${SEQUENCES} sequences of commands`, () => checkAgainstModel(SEQUENCES));
