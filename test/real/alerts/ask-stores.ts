/** # The query of a rule, as the data sources of Grafana ask it of their stores */

import type { Model } from "../../../dashboards/lint/rule-file.ts";
import { seriesOf } from "../boards/influxdb-query.ts";
import { askElasticsearch } from "../elasticsearch/ask.ts";
import type { AskStore, Series, TimeRange } from "./rule-run.ts";

type Aggregation = NonNullable<Model["metrics"]>[number];
type Level = Readonly<Record<string, unknown>>;
type Bucket = Level & { readonly key: string | number; readonly doc_count: number };

export function elasticsearchAt(url: string): AskStore {
  return async (model, range) => {
    const { query = "", metrics = [], bucketAggs = [] } = model;
    const time = { gte: range.fromMs, lte: range.toMs, format: "epoch_millis" };
    const filter = [{ range: { "@timestamp": time } }, { query_string: { analyze_wildcard: true, query } }];
    const body = { size: 0, query: { bool: { filter } }, ...nested(bucketAggs, metrics) };
    const path = "/tidemark-*/_search?ignore_unavailable=true";
    const answer = (await askElasticsearch(url, { method: "POST", path, body })) as { readonly aggregations?: Level };
    const found: Series[] = [];
    if (answer.aggregations !== undefined)
      collect({ level: answer.aggregations, bucketAggs, metrics, labels: {}, found });
    return found;
  };
}

function nested(bucketAggs: readonly Aggregation[], metrics: readonly Aggregation[]): object {
  const [first, ...rest] = bucketAggs;
  const values = metrics
    .filter(({ type }) => type !== "count")
    .map(({ id, type, field }) => [id, { [type]: { field } }]);
  if (first === undefined) return { aggs: Object.fromEntries(values) };
  const inner = nested(rest, metrics) as { readonly aggs: object };
  return { aggs: { [first.id]: { ...bucketBody(first), aggs: { ...Object.fromEntries(values), ...inner.aggs } } } };
}

function bucketBody({ type, field, settings = {} }: Aggregation): object {
  const least = { min_doc_count: Number(settings["min_doc_count"]) };
  if (type !== "terms") return { date_histogram: { field, fixed_interval: settings["interval"], ...least } };
  const order = { [settings["orderBy"] ?? ""]: settings["order"] };
  return { terms: { field, size: Number(settings["size"]), order, ...least } };
}

interface Collected {
  readonly level: Level;
  readonly bucketAggs: readonly Aggregation[];
  readonly metrics: readonly Aggregation[];
  readonly labels: Readonly<Record<string, string>>;
  readonly found: Series[];
}

function collect({ level, bucketAggs, metrics, labels, found }: Collected): void {
  const [first, ...rest] = bucketAggs;
  const [metric] = metrics;
  if (first === undefined || metric === undefined) return;
  const { buckets } = level[first.id] as { readonly buckets: readonly Bucket[] };
  if (rest.length > 0) {
    for (const bucket of buckets) {
      const inner = { ...labels, [first.field ?? ""]: String(bucket.key) };
      collect({ level: bucket, bucketAggs: rest, metrics, labels: inner, found });
    }
    return;
  }
  const values = buckets.flatMap((bucket) => {
    const result = bucket[metric.id] as { readonly value: number | null } | undefined;
    const value = metric.type === "count" ? bucket.doc_count : (result?.value ?? undefined);
    return value === undefined ? [] : [value];
  });
  if (values.length > 0) found.push({ labels, values });
}

export function influxdbAt(url: string): AskStore {
  return async ({ query = "" }, range) => {
    const series = await seriesOf(url, query.replace("$timeFilter", timeFilter(range)));
    return series.map(({ tags = {}, values }) => ({
      labels: tags,
      values: values.flatMap(([, value]) => (typeof value === "number" ? [value] : [])),
    }));
  };
}

function timeFilter({ fromMs, toMs }: TimeRange): string {
  return `time >= ${fromMs}ms and time <= ${toMs}ms`;
}
