/**
 * # What the queries of each store must keep
 *
 * The traps of Grafana's data sources: a rule for each that a board fell into somewhere. Where variables may stand matters
 * most, since names of groups hold any character.
 */

import { KINDS } from "../../shipper/schema/kind.ts";
import type { ClassicBoard, Panel, Target } from "./classic-board.ts";
import { panelsOf } from "./classic-board.ts";

const METRIC_TYPES = ["max", "min", "avg", "cardinality", "raw_data"];

export function poorElasticsearch(boards: readonly ClassicBoard[]): readonly string[] {
  return everyTarget(boards, "elasticsearch", (target, panel) => {
    const { query = "", metrics = [], bucketAggs = [], timeField } = target;
    const last = bucketAggs.at(-1);
    const isTable = panel.type === "table" || panel.fieldConfig.defaults.unit === "dateTimeFromNow";
    return [
      ...(timeField === "@timestamp" ? [] : ["it has no time field"]),
      ...((/^kind:(\w+)/.exec(query)?.[1] ?? "") in KINDS ? [] : ["it does not say which kind of point it wants"]),
      ...(/"[^"]*\$/.test(query) ? ["a variable stands between quotes"] : []),
      ...(/\$/.test(JSON.stringify([metrics, bucketAggs])) ? ["a variable stands outside the query"] : []),
      ...metrics.filter(({ type }) => !METRIC_TYPES.includes(type)).map(({ type }) => `${type} is not known to work`),
      ...(isTable || last?.type === "date_histogram" ? [] : ["its lines have no time"]),
      ...bucketAggs.filter(({ type }) => type === "terms").flatMap(({ settings }) => poorTerms(settings)),
      ...(last?.type === "date_histogram" && last.settings?.["min_doc_count"] === undefined
        ? ["empty buckets are drawn without being asked for"]
        : []),
      ...twice([...metrics, ...bucketAggs].map(({ id }) => id)).map((id) => `two aggregations are called ${id}`),
    ];
  });
}

const TERMS_MAX = 500;

function poorTerms(settings: Readonly<Record<string, string>> | undefined): readonly string[] {
  const size = Number(settings?.["size"]);
  return [
    ...(size >= 1 && size <= TERMS_MAX ? [] : ["its terms have no good size"]),
    ...(settings?.["orderBy"] === "1" ? [] : ["its terms are not ordered by what is shown"]),
  ];
}

function twice(values: readonly string[]): readonly string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

export function poorInfluxql(boards: readonly ClassicBoard[]): readonly string[] {
  const others = asideTexts(boards, "influxdb").flatMap((text) => wrongly(text, INFLUX_BUILT_IN, INFLUX_BEFORE));
  const found = everyTarget(boards, "influxdb", ({ query = "", rawQuery, resultFormat }) => [
    ...(rawQuery === true && resultFormat !== undefined ? [] : ["it is no raw query with a format"]),
    ...(query.includes("$timeFilter") ? [] : ["it reads all time"]),
    ...(/\bFROM "tidemark_(\w+)"/.test(query) ? [] : ["it reads no measurement of ours"]),
    ...wrongly(query, INFLUX_BUILT_IN, INFLUX_BEFORE),
    ...(resultFormat === "time_series" && !query.includes("fill(") ? ["it does not say what an empty bucket is"] : []),
  ]);
  return [...others, ...found];
}

const INFLUX_BUILT_IN = /^(timeFilter|__interval)$/;
const INFLUX_BEFORE = /=~ \/\^$/;
const PROM_BUILT_IN = /^__(interval|range|rate_interval)$/;
const PROM_BEFORE = /=~`$/;

export function poorPromql(boards: readonly ClassicBoard[]): readonly string[] {
  const others = asideTexts(boards, "prometheus").flatMap((text) => wrongly(text, PROM_BUILT_IN, PROM_BEFORE));
  const found = everyTarget(boards, "prometheus", ({ expr = "", range, instant, format }) => [
    ...wrongly(expr, PROM_BUILT_IN, PROM_BEFORE),
    ...(/\b(rate|increase|irate)\(/.test(expr) &&
    !/\$__(rate_interval|range)/.test(expr) &&
    !/\[\d+[mhd](:\d+[smh])?\]/.test(expr)
      ? ["its rate is over a range that is not known to hold two samples"]
      : []),
    ...(range !== instant ? [] : ["it is neither of a range nor of an instant"]),
    ...(instant === true && format !== "table" && !/timestamp\(/.test(expr) ? ["an instant that is no table"] : []),
  ]);
  return [...others, ...found];
}

/** Of variables and marks, whose queries hold names, too. */
function asideTexts(boards: readonly ClassicBoard[], type: string): readonly string[] {
  return boards
    .filter(({ templating }) => templating.list.some(({ query }) => query === type))
    .flatMap(({ templating, annotations }) => [...templating.list.map(({ query }) => query), ...annotations.list])
    .flatMap(stringsIn)
    .filter((text) => text !== DATASOURCE);
}

const DATASOURCE = `\${datasource}`;

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** Variables of ours that do not stand, as a regular expression, where `before` says they must. */
function wrongly(text: string, builtIn: RegExp, before: RegExp): readonly string[] {
  return [...text.matchAll(/\$(\{(\w+)(:\w+)?\}|(\w+))/g)].flatMap((match) => {
    const name = match[2] ?? match[4] ?? "";
    if (builtIn.test(name)) return [];
    const fits = NUMBERS.includes(name) || (match[3] === ":regex" && before.test(text.slice(0, match.index)));
    return fits ? [] : [`$${name} stands where a name could end the query`];
  });
}

/** Chosen from a list of numbers. */
const NUMBERS: readonly string[] = ["target"];

function everyTarget(
  boards: readonly ClassicBoard[],
  type: string,
  check: (target: Target, panel: Panel) => readonly string[],
): readonly string[] {
  return boards.flatMap((board) =>
    panelsOf(board).flatMap((panel) =>
      panel.targets
        .filter(({ datasource }) => datasource.type === type)
        .flatMap((target) =>
          check(target, panel).map((said) => `${board.uid} panel ${panel.id} ${target.refId}: ${said}`),
        ),
    ),
  );
}
