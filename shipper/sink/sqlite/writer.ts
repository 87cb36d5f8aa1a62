/**
 * # Writing rows, each point once
 *
 * INSERT OR IGNORE by the primary key, which is the identity: a repeat changes nothing, and is told from a first write.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Cell, KindRows } from "../../encode/rows.ts";
import { cellsPerRow, leadingCells } from "../../encode/rows.ts";
import { FIELDS, KIND_NAMES, KINDS, type Kind } from "../../schema/kind.ts";
import { sqliteType } from "../../schema/store-type.ts";
import { hasSeries, keyColumns, SLOT_MS, tableOf } from "./layout.ts";
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
  const [leading, stride] = [leadingCells(kind), cellsPerRow(kind)];
  const keyOf = hasSeries(kind) ? seriesKey(kind, names) : (dimensions: readonly Cell[]) => dimensions;
  return ({ cells }) => {
    let inserted = 0;
    for (let at = 0; at < cells.length; at += stride) inserted += insertRow(cells.slice(at, at + stride));
    return inserted;
  };

  function insertRow(row: readonly Cell[]): number {
    const atMs = Number(row[0]);
    const day = Math.floor(atMs / DAY_MS);
    const offsetMs = atMs % SLOT_MS[kind];
    const values = row
      .slice(leading)
      .map((value, index) => (typeof value === "string" && isWord[index] === true ? names.wordId(value, day) : value));
    return changesOf(insert, [atMs - offsetMs, ...keyOf(row.slice(1, leading), day), offsetMs, ...values]);
  }
}

function seriesKey(kind: Kind, names: Names): (dimensions: readonly Cell[], day: number) => readonly Cell[] {
  const dimensionNames: readonly string[] = KINDS[kind].dimensions;
  const [cluster, group, topic, partition] = ["cluster", "group", "topic", "partition"].map((name) =>
    dimensionNames.indexOf(name),
  );
  return (dimensions, day) => {
    const textAt = (place = -1): string => String(dimensions[place] ?? "");
    const name = { kind, cluster: textAt(cluster), group: textAt(group), topic: textAt(topic) };
    return [names.seriesId({ ...name, partition: Number(dimensions[partition ?? -1] ?? -1) }, day)];
  };
}

function changesOf(insert: StatementSync, values: readonly Cell[]): number {
  return Number(insert.run(...values).changes);
}

function insertInto(kind: Kind): string {
  const names = ["slot_ms", ...keyColumns(kind), "offset_ms", ...FIELDS[kind].map(([name]) => name)];
  const columns = names.map((name) => `"${name}"`);
  return `INSERT OR IGNORE INTO ${tableOf(kind)} (${columns.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`;
}
