/**
 * # The embedded history, as its thread runs it
 *
 * Everything here blocks. One write is one transaction; it is durable when it is answered, because the spool forgets the
 * points then. Reads run between writes on the same connection, so they see committed points only.
 */

import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../../runtime/clock.ts";
import type { KindRows } from "../../encode/rows.ts";
import type { GroupHistory, GroupQuery, HistoryPoint, SparklinesQuery } from "../../schema/history.ts";
import { DamagedFileError } from "../../sqlite/failure.ts";
import type { FileHealth, Unavailable } from "../../sqlite/keeper.ts";
import { keepFile } from "../../sqlite/keeper.ts";
import { prepareTables } from "./layout.ts";
import type { Names } from "./names.ts";
import { openNames } from "./names.ts";
import type { PruneLimits, Pruner } from "./prune.ts";
import { openPruner, pragma } from "./prune.ts";
import type { Reader } from "./reader.ts";
import { openReader } from "./reader.ts";
import type { Writer } from "./writer.ts";
import { openWriter } from "./writer.ts";

export interface HistoryStoreOptions extends PruneLimits {
  readonly path: string;
}

export interface HistoryStats {
  readonly health: FileHealth;
  readonly usedBytes: number;
  /** Points that left because of their age, since the start. */
  readonly expired: number;
  /** Points that left because of the cap, since the start. */
  readonly overCap: number;
}

export interface HistoryStore {
  write(rows: readonly KindRows[]): { readonly kind: "written"; readonly inserted: number } | Unavailable;
  sparklines(query: SparklinesQuery): Read<ReadonlyMap<string, readonly HistoryPoint[]>>;
  group(query: GroupQuery): Read<GroupHistory>;
  stats(): HistoryStats;
  close(): void;
}

export type Read<A> = { readonly kind: "read"; readonly answer: A } | Unavailable;

interface Open {
  readonly db: DatabaseSync;
  readonly names: Names;
  readonly writer: Writer;
  readonly pruner: Pruner;
  readonly reader: Reader;
}

/** Opens the file at the first call, which may throw FileLockedError or FileNewerError. */
export function openHistoryStore(options: HistoryStoreOptions, clock: Clock): HistoryStore {
  let [expired, overCap] = [0, 0];
  const file = keepFile<Open>({
    path: options.path,
    clock,
    open: () => openFile(options),
    close: ({ db }) => db.close(),
    // History is a convenience and the stores hold the rest: a damaged file is kept for a person, not copied.
    salvage: () => {},
  });
  const prune = ({ db, pruner, names }: Open): void => {
    const removed = transaction({ db, names }, () => pruner.prune(clock.nowMs()));
    expired += removed.expired;
    overCap += removed.overCap;
    if (pragma(db, "freelist_count") > FREE_PAGES_MAX) db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
  };
  return {
    write: (rows) =>
      file.attempt((open) => {
        // First, so that what is written finds room under the cap.
        prune(open);
        return { kind: "written", inserted: transaction(open, () => open.writer.write(rows)) };
      }),
    sparklines: (query) => file.attempt(({ reader }) => ({ kind: "read", answer: reader.sparklines(query) })),
    group: (query) => file.attempt(({ reader }) => ({ kind: "read", answer: reader.group(query) })),
    stats: () => ({ health: file.health(), usedBytes: usedBytesOf(file.current()), expired, overCap }),
    close: () => file.close(),
  };
}

/** A predecessor that was just killed may take a moment to let go. */
const LOCK_WAIT_MS = 1_000;
const FREE_PAGES_MAX = 4_096;
const VACUUM_PAGES = 1_000;
const CACHE_KIB = 8_192;

function openFile(options: HistoryStoreOptions): Open {
  const db = new DatabaseSync(options.path, { timeout: LOCK_WAIT_MS });
  try {
    configure(db, options.bytesMax);
    prepareTables(db, options.path);
    const names = openNames(db);
    return { db, names, writer: openWriter(db, names), pruner: openPruner(db, names, options), reader: openReader(db) };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** As the spool's file, and asserted for the same reason. */
function configure(db: DatabaseSync, bytesMax: number): void {
  db.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216; PRAGMA cell_size_check = ON;
    PRAGMA cache_size = -${CACHE_KIB}; BEGIN IMMEDIATE; COMMIT`);
  const pages = Math.max(Math.floor(bytesMax / pragma(db, "page_size")), pragma(db, "page_count"));
  if (pragma(db, `max_page_count = ${pages}`) !== pages || pragma(db, "synchronous") !== 2) {
    throw new DamagedFileError("SQLite did not take its settings");
  }
}

/** Ids made in a transaction that is undone must not be remembered. */
function transaction<A>({ db, names }: Pick<Open, "db" | "names">, work: () => A): A {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    names.clearCache();
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function usedBytesOf(open: Open | undefined): number {
  try {
    return open?.pruner.usedBytes() ?? 0;
  } catch {
    // The next call that needs the file finds out what is wrong, and deals with it.
    return 0;
  }
}
