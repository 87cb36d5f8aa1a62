/**
 * # A steady clock: wall time that never goes back
 *
 * Runs on the monotonic clock and follows the wall clock, so that what is stamped with it is stamped once, whatever is done to
 * the wall clock:
 *
 *   apart by at most TOLERANCE_MS            the wall clock's time; where that went back, the time stands still until then
 *   the wall clock is ahead for HELD_MS      its time, at once: the machine slept, or was late and has been put right
 *   ahead by FAR_MS and more                 the same after HELD_FAR_MS; until then the monotonic clock's time
 *   the wall clock is behind                 the monotonic clock's time, slower by SLEW, until the wall clock has come up to it
 */

import type { Clock } from "./clock.ts";

const TOLERANCE_MS = 1_000;
/** A jump ahead that is taken back sooner is a mistake of the wall clock: nobody follows it. */
const HELD_MS = 10_000;
/** No clock that was merely late is so far ahead, and what is stamped years ahead nobody gets rid of: it has to stay for longer. */
const FAR_MS = 86_400_000;
const HELD_FAR_MS = 600_000;
/** An hour too early is made good in ten hours. */
const SLEW = 0.1;

export interface SteadyClock extends Clock {
  /** How often the wall clock left the steady one by more than the tolerance. */
  jumps(): { readonly ahead: number; readonly back: number };
  /** By how much the wall clock is ahead and not followed yet; 0 where it is not. */
  heldBackMs(): number;
}

type Course =
  | { readonly kind: "with" }
  | { readonly kind: "behind"; readonly sinceMs: number }
  | { readonly kind: "before" };

export function createSteadyClock(clock: Clock): SteadyClock {
  const jumps = { ahead: 0, back: 0 };
  let seenMs = clock.monotonicMs();
  let nowMs = clock.nowMs();
  let course: Course = { kind: "with" };
  let heldBackMs = 0;

  const step = (): void => {
    const monotonicMs = clock.monotonicMs();
    const elapsedMs = Math.max(0, monotonicMs - seenMs);
    seenMs = monotonicMs;
    const wallMs = clock.nowMs();
    const dueMs = nowMs + elapsedMs;
    const before = course.kind;
    heldBackMs = 0;
    course = courseOf(course, { wallMs, dueMs, monotonicMs });
    if (course.kind !== before) count(jumps, course.kind);
    switch (course.kind) {
      case "with":
        nowMs = Math.max(nowMs, wallMs);
        return;
      case "before":
        nowMs = Math.max(dueMs - elapsedMs * SLEW, wallMs);
        return;
      case "behind":
        nowMs = dueMs;
        heldBackMs = wallMs - dueMs;
        if (monotonicMs - course.sinceMs < (heldBackMs < FAR_MS ? HELD_MS : HELD_FAR_MS)) return;
        heldBackMs = 0;
        nowMs = wallMs;
        course = { kind: "with" };
    }
  };

  return {
    nowMs: () => {
      step();
      return nowMs;
    },
    monotonicMs: clock.monotonicMs,
    jumps: () => ({ ...jumps }),
    heldBackMs: () => {
      step();
      return heldBackMs;
    },
  };
}

interface Times {
  readonly wallMs: number;
  /** The steady time, had the wall clock not been looked at. */
  readonly dueMs: number;
  readonly monotonicMs: number;
}

function courseOf(course: Course, { wallMs, dueMs, monotonicMs }: Times): Course {
  const aheadMs = wallMs - dueMs;
  if (aheadMs > TOLERANCE_MS) return course.kind === "behind" ? course : { kind: "behind", sinceMs: monotonicMs };
  // Once before the wall clock, the way back goes all the way: else it would end at the tolerance.
  if (aheadMs < (course.kind === "before" ? 0 : -TOLERANCE_MS)) return { kind: "before" };
  return { kind: "with" };
}

function count(jumps: { ahead: number; back: number }, course: Course["kind"]): void {
  if (course === "behind") jumps.ahead += 1;
  if (course === "before") jumps.back += 1;
}
