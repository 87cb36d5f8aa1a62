/**
 * # Requests that any Elasticsearch must answer alike
 *
 * In this order, on a server with nothing but the template of this program (layout time_series, prefix tidemark): the fake and a
 * real one are asked the same, and the class of each answer has to be equal. Only raw requests, since what they ask includes
 * what the sink never would.
 */

export type CorpusStep =
  | { readonly kind: "request"; readonly name: string; readonly request: CorpusRequest }
  | { readonly kind: "block"; readonly how: "write" | "read-only" | "flood-stage" | "closed" | undefined };

export interface CorpusRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

/** The day that blocks are for. */
export const CORPUS_INDEX = "tidemark-2026.11.21";
/** The servers are started with this limit. */
export const CORPUS_BODY_BYTES_MAX = 1_048_576;

const AT_MS = Date.UTC(2026, 10, 21, 12);

type Fields = Readonly<Record<string, unknown>>;

const point = (group: string, fields: Fields = { lag: 1 }): Fields => ({
  "@timestamp": AT_MS,
  kind: "group",
  cluster: "c",
  group,
  ...fields,
});

interface Into {
  readonly id?: string;
  readonly index?: string;
}

function bulkOf(documents: readonly Fields[], { id, index = CORPUS_INDEX }: Into = {}): string {
  const action = JSON.stringify({ create: { _index: index, ...(id === undefined ? {} : { _id: id }) } });
  return documents.map((document) => `${action}\n${JSON.stringify(document)}\n`).join("");
}

const bulk = (name: string, body: string, contentType = "application/x-ndjson"): CorpusStep => ({
  kind: "request",
  name,
  request: { method: "POST", path: "/_bulk", body, contentType },
});

/** The day after, and a point of its first second. */
const NEXT_INDEX = "tidemark-2026.11.22";
const LATER = point("late", { "@timestamp": Date.UTC(2026, 10, 22), lag: 1 });

const autoCreate = (may: "true" | "false"): CorpusRequest => ({
  method: "PUT",
  path: "/_cluster/settings",
  body: JSON.stringify({ persistent: { "action.auto_create_index": may } }),
});

const ask = (name: string, request: CorpusRequest): CorpusStep => ({ kind: "request", name, request });

export const ELASTICSEARCH_CORPUS: readonly CorpusStep[] = [
  ask("the template that is there", { method: "GET", path: "/_index_template/tidemark" }),
  ask("a template that is not", { method: "GET", path: "/_index_template/another" }),
  ask("a component with a setting that nobody knows", {
    method: "PUT",
    path: "/_component_template/another",
    body: JSON.stringify({ template: { settings: { index: { nonsense: 1 } } } }),
  }),
  ask("a lifecycle, where there are none", { method: "GET", path: "/_ilm/policy/tidemark" }),
  bulk("two new points", bulkOf([point("a"), point("b")])),
  bulk("the same again", bulkOf([point("a"), point("b")])),
  bulk("the same with other values", bulkOf([point("a", { lag: 2 })])),
  bulk("one twice in one request", bulkOf([point("c"), point("c")])),
  bulk("the whole range of integers", bulkOf([point("d", { lag: 2 ** 53 - 1 }), point("e", { lag: -(2 ** 53) + 1 })])),
  bulk("a field that is not in the mapping, between good ones", bulkOf([point("f"), point("g", { x: 1 }), point("h")])),
  bulk("a word where a number belongs", bulkOf([point("i", { lag: "many" })])),
  bulk("a number as a text", bulkOf([point("j", { lag: "12" })])),
  bulk("a fraction where an integer belongs", bulkOf([point("k", { lag: 1.5 })])),
  bulk("more than an integer holds", bulkOf([point("l", { lag: 1e30 })])),
  bulk("no time", bulkOf([{ kind: "group", cluster: "c", group: "m", lag: 1 }])),
  bulk("a time after the window", bulkOf([point("n", { "@timestamp": Date.UTC(2101, 0, 1) })])),
  bulk("a time before the window", bulkOf([point("n", { "@timestamp": Date.UTC(1999, 0, 1) })])),
  bulk("a batch over midnight", bulkOf([point("u")]) + bulkOf([LATER], { index: NEXT_INDEX })),
  bulk(
    "the same again, a day's points apart",
    bulkOf([LATER], { index: NEXT_INDEX }) + bulkOf([point("u"), point("v")]),
  ),
  bulk("a point in the index of another day", bulkOf([point("w")], { index: NEXT_INDEX })),
  bulk("an index that no template is for", bulkOf([{ x: 1 }], { index: "elsewhere" })),
  bulk("a name that no index may have", bulkOf([point("x")], { index: "tidemark-UPPER" })),
  ask("no index is to be made by a write", autoCreate("false")),
  bulk(
    "a day that is not there, and one that is",
    bulkOf([point("y")], { index: "tidemark-2026.11.23" }) + bulkOf([point("y")]),
  ),
  ask("indices are made by writes again", autoCreate("true")),
  bulk("that day again", bulkOf([point("y")], { index: "tidemark-2026.11.23" })),
  bulk("an id of our own", bulkOf([point("o")], { id: "mine" })),
  bulk("an action that is none", `{"created":{}}\n${JSON.stringify(point("p"))}\n`),
  bulk("no line end at the end", bulkOf([point("q")]).trimEnd()),
  bulk("nothing", ""),
  bulk("another content type", bulkOf([point("r")]), "text/plain"),
  bulk("too much", bulkOf(Array.from({ length: 10_000 }, (_, index) => point(`many ${index}`)))),
  { kind: "block", how: "write" },
  bulk("while writing is blocked", bulkOf([point("s"), point("a")])),
  { kind: "block", how: "read-only" },
  bulk(
    "while the index is read-only, and another day's is not",
    bulkOf([point("s")]) + bulkOf([LATER], { index: NEXT_INDEX }),
  ),
  { kind: "block", how: "flood-stage" },
  bulk("while the disk is full", bulkOf([point("s"), point("a")])),
  { kind: "block", how: "closed" },
  bulk("while the index is closed", bulkOf([point("s"), point("a")])),
  { kind: "block", how: undefined },
  bulk("afterwards", bulkOf([point("s"), point("a")])),
  ask("a mapping that learns a field", {
    method: "PUT",
    path: "/tidemark-*/_mapping",
    body: JSON.stringify({ properties: { x: { type: "long" } } }),
  }),
  bulk("the field that it learned", bulkOf([point("t", { x: 1 })])),
  ask("a day that goes", { method: "DELETE", path: `/${CORPUS_INDEX}` }),
  ask("a day that is gone", { method: "DELETE", path: `/${CORPUS_INDEX}` }),
  bulk("a point of a day that is gone", bulkOf([point("a")])),
];
