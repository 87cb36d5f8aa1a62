/**
 * # Spool row, version 1
 *
 *     row     := seq:integer first_point:integer points:integer first_ms:integer last_ms:integer crc:integer body:blob
 *     body    := zstd(json)                 json    := [section, ...]        one section per kind that occurs
 *     section := [kind, points, at:column, [dimension:column, ...], {field: column, ...}, kept_by:column]
 *                                              dimensions as the schema orders them; kept_by may be missing
 *     column  := [value | null, ...]        numbers; null is absent
 *              | {"d": [text, ...], "i": [index | null, ...]}                texts, each distinct one once
 *              | 0                          absent in every point; such a field is left out altogether
 *
 * - `seq` is contiguous and `first_point` is the running number of the row's first point: whatever is missing between two
 *   rows is known to the point.
 * - `first_ms` <= `last_ms`, grid times of the points inside. 0 < points <= BATCH_POINTS_MAX, body <= BATCH_BYTES_MAX.
 * - `crc` is CRC-32 (IEEE, as `zlib.crc32`) of the other columns and `body`, checked before each send: SQLite does not
 *   notice a flipped bit.
 * - A section names its fields, so that a later version may add some and still read older rows.
 */

import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { KINDS, type Kind } from "../schema/kind.ts";
import type { Point } from "../schema/point.ts";

export const BATCH_POINTS_MAX = 5_000;
export const BATCH_BYTES_MAX = 1_000_000;
/** What a body may unfold to: a bound on memory, far above what 5,000 points of lawful names need. */
const JSON_BYTES_MAX = 256 * 1024 * 1024;

/** A batch as the spool takes it, before it has its place. */
export interface Batch {
  readonly points: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly body: Uint8Array;
}

export interface SpoolRow extends Batch {
  readonly seq: number;
  /** Running number of its first point since the spool began. */
  readonly firstPoint: number;
  readonly crc: number;
}

type Column =
  | readonly (number | null)[]
  | { readonly d: readonly string[]; readonly i: readonly (number | null)[] }
  | 0;
type Section = readonly [
  kind: Kind,
  points: number,
  at: Column,
  dimensions: readonly Column[],
  fields: Readonly<Record<string, Column>>,
  keptBy?: Column,
];

export interface PackedPoints {
  readonly batches: readonly Batch[];
  /** Points that do not fit a row even alone. */
  readonly tooLarge: number;
}

/** Batches of all points, at most BATCH_POINTS_MAX each; one that comes out too large is halved. */
export function packPoints(points: readonly Point[]): PackedPoints {
  if (points.length === 0) return { batches: [], tooLarge: 0 };
  if (points.length <= BATCH_POINTS_MAX) {
    const batch = packOne(points);
    if (batch.body.byteLength <= BATCH_BYTES_MAX) return { batches: [batch], tooLarge: 0 };
    if (points.length === 1) return { batches: [], tooLarge: 1 };
  }
  const middle = Math.ceil(points.length / 2);
  const [left, right] = [packPoints(points.slice(0, middle)), packPoints(points.slice(middle))];
  return { batches: [...left.batches, ...right.batches], tooLarge: left.tooLarge + right.tooLarge };
}

function packOne(points: readonly Point[]): Batch {
  const sections = [...Map.groupBy(points, (point) => point.kind)].map(([kind, ofKind]) => sectionOf(kind, ofKind));
  const body = zstdCompressSync(JSON.stringify(sections), {
    params: { [constants.ZSTD_c_compressionLevel]: COMPRESSION_LEVEL },
  });
  const times = points.map((point) => point.atMs);
  return { points: points.length, firstMs: Math.min(...times), lastMs: Math.max(...times), body };
}

/** On columns of JSON, higher levels take up to four times as long and save nothing; see spool.bench.ts. */
const COMPRESSION_LEVEL = 1;

function sectionOf(kind: Kind, points: readonly Point[]): Section {
  const at = columnOf(points.map((point) => point.atMs));
  const dimensions = KINDS[kind].dimensions.map((name) =>
    columnOf(points.map((point) => entryOf(point.dimensions, name))),
  );
  const fields: Record<string, Column> = {};
  for (const name of Object.keys(KINDS[kind].fields)) {
    const column = columnOf(points.map((point) => entryOf(point.fields, name)));
    if (column !== 0) fields[name] = column;
  }
  return [kind, points.length, at, dimensions, fields, columnOf(points.map((point) => point.keptBy))];
}

function entryOf(
  record: Readonly<Record<string, number | string | undefined>>,
  name: string,
): number | string | undefined {
  return record[name];
}

function columnOf(values: readonly (number | string | undefined)[]): Column {
  const first = values.find((value) => value !== undefined);
  if (first === undefined) return 0;
  if (typeof first === "number") return values.map((value) => (typeof value === "number" ? value : null));
  const indexOf = new Map<string, number>();
  const indexes = values.map((value) => {
    if (typeof value !== "string") return null;
    const index = indexOf.get(value) ?? indexOf.size;
    indexOf.set(value, index);
    return index;
  });
  return { d: [...indexOf.keys()], i: indexes };
}

/** The points of a body, grouped by kind, otherwise in the order they were packed. Throws on what packPoints did not make. */
export function unpackPoints(body: Uint8Array): readonly Point[] {
  const json = zstdDecompressSync(body, { maxOutputLength: JSON_BYTES_MAX }).toString();
  const sections: readonly Section[] = JSON.parse(json);
  return sections.flatMap(pointsOfSection);
}

function pointsOfSection([kind, points, at, dimensions, fields, keptBy = 0]: Section): readonly Point[] {
  const names: readonly string[] = KINDS[kind].dimensions;
  const columns = Object.entries(fields);
  return Array.from({ length: points }, (_, index) => {
    const ofDimensions: Record<string, number | string> = {};
    dimensions.forEach((column, position) => {
      put(ofDimensions, names[position] ?? "", cellOf(column, index));
    });
    const ofFields: Record<string, number | string> = {};
    for (const [name, column] of columns) put(ofFields, name, cellOf(column, index));
    const point = { kind, atMs: cellOf(at, index), dimensions: ofDimensions, fields: ofFields };
    const ways = cellOf(keptBy, index);
    return (ways === undefined ? point : { ...point, keptBy: ways }) as unknown as Point;
  });
}

function put(record: Record<string, number | string>, name: string, value: number | string | undefined): void {
  if (value !== undefined) record[name] = value;
}

function cellOf(column: Column, index: number): number | string | undefined {
  if (column === 0) return undefined;
  if (!("d" in column)) return column[index] ?? undefined;
  const place = column.i[index] ?? undefined;
  return place === undefined ? undefined : column.d[place];
}

/** What `crc` must be. */
export function crcOf({ seq, firstPoint, points, firstMs, lastMs, body }: Omit<SpoolRow, "crc">): number {
  return crc32(body, crc32([seq, firstPoint, points, firstMs, lastMs].join(" ")));
}
