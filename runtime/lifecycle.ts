/**
 * # Actors: what runs until it is told to stop
 */

import type { Clock } from "./clock.ts";
import { sleep } from "./clock.ts";

/** Runs until `signal` aborts. Told to stop, it resolves; it rejects only on a bug or a broken start. */
export type Actor = (signal: AbortSignal) => Promise<void>;

/** Runs actors as one: the first to settle aborts the rest; resolves only when all have settled. */
export async function runTogether(actors: readonly Actor[], outer: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const settled = await Promise.allSettled(actors.map((actor) => actor(signal).finally(() => stop.abort())));
  const errors = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${actors.length} actors failed`);
}

/** Resolves once told to stop. */
export function untilTold(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

/** Calls `task` at each multiple of `everyMs` of the monotonic clock; a slow task makes it skip, never overlap. */
export function repeating(everyMs: number, clock: Clock, task: (signal: AbortSignal) => Promise<void>): Actor {
  return async (signal) => {
    let dueMs = clock.monotonicMs();
    while (!signal.aborted) {
      await task(signal);
      const nowMs = clock.monotonicMs();
      const skipped = Math.max(0, Math.floor((nowMs - dueMs) / everyMs));
      dueMs += everyMs * (skipped + 1);
      await sleep(dueMs - nowMs, signal);
    }
  };
}
