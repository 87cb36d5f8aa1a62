/** Wall time under jumps: it never goes back, never stands for long, and comes back to the wall clock. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createSteadyClock } from "./steady-clock.ts";

const START_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;

function turned() {
  const time = { wallMs: START_MS, monotonicMs: 5 };
  const steady = createSteadyClock({ nowMs: () => time.wallMs, monotonicMs: () => time.monotonicMs });
  /** `ms` pass on both clocks, looked at each second. */
  const pass = (ms: number): number => {
    for (let left = ms; left > 0; left -= 1_000) {
      time.wallMs += Math.min(1_000, left);
      time.monotonicMs += Math.min(1_000, left);
      steady.nowMs();
    }
    return steady.nowMs();
  };
  const jump = (ms: number): number => {
    time.wallMs += ms;
    return steady.nowMs();
  };
  return { time, steady, pass, jump };
}

test("it is the wall clock while that is well, small steps included", () => {
  const { time, pass, jump, steady } = turned();
  assert.equal(pass(60_000), time.wallMs);
  assert.equal(jump(900), time.wallMs);
  const beforeMs = time.wallMs;
  assert.equal(jump(-800), beforeMs, "it stands still");
  assert.equal(pass(5_000), time.wallMs);
  assert.deepEqual(steady.jumps(), { ahead: 0, back: 0 });
});

test("an hour ahead is followed once it has held", () => {
  const { time, pass, jump, steady } = turned();
  assert.equal(jump(HOUR_MS), START_MS);
  assert.equal(pass(9_000), START_MS + 9_000);
  assert.equal(pass(1_000), time.wallMs);
  assert.deepEqual(steady.jumps(), { ahead: 1, back: 0 });
});

test("ten years ahead are followed after ten minutes, and put right before leave no trace but their count", () => {
  const YEARS_MS = 3_650 * 24 * HOUR_MS;
  for (const minutes of [9, 10]) {
    const { time, pass, jump, steady } = turned();
    jump(YEARS_MS);
    assert.equal(pass(minutes * 60_000 - 1_000), START_MS + minutes * 60_000 - 1_000);
    assert.equal(steady.heldBackMs(), YEARS_MS);
    if (minutes === 9) {
      jump(-YEARS_MS);
      assert.equal(steady.heldBackMs(), 0);
    }
    assert.equal(pass(1_000), time.wallMs);
    assert.deepEqual([steady.heldBackMs(), steady.jumps()], [0, { ahead: 1, back: 0 }]);
  }
});

test("an hour ahead and back again leaves no trace but its count", () => {
  const { time, pass, jump, steady } = turned();
  jump(HOUR_MS);
  pass(8_000);
  jump(-HOUR_MS);
  assert.equal(pass(1_000), time.wallMs);
  assert.deepEqual(steady.jumps(), { ahead: 1, back: 0 });
});

test("an hour back: time goes on, a little slower, until the wall clock has come up to it", () => {
  const { time, pass, jump, steady } = turned();
  jump(-HOUR_MS);
  assert.equal(pass(10_000), START_MS + 9_000);
  pass(10 * HOUR_MS);
  assert.equal(steady.nowMs(), time.wallMs);
  assert.deepEqual(steady.jumps(), { ahead: 0, back: 1 });
});

test("whatever the wall clock does, time never goes back and never faster than both clocks", () => {
  const step = fc.record({ passMs: fc.integer({ min: 0, max: 20_000 }), jumpMs: fc.integer({ min: -1e7, max: 1e7 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { time, steady } = turned();
      let lastMs = steady.nowMs();
      for (const { passMs, jumpMs } of steps) {
        time.monotonicMs += passMs;
        time.wallMs += passMs + jumpMs;
        const nowMs = steady.nowMs();
        assert.ok(nowMs >= lastMs);
        assert.ok(nowMs >= lastMs + passMs * 0.89 - 1_000, "it goes on");
        assert.ok(nowMs <= Math.max(lastMs + passMs, time.wallMs));
        lastMs = nowMs;
      }
    }),
  );
});
