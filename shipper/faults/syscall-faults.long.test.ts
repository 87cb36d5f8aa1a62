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

test("three times a disk that is full for twenty calls, or read-only for twenty, loses nothing that was acknowledged", {
  skip,
}, async () => {
  for (const fault of ["error=ENOSPC", "error=EROFS"] as const)
    for (const first of [5, 30, 90] as const) await faultAt(fault, `${first}..${first + 19}`);
});
