/**
 * # The head of the queue: the oldest row that a sink has not settled
 *
 * Damaged and missing rows before it are passed and counted; a row that its reader cannot make out goes into quarantine.
 */

import type { SpoolDatabase } from "./database.ts";
import { isSound } from "./database.ts";
import { damaged } from "./limits.ts";
import type { SpoolRow } from "./row.ts";
import type { SinkAccount, SpoolState } from "./state.ts";
import { accountOf, missing, withAccount } from "./state.ts";

/** Names a row as it was peeked: in a file that was replaced meanwhile, the same `seq` may be another row. */
export interface RowName {
  readonly seq: number;
  readonly crc: number;
}

export type Peeked = { readonly kind: "row"; readonly row: SpoolRow } | { readonly kind: "empty" };

interface At {
  readonly db: SpoolDatabase;
  readonly state: SpoolState;
}

interface Passed {
  readonly state: SpoolState;
  readonly answer: Peeked;
}

export function accountIn(state: SpoolState, sink: string): SinkAccount {
  const account = accountOf(state, sink);
  if (account === undefined) throw new Error(`no sink is called ${sink}`);
  return account;
}

/** The sink's next sound row; damaged and missing ones before it are counted and passed in one transaction. */
export function peekHead({ db, state }: At, sink: string): Passed {
  const account = accountIn(state, sink);
  const row = db.first(account.seq);
  if (row !== undefined && isNext(row, account)) return { state, answer: { kind: "row", row } };
  if (row === undefined && account.point === state.pointsIn) return { state, answer: { kind: "empty" } };
  return db.transaction((): Passed => {
    let next = state;
    let found = row;
    // A row that begins before the sink's position cannot be one of ours, whatever its CRC says.
    for (
      ;
      found !== undefined && !(isSound(found) && found.firstPoint >= account.point);
      found = db.first(found.seq + 1)
    ) {
      next = damaged(next, found, db);
    }
    const to =
      found === undefined ? { seq: state.nextSeq, point: state.pointsIn } : { seq: found.seq, point: found.firstPoint };
    next = withAccount(next, sink, missing(account, to));
    db.saveState(next);
    return { state: next, answer: found === undefined ? { kind: "empty" } : { kind: "row", row: found } };
  });
}

export function isNext(row: SpoolRow, account: SinkAccount): boolean {
  return isSound(row) && row.seq === account.seq && row.firstPoint === account.point;
}

/** After the row is out of the way; unchanged where it is another by now. */
export function quarantined({ db, state }: At, name: RowName): SpoolState {
  const row = db.first(name.seq);
  if (row?.seq !== name.seq || row.crc !== name.crc) return state;
  return db.transaction(() => {
    const after = damaged(state, row, db);
    db.saveState(after);
    return after;
  });
}
