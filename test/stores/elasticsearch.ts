/**
 * # An Elasticsearch of our own: what a writer and whoever provisions see of it
 *
 * Bulk `create` into indices made from templates; in time_series mode dimensions and time are the identity, else `_id` is. A
 * field that the mapping does not know, a number that is none and a time outside of the window are refused item by item, in
 * the server's own words. Without a template a mapping is guessed, which is what a test wants to see never happen: such
 * indices are listed in `guessed`.
 */

import type { FakeIndex, ItemAnswer, Json } from "./elasticsearch-document.ts";
import { dimensionsOf, refusalOf } from "./elasticsearch-document.ts";
import type { Reply, StoreRequest, StoreServer } from "./store-server.ts";
import { startStoreServer } from "./store-server.ts";

export interface FakeElasticsearchOptions {
  /** `opensearch`: no time_series mode, no lifecycles, no product header. `minimal`: as the distribution of tests, without lifecycles. */
  readonly flavour: "elasticsearch" | "minimal" | "opensearch";
  /** The value of the Authorization header that is let in; everyone is where it is absent. */
  readonly authorization?: () => string;
  /** An item's answer other than its usual one. */
  readonly answers?: (document: Json) => ItemAnswer | undefined;
  readonly bodyBytesMax?: number;
  /** What is said of the asker's rights; a server without rights does not know the question. */
  readonly hasRights?: () => boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface StoredDocument {
  readonly index: string;
  readonly source: Json;
  /** How often it was offered: once, and once more for each repeat. */
  writes: number;
}

export interface FakeElasticsearch extends StoreServer {
  readonly documents: ReadonlyMap<string, StoredDocument>;
  readonly indices: ReadonlyMap<string, FakeIndex>;
  /** Indices that no template of ours made. */
  readonly guessed: ReadonlySet<string>;
  /** What was put, by its path: templates, policies. */
  readonly resources: Map<string, Json>;
  /** As an operator, or a full disk, would. */
  block(index: string, how: "write" | "read-only" | "flood-stage" | "closed" | undefined): void;
}

interface State {
  readonly options: FakeElasticsearchOptions;
  readonly documents: Map<string, StoredDocument>;
  readonly indices: Map<string, FakeIndex>;
  readonly guessed: Set<string>;
  readonly resources: Map<string, Json>;
  /** Of the cluster. */
  readonly settings: Map<string, string>;
}

export async function startFakeElasticsearch(options: FakeElasticsearchOptions): Promise<FakeElasticsearch> {
  const maps = { documents: new Map(), indices: new Map(), resources: new Map(), settings: new Map() };
  const state: State = { options, guessed: new Set(), ...maps };
  const { tls } = options;
  const server = await startStoreServer({
    serve: (request) => serve(state, request),
    aside: ({ path }) => path !== "/_bulk",
    ...(tls === undefined ? {} : { tls }),
  });
  return {
    ...server,
    ...state,
    block: (name, how) => {
      const index = state.indices.get(name);
      if (index !== undefined) index.blocked = how;
    },
  };
}

const REFUSED_WRITES: Readonly<Record<"write" | "read-only" | "flood-stage" | "closed", ItemAnswer>> = {
  write: { status: 403, type: "cluster_block_exception", reason: "blocked by: [FORBIDDEN/8/index write (api)];" },
  "read-only": {
    status: 403,
    type: "cluster_block_exception",
    reason: "blocked by: [FORBIDDEN/5/index read-only (api)];",
  },
  "flood-stage": {
    status: 429,
    type: "cluster_block_exception",
    reason: "blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark];",
  },
  closed: { status: 400, type: "index_closed_exception", reason: "closed" },
};

function serve(state: State, request: StoreRequest): Reply {
  const { authorization, bodyBytesMax = Number.POSITIVE_INFINITY, flavour } = state.options;
  if (authorization !== undefined && request.headers.authorization !== authorization())
    return failure(flavour, { status: 401, type: "security_exception", reason: "unable to authenticate" });
  if (Buffer.byteLength(request.body) > bodyBytesMax) return { status: 413 };
  const { method, path } = request;
  if (path === "/_bulk" && method === "POST") {
    const answer = bulkAnswer(state, request);
    return isFailure(answer) ? failure(flavour, answer) : json(flavour, 200, answer);
  }
  if (path.startsWith("/_index_template/") || path.startsWith("/_component_template/")) return resource(state, request);
  if (path.startsWith("/_ilm/policy/") && flavour === "elasticsearch") return resource(state, request);
  if (path.startsWith("/_plugins/_ism/policies/") && flavour === "opensearch") return statePolicy(state, request);
  if (path.endsWith("-*/_settings") && method === "GET") return settingsOf(state, path);
  if (path === "/_cluster/settings" && method === "PUT") return putSettings(state, request);
  const { hasRights } = state.options;
  if (path === "/_security/user/_has_privileges" && hasRights !== undefined)
    return json(flavour, 200, { username: "ours", has_all_requested: hasRights() });
  if (path.endsWith("/_mapping") && method === "PUT") return extendMapping(state, request);
  if (method === "DELETE") return remove(state, path.slice(1));
  return json(flavour, 400, { error: `no handler found for uri [${path}] and method [${method}]` });
}

function json(flavour: FakeElasticsearchOptions["flavour"], status: number, body: unknown): Reply {
  const product: Readonly<Record<string, string>> =
    flavour === "opensearch" ? {} : { "x-elastic-product": "Elasticsearch" };
  return { status, headers: { "content-type": "application/json", ...product }, body: JSON.stringify(body) };
}

function failure(flavour: FakeElasticsearchOptions["flavour"], { status, type, reason }: ItemAnswer): Reply {
  return json(flavour, status, { error: { root_cause: [{ type, reason }], type, reason }, status });
}

function resource({ options: { flavour }, resources }: State, { method, path, body }: StoreRequest): Reply {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (method === "PUT") {
    const put: Json = JSON.parse(body);
    const refused = unknownSetting(put) ?? (flavour === "opensearch" ? foreignSetting(body) : undefined);
    if (refused !== undefined)
      return failure(flavour, { status: 400, type: "illegal_argument_exception", reason: refused });
    resources.set(path, put);
    return json(flavour, 200, { acknowledged: true });
  }
  const found = resources.get(path);
  if (found === undefined)
    return failure(flavour, { status: 404, type: "resource_not_found_exception", reason: `[${name}] not found` });
  if (path.startsWith("/_index_template/"))
    return json(flavour, 200, { index_templates: [{ name, index_template: found }] });
  if (path.startsWith("/_component_template/"))
    return json(flavour, 200, { component_templates: [{ name, component_template: found }] });
  return json(flavour, 200, { [name]: { version: 1, ...found } });
}

/** What is changed has to be named by the numbers of what was read. */
function statePolicy({ options: { flavour }, resources }: State, { method, path, query, body }: StoreRequest): Reply {
  const found = resources.get(path);
  const numbers = { _seq_no: Number(found?.["_seq_no"] ?? -1), _primary_term: 1 };
  if (method === "PUT") {
    const isOf = query.get("if_seq_no") === String(numbers._seq_no) && query.get("if_primary_term") === "1";
    if (found !== undefined && !isOf)
      return failure(flavour, { status: 409, type: "version_conflict_engine_exception", reason: "required seqNo" });
    resources.set(path, { ...JSON.parse(body), _seq_no: numbers._seq_no + 1 });
    return json(flavour, found === undefined ? 201 : 200, { _id: path });
  }
  if (found !== undefined) return json(flavour, 200, { ...found, ...numbers });
  return failure(flavour, { status: 404, type: "status_exception", reason: "Policy not found" });
}

const SETTINGS: ReadonlySet<string> = new Set(
  "codec refresh_interval number_of_shards lifecycle mode routing_path time_series".split(" "),
);

function unknownSetting({ template }: Json): string | undefined {
  const { settings } = (template ?? {}) as { readonly settings?: { readonly index?: Json } };
  const unknown = Object.keys(settings?.index ?? {}).find((name) => !SETTINGS.has(name));
  return unknown === undefined ? undefined : `unknown setting [index.${unknown}]`;
}

function foreignSetting(body: string): string | undefined {
  if (body.includes('"time_series"')) return "unknown setting [index.mode]";
  return body.includes("ignore_missing_component_templates")
    ? "unknown field [ignore_missing_component_templates]"
    : undefined;
}

function putSettings({ settings, options }: State, { body }: StoreRequest): Reply {
  const { persistent }: { readonly persistent: Readonly<Record<string, string>> } = JSON.parse(body);
  for (const [name, value] of Object.entries(persistent)) settings.set(name, value);
  return json(options.flavour, 200, { acknowledged: true });
}

function settingsOf(state: State, path: string): Reply {
  const names = matching(state, path.slice(0, -"/_settings".length));
  const settings = names.map((name) => [name, { settings: { index: { provided_name: name } } }] as const);
  return json(state.options.flavour, 200, Object.fromEntries(settings));
}

function matching({ indices }: State, path: string): readonly string[] {
  const pattern = decodeURIComponent(path.split("/").at(-1) ?? "").replace(/\*$/, "");
  return [...indices.keys()].filter((name) => name.startsWith(pattern));
}

function extendMapping({ options, indices }: State, { path, body }: StoreRequest): Reply {
  const pattern = decodeURIComponent(path.split("/")[1] ?? "").replace(/\*$/, "");
  const { properties }: { readonly properties: Readonly<Record<string, Json>> } = JSON.parse(body);
  for (const [name, index] of indices) {
    if (!name.startsWith(pattern)) continue;
    for (const [field, mapping] of Object.entries(properties)) index.properties.set(field, mapping);
  }
  return json(options.flavour, 200, { acknowledged: true });
}

function remove({ options: { flavour }, indices, documents }: State, name: string): Reply {
  if (!indices.delete(decodeURIComponent(name)))
    return failure(flavour, { status: 404, type: "index_not_found_exception", reason: `no such index [${name}]` });
  for (const [id, { index }] of documents) if (index === decodeURIComponent(name)) documents.delete(id);
  return json(flavour, 200, { acknowledged: true });
}

const JSON_TYPES = /^application\/(json|x-ndjson)\b/;

function bulkAnswer(state: State, { headers, body }: StoreRequest): Json | ItemAnswer {
  const type = headers["content-type"] ?? "";
  if (!JSON_TYPES.test(type))
    return {
      status: 406,
      type: "media_type_header_exception",
      reason: `Content-Type header [${type}] is not supported`,
    };
  return bulk(state, body);
}

function isFailure(answer: Json | ItemAnswer): answer is ItemAnswer {
  return "status" in answer;
}

interface Action {
  readonly create: { readonly _index: string; readonly _id?: string };
}

function bulk(state: State, body: string): Json | ItemAnswer {
  const lines = body.split("\n");
  if (body === "") return { status: 400, type: "parse_exception", reason: "request body is required" };
  if (lines.pop() !== "") return malformed("The bulk request must be terminated by a newline [\\n]");
  const items: Json[] = [];
  let errors = false;
  for (let at = 0; at < lines.length; at += 2) {
    const { create }: Partial<Action> = JSON.parse(lines[at] ?? "");
    if (create === undefined) return malformed(`Malformed action/metadata line [${at + 1}], expected field [create]`);
    const source: Json = JSON.parse(lines[at + 1] ?? "");
    const answer = state.options.answers?.(source) ?? createDocument(state, create, source);
    errors ||= answer.status >= 300;
    const error = answer.status >= 300 ? { error: { type: answer.type, reason: answer.reason } } : {};
    items.push({ create: { status: answer.status, ...error } });
  }
  return { errors, items };
}

function malformed(reason: string): ItemAnswer {
  return { status: 400, type: "illegal_argument_exception", reason };
}

const CREATED: ItemAnswer = { status: 201, type: "", reason: "" };

function createDocument(state: State, { _index: name, _id: ownId }: Action["create"], source: Json): ItemAnswer {
  const missing = state.indices.has(name) ? undefined : refusedName(state, name);
  if (missing !== undefined) return missing;
  const index = indexFor(state, name);
  if (index.blocked !== undefined) return REFUSED_WRITES[index.blocked];
  const refused = refusalOf(index, source, ownId);
  if (refused !== undefined) return refused;
  const id = JSON.stringify([name, index.isTimeSeries ? dimensionsOf(index, source) : ownId]);
  const known = state.documents.get(id);
  state.documents.set(id, known ?? { index: name, source, writes: 0 });
  const document = state.documents.get(id);
  if (document !== undefined) document.writes += 1;
  return known === undefined
    ? CREATED
    : { status: 409, type: "version_conflict_engine_exception", reason: "document already exists" };
}

/** Of an index that is not there yet. */
function refusedName({ settings }: State, name: string): ItemAnswer | undefined {
  if (name !== name.toLowerCase())
    return { status: 400, type: "invalid_index_name_exception", reason: "must be lowercase" };
  if (settings.get("action.auto_create_index") === "false")
    return { status: 404, type: "index_not_found_exception", reason: `no such index [${name}]` };
  return undefined;
}

function indexFor(state: State, name: string): FakeIndex {
  const known = state.indices.get(name);
  if (known !== undefined) return known;
  const components = componentsFor(state, name);
  if (components === undefined) state.guessed.add(name);
  const templates = (components ?? []).map((component) => component["template"] as Json | undefined);
  const properties = templates.flatMap((template) =>
    Object.entries(((template?.["mappings"] as Json | undefined)?.["properties"] ?? {}) as Record<string, Json>),
  );
  const isTimeSeries = JSON.stringify(templates).includes('"mode":"time_series"');
  const index: FakeIndex = { isTimeSeries, properties: new Map(properties), blocked: undefined };
  state.indices.set(name, index);
  return index;
}

function componentsFor({ resources }: State, name: string): readonly Json[] | undefined {
  for (const [path, template] of resources) {
    if (!path.startsWith("/_index_template/")) continue;
    const { index_patterns: patterns, composed_of: parts } = template as {
      readonly index_patterns: readonly string[];
      readonly composed_of: readonly string[];
    };
    if (!patterns.some((pattern) => name.startsWith(pattern.replace(/\*$/, "")))) continue;
    return parts.flatMap((part): readonly Json[] => {
      const component = resources.get(`/_component_template/${part}`);
      return component === undefined ? [] : [component];
    });
  }
  return undefined;
}
