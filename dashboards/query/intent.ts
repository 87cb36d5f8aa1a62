/**
 * # What a panel asks, before any store
 *
 *     series    a number over time, one line per combination of `by`
 *     count     how many groups (or other dimension) hold, over time: distinct ones per bucket of time
 *     table     one row per combination of `by`, one column per field, over the panel's time
 *     newest    when the newest point was written for
 *     events    what happened, one row each
 *     own       the metric of a process, which only Prometheus has
 *
 * Kinds, dimensions and fields are those of history: a renamed one does not compile. Each dimension in `scope` is narrowed to
 * the variable of the same name on the board.
 */

import type { FieldName, KINDS, Kind } from "../../shipper/schema/kind.ts";

export type Statistic = "max" | "min" | "avg";
export type DimensionOf<K extends Kind> = (typeof KINDS)[K]["dimensions"][number];
export type AnyDimension = DimensionOf<Kind>;

type FieldsOfType<K extends Kind, Type extends string> = {
  [Name in FieldName<K>]: (typeof KINDS)[K]["fields"][Name] extends { readonly type: Type } ? Name : never;
}[FieldName<K>];
export type NumberField<K extends Kind> = FieldsOfType<K, "integer" | "number">;
export type WordField<K extends Kind> = FieldsOfType<K, "keyword">;
export type TextField<K extends Kind> = FieldsOfType<K, "keyword" | "text">;

/** A condition beside the scope. `above` leaves out what is not known. */
export type Condition =
  | { readonly field: string; readonly isAny: readonly string[] }
  | { readonly field: string; readonly isZero: true }
  | { readonly field: string; readonly above: number };

export interface Column {
  readonly field: string;
  readonly statistic: Statistic;
  /** Its heading. */
  readonly title: string;
}

interface Asked {
  readonly kind: Kind;
  readonly scope: readonly AnyDimension[];
}

export interface SeriesIntent extends Asked {
  readonly shape: "series";
  readonly field: string;
  readonly statistic: Statistic;
  readonly by: readonly AnyDimension[];
  /** The name of a line: text with `{{dimension}}` in it. */
  readonly name: string;
  /** Lines at most per value of each earlier dimension, by the statistic: the largest, or of `min` the smallest. */
  readonly linesMax: number;
  readonly condition?: Condition;
}

export interface CountIntent extends Asked {
  readonly shape: "count";
  readonly of: AnyDimension;
  readonly condition: Condition;
  readonly name: string;
}

export interface TableIntent extends Asked {
  readonly shape: "table";
  readonly by: readonly AnyDimension[];
  /** The first one orders the rows, the worst on top. */
  readonly columns: readonly Column[];
  readonly worst: "largest" | "smallest";
  readonly rowsMax: number;
  readonly condition?: Condition;
  /** Columns of words, the newest of each row; a row that lacks one may be left out. */
  readonly words: readonly { readonly field: string; readonly title: string }[];
}

export interface NewestIntent extends Asked {
  readonly shape: "newest";
  /** Present on each point of the kind: InfluxQL finds points by a field alone. */
  readonly field: string;
}

export interface EventsIntent extends Asked {
  readonly shape: "events";
  readonly rowsMax: number;
}

export interface OwnIntent {
  readonly shape: "own";
  readonly expr: string;
  readonly name: string;
}

export type Intent = SeriesIntent | CountIntent | TableIntent | NewestIntent | EventsIntent | OwnIntent;

const LINES_MAX = 20;

interface SeriesOptions<K extends Kind> {
  readonly field: NumberField<K>;
  readonly by: readonly DimensionOf<K>[];
  readonly scope: readonly DimensionOf<K>[];
  readonly name: string;
  readonly statistic?: Statistic;
  readonly linesMax?: number;
  readonly above?: number;
}

export function series<K extends Kind>(kind: K, options: SeriesOptions<K>): SeriesIntent {
  const { statistic = "max", linesMax = LINES_MAX, above, ...rest } = options;
  const condition = above === undefined ? {} : { condition: { field: options.field, above } };
  return { shape: "series", kind, statistic, linesMax, ...condition, ...rest };
}

interface CountOptions<K extends Kind> {
  readonly of: DimensionOf<K>;
  readonly scope: readonly DimensionOf<K>[];
  readonly field: WordField<K>;
  /** Any of these words. */
  readonly isAny: readonly string[];
  readonly name: string;
}

export function count<K extends Kind>(kind: K, { of, scope, field, isAny, name }: CountOptions<K>): CountIntent {
  return { shape: "count", kind, of, scope, condition: { field, isAny }, name };
}

/** How many have the number 0 at any time of a step. */
export function countZero<K extends Kind>(
  kind: K,
  { field, ...rest }: Omit<CountOptions<K>, "field" | "isAny"> & { readonly field: NumberField<K> },
): CountIntent {
  return { shape: "count", kind, condition: { field, isZero: true }, ...rest };
}

interface TableOptions<K extends Kind> {
  readonly by: readonly DimensionOf<K>[];
  readonly scope: readonly DimensionOf<K>[];
  readonly columns: readonly {
    readonly field: NumberField<K>;
    readonly title: string;
    readonly statistic?: Statistic;
  }[];
  readonly words?: readonly { readonly field: TextField<K>; readonly title: string }[];
  readonly rowsMax?: number;
  readonly worst?: TableIntent["worst"];
  readonly where?: { readonly field: NumberField<K>; readonly above: number };
}

const ROWS_MAX = 200;

export function table<K extends Kind>(kind: K, options: TableOptions<K>): TableIntent {
  const { by, scope, columns, words = [], rowsMax = ROWS_MAX, worst = "largest", where } = options;
  const condition = where === undefined ? {} : { condition: where };
  return {
    shape: "table",
    kind,
    by,
    scope,
    rowsMax,
    worst,
    words,
    columns: columns.map((column) => ({ statistic: "max", ...column })),
    ...condition,
  };
}

interface NewestOptions<K extends Kind> {
  readonly scope: readonly DimensionOf<K>[];
  readonly field: NumberField<K>;
}

export function newest<K extends Kind>(kind: K, options: NewestOptions<K>): NewestIntent {
  return { shape: "newest", kind, ...options };
}

/** Below every count: whoever has the field at all. */
export const NONE = -1;

export function own(expr: string, name: string): OwnIntent {
  return { shape: "own", expr, name };
}
