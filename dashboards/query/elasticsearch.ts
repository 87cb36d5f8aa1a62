/**
 * # Intents as targets of Grafana's Elasticsearch data source (Lucene)
 *
 *     series := metric in terms in ... in date_histogram        one frame per line, named by the alias
 *     table  := metrics in terms in ... in terms                one frame: columns are the terms, then "Max <field>"
 *
 * Every setting is a string. A variable is written bare, `group:$group`: Grafana escapes one value, writes several as
 * ("a" OR "b"), and a wildcard for all; with quotes around it each of the three would be wrong. Variables stand in the query alone,
 * since elsewhere a value with a quote breaks the JSON. Buckets without points are left out (min_doc_count 1), so that a gap
 * is a gap; where points are counted an empty bucket is a true 0. A document that lacks the metric gives null, which keeps
 * the columns of a table equally long; top_metrics would not.
 */

import type { Backend, Compiled, Json, JsonObject, VariableQuery } from "./backend.ts";
import { ofOne } from "./chosen.ts";
import type {
  AnyDimension,
  Column,
  Condition,
  CountIntent,
  EventsIntent,
  Intent,
  NewestIntent,
  SeriesIntent,
  Statistic,
  TableIntent,
} from "./intent.ts";

const TIME = "@timestamp";
const VARIABLE_SIZE = 500;

export const elasticsearch: Backend = {
  name: "elasticsearch",
  short: "es",
  title: "Elasticsearch",
  datasourceUid: "tidemark-es",
  allValue: "*",
  compile,
  variable: ({ kind, dimension, scope }: VariableQuery) =>
    JSON.stringify({ find: "terms", field: dimension, query: lucene({ kind, scope }), size: VARIABLE_SIZE }),
  annotation: (scope) => ({
    timeField: TIME,
    textField: "text",
    tagsField: "tags",
    target: {
      refId: "Anno",
      query: `${lucene({ kind: "event", scope })}${ofOne(scope) ? "" : " AND NOT event:rebalance"}`,
    },
  }),
};

function compile(intent: Intent): Compiled {
  switch (intent.shape) {
    case "series":
      return targets([seriesTarget(intent)]);
    case "count":
      return targets([countTarget(intent)]);
    case "table":
      return { kind: "targets", targets: [tableTarget(intent)], headings: headingsOf(intent) };
    case "newest":
      return { kind: "targets", targets: [newestTarget(intent)], instantField: "Max" };
    case "events":
      return eventsTarget(intent);
    case "own":
      return { kind: "absent", why: "the metrics of a process are no history" };
  }
}

function targets(list: readonly JsonObject[]): Compiled {
  return { kind: "targets", targets: list };
}

interface Narrowed {
  readonly kind: string;
  readonly scope: readonly AnyDimension[];
  readonly condition?: Condition;
}

function lucene({ kind, scope, condition }: Narrowed): string {
  const terms = [
    `kind:${kind}`,
    ...scope.map((dimension) => `${dimension}:$${dimension}`),
    ...(condition === undefined ? [] : [conditionTerm(condition)]),
  ];
  return terms.join(" AND ");
}

function conditionTerm(condition: Condition): string {
  if ("isAny" in condition) {
    const words = condition.isAny.map((word) => `"${word}"`);
    return `${condition.field}:${words.length === 1 ? words.join("") : `(${words.join(" OR ")})`}`;
  }
  if ("isZero" in condition) return `${condition.field}:0`;
  return `${condition.field}:{${condition.above} TO *}`;
}

interface TargetParts {
  readonly query: string;
  readonly metrics: readonly Json[];
  readonly bucketAggs: readonly Json[];
  readonly alias?: string;
}

function target({ query, metrics, bucketAggs, alias = "" }: TargetParts): JsonObject {
  return { query, alias, timeField: TIME, metrics, bucketAggs };
}

const METRIC_ID = "1";

function seriesTarget(intent: SeriesIntent): JsonObject {
  const { field, statistic, by, name, linesMax } = intent;
  return target({
    query: lucene(intent),
    alias: name,
    metrics: [{ id: METRIC_ID, type: statistic, field }],
    bucketAggs: [
      ...termsOf(by, { size: linesMax, worst: statistic === "min" ? "smallest" : "largest" }),
      histogram(by.length, "1"),
    ],
  });
}

function countTarget(intent: CountIntent): JsonObject {
  return target({
    query: lucene(intent),
    alias: intent.name,
    metrics: [{ id: METRIC_ID, type: "cardinality", field: intent.of }],
    bucketAggs: [histogram(0, "0")],
  });
}

function tableTarget(intent: TableIntent): JsonObject {
  const { by, columns, rowsMax, worst, words } = intent;
  return target({
    query: lucene(intent),
    metrics: columns.map(({ field, statistic }, index) => ({ id: metricId(index), type: statistic, field })),
    bucketAggs: termsOf([...by, ...words.map(({ field }) => field)], { size: rowsMax, worst }),
  });
}

function newestTarget(intent: NewestIntent): JsonObject {
  const [first = "cluster"] = intent.scope;
  return target({
    query: lucene(intent),
    metrics: [{ id: METRIC_ID, type: "max", field: TIME }],
    bucketAggs: termsOf([first], { size: VARIABLE_SIZE, worst: "smallest" }),
  });
}

function eventsTarget(intent: EventsIntent): Compiled {
  const raw = { id: METRIC_ID, type: "raw_data", settings: { size: String(intent.rowsMax) } };
  return {
    kind: "targets",
    targets: [target({ query: lucene(intent), metrics: [raw], bucketAggs: [] })],
    headings: EVENT_HEADINGS,
  };
}

const EVENT_HEADINGS = [
  [TIME, "when"],
  ["cluster", "cluster"],
  ["group", "group"],
  ["event", "event"],
  ["text", "what happened"],
] as const;

/** The metrics that order the terms come first, so the order is that of metric 1. */
function termsOf(
  by: readonly string[],
  { size, worst }: { readonly size: number; readonly worst: "largest" | "smallest" },
): readonly Json[] {
  return by.map((field, index) => ({
    id: bucketId(index),
    type: "terms",
    field,
    settings: {
      size: String(size),
      order: worst === "smallest" ? "asc" : "desc",
      orderBy: METRIC_ID,
      min_doc_count: "1",
    },
  }));
}

function histogram(index: number, minDocCount: "0" | "1"): Json {
  return {
    id: bucketId(index),
    type: "date_histogram",
    field: TIME,
    settings: { interval: "auto", min_doc_count: minDocCount },
  };
}

/** Ids of metrics and buckets share one space; a metric's is a number, so that a bucket can be ordered by it. */
const FIRST_BUCKET = 100;

function metricId(index: number): string {
  return String(index + 1);
}

function bucketId(index: number): string {
  return String(FIRST_BUCKET + index);
}

const STATISTIC_NAMES: Readonly<Record<Statistic, string>> = { max: "Max", min: "Min", avg: "Average" };

/** The data source names a column by its statistic, and adds the field where several have the same statistic. */
function headingsOf({ by, columns, words }: TableIntent): readonly (readonly [string, string])[] {
  return [
    ...by.map((dimension) => [dimension, dimension] as const),
    ...words.map(({ field, title }) => [field, title] as const),
    ...columns.map((column) => [columnName(column, columns), column.title] as const),
  ];
}

function columnName({ field, statistic }: Column, columns: readonly Column[]): string {
  const alike = columns.filter((one) => one.statistic === statistic).length;
  return alike > 1 ? `${STATISTIC_NAMES[statistic]} ${field}` : STATISTIC_NAMES[statistic];
}
