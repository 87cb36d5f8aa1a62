/** How long a store may make us wait, in whatever form it says so and whatever the clock does. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { beginDelivery, RETRY_POLICY, stepAfter } from "../deliver/policy.ts";
import { outcomeOfAnswer } from "../sink/http/outcome.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const MINUTE_MS = 60_000;

/** With the most of jitter that chance can bring, or the least. */
function waitMsFor(retryAfter: string | undefined, { chance = 0, nowMs = NOW_MS } = {}): number {
  const outcome = outcomeOfAnswer({ status: 429, retryAfter, text: "" }, nowMs);
  const context = { policy: RETRY_POLICY, random: () => chance };
  return stepAfter(beginDelivery([0], 1), outcome, context).waitMs;
}

test("S3: Retry-After counts in seconds and as a date, is never longer than ten minutes, and nonsense is no wish", () => {
  assert.equal(waitMsFor("2"), 2_000);
  assert.equal(waitMsFor("0.5"), 500);
  assert.equal(waitMsFor("Sat, 21 Nov 2026 12:01:00 GMT"), MINUTE_MS);
  assert.equal(waitMsFor("Saturday, 21-Nov-26 12:01:00 GMT"), MINUTE_MS);
  for (const long of ["601", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
    assert.equal(waitMsFor(long), 10 * MINUTE_MS, long);
  for (const none of ["-1", "soon", "", "1e9", "Infinity", "0x10", "12:00", "\u0000", undefined])
    assert.equal(waitMsFor(none), 0, none);
  // The wish is the least, jitter comes on top where it is more, so that not everyone is back at once.
  assert.equal(waitMsFor("0.1", { chance: 0.999 }), 499.5);
});

test("S22: a wall clock that jumps by an hour or ten years makes no wait negative and none longer than ten minutes", () => {
  const date = "Sat, 21 Nov 2026 12:00:30 GMT";
  for (const jumpMs of [60 * MINUTE_MS, 10 * 365 * 1_440 * MINUTE_MS]) {
    assert.equal(waitMsFor(date, { nowMs: NOW_MS + jumpMs }), 0);
    assert.equal(waitMsFor(date, { nowMs: NOW_MS - jumpMs }), 10 * MINUTE_MS);
  }
});
