/**
 * # From the feed into the spool
 *
 * Reads after the cursor that the spool keeps, makes points, packs them into rows, and appends rows and cursor in one
 * transaction. An answer too large for one is appended in pieces, the cursor with the last: a crash between repeats some
 * points, and a repeat changes nothing. While the spool refuses, nothing is read: the feed is the buffer, and what it
 * drops meanwhile is counted as ticks gone.
 *
 * Events are what two ticks tell between them. At the start the newest tick that the spool has is read once more, for what
 * it holds and not for its points, so that nothing is missed between it and the next.
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Feed, FeedAnswer, Tick } from "../../collector/model/feed.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { EventWatch } from "../encode/events.ts";
import { createEventWatch } from "../encode/events.ts";
import { pointsOf } from "../encode/points.ts";
import { createThinning } from "../encode/thinning.ts";
import type { Point } from "../schema/point.ts";
import type { PartitionPoints } from "../schema/thinning.ts";
import type { Batch } from "../spool/row.ts";
import { BATCH_POINTS_MAX, packPoints } from "../spool/row.ts";
import type { Spool } from "../spool/spool.ts";
import type { NewestTick } from "../spool/state.ts";
import type { Beat, Heartbeat } from "./heartbeat.ts";

export interface PullOptions {
  readonly feed: Feed;
  readonly spool: Spool;
  /** The ways of all sinks: what none of them keeps is not spooled. */
  readonly partitionPoints: ReadonlySet<PartitionPoints>;
  /** Absent: none is written. */
  readonly heartbeat?: Heartbeat;
  readonly logger: Logger;
}

export interface Puller {
  readonly actor: Actor;
  /** From the next ticks on these are the ways of all sinks. */
  thinFor(partitionPoints: ReadonlySet<PartitionPoints>): void;
  stats(): PullStats;
}

/** Since the start of this process. */
export interface PullStats {
  readonly ticks: number;
  /** Grid time of the newest tick that is in the spool; absent before the first. */
  readonly newestAtMs: number | undefined;
  /** Events that were too many for their tick. */
  readonly eventsDropped: number;
}

const WAIT_MS = 20_000;
/** An append of this size is one transaction; its rows wait in memory until it is durable. */
const APPEND_BYTES_MAX = 4 * 1024 * 1024;

export function createPuller(options: PullOptions): Puller {
  const { feed, spool, partitionPoints, heartbeat, logger } = options;
  let ways = partitionPoints;
  let thinning = createThinning(ways);
  const events = createEventWatch();
  let ticks = 0;
  let newestAtMs: number | undefined;
  const stats = (): PullStats => ({ ticks, newestAtMs, eventsDropped: events.dropped() });

  const takeTicks = async (read: readonly Tick[], { after, cursor }: Span, signal: AbortSignal): Promise<void> => {
    const newest = read.at(-1);
    if (newest === undefined && cursor === after) return;
    const beat = await heartbeat?.look(stats());
    const pointsIn = (tick: Tick) => withHeartbeat({ tick, points: pointsOf(tick, thinning, events), beat });
    for await (const { last, ...piece } of piecesOf(read, pointsIn)) {
      const end = last ? { cursor, ...newestTickOf(after, newest) } : { cursor: after };
      const answer = await spool.append({ after, ticksGone: 0, ...end, ...piece }, signal);
      if (answer !== "appended") return;
    }
    ticks += read.length;
    newestAtMs = newest?.at ?? newestAtMs;
  };

  /** That the source gave no tick is told, too. */
  const takeSilence = async (after: string, signal: AbortSignal): Promise<void> => {
    const points = (await heartbeat?.silence(stats())) ?? [];
    const { batches, tooLarge: pointsTooLarge } = packPoints(points);
    if (batches.length > 0) await spool.append({ after, cursor: after, ticksGone: 0, batches, pointsTooLarge }, signal);
  };

  const take = async (answer: FeedAnswer, after: string, signal: AbortSignal): Promise<void> => {
    switch (answer.kind) {
      case "ticks":
        if (answer.ticks.length === 0) await takeSilence(after, signal);
        await takeTicks(answer.ticks, { after, cursor: answer.cursor }, signal);
        break;
      case "gone": {
        const { oldest: cursor, ticksGone } = answer;
        logGone(logger, ticksGone);
        if (ticksGone === 0) events.newRun();
        await spool.append({ after, cursor, ticksGone, batches: [], pointsTooLarge: 0 }, signal);
        break;
      }
    }
  };

  /** Reads the newest tick that is spooled once more; false while the source does not answer, undefined when told to stop. */
  const begin = async (after: string, signal: AbortSignal): Promise<boolean | undefined> => {
    const newest = (await spool.stats()).state?.newestTick;
    if (newest === undefined) return true;
    const answer = await readOrStop(feed, newest.after, { waitMs: 0, signal });
    if (answer?.kind === "ticks" && answer.ticks.length === 0) await takeSilence(after, signal);
    return answer === undefined ? undefined : isKnown(answer, newest, events);
  };

  return {
    actor: pulling({ feed, spool, begin, take }),
    thinFor: (wanted) => {
      // What it remembers is worth keeping where nothing changes.
      if (ways.symmetricDifference(wanted).size === 0) return;
      ways = wanted;
      thinning = createThinning(ways);
    },
    stats,
  };
}

interface Steps extends Pick<PullOptions, "feed" | "spool"> {
  readonly begin: (after: string, signal: AbortSignal) => Promise<boolean | undefined>;
  readonly take: (answer: FeedAnswer, after: string, signal: AbortSignal) => Promise<void>;
}

function pulling({ feed, spool, begin, take }: Steps): Actor {
  return async (signal) => {
    let isBegun: boolean | undefined = false;
    for (;;) {
      const after = await spool.cursor(signal);
      if (after === undefined || signal.aborted) return;
      if (!isBegun) isBegun = await begin(after, signal);
      if (isBegun === undefined) return;
      if (!isBegun) continue;
      const answer = await readOrStop(feed, after, { waitMs: WAIT_MS, signal });
      if (answer === undefined) return;
      await take(answer, after, signal);
    }
  };
}

/** Shows the newest tick that is spooled to the watch; false where the source has not answered yet. */
function isKnown(answer: FeedAnswer, { atMs }: NewestTick, events: EventWatch): boolean {
  switch (answer.kind) {
    case "gone":
      if (answer.ticksGone === 0) events.newRun();
      return true;
    case "ticks": {
      const tick = answer.ticks.find(({ at }) => at === atMs);
      if (tick === undefined) return answer.ticks.length > 0;
      const watch = events.begin(tick.at);
      for (const evaluation of tick.evaluations) watch.see(evaluation);
      watch.end();
      return true;
    }
  }
}

function newestTickOf(after: string, newest: Tick | undefined): { readonly newestTick?: NewestTick } {
  return newest === undefined ? {} : { newestTick: { after, atMs: newest.at } };
}

function* withHeartbeat({ tick, points, beat }: Beating): Generator<Point> {
  let groups = 0;
  for (const point of points) {
    if (point.kind === "group") groups += 1;
    yield point;
  }
  if (beat !== undefined) yield* beat({ atMs: tick.at, groups });
}

interface Beating {
  readonly tick: Tick;
  readonly points: Iterable<Point>;
  readonly beat: Beat | undefined;
}

/** No ticks gone means that the cursor is of another run: what that one still had to tell is not known, and not a gap we know. */
function logGone(logger: Logger, ticksGone: number): void {
  if (ticksGone === 0)
    logger.info({ event: "feed.new_run" }, "the collector was started anew; reading from its oldest tick");
  else logger.warn({ event: "feed.gone", ticksGone }, "the feed no longer has these ticks; history has a gap");
}

interface Span {
  readonly after: string;
  readonly cursor: string;
}

async function readOrStop(
  feed: Feed,
  cursor: string,
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
) {
  try {
    return await feed.read(cursor, waitMs, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

interface Piece {
  readonly batches: readonly Batch[];
  readonly pointsTooLarge: number;
  readonly last: boolean;
}

/** All points of the ticks, packed, in pieces of about APPEND_BYTES_MAX. Between batches the event loop has a turn. */
async function* piecesOf(ticks: readonly Tick[], pointsIn: PointsIn): AsyncGenerator<Piece> {
  let batches: Batch[] = [];
  let pointsTooLarge = 0;
  let bytes = 0;
  for (const points of chunksOf(ticks, pointsIn)) {
    const packed = packPoints(points);
    batches.push(...packed.batches);
    pointsTooLarge += packed.tooLarge;
    bytes += packed.batches.reduce((sum, { body }) => sum + body.byteLength, 0);
    if (bytes >= APPEND_BYTES_MAX) {
      yield { batches, pointsTooLarge, last: false };
      [batches, pointsTooLarge, bytes] = [[], 0, 0];
    }
    await nextTurn();
  }
  yield { batches, pointsTooLarge, last: true };
}

type PointsIn = (tick: Tick) => Iterable<Point>;

function* chunksOf(ticks: readonly Tick[], pointsIn: PointsIn): Generator<readonly Point[]> {
  let chunk: Point[] = [];
  for (const tick of ticks) {
    for (const point of pointsIn(tick)) {
      chunk.push(point);
      if (chunk.length < BATCH_POINTS_MAX) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
