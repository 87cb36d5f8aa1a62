/**
 * # What a rule asks a store
 *
 * A rule runs without a board: no variables, no `$__interval`, and the steps of time are its own, since Grafana would take one a
 * second. No alias: with one, each alert would carry a label of the data source's. Only points within trouble are asked for
 * where that can be said, so that ten thousand groups that are well cost nothing, and never push one that is not off the list.
 */

import type { Backend, Json, JsonObject } from "../query/backend.ts";
import { elasticsearch } from "../query/elasticsearch.ts";
import { influxdb } from "../query/influxql.ts";
import type { Measure, Term } from "./alert.ts";

export interface Asked {
  readonly measure: Measure;
  readonly stepSeconds: number;
  /** Which are asked for where there are more than a store gives; else the smallest of a least or a mean, the largest of a most. */
  readonly worst?: "largest" | "smallest";
  /** Points instead of their values. */
  readonly counted?: boolean;
}

/** A store that rules can ask. */
export interface RuleStore {
  readonly backend: Backend;
  ask(asked: Asked): JsonObject;
}

/** By the worst first; what is left off is not worse than what is asked. */
const TERMS_MAX = 500;
const METRIC_ID = "1";
const FIRST_BUCKET = 100;
const TIME = "@timestamp";

export const askElasticsearch: RuleStore = {
  backend: elasticsearch,
  ask: ({ measure, stepSeconds, counted = false, worst }) => {
    const { kind, field, statistic, by, where } = measure;
    const metric = counted ? { id: METRIC_ID, type: "count" } : { id: METRIC_ID, type: statistic, field };
    const order = (worst ?? (statistic === "max" ? "largest" : "smallest")) === "largest" ? "desc" : "asc";
    const orderBy = counted ? "_count" : METRIC_ID;
    const terms = by.map(
      (name, index): Json => ({
        id: String(FIRST_BUCKET + index),
        type: "terms",
        field: name,
        settings: { size: String(TERMS_MAX), order, orderBy, min_doc_count: "1" },
      }),
    );
    const histogram = {
      id: String(FIRST_BUCKET + by.length),
      type: "date_histogram",
      field: TIME,
      settings: { interval: `${stepSeconds}s`, min_doc_count: "1" },
    };
    return {
      query: [`kind:${kind}`, ...where.map(luceneTerm)].join(" AND "),
      timeField: TIME,
      metrics: [metric],
      bucketAggs: [...terms, histogram],
    };
  },
};

function luceneTerm(term: Term): string {
  if ("above" in term) return `${term.field}:{${term.above} TO *}`;
  if ("below" in term) return `${term.field}:{* TO ${term.below}}`;
  const words = term.is.map((word) => `"${word}"`);
  return words.length === 1 ? `${term.field}:${words.join("")}` : `${term.field}:(${words.join(" OR ")})`;
}

const FUNCTIONS = { max: "max", min: "min", avg: "mean" } as const;

export const askInfluxdb: RuleStore = {
  backend: influxdb,
  ask: ({ measure, stepSeconds, counted = false }) => {
    const { kind, field, statistic, by, where } = measure;
    const tags = by.map((name) => `, "${name}"`).join("");
    const terms = ["$timeFilter", ...where.map(influxTerm)].join(" AND ");
    const selected = `${counted ? "count" : FUNCTIONS[statistic]}("${field}")`;
    return {
      rawQuery: true,
      resultFormat: "time_series",
      query: `SELECT ${selected} FROM "tidemark_${kind}" WHERE ${terms} GROUP BY time(${stepSeconds}s)${tags} fill(none)`,
    };
  },
};

function influxTerm(term: Term): string {
  if ("above" in term) return `"${term.field}" > ${term.above}`;
  if ("below" in term) return `"${term.field}" < ${term.below}`;
  const words = term.is.map((word) => `"${term.field}" = '${word}'`);
  return words.length === 1 ? words.join("") : `(${words.join(" OR ")})`;
}
