/**
 * # Writing rows, each point once
 *
 * INSERT OR IGNORE by the primary key, which is the identity: a repeat changes nothing, and is told from a first write.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Cell, KindRows } from "../../encode/rows.ts";
import { cellsPerRow, LEADING_CELLS } from "../../encode/rows.ts";
import { FIELDS, KIND_NAMES, type Kind } from "../../schema/kind.ts";
import { sqliteType } from "../../schema/store-type.ts";
import { SLOT_MS, tableOf } from "./layout.ts";
import type { Names } from "./names.ts";
import { DAY_MS } from "./names.ts";

export interface Writer {
  /** Writes all rows, in the caller's transaction; answers how many were new. */
  write(rows: readonly KindRows[]): number;
}

export function openWriter(db: DatabaseSync, names: Names): Writer {
  const writers = new Map(KIND_NAMES.map((kind) => [kind, kindWriter(db, kind, names)]));
  return {
    write: (all) => {
      let inserted = 0;
      for (const rows of all) inserted += writers.get(rows.kind)?.(rows) ?? 0;
      return inserted;
    },
  };
}

function kindWriter(db: DatabaseSync, kind: Kind, names: Names): (rows: KindRows) => number {
  const insert = db.prepare(insertInto(kind));
  const isWord = FIELDS[kind].map(([, { type }]) => sqliteType(type) === "word");
  const stride = cellsPerRow(kind);
  return ({ cells }) => {
    let inserted = 0;
    for (let at = 0; at < cells.length; at += stride) inserted += insertRow(cells.slice(at, at + stride));
    return inserted;
  };

  function insertRow([atMs, cluster, group, topic, partition, ...fields]: readonly Cell[]): number {
    const [time, day] = [Number(atMs), Math.floor(Number(atMs) / DAY_MS)];
    const name = {
      kind,
      cluster: String(cluster),
      group: String(group),
      topic: String(topic),
      partition: Number(partition),
    };
    const offsetMs = time % SLOT_MS[kind];
    const values = fields.map((value, index) =>
      typeof value === "string" && isWord[index] === true ? names.wordId(value, day) : value,
    );
    return changesOf(insert, [time - offsetMs, names.seriesId(name, day), offsetMs, ...values]);
  }
}

function changesOf(insert: StatementSync, values: readonly Cell[]): number {
  return Number(insert.run(...values).changes);
}

function insertInto(kind: Kind): string {
  const fields = FIELDS[kind].map(([name]) => `"${name}"`);
  const marks = Array.from({ length: cellsPerRow(kind) - LEADING_CELLS + 3 }, () => "?");
  return `INSERT OR IGNORE INTO ${tableOf(kind)} (slot_ms, series, offset_ms, ${fields.join(", ")}) VALUES (${marks.join(", ")})`;
}
