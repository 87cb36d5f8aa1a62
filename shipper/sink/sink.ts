/**
 * # The port of a store
 *
 * The deliver loop owns batching, retry, splitting and counting; a sink only speaks its store's wire. Every sink passes
 * sink.suite.ts.
 */

import type { Point } from "../schema/point.ts";

/** What became of one batch. Each point is stored, rejected or kept; what no list names is stored. */
export type WriteOutcome =
  | {
      readonly kind: "written";
      /** How many of the stored were there already; a store that overwrites cannot tell, and says 0. */
      readonly duplicates: number;
      /** Refused for good, by index. */
      readonly rejected: readonly Rejection[];
      /** To come again, by index. */
      readonly kept: readonly number[];
      /** Why some are kept; absent where none is. */
      readonly hindrance?: Hindrance;
    }
  /** `refused`: some point in it is poison; either way halve and send again. */
  | { readonly kind: "split"; readonly why: "too-large" | "refused"; readonly cause: Error }
  /** Down or slow; all points come again. */
  | { readonly kind: "kept"; readonly retryAfterMs: number | undefined; readonly cause: Error }
  /** It refuses us, not the points: alert, drop nothing. */
  | { readonly kind: "held"; readonly cause: Error };

export interface Hindrance {
  readonly kind: "unreachable" | "held";
  readonly cause: Error;
}

export interface Rejection {
  readonly index: number;
  readonly reason: string;
}

/** While a store works on one, the next is made and sent. */
export const REQUESTS_MAX = 2;

export interface Sink {
  readonly name: string;
  /** Points of one request, at most. */
  readonly batchPointsMax: number;
  /**
   * Resolves for every outcome a healthy program can meet (a sink that is down is one); rejects only with AbortError.
   * Under way at once are REQUESTS_MAX at most. Kept points come again, so a second write of a point changes nothing.
   */
  write(batch: readonly Point[], signal: AbortSignal): Promise<WriteOutcome>;
}
