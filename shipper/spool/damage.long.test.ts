/** Many more damaged spool files. */

import { test } from "node:test";
import { checkDamage } from "./damage.suite.ts";

test("5,000 damaged files: no altered byte, no loop, nothing uncounted", () => void checkDamage(5_000));
