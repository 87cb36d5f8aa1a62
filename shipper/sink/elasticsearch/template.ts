/**
 * # The index templates: what a day's index is made from
 *
 *     tidemark            index template, pattern tidemark-*, composed of the three below in this order; its _meta says what it is
 *     tidemark-mappings   component: every dimension and field of the one table, nothing else (dynamic: strict)
 *     tidemark-settings   component: the layout, and the lifecycle where there is one
 *     tidemark-custom     component of the user's own, where there is one: it has the last word
 *
 * time_series: dimensions and time are a document's identity, and the window 2000…2100 takes a point of any day. plain: for
 * servers without that mode; we send the identity as `_id`.
 *
 * Where Telegraf's documents are written too, they have days and templates of their own, telegraf-tidemark-*, always plain: a board
 * on telegraf-* reads them, and what other inputs of Telegraf write is not touched. PURE.
 */

import type { IndexLayout } from "../../encode/bulk.ts";
import { FIELDS, KIND_NAMES, KINDS } from "../../schema/kind.ts";
import type { ElasticsearchType } from "../../schema/store-type.ts";
import { elasticsearchType } from "../../schema/store-type.ts";
import { TELEGRAF_PROPERTIES } from "./telegraf-properties.ts";

export type Contents = "points" | "telegraf";

/** Days with one template. */
export interface IndexSet {
  /** Of the index names and of the template's own. */
  readonly prefix: string;
  readonly contents: Contents;
}

/** All that a sink writes to. */
export function indexSetsOf(prefix: string, { withTelegraf }: { readonly withTelegraf: boolean }): readonly IndexSet[] {
  const own: IndexSet = { prefix, contents: "points" };
  return withTelegraf ? [own, { prefix: telegrafPrefix(prefix), contents: "telegraf" }] : [own];
}

export const telegrafPrefix = (prefix: string): string => `telegraf-${prefix}`;

/** Raised when settings or types change; fields that are only added need no new version. */
export const TEMPLATE_VERSIONS: Readonly<Record<Contents, number>> = { points: 2, telegraf: 1 };
/** Above what Elasticsearch and its agents bring along; what somebody has for telegraf-* is below both as a rule. */
const PRIORITIES: Readonly<Record<Contents, number>> = { points: 501, telegraf: 502 };
const KEYWORD_CHARS_MAX = 1_024;

export interface TemplateOptions extends IndexSet {
  readonly layout: IndexLayout;
  /** Name of the lifecycle policy, where the server has lifecycles and one is wanted. */
  readonly lifecyclePolicy: string | undefined;
}

/** What the template says of itself, and a program reads before it writes. */
export interface TemplateMeta {
  readonly managed_by: "tidemark";
  readonly version: number;
  readonly layout: IndexLayout;
  /** Every name that its mapping knows, sorted; one within another as `a.b`. */
  readonly fields: readonly string[];
}

const DIMENSIONS: readonly string[] = ["kind", ...new Set(KIND_NAMES.flatMap((kind) => KINDS[kind].dimensions))];

type Json = { readonly [key: string]: unknown };

export function metaOf(options: Pick<TemplateOptions, "contents" | "layout">): TemplateMeta {
  return {
    managed_by: "tidemark",
    version: TEMPLATE_VERSIONS[options.contents],
    layout: options.layout,
    fields: namesIn(propertiesOf(options)).toSorted(),
  };
}

function namesIn(properties: Json): readonly string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const { properties: below } = property as { readonly properties?: Json };
    return below === undefined ? [name] : namesIn(below).map((inner) => `${name}.${inner}`);
  });
}

/** What the mapping must know before a point may be written. */
export const FIELDS_NEEDED: Readonly<Record<Contents, readonly string[]>> = {
  points: metaOf({ contents: "points", layout: "plain" }).fields,
  telegraf: metaOf({ contents: "telegraf", layout: "plain" }).fields,
};

export const templateNames = (prefix: string) => ({
  index: prefix,
  mappings: `${prefix}-mappings`,
  settings: `${prefix}-settings`,
  custom: `${prefix}-custom`,
});

export function mappingsOf(options: Pick<TemplateOptions, "contents" | "layout">): Json {
  return { dynamic: "strict", properties: propertiesOf(options) };
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
export function indexTemplateOf(options: TemplateOptions, hasCustom: "optional" | "absent"): Json {
  const { prefix, contents } = options;
  const names = templateNames(prefix);
  const own = [names.mappings, names.settings];
  const custom =
    hasCustom === "optional"
      ? { composed_of: [...own, names.custom], ignore_missing_component_templates: [names.custom] }
      : { composed_of: own };
  return { index_patterns: [`${prefix}-*`], priority: PRIORITIES[contents], ...custom, _meta: metaOf(options) };
}

function propertiesOf({ contents, layout }: Pick<TemplateOptions, "contents" | "layout">): Json {
  switch (contents) {
    case "points":
      return pointProperties(layout);
    case "telegraf":
      return TELEGRAF_PROPERTIES;
  }
}

function pointProperties(layout: IndexLayout): Json {
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
