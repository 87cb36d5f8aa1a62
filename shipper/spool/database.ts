/**
 * # The spool's file: SQLite, opened so that COMMIT means synced
 *
 *     rows       seq first_point points first_ms last_ms crc body      row.ts
 *     state      id = 1, json, crc                                     state.ts
 *     quarantine the columns of rows and why; newest QUARANTINE_ROWS_MAX
 *     dead_letters, dead_letter_totals                                 dead-letters.ts
 *
 * What is asked of SQLite is asserted afterwards, because a pragma that is not understood is silently ignored. The short
 * WAL (wal_autocheckpoint) leaves less exposed to the silent loss of its tail when a frame is damaged.
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { DamagedFileError } from "../sqlite/failure.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { openDeadLetters } from "./dead-letters.ts";
import type { SpoolRow } from "./row.ts";
import { crcOf } from "./row.ts";
import type { DecodedState, SpoolState } from "./state.ts";
import { decodeState, EMPTY_STATE, encodeState } from "./state.ts";

const QUARANTINE_ROWS_MAX = 64;
/** A predecessor that was just killed may take a moment to let go. */
const LOCK_WAIT_MS = 1_000;
const WAL_BYTES_KEPT = 4 * 1024 * 1024;

/** Pages given back to the file system in one step; the worst step was 21 ms at 2,000. */
const VACUUM_PAGES = 1_000;
const FREE_PAGES_MAX = 4_096;
const FREE_PAGES_FEW = 256;

export interface SpoolDatabase {
  /** Runs `work` as one transaction: all of it is durable when this returns, none of it when it throws. */
  transaction<A>(work: () => A): A;
  loadState(): DecodedState;
  saveState(state: SpoolState): void;
  insert(row: SpoolRow): void;
  /** The row with the least seq that is at least `seq`; its CRC may be wrong. */
  first(seq: number): SpoolRow | undefined;
  /** The row with the greatest seq that is at most `seq`. */
  last(seq: number): SpoolRow | undefined;
  /** Newest time in the oldest row, and in the newest, as their columns say; undefined where there is no row. */
  oldestMs(): number | undefined;
  newestMs(): number | undefined;
  deleteBefore(seq: number): void;
  delete(seq: number): void;
  quarantine(row: SpoolRow): void;
  usedBytes(): number;
  fileBytes(): number;
  /** Those of this file; its tables are made where an earlier program made the file. */
  deadLetters(bytesMax: number): DeadLetters;
  /** One bounded step of giving free pages back, if there are many; of `few`, to a disk that needs them. */
  shrink(few?: "few"): void;
  close(): void;
}

export function openDatabase(path: string, bytesMax: number): SpoolDatabase {
  const db = new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
  try {
    configure(db, bytesMax);
    createTables(db);
    return operations(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

export function isSound(row: SpoolRow): boolean {
  return crcOf(row) === row.crc;
}

function pragma(db: DatabaseSync, text: string): number | string | undefined {
  const row = db.prepare(`PRAGMA ${text}`).get();
  const value = row === undefined ? undefined : Object.values(row)[0];
  return typeof value === "number" || typeof value === "string" ? value : undefined;
}

/** auto_vacuum must come before the file has a page, and locking_mode before WAL, which then needs no shared memory. */
function configure(db: DatabaseSync, bytesMax: number): void {
  pragma(db, "auto_vacuum = INCREMENTAL");
  pragma(db, "locking_mode = EXCLUSIVE");
  pragma(db, "journal_mode = WAL");
  pragma(db, "synchronous = FULL");
  pragma(db, "wal_autocheckpoint = 200");
  pragma(db, `journal_size_limit = ${WAL_BYTES_KEPT}`);
  pragma(db, "cell_size_check = ON");
  // The first write lock is taken here, so that a second process is refused before it has done anything.
  db.exec("BEGIN IMMEDIATE; COMMIT");
  const pages = Math.max(Math.floor(bytesMax / pageBytes(db)), Number(pragma(db, "page_count")));
  const wanted: readonly (readonly [string, number | string])[] = [
    ["auto_vacuum", 2],
    ["locking_mode", "exclusive"],
    ["journal_mode", "wal"],
    ["synchronous", 2],
    ["wal_autocheckpoint", 200],
    [`max_page_count = ${pages}`, pages],
  ];
  for (const [name, value] of wanted) {
    const is = pragma(db, name);
    if (is !== value) throw new DamagedFileError(`SQLite has ${name} = ${is}; the spool needs ${value}`);
  }
}

function pageBytes(db: DatabaseSync): number {
  return Number(pragma(db, "page_size"));
}

function createTables(db: DatabaseSync): void {
  if (Number(db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"]) > 0) return;
  const columns = "first_point INTEGER, points INTEGER, first_ms INTEGER, last_ms INTEGER, crc INTEGER, body BLOB";
  const { json, crc } = encodeState(EMPTY_STATE);
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec(`CREATE TABLE rows (seq INTEGER PRIMARY KEY, ${columns}) STRICT`);
    db.exec(`CREATE TABLE quarantine (seq INTEGER PRIMARY KEY, ${columns}) STRICT`);
    db.exec("CREATE TABLE state (id INTEGER PRIMARY KEY, json TEXT NOT NULL, crc INTEGER NOT NULL) STRICT");
    db.prepare("INSERT INTO state VALUES (1, ?, ?)").run(json, crc);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

const COLUMNS = "seq, first_point, points, first_ms, last_ms, crc, body";

function operations(db: DatabaseSync): SpoolDatabase {
  const insertRow = db.prepare(`INSERT INTO rows (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const insertQuarantine = db.prepare(`INSERT OR REPLACE INTO quarantine (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const trimQuarantine = db.prepare(
    `DELETE FROM quarantine WHERE seq <= (SELECT seq FROM quarantine ORDER BY seq DESC LIMIT 1 OFFSET ${QUARANTINE_ROWS_MAX})`,
  );
  const selectFirst = db.prepare(`SELECT ${COLUMNS} FROM rows WHERE seq >= ? ORDER BY seq LIMIT 1`);
  const selectLast = db.prepare(`SELECT ${COLUMNS} FROM rows WHERE seq <= ? ORDER BY seq DESC LIMIT 1`);
  // A damaged column may hold an integer that a number cannot: it must arrive, so that the CRC can refuse it.
  selectFirst.setReadBigInts(true);
  selectLast.setReadBigInts(true);
  const oldestMs = db.prepare("SELECT last_ms FROM rows ORDER BY seq LIMIT 1");
  const newestMs = db.prepare("SELECT last_ms FROM rows ORDER BY seq DESC LIMIT 1");
  const deleteBefore = db.prepare("DELETE FROM rows WHERE seq < ?");
  const deleteOne = db.prepare("DELETE FROM rows WHERE seq = ?");
  const selectState = db.prepare("SELECT json, crc FROM state WHERE id = 1");
  const updateState = db.prepare("UPDATE state SET json = ?, crc = ? WHERE id = 1");
  const pages = (name: string): number => Number(pragma(db, name));
  const bytes = pageBytes(db);
  return {
    transaction: (work) => transaction(db, work),
    loadState: () => {
      const row = selectState.get();
      return decodeState(row?.["json"], row?.["crc"]);
    },
    saveState: (state) => {
      const { json, crc } = encodeState(state);
      if (updateState.run(json, crc).changes !== 1) throw new DamagedFileError("the state row is gone");
    },
    insert: (row) => void run(insertRow, row),
    first: (seq) => rowOf(selectFirst.get(seq)),
    last: (seq) => rowOf(selectLast.get(seq)),
    oldestMs: () => timeOf(oldestMs),
    newestMs: () => timeOf(newestMs),
    deleteBefore: (seq) => void deleteBefore.run(seq),
    delete: (seq) => void deleteOne.run(seq),
    quarantine: (row) => {
      run(insertQuarantine, row);
      trimQuarantine.run();
      deleteOne.run(row.seq);
    },
    usedBytes: () => (pages("page_count") - pages("freelist_count")) * bytes,
    fileBytes: () => pages("page_count") * bytes,
    deadLetters: (bytesMax) => openDeadLetters(db, bytesMax),
    shrink: (few) => {
      if (pages("freelist_count") > (few === undefined ? FREE_PAGES_MAX : FREE_PAGES_FEW))
        db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
    },
    close: () => db.close(),
  };
}

function transaction<A>(db: DatabaseSync, work: () => A): A {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function run(statement: StatementSync, row: SpoolRow): void {
  statement.run(row.seq, row.firstPoint, row.points, row.firstMs, row.lastMs, row.crc, row.body);
}

function timeOf(statement: StatementSync): number | undefined {
  statement.setReadBigInts(true);
  const row = statement.get();
  return row === undefined ? undefined : Number(row["last_ms"]);
}

/** A damaged column may hold anything: what is no number becomes NaN, and the CRC finds it. */
function rowOf(row: Readonly<Record<string, unknown>> | undefined): SpoolRow | undefined {
  if (row === undefined) return undefined;
  const { seq, first_point, points, first_ms, last_ms, crc, body } = row;
  return {
    seq: Number(seq),
    firstPoint: Number(first_point),
    points: Number(points),
    firstMs: Number(first_ms),
    lastMs: Number(last_ms),
    crc: Number(crc),
    body: body instanceof Uint8Array ? body : new Uint8Array(),
  };
}
