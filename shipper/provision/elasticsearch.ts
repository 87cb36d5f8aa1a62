/**
 * # What Elasticsearch or OpenSearch must have before a point is written
 *
 * A lifecycle policy where the server has lifecycles and a retention is wanted, two component templates, the index template
 * last: a shipper that reads it finds the rest in place. Days that are there already learn the fields that are new. Which
 * layout a server can do is found by putting the better one first.
 */

import { asError } from "../../runtime/error.ts";
import type { IndexLayout } from "../encode/bulk.ts";
import { textOf } from "../sink/elasticsearch/client.ts";
import type { IndexSet, TemplateOptions } from "../sink/elasticsearch/template.ts";
import { indexTemplateOf, mappingsOf, settingsOf, templateNames } from "../sink/elasticsearch/template.ts";
import type { Asked, Json, Store } from "./ask.ts";
import { ask, ProvisionError } from "./ask.ts";
import type { FoundTemplate, Verdict } from "./elasticsearch-plan.ts";
import { provisionedMeta, verdictOn } from "./elasticsearch-plan.ts";
import type { ProvisionLine, ProvisionMode } from "./line.ts";
import { provisionStatePolicy } from "./state-management.ts";

export interface ElasticsearchProvision extends Store, IndexSet {
  readonly layout: IndexLayout | "auto";
  readonly retentionMs: number | undefined;
  /** A policy of the user's own, which is used and not made. */
  readonly lifecyclePolicy: string | undefined;
}

/** A server without lifecycles has no such path; one with them knows the path, if not the policy. */
export async function hasLifecycles(store: Store): Promise<boolean> {
  const answer = await ask(store, { method: "GET", path: `/_ilm/policy/${store.prefix}` });
  if (answer.status === 200 || (answer.status === 404 && textOf(answer.body).includes("not_found"))) return true;
  if (answer.status === 401 || answer.status === 403) throw new ProvisionError("reading the lifecycle policy", answer);
  return false;
}

export async function provisionElasticsearch(
  store: ElasticsearchProvision,
  mode: ProvisionMode,
): Promise<readonly ProvisionLine[]> {
  const lines: ProvisionLine[] = [];
  try {
    const lifecyclePolicy = await provisionRetention(store, mode, lines);
    await provisionTemplate(store, { mode, lines, lifecyclePolicy });
  } catch (caught) {
    lines.push({ kind: "failed", what: `index template ${store.prefix}`, detail: asError(caught).message });
  }
  return lines;
}

/** The policy that the template is to name, if any. */
async function provisionRetention(
  store: ElasticsearchProvision,
  mode: ProvisionMode,
  lines: ProvisionLine[],
): Promise<string | undefined> {
  const { prefix, retentionMs, lifecyclePolicy } = store;
  if (lifecyclePolicy !== undefined) return lifecyclePolicy;
  if (retentionMs === undefined) return undefined;
  const what = `lifecycle policy ${prefix}`;
  const wanted = policyOf(retentionMs);
  if (!(await hasLifecycles(store))) {
    const detail = "this server has none; a shipper with admin_api_key_file deletes whole days itself";
    lines.push((await provisionStatePolicy(store, wanted.minAge, mode)) ?? { kind: "kept", what, detail });
    return undefined;
  }
  const path = `/_ilm/policy/${prefix}`;
  const found = policyIn((await ask(store, { method: "GET", path })).body, prefix);
  if (found !== undefined && !found.isOurs) {
    lines.push({ kind: "left", what, detail: "it is not one of Tidemark's; name it as lifecycle_policy to use it" });
    return undefined;
  }
  if (found?.minAge === wanted.minAge) {
    lines.push({ kind: "kept", what, detail: `days go ${wanted.minAge} after they began` });
    return prefix;
  }
  if (!mode.dryRun) must(what, await ask(store, { method: "PUT", path, body: wanted.body }));
  lines.push({
    kind: found === undefined ? "made" : "changed",
    what,
    detail: `days go ${wanted.minAge} after they began`,
  });
  return prefix;
}

const MS_PER_SECOND = 1_000;
const DAY_MS = 86_400_000;

function policyOf(retentionMs: number): { readonly minAge: string; readonly body: Json } {
  // A day's age counts from its beginning, and its last points are a day younger.
  const minAge = `${Math.round((retentionMs + DAY_MS) / MS_PER_SECOND)}s`;
  const phases = { hot: { actions: {} }, delete: { min_age: minAge, actions: { delete: {} } } };
  return { minAge, body: { policy: { _meta: { managed_by: "tidemark" }, phases } } };
}

function policyIn(body: unknown, name: string): { readonly isOurs: boolean; readonly minAge: unknown } | undefined {
  const policy = at(body, name, "policy");
  if (policy === undefined) return undefined;
  return {
    isOurs: at(policy, "_meta", "managed_by") === "tidemark",
    minAge: at(policy, "phases", "delete", "min_age"),
  };
}

interface Work {
  readonly mode: ProvisionMode;
  readonly lines: ProvisionLine[];
  readonly lifecyclePolicy: string | undefined;
}

async function provisionTemplate(store: ElasticsearchProvision, { mode, lines, lifecyclePolicy }: Work): Promise<void> {
  const found = await foundTemplate(store);
  const layout = layoutOf(store, found);
  const { prefix, contents } = store;
  const options: TemplateOptions = { prefix, contents, layout, lifecyclePolicy };
  const verdict = verdictOn(found, options);
  const what = `index template ${store.prefix}`;
  const stop = stopAt(verdict, mode);
  if (stop !== undefined) {
    lines.push({ ...stop, what });
    return;
  }
  const put = mode.dryRun ? options : await putTemplate(store, options, found === undefined && store.layout === "auto");
  lines.push({ kind: verdict.kind === "make" ? "made" : "changed", what, detail: detailOf(verdict, put.layout) });
  if (verdict.kind !== "make" && !mode.dryRun) lines.push(await extendDays(store, put));
}

/** Nothing is to be put, and why. */
function stopAt(verdict: Verdict, { force }: ProvisionMode): Omit<ProvisionLine, "what"> | undefined {
  switch (verdict.kind) {
    case "make":
    case "change":
      return undefined;
    case "keep":
      return { kind: "kept", detail: "as it has to be" };
    case "leave":
      return { kind: "left", detail: verdict.why };
    case "edited":
      return force ? undefined : { kind: "left", detail: `${verdict.why}; --force makes it anew` };
  }
}

function detailOf(verdict: Verdict, layout: IndexLayout): string {
  return verdict.kind === "make" || verdict.kind === "keep" ? layout : `${verdict.why}, ${layout}`;
}

/** What is there keeps its layout, since the days beside it have it; only a new one is free to choose. */
function layoutOf({ layout }: ElasticsearchProvision, found: FoundTemplate | undefined): IndexLayout {
  if (layout !== "auto") return layout;
  return found?.meta?.layout ?? "time_series";
}

async function foundTemplate(store: ElasticsearchProvision): Promise<FoundTemplate | undefined> {
  const names = templateNames(store.prefix);
  const index = await read(store, `/_index_template/${names.index}`);
  if (index === undefined) return undefined;
  const mappings = await read(store, `/_component_template/${names.mappings}`);
  const settings = await read(store, `/_component_template/${names.settings}`);
  const component = (body: unknown) => at(body, "component_templates", "0", "component_template", "template");
  return {
    meta: at(index, "index_templates", "0", "index_template", "_meta") as FoundTemplate["meta"],
    mappings: at(component(mappings), "mappings"),
    settings: at(component(settings), "settings"),
  };
}

async function read(store: ElasticsearchProvision, path: string): Promise<unknown> {
  const answer = await ask(store, { method: "GET", path });
  return answer.status === 404 ? undefined : must(path, answer);
}

/** Puts all three; where the server does not know the mode, and may choose, the plain form of them. */
async function putTemplate(
  store: ElasticsearchProvision,
  options: TemplateOptions,
  mayFallBack: boolean,
): Promise<TemplateOptions> {
  const names = templateNames(options.prefix);
  const settings = await ask(
    store,
    put(`/_component_template/${names.settings}`, { template: { settings: settingsOf(options) } }),
  );
  if (settings.status === 400 && mayFallBack && options.layout === "time_series") {
    return putTemplate(store, { ...options, layout: "plain" }, false);
  }
  must(names.settings, settings);
  const mappings = { template: { mappings: mappingsOf(options) } };
  must(names.mappings, await ask(store, put(`/_component_template/${names.mappings}`, mappings)));
  const path = `/_index_template/${names.index}`;
  const meta = provisionedMeta(options);
  const template = { ...indexTemplateOf(options, "optional"), _meta: meta };
  const answer = await ask(store, put(path, template));
  if (answer.status === 400)
    must(path, await ask(store, put(path, { ...indexTemplateOf(options, "absent"), _meta: meta })));
  else must(path, answer);
  return options;
}

function put(path: string, body: Json) {
  return { method: "PUT", path, body } as const;
}

/** A day that cannot learn them refuses points with the new fields; it is said, and the next day is right. */
async function extendDays(store: ElasticsearchProvision, options: TemplateOptions): Promise<ProvisionLine> {
  const { prefix } = options;
  const path = `/${prefix}-*/_mapping?allow_no_indices=true&ignore_unavailable=true&expand_wildcards=open`;
  const { properties } = mappingsOf(options);
  const answer = await ask(store, put(path, { properties }));
  const what = `indices ${prefix}-*`;
  return answer.status === 200
    ? { kind: "changed", what, detail: "days that are there know the fields, too" }
    : { kind: "failed", what, detail: `days that are there do not take the fields: ${textOf(answer.body)}` };
}

function must(what: string, answer: Asked): unknown {
  if (answer.status !== 200) throw new ProvisionError(what, answer);
  return answer.body;
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (below, key) =>
      typeof below === "object" && below !== null ? (below as Readonly<Record<string, unknown>>)[key] : undefined,
    value,
  );
}
