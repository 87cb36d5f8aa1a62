/**
 * # A feed whose ticks are taken a little later, each by chance
 *
 * All shippers hear of a tick at the same moment, and would all write to the same store in the next. A reader that is behind, and
 * gets several ticks at once, does not wait: it has other times than they.
 */

import type { Feed } from "../../collector/model/feed.ts";
import { sleep } from "../../runtime/clock.ts";

export interface JitterOptions {
  readonly jitterMs: number;
  readonly random: () => number;
  /** Resolves after `waitMs`, or early when the signal aborts; never rejects. */
  readonly wait?: (waitMs: number, signal: AbortSignal) => Promise<void>;
}

export function jittered(feed: Feed, { jitterMs, random, wait = sleep }: JitterOptions): Feed {
  return {
    read: async (cursor, waitMs, signal) => {
      const answer = await feed.read(cursor, waitMs, signal);
      if (answer.kind === "ticks" && answer.ticks.length === 1) await wait(random() * jitterMs, signal);
      signal.throwIfAborted();
      return answer;
    },
  };
}
