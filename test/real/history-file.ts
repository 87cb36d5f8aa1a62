/**
 * # The embedded history and the spool, read from outside
 *
 * Opened read-only and only while the product does not run: what a process that was killed left on disk is what counts.
 * The layouts are those of shipper/sink/sqlite/layout.ts and shipper/spool/database.ts.
 */

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Grid times (epoch ms) to the groups that have a point at it; a group stands as often as it has points. */
export type HistoryTicks = ReadonlyMap<number, readonly string[]>;

async function databaseWith(dataDir: string, table: string): Promise<DatabaseSync | undefined> {
  if (!existsSync(dataDir)) return undefined;
  const names = await readdir(dataDir, { recursive: true });
  for (const name of names.filter((one) => one.endsWith(".db"))) {
    const db = new DatabaseSync(resolve(dataDir, name), { readOnly: true });
    const found = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table);
    if (found !== undefined) return db;
    db.close();
  }
  return undefined;
}

/** Empty where there is no history yet. */
export async function historyTicks(dataDir: string): Promise<HistoryTicks> {
  const db = await databaseWith(dataDir, "points_group");
  if (db === undefined) return new Map();
  const rows = db
    .prepare(
      `SELECT slot_ms + offset_ms AS at, series."group" AS name FROM points_group
       JOIN series ON series.id = points_group.series ORDER BY at, name`,
    )
    .all();
  db.close();
  const grouped = Map.groupBy(rows, (row) => Number(row["at"]));
  return new Map(Array.from(grouped, ([at, points]) => [at, points.map((point) => String(point["name"]))]));
}

export interface SpoolContent {
  /** Grid times that surely have points in it: the first and the last of each row. */
  readonly ticks: readonly number[];
  readonly quarantined: number;
}

export async function spoolContent(dataDir: string): Promise<SpoolContent> {
  const db = await databaseWith(dataDir, "rows");
  if (db === undefined) return { ticks: [], quarantined: 0 };
  const rows = db.prepare("SELECT first_ms, last_ms FROM rows").all();
  const quarantined = Number(db.prepare("SELECT count(*) AS n FROM quarantine").get()?.["n"]);
  db.close();
  return { ticks: rows.flatMap((row) => [Number(row["first_ms"]), Number(row["last_ms"])]), quarantined };
}
