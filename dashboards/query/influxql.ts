/**
 * # Intents as InfluxQL, the one language that InfluxDB 1.8, 2.x and 3 share
 *
 *     series := SELECT max("lag") FROM "tidemark_group" WHERE $timeFilter AND "cluster" =~ /^${cluster:regex}$/
 *               GROUP BY time($__interval), "cluster", "group" fill(none) SLIMIT 20
 *
 * `${x:regex}` escapes whatever a name holds, "/" and quotes included, and writes several as (a|b); the data source's own
 * escaping leaves a variable of one value as it is. Series have no order in InfluxQL: a limit keeps the first by name, which the
 * description of the panel says.
 */

import { KINDS } from "../../shipper/schema/kind.ts";
import type { Backend, Compiled, JsonObject, VariableQuery } from "./backend.ts";
import { ofOne } from "./chosen.ts";
import type {
  AnyDimension,
  Condition,
  CountIntent,
  EventsIntent,
  Intent,
  NewestIntent,
  SeriesIntent,
  Statistic,
  TableIntent,
} from "./intent.ts";

export const influxdb: Backend = {
  name: "influxdb",
  short: "influx",
  title: "InfluxDB",
  datasourceUid: "tidemark-influx",
  allValue: ".*",
  compile,
  variable: ({ kind, dimension, scope }: VariableQuery) =>
    `SHOW TAG VALUES FROM "tidemark_${kind}" WITH KEY = "${dimension}"${
      scope.length === 0 ? "" : ` WHERE ${scopeTerms(scope).join(" AND ")}`
    }`,
  annotation: (scope) => ({
    // Without `fromAnnotations` the data source answers with a table, and nothing is marked.
    target: {
      refId: "Anno",
      query: `SELECT "text", "tags" FROM ${source({ kind: "event", scope })}${ofOne(scope) ? "" : ` AND "event" != 'rebalance'`}`,
      queryType: "tags",
      fromAnnotations: true,
      textColumn: "text",
      tagsColumn: "tags",
      timeEndColumn: "",
      titleColumn: "",
      name: "Events",
    },
  }),
};

function compile(intent: Intent): Compiled {
  switch (intent.shape) {
    case "series":
      return seriesQuery(intent);
    case "count":
      return { kind: "targets", targets: [lines(countQuery(intent), intent.name)] };
    case "table":
      return tableQuery(intent);
    case "newest":
      return { kind: "targets", targets: [rows(newestQuery(intent))], instantField: "Time" };
    case "events":
      return { kind: "targets", targets: [rows(eventsQuery(intent))], headings: EVENT_HEADINGS };
    case "own":
      return { kind: "absent", why: "the metrics of a process are no history" };
  }
}

function lines(query: string, name: string): JsonObject {
  return { rawQuery: true, resultFormat: "time_series", alias: name.replaceAll(/\{\{(\w+)\}\}/g, "$tag_$1"), query };
}

function rows(query: string): JsonObject {
  return { rawQuery: true, resultFormat: "table", query };
}

const LINES_LEAST = 100;

const FUNCTIONS: Readonly<Record<Statistic, string>> = { max: "max", min: "min", avg: "mean" };

function seriesQuery(intent: SeriesIntent): Compiled {
  const { field, statistic, by, name } = intent;
  // Those with the most cannot be asked for: fewer would be a choice by name that hides the worst.
  const linesMax = Math.max(intent.linesMax, LINES_LEAST);
  const limit = by.length === 0 ? "" : ` SLIMIT ${linesMax}`;
  const query = `SELECT ${FUNCTIONS[statistic]}("${field}") FROM ${source(intent)} GROUP BY ${overTime(by)} fill(none)${limit}`;
  const note = by.length === 0 ? {} : { note: `InfluxQL cannot order lines: the first ${linesMax} by name are drawn.` };
  return { kind: "targets", targets: [lines(query, name)], ...note };
}

/** One point per group and bucket inside, whose number is counted outside. */
function countQuery(intent: CountIntent): string {
  const { condition } = intent;
  const inner = `SELECT last("${condition.field}") AS "word" FROM ${source(intent)} GROUP BY ${overTime(KINDS[intent.kind].dimensions)} fill(none)`;
  return `SELECT count("word") FROM (${inner}) WHERE $timeFilter GROUP BY time($__interval) fill(0)`;
}

function tableQuery(intent: TableIntent): Compiled {
  const { by, columns, rowsMax, words } = intent;
  const selected = [
    ...words.map(({ field, title }) => `last("${field}") AS "${title}"`),
    ...columns.map(({ field, statistic, title }) => `${FUNCTIONS[statistic]}("${field}") AS "${title}"`),
  ];
  const query = `SELECT ${selected.join(", ")} FROM ${source(intent)} GROUP BY ${names(by)} SLIMIT ${rowsMax}`;
  const headings = [...by, ...words.map(({ title }) => title), ...columns.map(({ title }) => title)].map(
    (name) => [name, name] as const,
  );
  return {
    kind: "targets",
    targets: [rows(query)],
    headings,
    note: `InfluxQL cannot order rows before it limits them: the first ${rowsMax} by name are listed.`,
  };
}

function newestQuery(intent: NewestIntent): string {
  const [first = "cluster"] = intent.scope;
  return `SELECT last("${intent.field}") FROM ${source(intent)} GROUP BY ${names([first])}`;
}

function eventsQuery(intent: EventsIntent): string {
  return `SELECT "cluster", "group", "event", "text" FROM ${source(intent)} ORDER BY time DESC LIMIT ${intent.rowsMax}`;
}

const EVENT_HEADINGS = [
  ["Time", "when"],
  ["cluster", "cluster"],
  ["group", "group"],
  ["event", "event"],
  ["text", "what happened"],
] as const;

interface Narrowed {
  readonly kind: string;
  readonly scope: readonly AnyDimension[];
  readonly condition?: Condition;
}

function source({ kind, scope, condition }: Narrowed): string {
  const terms = ["$timeFilter", ...scopeTerms(scope), ...(condition === undefined ? [] : [conditionTerm(condition)])];
  return `"tidemark_${kind}" WHERE ${terms.join(" AND ")}`;
}

function scopeTerms(scope: readonly AnyDimension[]): readonly string[] {
  return scope.map((dimension) => `"${dimension}" =~ /^\${${dimension}:regex}$/`);
}

function conditionTerm(condition: Condition): string {
  if ("isAny" in condition) {
    const words = condition.isAny.map((word) => `"${condition.field}" = '${word}'`);
    return words.length === 1 ? words.join("") : `(${words.join(" OR ")})`;
  }
  if ("isZero" in condition) return `"${condition.field}" = 0`;
  return `"${condition.field}" > ${condition.above}`;
}

function overTime(by: readonly AnyDimension[]): string {
  return ["time($__interval)", ...by.map((dimension) => `"${dimension}"`)].join(", ");
}

function names(by: readonly AnyDimension[]): string {
  return by.map((dimension) => `"${dimension}"`).join(", ");
}
