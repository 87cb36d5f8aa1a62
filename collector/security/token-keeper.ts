/**
 * # The keeper of a token
 *
 * One token for all connections of a cluster, one fetch at a time. It is renewed in its last fifth, by whoever sends a request
 * then, so that an endpoint that is away for a while costs nothing; until its end it is given to those who have to have one.
 */

import { asError } from "../../runtime/error.ts";

export interface BearerToken {
  readonly value: string;
  readonly lifetimeMs: number;
}

export interface TokenKeeper {
  /** One that is good for a session; rejects with why there is none. */
  token(): Promise<string>;
  /** A broker has taken it. */
  accepted(): void;
  /** A broker has not: the next one is another one. Many connections may have shown the same: it counts once. */
  refused(value: string, error: Error): void;
  /** Somebody is at work: renews what is old, in the background. */
  touch(): void;
}

export interface TokenKeeperOptions {
  readonly fetchToken: () => Promise<BearerToken>;
  readonly monotonicMs: () => number;
  /** A renewal in the background has failed. */
  readonly onFailed: (error: Error) => void;
}

/** A session is renewed ten seconds before its end (KIP-368): with less than this a token is no use. */
export const TOKEN_LIFETIME_MS_MIN = 15_000;
const OLD_SHARE = 0.2;
/**
 * After a failure, twice as long after each further one: every request of ours would ask otherwise, and who is refused too often
 * is locked out.
 */
const AGAIN_MS_FIRST = 1_000;
const AGAIN_MS_MAX = 30_000;

interface Held {
  readonly value: string;
  /** Renewed from here on. */
  readonly oldAtMs: number;
  /** No use for a new session from here on. */
  readonly uselessAtMs: number;
}

export function createTokenKeeper({ fetchToken, monotonicMs, onFailed }: TokenKeeperOptions): TokenKeeper {
  let held: Held | undefined;
  let flight: Promise<string> | undefined;
  let failure: { readonly error: Error; readonly untilMs: number } | undefined;
  let failures = 0;
  const failed = (error: Error): void => {
    failure = { error, untilMs: monotonicMs() + Math.min(AGAIN_MS_MAX, AGAIN_MS_FIRST * 2 ** failures) };
    failures += 1;
  };
  const renew = async (): Promise<string> => {
    // Its life began before we had it.
    const askedAtMs = monotonicMs();
    if (failure !== undefined && askedAtMs < failure.untilMs) throw failure.error;
    try {
      const { value, lifetimeMs } = await fetchToken();
      const uselessAtMs = askedAtMs + lifetimeMs - TOKEN_LIFETIME_MS_MIN;
      held = { value, uselessAtMs, oldAtMs: Math.min(uselessAtMs, askedAtMs + (1 - OLD_SHARE) * lifetimeMs) };
      return value;
    } catch (caught) {
      const error = asError(caught);
      failed(error);
      throw error;
    }
  };
  const shared = (): Promise<string> => {
    flight ??= renew().finally(() => {
      flight = undefined;
    });
    return flight;
  };
  return {
    token: async () => (held === undefined || monotonicMs() >= held.uselessAtMs ? shared() : held.value),
    accepted: () => {
      failures = 0;
      failure = undefined;
    },
    refused: (value, error) => {
      if (held?.value !== value) return;
      held = undefined;
      failed(error);
    },
    touch: () => {
      const nowMs = monotonicMs();
      if (held === undefined || nowMs < held.oldAtMs || flight !== undefined) return;
      if (failure !== undefined && nowMs < failure.untilMs) return;
      shared().catch((caught: unknown) => onFailed(asError(caught)));
    },
  };
}
