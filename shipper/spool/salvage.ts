/**
 * # What can be read of a file that cannot be used
 *
 * Rows whose CRC holds move into the
 * new file, first from the oldest up to the first damage, then from the newest down to it; what lies between is missing
 * from the running numbers, and so is counted. Without a state that can be believed, the source is read again from its
 * oldest tick and every sink gets every row again: a repeat changes nothing.
 */

import { asError } from "../../runtime/error.ts";
import { fileFailureOf } from "../sqlite/failure.ts";
import type { SpoolDatabase } from "./database.ts";
import { isSound, openDatabase } from "./database.ts";
import type { SpoolRow } from "./row.ts";
import type { SpoolState } from "./state.ts";
import { EMPTY_STATE } from "./state.ts";

const ROWS_PER_COMMIT = 50;

/** Copies what can be read from the file set aside into the new, empty one. Stops early, but never fails, where it cannot. */
export function salvage(aside: string, into: SpoolDatabase, lettersBytesMax: number): void {
  let from: SpoolDatabase | undefined;
  try {
    from = openDatabase(aside, 0);
    const loaded = stateOf(from);
    if (loaded !== undefined) into.transaction(() => into.saveState(loaded));
    const last = copy(soundRows(from), into);
    if (loaded === undefined && last !== undefined) into.transaction(() => into.saveState(stateAfter(last)));
    copyLetters(from, into, lettersBytesMax);
  } catch (caught) {
    // What cannot be opened or copied stays in the file set aside; any error that is not the file's is a bug.
    const error = asError(caught);
    if (fileFailureOf(error) === undefined) throw error;
  } finally {
    from?.close();
  }
}

function stateOf(from: SpoolDatabase): SpoolState | undefined {
  try {
    const loaded = from.loadState();
    return loaded.kind === "state" ? loaded.state : undefined;
  } catch {
    return undefined;
  }
}

/** Positions without accounts: the rows prove nothing about what became of points before them. */
function stateAfter(last: SpoolRow): SpoolState {
  return { ...EMPTY_STATE, nextSeq: last.seq + 1, pointsIn: last.firstPoint + last.points };
}

/** Copies rows, a bounded number a transaction; answers the one with the greatest seq. */
function copy(rows: Iterable<SpoolRow>, into: SpoolDatabase): SpoolRow | undefined {
  let newest: SpoolRow | undefined;
  let pending: SpoolRow[] = [];
  const flush = (): void => {
    into.transaction(() => pending.forEach((row) => void into.insert(row)));
    pending = [];
  };
  for (const row of rows) {
    if (newest === undefined || row.seq > newest.seq) newest = row;
    pending.push(row);
    if (pending.length === ROWS_PER_COMMIT) flush();
  }
  flush();
  return newest;
}

function copyLetters(from: SpoolDatabase, into: SpoolDatabase, bytesMax: number): void {
  const letters = into.deadLetters(bytesMax);
  into.transaction(() => {
    for (const { sink, refusedMs, ...letter } of from.deadLetters(bytesMax).all())
      letters.add([letter], { sink, nowMs: refusedMs });
  });
}

function* soundRows(from: SpoolDatabase): Generator<SpoolRow> {
  let up = 0;
  for (let row = tryRow(() => from.first(up)); row !== undefined; row = tryRow(() => from.first(up))) {
    if (row.seq < up) return;
    up = row.seq + 1;
    if (isSound(row)) yield row;
  }
  let down = Number.MAX_SAFE_INTEGER;
  for (let row = tryRow(() => from.last(down)); row !== undefined; row = tryRow(() => from.last(down))) {
    if (row.seq < up || row.seq > down) return;
    down = row.seq - 1;
    if (isSound(row)) yield row;
  }
}

function tryRow(read: () => SpoolRow | undefined): SpoolRow | undefined {
  try {
    return read();
  } catch {
    // Unreadable from this side: the other side may still reach what lies behind.
    return undefined;
  }
}
