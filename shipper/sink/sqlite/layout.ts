/**
 * # The file of the embedded history, version 1
 *
 *     history        format
 *     series         id, kind, cluster, group, topic, partition, seen_day     a name is stored once, points refer to it
 *     words          id, word, seen_day                                       the same for texts in fields
 *     points_<kind>  slot_ms, series, offset_ms, field...                     PRIMARY KEY the first three, clustered
 *     points_event, points_self
 *                    slot_ms, dimension..., offset_ms, field...               PRIMARY KEY all but the fields
 *
 * A point's grid time is `slot_ms + offset_ms`; slots are multiples of SLOT_MS of its kind. Slots first in the key make
 * time the coarse order: old points leave from one end of the file. Inside a slot a series' points lie together, so that
 * a page query reads a few stretches and not the whole file. Partition and topic points are many and never drawn: their
 * slot is the tick itself, so that writing one tick touches neighbouring pages only. An event happens once, so its names
 * stay with it. A dimension that a kind does not have is "" in a series (partition: -1), which no name and no partition is.
 * The fields are made from the one table; a column or a table that an older file lacks is added when it is opened.
 */

import type { DatabaseSync } from "node:sqlite";
import { GroupStatus, PartitionStatus } from "../../../collector/model/status.ts";
import { FIELDS, KIND_NAMES, KINDS, type Kind } from "../../schema/kind.ts";
import { sqliteType } from "../../schema/store-type.ts";
import { DamagedFileError, FileNewerError } from "../../sqlite/failure.ts";

export const HISTORY_FORMAT = 1;

export const SLOT_MS: Readonly<Record<Kind, number>> = {
  group: 600_000,
  group_topic: 600_000,
  partition: 1,
  topic: 1,
  event: 600_000,
  self: 600_000,
};

const SERIES_DIMENSIONS: readonly string[] = ["cluster", "group", "topic", "partition"];

/** Whether its points refer to a series, or carry their names themselves. */
export function hasSeries(kind: Kind): boolean {
  return KINDS[kind].dimensions.every((name) => SERIES_DIMENSIONS.includes(name));
}

/** The columns of the primary key, between slot and offset. */
export function keyColumns(kind: Kind): readonly string[] {
  return hasSeries(kind) ? ["series"] : KINDS[kind].dimensions;
}

/** Words that are there from the start: statuses have small ids, so that a time and a status fit one integer (reader.ts). */
export const FIRST_WORDS: readonly string[] = [...new Set([...GroupStatus.options, ...PartitionStatus.options])];

export function tableOf(kind: Kind): string {
  return `points_${kind}`;
}

/** Makes or completes the tables; throws FileNewerError for a file of a newer program. */
export function prepareTables(db: DatabaseSync, path: string): void {
  if (!hasTables(db)) {
    createTables(db);
    return;
  }
  const format = db.prepare("SELECT format FROM history").get()?.["format"];
  if (typeof format !== "number") throw new DamagedFileError("it has no format");
  if (format > HISTORY_FORMAT) throw new FileNewerError(path, { is: format, known: HISTORY_FORMAT });
  for (const kind of KIND_NAMES) completeTable(db, kind);
}

function hasTables(db: DatabaseSync): boolean {
  return Number(db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"]) > 0;
}

function createTables(db: DatabaseSync): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec("CREATE TABLE history (format INTEGER NOT NULL) STRICT");
    db.exec(`INSERT INTO history VALUES (${HISTORY_FORMAT})`);
    db.exec(`CREATE TABLE series (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, cluster TEXT NOT NULL, "group" TEXT NOT NULL,
      topic TEXT NOT NULL, partition INTEGER NOT NULL, seen_day INTEGER NOT NULL,
      UNIQUE (kind, cluster, "group", topic, partition)) STRICT`);
    db.exec("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, seen_day INTEGER NOT NULL) STRICT");
    const insertWord = db.prepare("INSERT INTO words (id, word, seen_day) VALUES (?, ?, 0)");
    FIRST_WORDS.forEach((word, index) => void insertWord.run(index + 1, word));
    for (const kind of KIND_NAMES) db.exec(createTable(kind));
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function createTable(kind: Kind): string {
  const fields = FIELDS[kind].map(([name, { type }]) => `"${name}" ${columnType(type)}`);
  const columns = keyColumns(kind).map((name) => `"${name}"`);
  const names = columns.map((name) => `${name} ${hasSeries(kind) ? "INTEGER" : "TEXT"} NOT NULL`);
  return `CREATE TABLE ${tableOf(kind)} (slot_ms INTEGER NOT NULL, ${names.join(", ")}, offset_ms INTEGER NOT NULL,
    ${fields.join(", ")}, PRIMARY KEY (slot_ms, ${columns.join(", ")}, offset_ms)) STRICT, WITHOUT ROWID`;
}

function columnType(type: Parameters<typeof sqliteType>[0]): string {
  const stored = sqliteType(type);
  return stored === "word" ? "INTEGER" : stored;
}

/** A file of a program that knew fewer kinds lacks tables; the first four are in every one. */
function completeTable(db: DatabaseSync, kind: Kind): void {
  const rows = db.prepare("SELECT name FROM pragma_table_info(?)").all(tableOf(kind));
  const present = new Set(rows.map((row) => row["name"]));
  if (present.size === 0 && hasSeries(kind)) throw new DamagedFileError(`it has no ${tableOf(kind)}`);
  if (present.size === 0) {
    db.exec(createTable(kind));
    return;
  }
  for (const [name, { type }] of FIELDS[kind]) {
    if (!present.has(name)) db.exec(`ALTER TABLE ${tableOf(kind)} ADD COLUMN "${name}" ${columnType(type)}`);
  }
}
