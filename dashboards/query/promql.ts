/**
 * # Intents as PromQL over a collector's own exposition
 *
 *     series := max by (cluster, group) (max_over_time(tidemark_group_lag{cluster=~`...`}[$__interval]))
 *               and on (cluster, group) topk(20, the same over [$__range] @ end())
 *
 * - `${x:regex}` between backticks, where PromQL takes every character as it is: a quote in a name ends nothing.
 * - topk alone would choose anew at each step and draw lines that come and go; the right side is one choice for the whole range.
 * - The exposition holds all numbers of groups and of partitions only lag, committed offset and a status that is not OK. Sums by
 *   topic are made of partitions; what is not there is absent.
 */

import type { Kind } from "../../shipper/schema/kind.ts";
import type { Backend, Compiled, JsonObject, VariableQuery } from "./backend.ts";
import { chosen, ofOne } from "./chosen.ts";
import type {
  AnyDimension,
  Column,
  CountIntent,
  Intent,
  NewestIntent,
  SeriesIntent,
  Statistic,
  TableIntent,
} from "./intent.ts";
import { refIdOf } from "./ref-id.ts";

export const prometheus: Backend = {
  name: "prometheus",
  short: "prom",
  title: "Prometheus",
  datasourceUid: "tidemark-prom",
  allValue: ".+",
  compile,
  variable: ({ kind, dimension, scope }: VariableQuery) => ({
    qryType: 1,
    query: `label_values(${metricOfKind(kind)}${selector(scope)}, ${dimension})`,
    refId: "Variable",
  }),
  annotation: (scope) =>
    ofOne(scope)
      ? {
          expr: `changes(tidemark_group_rebalances${selector(scope)}[1m]) > 0`,
          step: "60s",
          titleFormat: "rebalance",
          textFormat: "{{group}} of {{cluster}}",
          tagKeys: "cluster,group",
        }
      : undefined,
};

/** A metric that is there for whatever has points of the kind. */
function metricOfKind(kind: Kind): string {
  switch (kind) {
    case "group":
      return "tidemark_group_partitions";
    case "group_topic":
    case "partition":
    case "topic":
      return "tidemark_partition_lag";
    case "event":
    case "self":
      return "tidemark_build_info";
  }
}

function compile(intent: Intent): Compiled {
  switch (intent.shape) {
    case "series":
      return seriesQuery(intent);
    case "count":
      return { kind: "targets", targets: [lines(countExpr(intent), intent.name)] };
    case "table":
      return tableQuery(intent);
    case "newest":
      return newestQuery(intent);
    case "events":
      return { kind: "absent", why: "Prometheus keeps no events" };
    case "own":
      return { kind: "targets", targets: [lines(intent.expr, intent.name)] };
  }
}

/** No step is shorter than two scrapes, or a range might hold none. */
const STEP_MIN = "30s";

function lines(expr: string, name: string): JsonObject {
  const shape = { range: true, instant: false, format: "time_series", exemplar: false };
  return { editorMode: "code", expr, legendFormat: name, interval: STEP_MIN, ...shape };
}

/** One value of this moment: of a range a stat would take the oldest. */
function atOnce(expr: string, name: string): JsonObject {
  const shape = { range: false, instant: true, format: "time_series", exemplar: false };
  return { editorMode: "code", expr, legendFormat: name, ...shape };
}

function rows(expr: string): JsonObject {
  return { editorMode: "code", expr, range: false, instant: true, format: "table", exemplar: false };
}

interface Asked {
  readonly kind: string;
  readonly field: string;
  readonly scope: readonly AnyDimension[];
  readonly statistic: Statistic;
  readonly by: readonly AnyDimension[];
}

function seriesQuery(intent: SeriesIntent): Compiled {
  const { by, linesMax, statistic, condition, name } = intent;
  const over = (range: string) => numbersOver(intent, range);
  const now = over("[$__interval]");
  const whole = over("[$__range] @ end()");
  if (now === undefined || whole === undefined) return absent(intent.kind, intent.field);
  const choose = statistic === "min" ? "bottomk" : "topk";
  const chosen = by.length === 0 ? now : `${now} and on (${by.join(", ")}) ${choose}(${linesMax}, ${whole})`;
  const expr = condition !== undefined && "above" in condition ? `(${chosen}) > ${condition.above}` : chosen;
  // A range within the sum, since a sum within the range would be made anew for each scrape of it.
  const note = intent.kind === "group_topic" && intent.field === "lag" ? { note: SUM_NOTE } : {};
  return { kind: "targets", targets: [lines(expr, name)], ...note };
}

const SUM_NOTE = "On Prometheus a sum of the largest lag of each partition within a step.";

function absent(kind: string, field: string): Compiled {
  return { kind: "absent", why: `/metrics has no ${field} of a ${kind}` };
}

function numbersOver(asked: Asked, range: string): string | undefined {
  const { kind, field, scope, statistic, by } = asked;
  const over = (metric: string, words = "") => `${statistic}_over_time(${metric}${selector(scope, words)}${range})`;
  const grouped = (inner: string, how: string = statistic) =>
    by.length === 0 ? `${how}(${inner})` : `${how} by (${by.join(", ")}) (${inner})`;
  switch (kind) {
    case "group":
      return grouped(over(`tidemark_group_${field}`));
    case "group_topic":
      if (field === "lag") return grouped(over("tidemark_partition_lag"), "sum");
      return field === "lag_max" ? grouped(over("tidemark_partition_lag")) : undefined;
    case "partition":
      if (field === "lag" || field === "committed_offset") return grouped(over(`tidemark_partition_${field}`));
      return field === "status_code" ? grouped(partitionCodes(over)) : undefined;
    default:
      return undefined;
  }
}

/** What has a lag and no status is OK. */
const OK_CODE = 1;
const WITHOUT = "unless on (cluster, group, topic, partition)";
const NO_VERDICT = 'status=~"warming|stale|unauthorised|unknown"';

/** Burrow's numbers for what is not OK; the others have no series. */
const CODES = { WARN: 2, STOP: 4, STALL: 5, REWIND: 6 } as const;

function partitionCodes(over: (metric: string, words: string) => string): string {
  return Object.entries(CODES)
    .map(([word, code]) => `${over("tidemark_partition_status", `status="${word}"`)} * ${code}`)
    .concat(
      `(${over("tidemark_partition_lag", "")} * 0 + ${OK_CODE}) ${WITHOUT} ${over("tidemark_partition_status", NO_VERDICT)}`,
    )
    .join(" or ");
}

/** A group is in each status a step saw it in: as the stores count. */
function countExpr({ kind, scope, condition }: CountIntent): string {
  if ("isZero" in condition) {
    const least = `min_over_time(tidemark_${kind}_${condition.field}${selector(scope)}[$__interval])`;
    return `sum(max by (cluster, group) (${least} == bool 0))`;
  }
  const words = "isAny" in condition ? `${condition.field}=~"${condition.isAny.join("|")}"` : "";
  const inner = `max_over_time(tidemark_${kind}_${condition.field}${selector(scope, words)}[$__interval])`;
  return `sum(max by (cluster, group) (${inner}))`;
}

/** A target for each column; Grafana merges them by their labels, and calls their values by their refId. */
function tableQuery(intent: TableIntent): Compiled {
  if (intent.words.length > 0) return absent(intent.kind, intent.words.map(({ field }) => field).join(" and no "));
  const found = intent.columns.flatMap((column) => {
    const expr = numbersOver({ ...intent, ...column }, "[$__range]");
    return expr === undefined ? [] : [{ column, expr }];
  });
  const [first] = found;
  if (first === undefined) return absent(intent.kind, "columns of this table");
  const left = intent.columns.filter((column) => !found.some((one) => one.column === column));
  const limited = found.map(({ expr }) => rows(expr));
  return {
    kind: "targets",
    targets: limited,
    headings: [
      ...intent.by.map((dimension) => [dimension, dimension] as const),
      ...found.map(({ column }, index) => [valueName(index, found.length), column.title] as const),
    ],
    ...(left.length === 0 ? {} : { note: `/metrics does not have: ${titles(left)}.` }),
  };
}

function valueName(index: number, of: number): string {
  return of === 1 ? "Value" : `Value #${refIdOf(index)}`;
}

function titles(columns: readonly Column[]): string {
  return columns.map(({ title }) => title).join(", ");
}

const MS_PER_SECOND = 1_000;

/** Of heartbeats each board says itself: they are in stores alone. */
function newestQuery({ kind, field, scope }: NewestIntent): Compiled {
  if (kind === "self" || kind === "event") return absent(kind, field);
  const expr = `min(timestamp(${metricOfKind(kind)}${selector(scope)})) * ${MS_PER_SECOND}`;
  return { kind: "targets", targets: [atOnce(expr, "newest")] };
}

function selector(scope: readonly AnyDimension[], words = ""): string {
  const all = [chosen(...scope), words].filter((text) => text !== "");
  return all.length === 0 ? "" : `{${all.join(", ")}}`;
}
