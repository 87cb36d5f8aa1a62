/** Faults at single system calls, in their short form: some early, some late. */

import { test } from "node:test";
import type { Fault } from "./syscall-faults.suite.ts";
import { faultAt, whyNoFaults } from "./syscall-faults.suite.ts";

const skip = whyNoFaults();
const FAULTS: readonly Fault[] = ["signal=KILL", "error=EIO", "error=ENOSPC"];

for (const fault of FAULTS) {
  for (const n of [2, 17, 60]) {
    test(`${fault} at call ${n} loses nothing that was acknowledged`, { skip }, () => faultAt(fault, n));
  }
}

test("a disk that becomes read-only, and writable again, loses nothing that was acknowledged", { skip }, () =>
  faultAt("error=EROFS", "20..26"),
);
