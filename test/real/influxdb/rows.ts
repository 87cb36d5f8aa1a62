/** # What an InfluxDB holds, read back by InfluxQL, the one language that all of them have */

import assert from "node:assert/strict";
import { dimensionText } from "../../../shipper/encode/bulk.ts";
import type { Kind } from "../../../shipper/schema/kind.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import type { InfluxSeries } from "./server.ts";

export type Row = ReadonlyMap<string, string | number>;

/** The answer to one statement. */
export type Query = (statement: string) => Promise<readonly InfluxSeries[]>;

export async function rowsOf(query: Query, kind: Kind): Promise<readonly Row[]> {
  const [series] = await query(`SELECT * FROM tidemark_${kind}`);
  const { columns = [], values = [] } = series ?? {};
  return values.map(
    (row) =>
      new Map(
        columns.flatMap((name, at) => {
          const value = row[at];
          return value === null || value === undefined ? [] : [[name, value] as const];
        }),
      ),
  );
}

/** The fields of each point, as the server gives them back. */
export async function fieldsIn(query: Query, points: readonly Point[]) {
  const kinds = [...new Set(points.map(({ kind }) => kind))];
  const rows = new Map(await Promise.all(kinds.map(async (kind) => [kind, await rowsOf(query, kind)] as const)));
  return points.map((point) => fieldsOf(rows.get(point.kind) ?? [], point));
}

function fieldsOf(rows: readonly Row[], { dimensions, atMs }: Point): Readonly<Record<string, number | string>> {
  const tags = Object.entries(dimensions).map(([name, value]) => [name, dimensionText(value)] as const);
  const found = rows.filter((row) => row.get("time") === atMs && tags.every(([name, text]) => row.get(name) === text));
  assert.equal(found.length, 1);
  const names = new Set(["time", ...Object.keys(dimensions)]);
  return Object.fromEntries([...(found[0] ?? [])].filter(([name]) => !names.has(name)));
}
