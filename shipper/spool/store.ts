/**
 * # The spool, as its thread runs it
 *
 * Everything here blocks. One call is at most one transaction, and answers after COMMIT: {rows + source cursor},
 * {delete + sink cursor + dead letters + counters}. A commit that failed may still be there when the file is opened again; hence `append` names the
 * cursor it continues, and `settle` of a row that is settled changes nothing.
 */

import type { Clock } from "../../runtime/clock.ts";
import { DamagedFileError, FileNewerError } from "../sqlite/failure.ts";
import type { FileHealth, Unavailable } from "../sqlite/keeper.ts";
import { keepFile } from "../sqlite/keeper.ts";
import type { SpoolDatabase } from "./database.ts";
import { isSound, openDatabase } from "./database.ts";
import type { DeadLetter, DeadLetters, DeadLetterTotals } from "./dead-letters.ts";
import { lettersBytesMax } from "./dead-letters.ts";
import type { Batch, SpoolRow } from "./row.ts";
import { crcOf } from "./row.ts";
import { salvage } from "./salvage.ts";
import type { SinkAccount, SpoolState, Tally } from "./state.ts";
import { accountOf, givenUp, oldestNeeded, SPOOL_FORMAT, settled, withAccount, withRow, withSinks } from "./state.ts";

export interface StoreOptions {
  readonly path: string;
  readonly bytesMax: number;
  /** Names of the configured sinks, each with its own cursor. */
  readonly sinks: readonly string[];
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
  /** Of the points that the tally calls rejected. */
  readonly letters: readonly DeadLetter[];
}

/** Names a row as it was peeked: in a file that was replaced meanwhile, the same `seq` may be another row. */
export interface RowName {
  readonly seq: number;
  readonly crc: number;
}

export interface StoreStats {
  readonly health: FileHealth;
  readonly usedBytes: number;
  readonly fileBytes: number;
  /** Oldest grid time still spooled; absent when nothing is. */
  readonly oldestMs: number | undefined;
  /** As last known; absent before the file could first be opened. */
  readonly state: SpoolState | undefined;
  /** By sink; sinks that never refused a point are not there. */
  readonly deadLetters: ReadonlyMap<string, DeadLetterTotals>;
}

type Appended = { readonly kind: "appended" } | { readonly kind: "moved" };
type Peeked = { readonly kind: "row"; readonly row: SpoolRow } | { readonly kind: "empty" };

/** What the thread serves. */
export interface SpoolStore {
  cursor(): { readonly kind: "cursor"; readonly cursor: string } | Unavailable;
  append(entry: AppendEntry): Appended | Unavailable;
  peek(sink: string): Peeked | Unavailable;
  settle(entry: SettleEntry): { readonly kind: "settled" } | Unavailable;
  /** The row's CRC holds but its points cannot be made out. */
  quarantine(row: RowName): { readonly kind: "quarantined" } | Unavailable;
  stats(): StoreStats;
  close(): void;
}

/** The state is always the one that is durable; a call replaces it once its transaction is. */
interface Open {
  readonly db: SpoolDatabase;
  readonly letters: DeadLetters;
  state: SpoolState;
}

/** Pages that a transaction may need beside its rows. */
const SLACK_BYTES = 128 * 1024;
const ROW_SLACK_BYTES = 8 * 1024;

/** Opens the file at the first call, which may throw FileLockedError or FileNewerError. */
export function openStore(options: StoreOptions, clock: Clock): SpoolStore {
  const { path, bytesMax } = options;
  let lastState: SpoolState | undefined;
  const file = keepFile<Open>({
    path,
    clock,
    open: () => openFile(options),
    close: ({ db }) => db.close(),
    salvage: (aside) => salvageInto(aside, options),
  });
  const attempt = <A>(work: (at: Open) => Done<A>): A | Unavailable =>
    file.attempt((at) => {
      const { state, answer } = work(at);
      at.state = state;
      lastState = state;
      return answer;
    });
  return {
    cursor: () => attempt(({ state }) => ({ state, answer: { kind: "cursor", cursor: state.sourceCursor } })),
    append: (entry) => attempt((at) => append(at, entry, bytesMax)),
    peek: (sink) => attempt((at) => peek(at, sink)),
    settle: (entry) => attempt((at) => settle(at, entry, clock.nowMs())),
    quarantine: (row) => attempt((at) => quarantine(at, row)),
    stats: () => ({ health: file.health(), ...sizesOf(file.current()), state: lastState }),
    close: () => file.close(),
  };
}

/** A call's answer, and the state it has made durable. */
interface Done<A> {
  readonly state: SpoolState;
  readonly answer: A;
}

function openFile(options: StoreOptions): Open {
  const db = openDatabase(options.path, options.bytesMax);
  try {
    const letters = db.deadLetters(lettersBytesMax(options.bytesMax));
    return { db, letters, state: db.transaction(() => adoptedState(db, options)) };
  } catch (error) {
    db.close();
    throw error;
  }
}

function salvageInto(aside: string, { path, bytesMax }: StoreOptions): void {
  const db = openDatabase(path, bytesMax);
  try {
    salvage(aside, db, lettersBytesMax(bytesMax));
  } finally {
    db.close();
  }
}

function adoptedState(db: SpoolDatabase, { path, sinks }: StoreOptions): SpoolState {
  const loaded = db.loadState();
  switch (loaded.kind) {
    case "newer":
      throw new FileNewerError(path, { is: loaded.format, known: SPOOL_FORMAT });
    case "damaged":
      throw new DamagedFileError("the state fails its CRC");
    case "state": {
      const known = loaded.state.sinks.map(([name]) => name);
      // Nothing is written unless it must be: the disk may be full.
      if (known.length === sinks.length && sinks.every((name) => known.includes(name))) return loaded.state;
      const state = withSinks(loaded.state, sinks, db.first(0));
      db.saveState(state);
      return state;
    }
  }
}

function append({ db, letters, state }: Open, entry: AppendEntry, bytesMax: number): Done<Appended> {
  if (state.sourceCursor !== entry.after) return { state, answer: { kind: "moved" } };
  const needBytes = entry.batches.reduce((sum, { body }) => sum + body.byteLength + ROW_SLACK_BYTES, SLACK_BYTES);
  const next = db.transaction(() => {
    // Room for dead letters is kept free, so that a full spool can still settle a row.
    const reserveBytes = Math.max(0, lettersBytesMax(bytesMax) - letters.bytes());
    let filled = makeRoom({ db, state }, bytesMax - needBytes - reserveBytes);
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
function makeRoom({ db, state }: Pick<Open, "db" | "state">, bytes: number): SpoolState {
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
function peek({ db, state }: Open, sink: string): Done<Peeked> {
  const account = accountIn(state, sink);
  const row = db.first(account.seq);
  if (row !== undefined && isNext(row, account)) return { state, answer: { kind: "row", row } };
  if (row === undefined && account.point === state.pointsIn) return { state, answer: { kind: "empty" } };
  return db.transaction((): Done<Peeked> => {
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
    return { state: next, answer: found === undefined ? { kind: "empty" } : { kind: "row", row: found } };
  });
}

function isNext(row: SpoolRow, account: SinkAccount): boolean {
  return isSound(row) && row.seq === account.seq && row.firstPoint === account.point;
}

/** Changes nothing where the row is settled already, was dropped by the cap on its way, or is of a file since replaced. */
function settle(
  { db, letters, state }: Open,
  { sink, row: name, tally, letters: refused }: SettleEntry,
  nowMs: number,
) {
  const account = accountIn(state, sink);
  const answer = { kind: "settled" } as const;
  const row = db.first(name.seq);
  if (row?.crc !== name.crc || !isNext(row, account)) return { state, answer };
  const next = withAccount(state, sink, settled(account, row, tally));
  db.transaction(() => {
    db.deleteBefore(oldestNeeded(next));
    if (refused.length > 0) letters.add(refused, { sink, nowMs });
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

type Sizes = Pick<StoreStats, "usedBytes" | "fileBytes" | "oldestMs" | "deadLetters">;

const NO_SIZES: Sizes = { usedBytes: 0, fileBytes: 0, oldestMs: undefined, deadLetters: new Map() };

function sizesOf(open: Open | undefined): Sizes {
  try {
    if (open === undefined) return NO_SIZES;
    const { db, letters } = open;
    return {
      usedBytes: db.usedBytes(),
      fileBytes: db.fileBytes(),
      oldestMs: db.first(0)?.firstMs,
      deadLetters: letters.totals(),
    };
  } catch {
    // The next call that needs the file finds out what is wrong, and deals with it.
    return NO_SIZES;
  }
}
