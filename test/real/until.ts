/**
 * # A bounded poll
 *
 * Real servers have no event for "ready now", so tests ask again until the answer is there or the time is over. The error
 * carries the last answer: a test that fails here says what it saw instead.
 */

import { setTimeout as pause } from "node:timers/promises";

export interface UntilOptions {
  readonly timeoutMs: number;
  readonly everyMs?: number;
}

class NeverHappened extends Error {
  override readonly name = "NeverHappened";
  constructor(what: string, timeoutMs: number, options: { readonly last: string; readonly cause: unknown }) {
    super(`${what}: not within ${timeoutMs} ms; last seen: ${options.last}`, { cause: options.cause });
  }
}

/** What one look saw: the value waited for, or what is there instead. */
export type Look<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "not-yet"; readonly seen: string };

export function done<T>(value: T): Look<T> {
  return { kind: "done", value };
}

export function notYet(seen: string): Look<never> {
  return { kind: "not-yet", seen };
}

/** Looks until done. A look that throws counts as "not yet": a server that is coming up refuses connections. */
export async function until<T>(what: string, look: () => Promise<Look<T>>, options: UntilOptions): Promise<T> {
  const deadlineMs = performance.now() + options.timeoutMs;
  let last = "nothing";
  let cause: unknown;
  do {
    try {
      const one = await withinMs(deadlineMs - performance.now(), look());
      if (one.kind === "done") return one.value;
      last = one.seen;
      cause = undefined;
    } catch (error) {
      last = String(error);
      cause = error;
    }
    await pause(options.everyMs ?? 50);
  } while (performance.now() < deadlineMs);
  throw new NeverHappened(what, options.timeoutMs, { last, cause });
}

/** A look that never answers is one more way of not yet: its promise is left behind, and the deadline holds. */
async function withinMs<T>(leftMs: number, looking: Promise<Look<T>>): Promise<Look<T>> {
  const answered = new AbortController();
  const late = pause(Math.max(0, leftMs), notYet("no answer"), { signal: answered.signal }).catch(() => notYet(""));
  try {
    return await Promise.race([looking, late]);
  } finally {
    answered.abort();
  }
}
