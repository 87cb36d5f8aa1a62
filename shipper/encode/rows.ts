/**
 * # Points to rows of the embedded history
 *
 *     rows of a kind := cells of row 1, cells of row 2, ...        one flat list: cheap to send to a thread
 *     cells of a row := at_ms, dimension..., field...              in the order of the schema and of the one table
 *
 * An absent field is null.
 * Names stay as they are, since the page asks by them; only half a surrogate pair, which no text on the wire can hold and which
 * SQLite would make one and the same sign of, is escaped.
 */

import { FIELDS, KINDS, type Kind } from "../schema/kind.ts";
import type { Point } from "../schema/point.ts";
import { storedName } from "./stored-name.ts";

export type Cell = number | string | null;

export interface KindRows {
  readonly kind: Kind;
  readonly rows: number;
  readonly cells: readonly Cell[];
}

/** The time, and the dimensions. */
export function leadingCells(kind: Kind): number {
  return 1 + KINDS[kind].dimensions.length;
}

export function cellsPerRow(kind: Kind): number {
  return leadingCells(kind) + FIELDS[kind].length;
}

export function rowsOf(points: readonly Point[]): readonly KindRows[] {
  return [...Map.groupBy(points, (point) => point.kind)].map(([kind, ofKind]) => ({
    kind,
    rows: ofKind.length,
    cells: ofKind.flatMap((point) => cellsOf(point)),
  }));
}

function cellsOf(point: Point): readonly Cell[] {
  const dimensions: Readonly<Record<string, number | string | undefined>> = point.dimensions;
  const fields: Readonly<Record<string, Cell | undefined>> = point.fields;
  return [
    point.atMs,
    ...KINDS[point.kind].dimensions.map((name) => cellOf(dimensions[name])),
    ...FIELDS[point.kind].map(([name]) => fields[name] ?? null),
  ];
}

function cellOf(dimension: number | string | undefined): number | string {
  return typeof dimension === "number" ? dimension : keptName(dimension ?? "");
}

export function keptName(name: string): string {
  return name.isWellFormed() ? name : storedName(name);
}
