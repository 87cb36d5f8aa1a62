/** A network with one thing wrong: each of them once in each direction, on each road some; the long form has all. */

import { test } from "node:test";
import { survives, TROUBLES } from "./network.suite.ts";

/** Steps of 3 through 3 roads of 16 meet each of the 16 once. */
const STEP = 3;

for (const trouble of TROUBLES.filter((_, index) => index % STEP === 0))
  test(`${trouble.toxic} ${trouble.direction} on the road of ${trouble.road} costs nothing`, () => survives(trouble));
