/**
 * # Several rows in hand: what follows a row, and settling
 *
 * To look ahead changes nothing: what is damaged or missing is for the look at the head (head.ts) to find and count. To settle moves
 * the sink's cursor over its next rows and deletes what every sink has settled, in one transaction.
 */

import type { SpoolDatabase } from "./database.ts";
import { isSound } from "./database.ts";
import type { DeadLetter, DeadLetters } from "./dead-letters.ts";
import type { RowName } from "./head.ts";
import { accountIn, isNext } from "./head.ts";
import type { SpoolRow } from "./row.ts";
import type { SpoolState, Tally } from "./state.ts";
import { oldestNeeded, settled, withAccount } from "./state.ts";

/** What comes after a row that was peeked, or read ahead itself. */
export interface AheadQuery {
  readonly after: Pick<SpoolRow, "seq" | "firstPoint" | "points">;
  /** Of all rows together; the first comes whatever its size. */
  readonly pointsMax: number;
}

export interface Ahead {
  readonly kind: "rows";
  readonly rows: readonly SpoolRow[];
}

/** Rows of one sink, in their order. */
export interface SettleEntry {
  readonly sink: string;
  readonly rows: readonly SettledRow[];
}

export interface SettledRow {
  readonly row: RowName;
  readonly tally: Tally;
  /** Of the points that the tally calls rejected. */
  readonly letters: readonly DeadLetter[];
}

/** Rows of one answer; each may be as large as BATCH_BYTES_MAX. */
const AHEAD_ROWS_MAX = 64;
const AHEAD_BYTES_MAX = 4 * 1024 * 1024;

export function rowsAhead(db: SpoolDatabase, { after, pointsMax }: AheadQuery): Ahead {
  const rows: SpoolRow[] = [];
  let [last, points, bytes] = [after, 0, 0];
  while (rows.length < AHEAD_ROWS_MAX) {
    const row = db.first(last.seq + 1);
    if (row?.seq !== last.seq + 1 || row.firstPoint !== last.firstPoint + last.points || !isSound(row)) break;
    points += row.points;
    bytes += row.body.byteLength;
    if (rows.length > 0 && (points > pointsMax || bytes > AHEAD_BYTES_MAX)) break;
    rows.push(row);
    last = row;
  }
  return { kind: "rows", rows };
}

interface At {
  readonly db: SpoolDatabase;
  readonly letters: DeadLetters;
  readonly state: SpoolState;
}

/** Passes over a row that is settled already, was dropped by the cap on its way, or is of a file since replaced. */
export function settleRows({ db, letters, state }: At, { sink, rows }: SettleEntry, nowMs: number): SpoolState {
  const before = accountIn(state, sink);
  let account = before;
  const refused: DeadLetter[] = [];
  for (const { row: name, tally, letters: ofRow } of rows) {
    const row = db.first(name.seq);
    if (row?.crc !== name.crc || !isNext(row, account)) continue;
    account = settled(account, row, tally);
    refused.push(...ofRow);
  }
  if (account === before) return state;
  const next = withAccount(state, sink, account);
  db.transaction(() => {
    db.deleteBefore(oldestNeeded(next));
    if (refused.length > 0) letters.add(refused, { sink, nowMs });
    db.saveState(next);
  });
  db.shrink();
  return next;
}
