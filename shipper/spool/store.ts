/**
 * # The spool, as its thread runs it
 *
 * Everything here blocks. One call is at most one transaction, and answers after COMMIT: {rows + source cursor},
 * {delete + sink cursor + counters}. After any failure the connection is closed and the state read again from the file,
 * so that what we believe is what is durable. A commit that failed may still be there after that; hence `append` names the
 * cursor it continues, and `settle` of a row that is settled changes nothing.
 */

import { statSync } from "node:fs";
import type { Clock } from "../../runtime/clock.ts";
import { asError } from "../../runtime/error.ts";
import type { SpoolDatabase } from "./database.ts";
import { isSound, openDatabase } from "./database.ts";
import { DamagedFileError, fileFailureOf, SpoolLockedError, SpoolNewerError } from "./failure.ts";
import type { Batch, SpoolRow } from "./row.ts";
import { crcOf } from "./row.ts";
import { salvage, setAside } from "./salvage.ts";
import type { SinkAccount, SpoolState, Tally } from "./state.ts";
import { accountOf, givenUp, oldestNeeded, SPOOL_FORMAT, settled, withAccount, withRow, withSinks } from "./state.ts";

export interface StoreOptions {
  readonly path: string;
  readonly bytesMax: number;
  /** Names of the configured sinks, each with its own cursor. */
  readonly sinks: readonly string[];
}

/** The disk refuses: nothing was acknowledged; the same call may succeed later. */
export interface Unavailable {
  readonly kind: "unavailable";
  readonly cause: Error;
}

export interface AppendEntry {
  /** The source cursor these batches continue; where the spool's is another, nothing is taken. */
  readonly after: string;
  readonly cursor: string;
  readonly batches: readonly Batch[];
  readonly ticksGone: number;
  readonly pointsTooLarge: number;
}

export interface SettleEntry {
  readonly sink: string;
  readonly row: RowName;
  readonly tally: Tally;
}

/** Names a row as it was peeked: in a file that was replaced meanwhile, the same `seq` may be another row. */
export interface RowName {
  readonly seq: number;
  readonly crc: number;
}

export interface StoreStats {
  /** `degraded`: the file was set aside once since the start; something may be lost that no counter knows. */
  readonly health:
    | { readonly kind: "ok" }
    | { readonly kind: "degraded"; readonly aside: string }
    | { readonly kind: "unavailable"; readonly why: string };
  readonly usedBytes: number;
  readonly fileBytes: number;
  /** Oldest grid time still spooled; absent when nothing is. */
  readonly oldestMs: number | undefined;
  /** As last known; absent before the file could first be opened. */
  readonly state: SpoolState | undefined;
}

/** What the thread serves. */
export interface SpoolStore {
  cursor(): { readonly kind: "cursor"; readonly cursor: string } | Unavailable;
  append(entry: AppendEntry): Appended | Unavailable;
  peek(sink: string): { readonly kind: "row"; readonly row: SpoolRow } | { readonly kind: "empty" } | Unavailable;
  settle(entry: SettleEntry): { readonly kind: "settled" } | Unavailable;
  /** The row's CRC holds but its points cannot be made out. */
  quarantine(row: RowName): { readonly kind: "quarantined" } | Unavailable;
  stats(): StoreStats;
  close(): void;
}

interface Open {
  readonly db: SpoolDatabase;
  readonly state: SpoolState;
}

/** Pages that a transaction may need beside its rows. */
const SLACK_BYTES = 128 * 1024;
const ROW_SLACK_BYTES = 8 * 1024;

/** Opens the file at the first call, which may throw SpoolLockedError or SpoolNewerError; a disk that refuses is no reason not to start. */
export function openStore(options: StoreOptions, clock: Clock): SpoolStore {
  let open: Open | undefined;
  let lastState: SpoolState | undefined;
  let aside: string | undefined;
  let refusal: Error | undefined;

  const close = (): void => {
    const closing = open;
    open = undefined;
    try {
      closing?.db.close();
    } catch {
      // Nothing more can be done with this connection; the file is judged when it is opened again.
    }
  };

  const openFile = (): Open => {
    const db = openDatabase(options.path, options.bytesMax);
    try {
      return { db, state: db.transaction(() => adoptedState(db, options)) };
    } catch (error) {
      db.close();
      throw error;
    }
  };

  const replaceFile = (): void => {
    close();
    aside = setAside(options.path, clock.nowMs());
    const db = openDatabase(options.path, options.bytesMax);
    try {
      salvage(aside, db);
    } finally {
      db.close();
    }
  };

  /** Runs one call; `work` answers with the state it has made durable. */
  const attempt = <A>(work: (at: Open) => { readonly state: SpoolState; readonly answer: A }): A | Unavailable => {
    for (let tries = 0; ; tries += 1) {
      try {
        open ??= openFile();
        const { state, answer } = work(open);
        open = { db: open.db, state };
        lastState = state;
        refusal = undefined;
        return answer;
      } catch (caught) {
        const error = asError(caught);
        const failure = isDirectory(options.path) ? "damaged" : fileFailureOf(error);
        close();
        if (failure === undefined) throw error;
        if (failure === "locked") throw new SpoolLockedError(options.path, { cause: error });
        refusal = error;
        if (failure === "disk" || tries > 0 || !succeeds(replaceFile)) return { kind: "unavailable", cause: error };
      }
    }
  };

  const succeeds = (action: () => void): boolean => {
    try {
      action();
      return true;
    } catch (caught) {
      refusal = asError(caught);
      return false;
    }
  };

  return {
    cursor: () => attempt(({ state }) => ({ state, answer: { kind: "cursor", cursor: state.sourceCursor } })),
    append: (entry) => attempt((at) => append(at, entry, options.bytesMax)),
    peek: (sink) => attempt((at) => peek(at, sink)),
    settle: (entry) => attempt((at) => settle(at, entry)),
    quarantine: (row) => attempt((at) => quarantine(at, row)),
    stats: () => ({ ...healthOf({ aside, refusal }), ...sizesOf(open?.db), state: lastState }),
    close,
  };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function adoptedState(db: SpoolDatabase, { path, sinks }: StoreOptions): SpoolState {
  const loaded = db.loadState();
  switch (loaded.kind) {
    case "newer":
      throw new SpoolNewerError(path, { is: loaded.format, known: SPOOL_FORMAT });
    case "damaged":
      throw new DamagedFileError("the state fails its CRC");
    case "state": {
      const state = withSinks(loaded.state, sinks, db.first(0));
      db.saveState(state);
      return state;
    }
  }
}

type Appended = { readonly kind: "appended" } | { readonly kind: "moved" };

function append(
  { db, state }: Open,
  entry: AppendEntry,
  bytesMax: number,
): { readonly state: SpoolState; readonly answer: Appended } {
  if (state.sourceCursor !== entry.after) return { state, answer: { kind: "moved" } };
  const needBytes = entry.batches.reduce((sum, { body }) => sum + body.byteLength + ROW_SLACK_BYTES, SLACK_BYTES);
  const next = db.transaction(() => {
    let filled = makeRoom({ db, state }, bytesMax - needBytes);
    for (const batch of entry.batches) {
      const row = { ...batch, seq: filled.nextSeq, firstPoint: filled.pointsIn };
      db.insert({ ...row, crc: crcOf(row) });
      filled = withRow(filled, batch.points);
    }
    filled = {
      ...filled,
      sourceCursor: entry.cursor,
      ticksGone: filled.ticksGone + entry.ticksGone,
      pointsTooLarge: filled.pointsTooLarge + entry.pointsTooLarge,
    };
    db.saveState(filled);
    return filled;
  });
  return { state: next, answer: { kind: "appended" } };
}

/** Drops the oldest rows until at most `bytes` are used; each sink that still needed one counts its points. */
function makeRoom({ db, state }: Open, bytes: number): SpoolState {
  let next = state;
  for (let row = db.first(0); row !== undefined && db.usedBytes() > bytes; row = db.first(0)) {
    next = isSound(row) ? dropped(next, row) : damaged(next, row, db);
    db.delete(row.seq);
  }
  return next;
}

function dropped(state: SpoolState, row: SpoolRow): SpoolState {
  return mapAccounts(state, (account) => {
    if (account.seq > row.seq) return account;
    // What was missing before this row is not lost to the cap.
    const reached = givenUp(account, { seq: row.seq, point: row.firstPoint }, "quarantined");
    return givenUp(reached, { seq: row.seq + 1, point: row.firstPoint + row.points }, "dropped");
  });
}

/** Its points are counted by each sink when it meets the gap. */
function damaged(state: SpoolState, row: SpoolRow, db: SpoolDatabase): SpoolState {
  db.quarantine(row);
  return { ...state, rowsDamaged: state.rowsDamaged + 1 };
}

function mapAccounts(state: SpoolState, change: (account: SinkAccount) => SinkAccount): SpoolState {
  return { ...state, sinks: state.sinks.map(([name, account]) => [name, change(account)]) };
}

function accountIn(state: SpoolState, sink: string): SinkAccount {
  const account = accountOf(state, sink);
  if (account === undefined) throw new Error(`no sink is called ${sink}`);
  return account;
}

/** The sink's next sound row; damaged and missing ones before it are counted and passed in one transaction. */
function peek({ db, state }: Open, sink: string) {
  const account = accountIn(state, sink);
  const row = db.first(account.seq);
  if (row !== undefined && isNext(row, account)) return { state, answer: { kind: "row", row } as const };
  if (row === undefined && account.point === state.pointsIn) return { state, answer: { kind: "empty" } as const };
  return db.transaction(() => {
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
    next = withAccount(next, sink, givenUp(account, to, "quarantined"));
    db.saveState(next);
    const answer = found === undefined ? ({ kind: "empty" } as const) : ({ kind: "row", row: found } as const);
    return { state: next, answer };
  });
}

function isNext(row: SpoolRow, account: SinkAccount): boolean {
  return isSound(row) && row.seq === account.seq && row.firstPoint === account.point;
}

/** Changes nothing where the row is settled already, was dropped by the cap on its way, or is of a file since replaced. */
function settle({ db, state }: Open, { sink, row: name, tally }: SettleEntry) {
  const account = accountIn(state, sink);
  const answer = { kind: "settled" } as const;
  const row = db.first(name.seq);
  if (row?.crc !== name.crc || !isNext(row, account)) return { state, answer };
  const next = withAccount(state, sink, settled(account, row, tally));
  db.transaction(() => {
    db.deleteBefore(oldestNeeded(next));
    db.saveState(next);
  });
  db.shrink();
  return { state: next, answer };
}

function quarantine({ db, state }: Open, name: RowName) {
  const row = db.first(name.seq);
  const answer = { kind: "quarantined" } as const;
  if (row?.seq !== name.seq || row.crc !== name.crc) return { state, answer };
  const next = db.transaction(() => {
    const after = damaged(state, row, db);
    db.saveState(after);
    return after;
  });
  return { state: next, answer };
}

function healthOf(file: {
  readonly aside: string | undefined;
  readonly refusal: Error | undefined;
}): Pick<StoreStats, "health"> {
  if (file.refusal !== undefined) return { health: { kind: "unavailable", why: file.refusal.message } };
  return { health: file.aside === undefined ? { kind: "ok" } : { kind: "degraded", aside: file.aside } };
}

const NO_SIZES = { usedBytes: 0, fileBytes: 0, oldestMs: undefined };

function sizesOf(db: SpoolDatabase | undefined): Pick<StoreStats, "usedBytes" | "fileBytes" | "oldestMs"> {
  try {
    if (db === undefined) return NO_SIZES;
    return { usedBytes: db.usedBytes(), fileBytes: db.fileBytes(), oldestMs: db.first(0)?.firstMs };
  } catch {
    // The next call that needs the file finds out what is wrong, and deals with it.
    return NO_SIZES;
  }
}
