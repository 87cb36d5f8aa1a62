/** A network with one thing wrong, on each road and in each direction. */

import { test } from "node:test";
import { survives, TROUBLES } from "./network.suite.ts";

for (const trouble of TROUBLES)
  test(`${trouble.toxic} ${trouble.direction} on the road of ${trouble.road} costs nothing`, () => survives(trouble));
