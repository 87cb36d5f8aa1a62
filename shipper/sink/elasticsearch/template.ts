/**
 * # The index template: what a day's index is made from
 *
 *     tidemark            index template, pattern tidemark-*, composed of the three below in this order; its _meta says what it is
 *     tidemark-mappings   component: every dimension and field of the one table, nothing else (dynamic: strict)
 *     tidemark-settings   component: the layout, and the lifecycle where there is one
 *     tidemark-custom     component of the user's own, where there is one: it has the last word
 *
 * time_series: dimensions and time are a document's identity, and the window 2000…2100 takes a point of any day. plain: for
 * servers without that mode; we send the identity as `_id`. PURE.
 */

import type { IndexLayout } from "../../encode/bulk.ts";
import { FIELDS, KIND_NAMES, KINDS } from "../../schema/kind.ts";
import type { ElasticsearchType } from "../../schema/store-type.ts";
import { elasticsearchType } from "../../schema/store-type.ts";

/** Raised when settings or types change; fields that are only added need no new version. */
export const TEMPLATE_VERSION = 2;
/** Above what Elasticsearch and its agents bring along. */
const PRIORITY = 501;
const KEYWORD_CHARS_MAX = 1_024;

export interface TemplateOptions {
  /** Of the index names and of the template's own. */
  readonly prefix: string;
  readonly layout: IndexLayout;
  /** Name of the lifecycle policy, where the server has lifecycles and one is wanted. */
  readonly lifecyclePolicy: string | undefined;
}

/** What the template says of itself, and a program reads before it writes. */
export interface TemplateMeta {
  readonly managed_by: "tidemark";
  readonly version: number;
  readonly layout: IndexLayout;
  /** Every name that its mapping knows, sorted. */
  readonly fields: readonly string[];
}

const DIMENSIONS: readonly string[] = ["kind", ...new Set(KIND_NAMES.flatMap((kind) => KINDS[kind].dimensions))];

type Json = { readonly [key: string]: unknown };

export function metaOf(layout: IndexLayout): TemplateMeta {
  return {
    managed_by: "tidemark",
    version: TEMPLATE_VERSION,
    layout,
    fields: Object.keys(propertiesOf(layout)).toSorted(),
  };
}

/** What the mapping must know before a point may be written. */
export const FIELDS_NEEDED: readonly string[] = metaOf("plain").fields;

export const templateNames = (prefix: string) => ({
  index: prefix,
  mappings: `${prefix}-mappings`,
  settings: `${prefix}-settings`,
  custom: `${prefix}-custom`,
});

export function mappingsOf(layout: IndexLayout): Json {
  return { dynamic: "strict", properties: propertiesOf(layout) };
}

export function settingsOf({ layout, lifecyclePolicy }: TemplateOptions): Json {
  // The age of a day's index is its day's, also where a backlog makes it late.
  const lifecycle =
    lifecyclePolicy === undefined ? {} : { lifecycle: { name: lifecyclePolicy, parse_origination_date: true } };
  const common = { codec: "best_compression", refresh_interval: "10s", number_of_shards: "1", ...lifecycle };
  switch (layout) {
    case "time_series":
      return {
        index: {
          ...common,
          mode: "time_series",
          routing_path: DIMENSIONS,
          time_series: { start_time: "2000-01-01T00:00:00Z", end_time: "2100-01-01T00:00:00Z" },
        },
      };
    case "plain":
      return { index: common };
  }
}

/** `ignore_missing` is what a server without that option (OpenSearch) must not be sent. */
export function indexTemplateOf({ prefix, layout }: TemplateOptions, hasCustom: "optional" | "absent"): Json {
  const names = templateNames(prefix);
  const own = [names.mappings, names.settings];
  const custom =
    hasCustom === "optional"
      ? { composed_of: [...own, names.custom], ignore_missing_component_templates: [names.custom] }
      : { composed_of: own };
  return { index_patterns: [`${prefix}-*`], priority: PRIORITY, ...custom, _meta: metaOf(layout) };
}

function propertiesOf(layout: IndexLayout): Json {
  const dimension = layout === "time_series" ? { type: "keyword", time_series_dimension: true } : { type: "keyword" };
  const dimensions = DIMENSIONS.map((name) => [name, dimension] as const);
  const fields = KIND_NAMES.flatMap((kind) =>
    FIELDS[kind].map(([name, { type }]) => [name, propertyOf(elasticsearchType(type), layout)] as const),
  );
  return Object.fromEntries([["@timestamp", { type: "date" }], ...dimensions, ...fields]);
}

function propertyOf(type: ElasticsearchType, layout: IndexLayout): Json {
  switch (type) {
    case "keyword":
      return { type, ignore_above: KEYWORD_CHARS_MAX };
    case "long":
    case "double":
      // A gauge, never a counter: offsets go back when a group is reset or a topic made anew.
      return layout === "time_series" ? { type, time_series_metric: "gauge" } : { type };
  }
}
