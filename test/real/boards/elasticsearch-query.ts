/**
 * # A target of Grafana's Elasticsearch data source, as the search it makes
 *
 * Aggregations nest in their order; the metrics stand in the last. Read from the answers of the data source's backend
 * (pkg/tsdb/elasticsearch of Grafana 12.3.3), written anew.
 */

import type { Target } from "../../../dashboards/lint/classic-board.ts";
import { askElasticsearch } from "../elasticsearch/ask.ts";
import type { Asking, Chosen, Drawn, Span } from "./board-files.ts";
import { INTERVAL_MS, labelOf } from "./board-files.ts";

type Aggregation = NonNullable<Target["metrics"]>[number];
type Bucket = Readonly<Record<string, unknown>> & { readonly key: string | number };

const SPECIAL = /([!*+\-=<>\s&|()[\]{}^~?:\\/"])/g;

/** Grafana's format "lucene" of one value; all is a wildcard. */
export function filledIn(query: string, chosen: Chosen): string {
  return query.replaceAll(/\$(\w+)/g, (_, name: string) => chosen[name]?.replaceAll(SPECIAL, "\\$1") ?? "*");
}

export async function drawnOf(url: string, { target, chosen, span }: Asking): Promise<Drawn> {
  const { query = "", metrics = [], bucketAggs = [], alias = "" } = target;
  const filter = [
    { range: { "@timestamp": { gte: span.fromMs, lte: span.toMs, format: "epoch_millis" } } },
    { query_string: { analyze_wildcard: true, query: filledIn(query, chosen) } },
  ];
  const [first] = metrics;
  const raw = first?.type === "raw_data";
  const body = { size: raw ? 500 : 0, query: { bool: { filter } }, ...(raw ? {} : nested(span, bucketAggs, metrics)) };
  const answer = (await askElasticsearch(url, { method: "POST", path: "/tidemark-*/_search", body })) as {
    readonly hits: { readonly hits: readonly unknown[] };
    readonly aggregations?: Readonly<Record<string, unknown>>;
  };
  if (raw) return new Map(answer.hits.hits.map((_, index) => [`event ${index}`, 1]));
  const drawn = new Map<string, number>();
  collect({ level: answer.aggregations ?? {}, bucketAggs, metrics, alias, keys: {}, drawn });
  return drawn;
}

function nested(span: Span, bucketAggs: readonly Aggregation[], metrics: readonly Aggregation[]): object {
  const [first, ...rest] = bucketAggs;
  if (first === undefined)
    return { aggs: Object.fromEntries(metrics.map((metric) => [metric.id, metricBody(metric)])) };
  const inner = nested(span, rest, metrics) as { readonly aggs: object };
  const ordering = metrics.find(({ id }) => id === first.settings?.["orderBy"]);
  const order = ordering === undefined ? {} : { [ordering.id]: metricBody(ordering) };
  return { aggs: { [first.id]: { ...bucketBody(span, first), aggs: { ...order, ...inner.aggs } } } };
}

function metricBody({ type, field, settings }: Aggregation): object {
  return type === "derivative"
    ? { derivative: { buckets_path: field, unit: settings?.["unit"] } }
    : { [type]: { field } };
}

function bucketBody({ fromMs, toMs }: Span, { type, field, settings = {} }: Aggregation): object {
  const minDocCount = Number(settings["min_doc_count"]);
  if (type === "terms") {
    const order = { [settings["orderBy"] ?? ""]: settings["order"] };
    return { terms: { field, size: Number(settings["size"]), order, min_doc_count: minDocCount } };
  }
  const bounds = { min: fromMs, max: toMs };
  return {
    date_histogram: { field, fixed_interval: `${INTERVAL_MS}ms`, min_doc_count: minDocCount, extended_bounds: bounds },
  };
}

interface Level {
  readonly level: Readonly<Record<string, unknown>>;
  readonly bucketAggs: readonly Aggregation[];
  readonly metrics: readonly Aggregation[];
  readonly alias: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly drawn: Map<string, number>;
}

function collect({ level, bucketAggs, metrics, alias, keys, drawn }: Level): void {
  const [first, ...rest] = bucketAggs;
  if (first === undefined) return;
  const { buckets } = level[first.id] as { readonly buckets: readonly Bucket[] };
  for (const bucket of buckets) {
    const isTime = first.type === "date_histogram";
    const inner = isTime ? keys : { ...keys, [first.field ?? ""]: String(bucket.key) };
    if (rest.length > 0) collect({ level: bucket, bucketAggs: rest, metrics, alias, keys: inner, drawn });
    else
      for (const [index, metric] of metrics.entries()) {
        const value = resultOf(bucket[metric.id]);
        const at = isTime ? `${nameOf(alias, inner)} @${bucket.key}` : `${labelOf(inner)} #${index}`;
        if (value !== undefined) drawn.set(at, value);
      }
  }
}

function nameOf(alias: string, keys: Readonly<Record<string, string>>): string {
  return alias.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => keys[name] ?? "");
}

function resultOf(result: unknown): number | undefined {
  const { value } = (result ?? {}) as { readonly value?: number | null };
  return value ?? undefined;
}
