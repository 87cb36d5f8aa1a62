/**
 * # The file of the embedded history, version 1
 *
 *     history        format
 *     series         id, kind, cluster, group, topic, partition, seen_day     a name is stored once, points refer to it
 *     words          id, word, seen_day                                       the same for texts in fields
 *     points_<kind>  slot_ms, series, offset_ms, field...                     PRIMARY KEY the first three, clustered
 *
 * A point's grid time is `slot_ms + offset_ms`; slots are multiples of SLOT_MS of its kind. Slots first in the key make
 * time the coarse order: old points leave from one end of the file. Inside a slot a series' points lie together, so that
 * a page query reads a few stretches and not the whole file. Partition and topic points are many and never drawn: their
 * slot is the tick itself, so that writing one tick touches neighbouring pages only.
 * The fields are made from the one table; a column that an older file lacks is added when it is opened.
 */

import type { DatabaseSync } from "node:sqlite";
import { GroupStatus, PartitionStatus } from "../../../collector/model/status.ts";
import { FIELDS, KIND_NAMES, type Kind } from "../../schema/kind.ts";
import { sqliteType } from "../../schema/store-type.ts";
import { DamagedFileError, FileNewerError } from "../../sqlite/failure.ts";

export const HISTORY_FORMAT = 1;

export const SLOT_MS: Readonly<Record<Kind, number>> = {
  group: 600_000,
  group_topic: 600_000,
  partition: 1,
  topic: 1,
};

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
  for (const kind of KIND_NAMES) addMissingColumns(db, kind);
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
  return `CREATE TABLE ${tableOf(kind)} (slot_ms INTEGER NOT NULL, series INTEGER NOT NULL, offset_ms INTEGER NOT NULL,
    ${fields.join(", ")}, PRIMARY KEY (slot_ms, series, offset_ms)) STRICT, WITHOUT ROWID`;
}

function columnType(type: Parameters<typeof sqliteType>[0]): string {
  const stored = sqliteType(type);
  return stored === "word" ? "INTEGER" : stored;
}

function addMissingColumns(db: DatabaseSync, kind: Kind): void {
  const rows = db.prepare("SELECT name FROM pragma_table_info(?)").all(tableOf(kind));
  const present = new Set(rows.map((row) => row["name"]));
  if (present.size === 0) throw new DamagedFileError(`it has no ${tableOf(kind)}`);
  for (const [name, { type }] of FIELDS[kind]) {
    if (!present.has(name)) db.exec(`ALTER TABLE ${tableOf(kind)} ADD COLUMN "${name}" ${columnType(type)}`);
  }
}
