/**
 * # A feed that ends
 *
 * For commands that take what there is and go: the newest tick to look at, or all that is there to ship. Both wait for a first
 * tick as long as they are told, and no longer.
 */

import type { Feed, FeedAnswer, Tick } from "../collector/model/feed.ts";
import type { Clock } from "../runtime/clock.ts";

export interface TakeOptions {
  readonly waitMs: number;
  readonly clock: Clock;
}

/** The newest tick of the feed; undefined where none comes in time. */
export async function newestTick(
  feed: Feed,
  { waitMs, clock }: TakeOptions,
  signal: AbortSignal,
): Promise<Tick | undefined> {
  const reader = createReader(feed, { waitMs, clock }, signal);
  let newest: Tick | undefined;
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const answer = await reader.read(cursor);
    if (answer?.kind === "gone") cursor = answer.oldest;
    else if (answer === undefined || (answer.ticks.length === 0 && reader.isOver())) cursor = undefined;
    else {
      newest = answer.ticks.at(-1) ?? newest;
      cursor = answer.cursor;
    }
  }
  return newest;
}

export interface TakenFeed {
  readonly feed: Feed;
  ticks(): number;
}

/** The same feed up to its end as it is now; then, or where no tick comes in time, `end` is called, once. */
export function takenOnce(feed: Feed, { end, ...options }: TakeOptions & { readonly end: () => void }): TakenFeed {
  let reader: Reader | undefined;
  let ticks = 0;
  return {
    ticks: () => ticks,
    feed: {
      read: async (cursor, askedMs, signal) => {
        reader ??= createReader(feed, options, signal);
        // A look back at what is there already: none of it is taken.
        if (askedMs === 0) {
          if (reader.isOver()) end();
          return feed.read(cursor, 0, signal);
        }
        const answer = await reader.read(cursor);
        signal.throwIfAborted();
        if (answer?.kind === "ticks") ticks += answer.ticks.length;
        if (answer !== undefined && (answer.kind === "gone" || answer.ticks.length > 0)) return answer;
        if (reader.isOver()) end();
        return answer ?? { kind: "ticks", ticks: [], cursor };
      },
    },
  };
}

interface Reader {
  /** Undefined where the time is over. */
  read(cursor: string): Promise<FeedAnswer | undefined>;
  /** Nothing more is waited for: some tick has come, or the time is over. */
  isOver(): boolean;
}

function createReader(feed: Feed, { waitMs, clock }: TakeOptions, signal: AbortSignal): Reader {
  const untilMs = clock.monotonicMs() + waitMs;
  const timed = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  let hasSome = false;
  const leftMs = (): number => Math.max(0, Math.ceil(untilMs - clock.monotonicMs()));
  return {
    isOver: () => hasSome || leftMs() === 0,
    read: async (cursor: string) => {
      try {
        // Once some tick is here, there is no more to wait for, and to read what is there has no end of its own.
        const answer = await feed.read(cursor, hasSome ? 0 : leftMs(), hasSome ? signal : timed);
        hasSome ||= answer.kind === "ticks" && answer.ticks.length > 0;
        return answer;
      } catch (caught) {
        signal.throwIfAborted();
        if (timed.aborted) return undefined;
        throw caught;
      }
    },
  };
}
