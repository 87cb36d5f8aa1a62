/**
 * # The clock, and waiting
 *
 * Decisions take times as arguments; only edges hold a `Clock`. Waiting ends early when told to stop.
 */

import { setTimeout as wait } from "node:timers/promises";

export interface Clock {
  /** Wall clock, epoch ms; may jump. */
  nowMs(): number;
  /** Never goes back; for intervals and ages only. */
  monotonicMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

/** Resolves after `delayMs`, or at once when `signal` aborts; it never rejects. */
export async function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  try {
    await wait(Math.max(0, delayMs), undefined, { signal });
  } catch {
    // Told to stop: the caller looks at its signal.
  }
}
