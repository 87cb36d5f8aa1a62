/**
 * # From the feed into the spool
 *
 * Reads after the cursor that the spool keeps, makes points, packs them into rows, and appends rows and cursor in one
 * transaction. An answer too large for one is appended in pieces, the cursor with the last: a crash between repeats some
 * points, and a repeat changes nothing. While the spool refuses, nothing is read: the feed is the buffer, and what it
 * drops meanwhile is counted as ticks gone.
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Feed, Tick } from "../../collector/model/feed.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Logger } from "../../runtime/logger.ts";
import { pointsOf } from "../encode/points.ts";
import type { Thinning } from "../encode/thinning.ts";
import { createThinning } from "../encode/thinning.ts";
import type { Point } from "../schema/point.ts";
import type { PartitionPoints } from "../schema/thinning.ts";
import type { Batch } from "../spool/row.ts";
import { BATCH_POINTS_MAX, packPoints } from "../spool/row.ts";
import type { Spool } from "../spool/spool.ts";

export interface PullOptions {
  readonly feed: Feed;
  readonly spool: Spool;
  /** The ways of all sinks: what none of them keeps is not spooled. */
  readonly partitionPoints: ReadonlySet<PartitionPoints>;
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
}

const WAIT_MS = 20_000;
/** An append of this size is one transaction; its rows wait in memory until it is durable. */
const APPEND_BYTES_MAX = 4 * 1024 * 1024;

export function createPuller({ feed, spool, partitionPoints, logger }: PullOptions): Puller {
  let ways = partitionPoints;
  let thinning = createThinning(ways);
  let ticks = 0;
  let newestAtMs: number | undefined;
  const takeTicks = async (read: readonly Tick[], from: Span, signal: AbortSignal): Promise<void> => {
    if (read.length === 0 && from.cursor === from.after) return;
    for await (const piece of piecesOf(read, thinning)) {
      const cursor = piece.last ? from.cursor : from.after;
      const answer = await spool.append({ after: from.after, cursor, ticksGone: 0, ...piece }, signal);
      if (answer !== "appended") return;
    }
    ticks += read.length;
    newestAtMs = read.at(-1)?.at ?? newestAtMs;
  };
  const actor: Actor = async (signal) => {
    for (;;) {
      const after = await spool.cursor(signal);
      if (after === undefined || signal.aborted) return;
      const answer = await readOrStop(feed, after, signal);
      if (answer === undefined) return;
      switch (answer.kind) {
        case "ticks":
          await takeTicks(answer.ticks, { after, cursor: answer.cursor }, signal);
          break;
        case "gone": {
          const { oldest: cursor, ticksGone } = answer;
          logGone(logger, ticksGone);
          await spool.append({ after, cursor, ticksGone, batches: [], pointsTooLarge: 0 }, signal);
          break;
        }
      }
    }
  };
  return {
    actor,
    thinFor: (wanted) => {
      // What it remembers is worth keeping where nothing changes.
      if (ways.symmetricDifference(wanted).size === 0) return;
      ways = wanted;
      thinning = createThinning(ways);
    },
    stats: () => ({ ticks, newestAtMs }),
  };
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

async function readOrStop(feed: Feed, cursor: string, signal: AbortSignal) {
  try {
    return await feed.read(cursor, WAIT_MS, signal);
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
async function* piecesOf(ticks: readonly Tick[], thinning: Thinning): AsyncGenerator<Piece> {
  let batches: Batch[] = [];
  let pointsTooLarge = 0;
  let bytes = 0;
  for (const points of chunksOf(ticks, thinning)) {
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

function* chunksOf(ticks: readonly Tick[], thinning: Thinning): Generator<readonly Point[]> {
  let chunk: Point[] = [];
  for (const tick of ticks) {
    for (const point of pointsOf(tick, thinning)) {
      chunk.push(point);
      if (chunk.length < BATCH_POINTS_MAX) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
