/**
 * # An alert, before any store
 *
 * What is measured, when that is too much, and what is said then. Kinds, dimensions and fields are those of history: a renamed
 * one does not compile. Texts name what is measured by `{cluster}`, `{group}` and the like, its value by `{value:count}`,
 * `{value:seconds}` or `{value:share}`.
 */

import type { FieldName, Kind } from "../../shipper/schema/kind.ts";
import type { BoardName } from "../boards/panel-spec.ts";
import type { AnyDimension, DimensionOf, NumberField, Statistic, WordField } from "../query/intent.ts";

/** What holds for each point that is measured. */
export type Term =
  | { readonly field: string; readonly is: readonly string[] }
  | { readonly field: string; readonly above: number }
  | { readonly field: string; readonly below: number };

/** One number per combination of `by`. */
export interface Measure {
  readonly kind: Kind;
  readonly field: string;
  readonly statistic: Statistic;
  readonly by: readonly AnyDimension[];
  readonly where: readonly Term[];
}

/** What `measure` takes: names of the kind. */
interface MeasureOptions<K extends Kind> {
  readonly field: NumberField<K>;
  readonly by: readonly DimensionOf<K>[];
  readonly statistic?: Statistic;
  readonly where?: readonly (
    | { readonly field: WordField<K> | DimensionOf<K>; readonly is: readonly string[] }
    | { readonly field: NumberField<K>; readonly above: number }
    | { readonly field: NumberField<K>; readonly below: number }
  )[];
}

export function measure<K extends Kind>(
  kind: K,
  { statistic = "max", where = [], ...rest }: MeasureOptions<K>,
): Measure {
  return { kind, statistic, where, ...rest };
}

/** Points of the kind, counted by a field that each of them has. */
export function points<K extends Kind>(
  kind: K,
  { field, ...rest }: Omit<MeasureOptions<K>, "field" | "statistic"> & { readonly field: FieldName<K> },
): Measure {
  return { kind, field, statistic: "max", where: [], ...rest };
}

export type Limit = { readonly above: number } | { readonly below: number };

/** Of the same group: it is there, and, where `timesAtLeast` is given, at least that many times the measure. */
export interface Companion {
  readonly measure: Measure;
  readonly timesAtLeast?: number;
}

/** Share missed of the time over both; a fraction of 1. */
export interface BurnWindow {
  readonly longSeconds: number;
  readonly shortSeconds: number;
  readonly missedAbove: number;
}

/**
 *     now        its newest value of the last minute is beyond the limit
 *     grown      it is higher than it was within the time; the sum of several
 *     climbing   it never was so low in the half of the time just over as it was high in the half before, and another is there
 *     burning    a field that is 1 or 0 was 0 for too long, over a long and a short window of one pair
 *     happened   there are points of it within the time
 *     silent     there are none
 */
export type Condition =
  | { readonly shape: "now"; readonly measure: Measure; readonly limit: Limit; readonly also?: Companion }
  | { readonly shape: "grown"; readonly counters: readonly Measure[]; readonly overSeconds: number }
  | { readonly shape: "climbing"; readonly measure: Measure; readonly halfSeconds: number; readonly also: Measure }
  | { readonly shape: "burning"; readonly measure: Measure; readonly windows: readonly [BurnWindow, BurnWindow] }
  | { readonly shape: "happened"; readonly measure: Measure; readonly overSeconds: number }
  | { readonly shape: "silent"; readonly measure: Measure; readonly overSeconds: number };

export interface PanelRef {
  readonly board: BoardName;
  readonly id: number;
  /** Where the board of Prometheus has not this one. */
  readonly prometheusId?: number;
}

/** Between the halves: what climbs steadily is as low at the end of one as high at the start of the other. */
export const CLIMB_GAP_SECONDS = 60;

export type Severity = "critical" | "warning";

export interface AlertSpec {
  /** In labels, runbooks and routes: for ever. */
  readonly name: string;
  readonly severity: Severity;
  /** When it fires, for the table of alerts. */
  readonly when: string;
  /** One line: who, and how much. */
  readonly summary: string;
  /** What it means for those who wait for the data. */
  readonly description: string;
  readonly condition: Condition;
  /** The same in PromQL, where /metrics has no such field. */
  readonly promql?: string;
  /** It holds for so long before it fires. */
  readonly forSeconds: number;
  /** It fires on for so long after it held last. */
  readonly keepSeconds: number;
  readonly panel: PanelRef;
}

/** All that a condition looks at. */
export function measuresOf(condition: Condition): readonly Measure[] {
  switch (condition.shape) {
    case "now":
      return [condition.measure, ...(condition.also === undefined ? [] : [condition.also.measure])];
    case "grown":
      return condition.counters;
    case "climbing":
      return [condition.measure, condition.also];
    case "burning":
    case "happened":
    case "silent":
      return [condition.measure];
  }
}

/** By what an alert is told from another of its name. */
export function dimensionsOf({ condition }: Pick<AlertSpec, "condition">): readonly AnyDimension[] {
  return measuresOf(condition)[0]?.by ?? [];
}
