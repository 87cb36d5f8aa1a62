/** Faults at single system calls, one call after the other. */

import { test } from "node:test";
import type { Fault } from "./syscall-faults.suite.ts";
import { faultAt, whyNoFaults } from "./syscall-faults.suite.ts";

const skip = whyNoFaults();
const FAULTS: readonly Fault[] = ["signal=KILL", "error=EIO", "error=ENOSPC"];
const CALLS = 120;

for (const fault of FAULTS) {
  test(`${fault} at each of the first ${CALLS} calls loses nothing that was acknowledged`, { skip }, async () => {
    for (let n = 1; n <= CALLS; n += 1) await faultAt(fault, n);
  });
}
