/** Said while the wall clock is not followed, and not else. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { clockRemarks } from "./clock-remarks.ts";

test("a wall clock that is followed is no remark; one that is not is one, in seconds", () => {
  assert.deepEqual(clockRemarks(0), []);
  const [remark = "", ...more] = clockRemarks(315_360_000_400);
  assert.match(remark, /the wall clock is 315360000 s ahead/);
  assert.deepEqual(more, []);
});
