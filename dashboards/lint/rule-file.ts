/**
 * # A file of Grafana's alert rules, as much of it as ours have, and what each rule must keep
 *
 * Strict, since Grafana drops a key that it does not know without a word, as `keep_firing_for`, which is how its HTTP API spells it.
 */

import { z } from "zod";

const Seconds = z.string().regex(/^\d+s$/);
const Settings = z.record(z.string(), z.string());
const Datasource = z.strictObject({ type: z.string(), uid: z.string() });
const Aggregation = z.strictObject({
  id: z.string(),
  type: z.string(),
  field: z.string().optional(),
  settings: Settings.optional(),
});

const Model = z.strictObject({
  refId: z.string(),
  datasource: Datasource,
  query: z.string().optional(),
  timeField: z.literal("@timestamp").optional(),
  metrics: z.array(Aggregation).optional(),
  bucketAggs: z.array(Aggregation).optional(),
  rawQuery: z.literal(true).optional(),
  resultFormat: z.literal("time_series").optional(),
  intervalMs: z.int().positive().optional(),
  maxDataPoints: z.int().positive().optional(),
  type: z.enum(["reduce", "math", "threshold"]).optional(),
  expression: z.string().optional(),
  reducer: z.enum(["last", "min", "max", "mean", "sum"]).optional(),
  settings: z.strictObject({ mode: z.literal("dropNN") }).optional(),
  conditions: z
    .array(
      z.strictObject({
        type: z.literal("query"),
        evaluator: z.strictObject({ type: z.enum(["gt", "lt"]), params: z.tuple([z.number()]) }),
      }),
    )
    .optional(),
});
export type Model = z.output<typeof Model>;

const Node = z.strictObject({
  refId: z.string().regex(/^[A-Z][a-z]*$/),
  relativeTimeRange: z.strictObject({ from: z.int().nonnegative(), to: z.int().nonnegative() }),
  datasourceUid: z.string(),
  model: Model,
});

export const Rule = z.strictObject({
  uid: z.string().regex(/^[a-zA-Z0-9_-]{1,40}$/),
  title: z.string(),
  condition: z.string(),
  data: z.array(Node).nonempty(),
  noDataState: z.enum(["NoData", "Alerting", "OK", "KeepLast"]),
  execErrState: z.enum(["Error", "Alerting", "OK", "KeepLast"]),
  for: Seconds,
  keepFiringFor: Seconds,
  missing_series_evals_to_resolve: z.int().min(2),
  dashboardUid: z.string(),
  panelId: z.int().positive(),
  annotations: z.strictObject({
    summary: z.string(),
    description: z.string(),
    runbook_url: z.string(),
    panel: z.string(),
    __dashboardUid__: z.string(),
    __panelId__: z.string(),
  }),
  labels: z.strictObject({
    severity: z.enum(["critical", "warning"]),
    service: z.literal("tidemark"),
    alert: z.string(),
  }),
  isPaused: z.literal(false),
});
export type Rule = z.output<typeof Rule>;

export const RuleFile = z.strictObject({
  apiVersion: z.literal(1),
  groups: z.tuple([
    z.strictObject({
      orgId: z.literal(1),
      name: z.string(),
      folder: z.string(),
      interval: Seconds,
      rules: z.array(Rule),
    }),
  ]),
});

const MACROS: readonly string[] = ["$timeFilter"];
const EXPRESSIONS = "__expr__";

/** What is wrong with a rule, in sentences. */
export function ruleBreaches(rule: Rule, panelIds: ReadonlyMap<string, readonly number[]>): readonly string[] {
  const ids = rule.data.map(({ refId }) => refId);
  const doubled = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `two nodes are called ${id}`);
  return [
    ...doubled,
    ...rule.data.flatMap((node) => nodeBreaches(rule, node)),
    ...linkBreaches(rule, panelIds),
    ...textBreaches(rule),
  ];
}

function linkBreaches(rule: Rule, panelIds: ReadonlyMap<string, readonly number[]>): readonly string[] {
  const { dashboardUid, panelId, annotations } = rule;
  const breaches: string[] = [];
  if (annotations.__dashboardUid__ !== dashboardUid || annotations.__panelId__ !== String(panelId))
    breaches.push("the two links to its panel differ");
  if (panelIds.get(dashboardUid)?.includes(panelId) !== true) breaches.push(`no panel ${panelId} on ${dashboardUid}`);
  if (!annotations.panel.startsWith(`d/${dashboardUid}?viewPanel=${panelId}`))
    breaches.push("its path is another panel's");
  return breaches;
}

/** Dollars are interpolated in labels, titles and the like, and not in annotations. */
function textBreaches({ title, labels, annotations, data }: Rule): readonly string[] {
  const plain = JSON.stringify({ title, labels });
  const breaches = plain.includes("$") ? ["a dollar where Grafana puts in its environment"] : [];
  const known = new Set(data.flatMap(({ model }) => dimensionsOf(model)));
  const shown = new Set(data.map(({ refId }) => refId));
  const text = Object.values(annotations).join("\n");
  const labelsUsed = [...text.matchAll(/\$labels\.(\w+)/g)].map(([, name = ""]) => name);
  const valuesUsed = [...text.matchAll(/\$values\.(\w+)/g)].map(([, name = ""]) => name);
  return [
    ...breaches,
    ...(text.includes("$$") ? ["a doubled dollar in an annotation stays two"] : []),
    ...labelsUsed.filter((name) => !known.has(name)).map((name) => `no series has the label ${name}`),
    ...valuesUsed.filter((name) => !shown.has(name)).map((name) => `no node gives the value ${name}`),
  ];
}

function dimensionsOf({ bucketAggs = [], query = "" }: Model): readonly string[] {
  const terms = bucketAggs.flatMap(({ type, field = "" }) => (type === "terms" ? [field] : []));
  const grouped = /GROUP BY time\(\w+\)(.*) fill/.exec(query)?.[1] ?? "";
  return [...terms, ...[...grouped.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name)];
}

function nodeBreaches(
  rule: Rule,
  { refId, relativeTimeRange, datasourceUid, model }: Rule["data"][number],
): readonly string[] {
  const named = (sentence: string) => `${refId}: ${sentence}`;
  const breaches: string[] = [];
  if (model.refId !== refId || model.datasource.uid !== datasourceUid) breaches.push(named("its two names differ"));
  if (datasourceUid === EXPRESSIONS) return [...breaches, ...expressionBreaches(rule, model).map(named)];
  const { from, to } = relativeTimeRange;
  if (from <= to) breaches.push(named("it asks for no time"));
  return [...breaches, ...queryBreaches(model).map(named)];
}

function expressionBreaches(
  { data }: Rule,
  { type, expression = "", reducer, settings, conditions }: Model,
): readonly string[] {
  const ids = data.map(({ refId }) => refId);
  const used = type === "math" ? [...expression.matchAll(/\$(\w+)/g)].map(([, id = ""]) => id) : [expression];
  const unknown = used.filter((id) => !ids.includes(id)).map((id) => `no node is called ${id}`);
  const bare =
    type === "reduce" && (reducer === undefined || settings === undefined) ? ["it reduces without a mode"] : [];
  const empty = type === "threshold" && conditions?.length !== 1 ? ["it has no limit"] : [];
  return [...unknown, ...bare, ...empty];
}

function queryBreaches({ query = "", bucketAggs = [], timeField, rawQuery, intervalMs }: Model): readonly string[] {
  const breaches: string[] = [];
  const macros = [...query.matchAll(/\$\w+/g)].map(([macro]) => macro).filter((macro) => !MACROS.includes(macro));
  if (macros.length > 0) breaches.push(`a rule has no variables: ${macros.join(", ")}`);
  if (intervalMs === undefined) breaches.push("Grafana would take steps of a second");
  const last = bucketAggs.at(-1);
  if (timeField !== undefined) {
    if (last?.type !== "date_histogram") breaches.push("no steps of time");
    if (!/^\d+[sm]$/.test(last?.settings?.["interval"] ?? "")) breaches.push("its interval is not its own");
    if (bucketAggs.some(({ settings }) => settings?.["min_doc_count"] !== "1"))
      breaches.push("empty buckets are asked for");
  }
  if (rawQuery === true && !/GROUP BY time\(\d+s\)/.test(query)) breaches.push("its interval is not its own");
  if (rawQuery === true && !query.includes("$timeFilter")) breaches.push("it asks for all of time");
  return breaches;
}
