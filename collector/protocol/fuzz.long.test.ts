/** Fuzz in its long form. */

import { test } from "node:test";
import { fuzzDecoders } from "./fuzz.suite.ts";

test("100,000,000 mutated inputs: no throw, no hang, bounded allocation", async (context) => {
  for (const line of await fuzzDecoders(100_000_000)) context.diagnostic(line);
});
