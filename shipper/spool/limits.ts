/**
 * # The spool's limits: bytes, free disk, age
 *
 *     room   := the smaller of `bytesMax` and what leaves `freeDiskMin` of the disk free, but never less than ROOM_BYTES_MIN
 *     cutoff := the earlier of the clock and the newest point's time, less `ageMsMax`
 *
 * The oldest row goes first. Only a sink that still needed it loses it and counts it: one that is quick loses nothing, and
 * what pins the most goes before what pins less. Age is judged by two clocks, ours and that of the points, because one that jumps must
 * not empty the spool. A transaction drops a bounded number of rows, since the disk may be full and each needs some of it.
 */

import type { SpoolDatabase } from "./database.ts";
import { isSound } from "./database.ts";
import type { DropReason } from "./drops.ts";
import { withDrop } from "./drops.ts";
import type { SpoolRow } from "./row.ts";
import type { SinkAccount, SpoolState } from "./state.ts";
import { dropped, missing, oldestNeeded, withoutExpired } from "./state.ts";

export interface SpoolLimits {
  readonly bytesMax: number;
  /** Rows older than this are dropped; absent: none is. */
  readonly ageMsMax?: number | undefined;
  /** Share of the disk, 0 to 1, that the spool leaves free; absent: it takes what it gets. */
  readonly freeDiskMin?: number | undefined;
  /** How long a removed sink keeps its place; absent: not at all. */
  readonly removedMsMax?: number | undefined;
}

/** What the disk has, as far as it is known. */
export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** The spool may have this much however full the disk is: it is what keeps quick sinks from losing anything. */
export const ROOM_BYTES_MIN = 16 * 1024 * 1024;
const ROWS_PER_STEP = 64;

export interface Bounds {
  /** What the rows may use, and which limit says so. */
  readonly room: { readonly bytes: number; readonly reason: "bytes" | "disk" };
  /** Rows whose newest point is older are dropped. */
  readonly cutoffMs: number;
  readonly nowMs: number;
  readonly removedMsMax: number;
}

export function boundsOf(
  limits: SpoolLimits,
  at: {
    readonly fileBytes: number;
    readonly disk: DiskSpace | undefined;
    readonly newestMs: number | undefined;
    readonly nowMs: number;
  },
): Bounds {
  const { bytesMax, ageMsMax = Number.POSITIVE_INFINITY, freeDiskMin = 0, removedMsMax = 0 } = limits;
  const { fileBytes, disk, newestMs, nowMs } = at;
  const leftBytes =
    disk === undefined ? bytesMax : fileBytes + disk.freeBytes - Math.ceil(disk.totalBytes * freeDiskMin);
  const onDisk = Math.max(ROOM_BYTES_MIN, leftBytes);
  return {
    room: onDisk < bytesMax ? { bytes: onDisk, reason: "disk" } : { bytes: bytesMax, reason: "bytes" },
    cutoffMs: Math.min(nowMs, newestMs ?? nowMs) - ageMsMax,
    nowMs,
    removedMsMax,
  };
}

interface At {
  readonly db: SpoolDatabase;
  readonly state: SpoolState;
}

/** One transaction towards the bounds; the state itself where nothing is beyond them. */
export function stepInto(bounds: Bounds, { db, state }: At): SpoolState {
  if (reasonToDrop(bounds, db) === undefined && withoutOverdue(bounds, { db, state }) === state) return state;
  return db.transaction(() => {
    let next = withoutOverdue(bounds, { db, state });
    db.deleteBefore(oldestNeeded(next));
    for (let rows = 0; rows < ROWS_PER_STEP; rows += 1) {
      const reason = reasonToDrop(bounds, db);
      const row = reason === undefined ? undefined : db.first(0);
      if (reason === undefined || row === undefined) break;
      next = isSound(row) ? rowDropped(next, row, { reason, nowMs: bounds.nowMs }) : damaged(next, row, db);
      db.delete(row.seq);
    }
    db.saveState(next);
    return next;
  });
}

function reasonToDrop({ room, cutoffMs }: Bounds, db: SpoolDatabase): DropReason | undefined {
  const oldestMs = db.oldestMs();
  if (oldestMs === undefined) return undefined;
  if (oldestMs < cutoffMs) return "age";
  return db.usedBytes() > room.bytes ? room.reason : undefined;
}

function withoutOverdue({ nowMs, removedMsMax: pinMs }: Bounds, { db, state }: At): SpoolState {
  if (state.removed.length === 0) return state;
  const lastMs = db.newestMs() ?? nowMs;
  return withoutExpired(state, { nowMs, pinMs, lastMs, firstMsOf: ({ seq }) => db.first(seq)?.firstMs ?? lastMs });
}

function rowDropped(
  state: SpoolState,
  row: SpoolRow,
  { reason, nowMs }: { readonly reason: DropReason; readonly nowMs: number },
): SpoolState {
  const { firstMs, lastMs } = row;
  const drop = (account: SinkAccount): SinkAccount => {
    if (account.seq > row.seq) return account;
    // What was missing before this row is not lost to the limit.
    const reached = missing(account, { seq: row.seq, point: row.firstPoint });
    return dropped(reached, { seq: row.seq + 1, point: row.firstPoint + row.points }, reason);
  };
  const needing = [...state.sinks, ...state.removed.map(({ name, account }) => [name, account] as const)].filter(
    ([, { seq, point }]) => seq <= row.seq && point < row.firstPoint + row.points,
  );
  const next = {
    ...state,
    sinks: state.sinks.map(([name, account]): SpoolState["sinks"][number] => [name, drop(account)]),
    removed: state.removed.map((one) => ({ ...one, account: drop(one.account) })),
  };
  return needing.reduce((after, [sink, { point }]) => {
    const firstPoint = Math.max(point, row.firstPoint);
    const points = row.firstPoint + row.points - firstPoint;
    return withDrop(after, { sink, reason, firstPoint, points, firstMs, lastMs }, nowMs);
  }, next);
}

/** Its points are counted by each sink when it meets the gap. */
export function damaged(state: SpoolState, row: SpoolRow, db: SpoolDatabase): SpoolState {
  db.quarantine(row);
  return { ...state, rowsDamaged: state.rowsDamaged + 1 };
}
