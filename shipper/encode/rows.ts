/**
 * # Points to rows of the embedded history
 *
 *     rows of a kind := cells of row 1, cells of row 2, ...        one flat list: cheap to send to a thread
 *     cells of a row := at_ms, cluster, group, topic, partition, field...   fields in the order of the one table
 *
 * A dimension that the kind does not have is "" (partition: -1), which no name and no partition is; an absent field is null.
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

/** Cells before the fields. */
export const LEADING_CELLS = 5;

export function cellsPerRow(kind: Kind): number {
  return LEADING_CELLS + Object.keys(KINDS[kind].fields).length;
}

export function rowsOf(points: readonly Point[]): readonly KindRows[] {
  return [...Map.groupBy(points, (point) => point.kind)].map(([kind, ofKind]) => ({
    kind,
    rows: ofKind.length,
    cells: ofKind.flatMap((point) => cellsOf(point)),
  }));
}

interface AnyDimensions {
  readonly cluster: string;
  readonly group?: string;
  readonly topic?: string;
  readonly partition?: number;
}

function cellsOf(point: Point): readonly Cell[] {
  const { cluster, group = "", topic = "", partition = -1 }: AnyDimensions = point.dimensions;
  const fields: Readonly<Record<string, Cell | undefined>> = point.fields;
  return [
    point.atMs,
    keptName(cluster),
    keptName(group),
    keptName(topic),
    partition,
    ...FIELDS[point.kind].map(([name]) => fields[name] ?? null),
  ];
}

export function keptName(name: string): string {
  return name.isWellFormed() ? name : storedName(name);
}
