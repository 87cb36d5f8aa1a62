/**
 * # The feed, as its readers see it
 *
 * Ticks behind a cursor. A cursor is opaque text; it names the collector's run and the last tick read, so that a restart
 * of the collector is noticed. `gone` says how many ticks fell off before they were read: loss is counted, never hidden.
 */

import type { DeployTold } from "./deploy.ts";
import type { GroupEvaluation } from "./evaluation.ts";

/** One evaluation of everything; all evaluations carry the same grid time `at` (epoch ms). */
export interface Tick {
  readonly at: number;
  /** Made while iterated: 200,000 rows need not exist at once. Can be iterated once or more often. */
  readonly evaluations: Iterable<GroupEvaluation>;
  /** Recorded since the tick before; one may be told again after a restart, in the same words. */
  readonly deploys?: readonly DeployTold[];
}

export type FeedAnswer =
  | { readonly kind: "ticks"; readonly ticks: readonly Tick[]; readonly cursor: string }
  /** The cursor is older than the oldest tick, or of another run. Go on from `oldest`; `ticksGone` were not read. */
  | { readonly kind: "gone"; readonly oldest: string; readonly ticksGone: number };

export interface Feed {
  /**
   * Ticks after `cursor`, oldest first, as many as one answer holds; waits up to `waitMs` while there is none, then answers with an
   * empty list. The empty cursor means the oldest tick there is. Rejects only with AbortError.
   */
  read(cursor: string, waitMs: number, signal: AbortSignal): Promise<FeedAnswer>;
}
