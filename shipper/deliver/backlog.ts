/**
 * # Rows of the spool, on their way to one sink
 *
 * A load is what is sent and settled together: one row, or several small ones that fill no request alone. While one is on its
 * way the next is read and unpacked, so that a store never waits for our disk.
 */

import { asError } from "../../runtime/error.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Point } from "../schema/point.ts";
import type { SettledRow } from "../spool/outgoing.ts";
import type { SpoolRow } from "../spool/row.ts";
import { unpackPoints } from "../spool/row.ts";
import type { Spool } from "../spool/spool.ts";
import type { Delivery } from "./policy.ts";
import { beginDelivery } from "./policy.ts";

export interface Load {
  readonly rows: readonly SpoolRow[];
  /** Of all rows, in their order. */
  readonly points: readonly Point[];
  /** As it begins; its indexes are those of `points`. */
  readonly delivery: Delivery;
}

export interface BacklogOptions {
  readonly sink: string;
  readonly spool: Spool;
  readonly wants: (point: Point) => boolean;
  readonly batchPointsMax: () => number;
  readonly logger: Logger;
}

export interface Backlog {
  /** The oldest load; all that were handed out must be settled. Waits for one; undefined when told to stop and there is none. */
  next(signal: AbortSignal): Promise<Load | undefined>;
  /** Begins to read what follows a load in hand, unless that was done; `ready` is called where there is something. */
  readAhead(load: Load, ready: (following: Load) => void): void;
}

export function createBacklog(options: BacklogOptions): Backlog {
  const { sink, spool, logger } = options;
  let ahead: { readonly after: Load; readonly load: Promise<Load | undefined> } | undefined;
  const following = async (load: Load): Promise<Load | undefined> => {
    const last = load.rows.at(-1);
    if (last === undefined) return undefined;
    const { seq, firstPoint, points } = last;
    const rows = await spool.ahead({ after: { seq, firstPoint, points }, pointsMax: options.batchPointsMax() });
    return loadOf(rows, options);
  };
  return {
    next: async (signal) => {
      const read = await ahead?.load;
      ahead = undefined;
      if (read !== undefined) return read;
      for (;;) {
        const row = await spool.peek(sink, signal);
        if (row === undefined) return undefined;
        const load = loadOf([row], options);
        if (load !== undefined) return load;
        logger.error({ event: "spool.row_unreadable", seq: row.seq }, "a row cannot be unpacked; it is in quarantine");
        await spool.quarantine({ seq: row.seq, crc: row.crc }, signal);
      }
    },
    readAhead: (load, ready) => {
      if (ahead?.after === load) return;
      const read = following(load);
      ahead = { after: load, load: read };
      // Where the thread has died, whoever waits for the next load is told.
      read.then((next) => next !== undefined && ready(next)).catch(() => undefined);
    },
  };
}

/** Up to the first row that cannot be unpacked; undefined where that is the first. */
function loadOf(rows: readonly SpoolRow[], { wants, batchPointsMax, logger }: BacklogOptions): Load | undefined {
  const readable: SpoolRow[] = [];
  const points: Point[] = [];
  for (const row of rows) {
    const ofRow = pointsIn(row, logger);
    if (ofRow === undefined) break;
    readable.push(row);
    for (const point of ofRow) points.push(point);
  }
  if (readable.length === 0) return undefined;
  const wanted: number[] = [];
  points.forEach((point, index) => {
    if (wants(point)) wanted.push(index);
  });
  return { rows: readable, points, delivery: beginDelivery(wanted, batchPointsMax()) };
}

/** The CRC holds, so only a bug or a foreign writer brings us here; one row must not stop all others. */
function pointsIn(row: SpoolRow, logger: Logger): readonly Point[] | undefined {
  try {
    const points = unpackPoints(row.body);
    if (points.length === row.points) return points;
  } catch (caught) {
    logger.debug({ event: "spool.row_unreadable", seq: row.seq, err: asError(caught) }, "a row cannot be unpacked");
  }
  return undefined;
}

/**
 * The end of each row: what became of its points, and the refused ones as dead letters. Duplicates are known by request and not by
 * point: where a load has several rows, the first ones are said to have had them.
 */
export function settlementsOf({ rows, points }: Load, { wanted, duplicate, refused }: Delivery): readonly SettledRow[] {
  let [first, duplicatesLeft] = [0, duplicate];
  return rows.map(({ seq, crc, points: count }) => {
    const isOfRow = (index: number) => index >= first && index < first + count;
    const letters = refused.filter(({ index }) => isOfRow(index)).map(letterOf(points));
    const tried = wanted.filter(isOfRow).length;
    const duplicates = Math.min(duplicatesLeft, tried - letters.length);
    duplicatesLeft -= duplicates;
    first += count;
    const stored = tried - letters.length - duplicates;
    return {
      row: { seq, crc },
      tally: { stored, duplicate: duplicates, filtered: count - tried, rejected: letters.length },
      letters,
    };
  });
}

const letterOf =
  (points: readonly Point[]) =>
  ({ index, reason }: Delivery["refused"][number]) => ({
    reason,
    point: JSON.stringify({ ...points[index], keptBy: undefined }),
  });
