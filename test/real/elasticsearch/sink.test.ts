/** The sink on a real Elasticsearch: the conformance suite in both layouts, what provisioning makes, blocks, and our own delete. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createLogger } from "../../../runtime/logger.ts";
import type { SinkConfig } from "../../../shipper/config.ts";
import { SinksConfig } from "../../../shipper/config.ts";
import { bulkBody, dimensionText } from "../../../shipper/encode/bulk.ts";
import { openSink } from "../../../shipper/open-sink.ts";
import { checksumOf } from "../../../shipper/provision/elasticsearch-plan.ts";
import { deleteExpired } from "../../../shipper/provision/expired-days.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import type { Kind } from "../../../shipper/schema/kind.ts";
import { FIELDS } from "../../../shipper/schema/kind.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import { openClient } from "../../../shipper/sink/elasticsearch/client.ts";
import { indexTemplateOf, mappingsOf, metaOf, settingsOf } from "../../../shipper/sink/elasticsearch/template.ts";
import { testSink } from "../../../shipper/sink/sink.suite.ts";
import { askElasticsearch } from "./ask.ts";
import type { Elasticsearch } from "./server.ts";
import { startElasticsearch } from "./server.ts";

const NEVER = new AbortController().signal;
const DO = { dryRun: false, force: false };
let server: Elasticsearch;
let prefixes = 0;

before(async () => {
  server = await startElasticsearch();
});
after(() => server[Symbol.asyncDispose]());

function configOf(rest: object = {}): Extract<SinkConfig, { type: "elasticsearch" }> {
  prefixes += 1;
  const { es } = SinksConfig.parse({
    es: { type: "elasticsearch", url: server.url, index: `t${prefixes}`, timeout: "60s", ...rest },
  });
  assert.ok(es?.type === "elasticsearch");
  return es;
}

const kindsOf = async (config: SinkConfig, mode = DO) => (await provisionSink(config, mode)).map(({ kind }) => kind);

for (const layout of ["time_series", "plain"] as const) {
  testSink(`a real Elasticsearch, ${layout}`, async (run) => {
    const config = configOf({ layout, batch_points: 5_000 });
    await kindsOf(config);
    await using opened = await openSink({ name: "es", config }, "");
    const pattern = `${config.index}-*`;
    await run({
      sink: opened.sink,
      tellsDuplicates: true,
      count: async (kind) => (await documentsOf(pattern, kind)).length,
      fields: async (points) => {
        const kinds = [...new Set(points.map(({ kind }) => kind))];
        const found = new Map(
          await Promise.all(kinds.map(async (kind) => [kind, await documentsOf(pattern, kind)] as const)),
        );
        return points.map((point) => fieldsOf(found.get(point.kind) ?? [], point));
      },
    });
  });
}

type Document = Readonly<Record<string, string | number>>;

async function documentsOf(pattern: string, kind: Kind): Promise<readonly Document[]> {
  await askElasticsearch(server.url, { method: "POST", path: `/${pattern}/_refresh` });
  const body = { size: 10_000, query: { term: { kind } } };
  const answer = await askElasticsearch(server.url, { method: "POST", path: `/${pattern}/_search`, body });
  const { hits } = answer as { readonly hits: { readonly hits: readonly { readonly _source: Document }[] } };
  return hits.hits.map(({ _source }) => _source);
}

function fieldsOf(documents: readonly Document[], { dimensions, atMs }: Point): Document {
  const wanted = Object.entries(dimensions).map(([name, value]) => [name, dimensionText(value)] as const);
  const found = documents.filter(
    (document) =>
      new Date(document["@timestamp"] ?? "").getTime() === atMs &&
      wanted.every(([name, text]) => document[name] === text),
  );
  assert.equal(found.length, 1);
  const names = new Set(["@timestamp", "kind", ...Object.keys(dimensions)]);
  return Object.fromEntries(Object.entries(found[0] ?? {}).filter(([name]) => !names.has(name)));
}

const point = (group: string, atMs = Date.UTC(2026, 10, 21)): Point => ({
  kind: "group",
  atMs,
  dimensions: { cluster: "c", group },
  fields: { lag: 1 },
});

test("provisioning only says what it would do, does it, finds it, and leaves alone what was edited", async () => {
  const config = configOf();
  assert.deepEqual(await kindsOf(config, { ...DO, dryRun: true }), ["made"]);
  assert.deepEqual([await kindsOf(config), await kindsOf(config)], [["made"], ["kept"]]);
  const path = `/_component_template/${config.index}-settings`;
  const body = { template: { settings: { index: { number_of_shards: "2" } } } };
  await askElasticsearch(server.url, { method: "PUT", path, body });
  assert.deepEqual(await kindsOf(config), ["left"]);
  assert.deepEqual(await kindsOf(config, { ...DO, force: true }), ["changed", "changed"]);
  assert.deepEqual(await kindsOf(config), ["kept"]);
});

test("before it is provisioned all is held and no index is made; then the held goes through", async () => {
  const config = configOf();
  await using opened = await openSink({ name: "es", config }, "");
  const before = await opened.sink.write([point("a")], NEVER);
  assert.equal(before.kind, "held");
  assert.match(before.cause.message, /there is none; run "tidemark provision"/);
  assert.deepEqual(await indicesOf(config.index), []);
  await kindsOf(config);
  assert.equal((await opened.sink.write([point("a")], NEVER)).kind, "written");
  assert.deepEqual(await indicesOf(config.index), [`${config.index}-2026.11.21`]);
});

test("a point of any day finds its day, and days later it is still known", async () => {
  const config = configOf();
  await kindsOf(config);
  await using opened = await openSink({ name: "es", config }, "");
  const points = [Date.UTC(2000, 0, 1), Date.UTC(2024, 1, 29), Date.UTC(2099, 11, 31)].map((at) => point("a", at));
  const stored = { kind: "written", duplicates: 0, rejected: [], kept: [] };
  assert.deepEqual(await opened.sink.write(points, NEVER), stored);
  assert.deepEqual(await opened.sink.write(points, NEVER), { ...stored, duplicates: 3 });
});

test("a day of version 1, before there were events, learns them by provisioning and still knows what it has", async () => {
  const config = configOf({ layout: "time_series" });
  const newer: ReadonlySet<string> = new Set([
    ...["event", "id", "instance", "sink"],
    ...[...FIELDS.event, ...FIELDS.self].map(([name]) => name),
  ]);
  const isOld = (name: string): boolean => !newer.has(name);
  const options = {
    prefix: config.index,
    contents: "points",
    layout: "time_series",
    lifecyclePolicy: undefined,
  } as const;
  const { properties } = mappingsOf(options) as { readonly properties: object };
  const old = Object.fromEntries(Object.entries(properties).filter(([name]) => isOld(name)));
  const mappings = { dynamic: "strict", properties: old };
  const { index } = settingsOf(options) as { readonly index: { readonly routing_path: readonly string[] } };
  const settings = { index: { ...index, routing_path: index.routing_path.filter(isOld) } };
  const put = (path: string, body: object) => askElasticsearch(server.url, { method: "PUT", path, body });
  await put(`/_component_template/${config.index}-mappings`, { template: { mappings } });
  await put(`/_component_template/${config.index}-settings`, { template: { settings } });
  const fields = Object.keys(old).toSorted();
  const meta = { ...metaOf(options), version: 1, fields, checksum: checksumOf(mappings, settings) };
  await put(`/_index_template/${config.index}`, { ...indexTemplateOf(options, "absent"), _meta: meta });
  await askElasticsearch(server.url, { method: "POST", path: "/_bulk", body: bulkBody([point("a")], options) });

  await using opened = await openSink({ name: "es", config }, "");
  assert.equal((await opened.sink.write([point("a")], NEVER)).kind, "held");
  assert.deepEqual(await kindsOf(config), ["changed", "changed"]);
  const { atMs } = point("a");
  const event: Point = {
    kind: "event",
    atMs,
    dimensions: { cluster: "c", group: "a", event: "reset", id: "1" },
    fields: { text: "offsets went back" },
  };
  const self: Point = { kind: "self", atMs, dimensions: { instance: "i", sink: "" }, fields: { points_in: 1 } };
  const stored = { kind: "written", duplicates: 1, rejected: [], kept: [] };
  assert.deepEqual(await opened.sink.write([point("a"), event, self], NEVER), stored);
});

async function indicesOf(prefix: string): Promise<readonly string[]> {
  const path = `/_cat/indices/${prefix}-*?format=json&h=index`;
  const rows = (await askElasticsearch(server.url, { method: "GET", path })) as readonly { readonly index: string }[];
  return rows.map(({ index }) => index).toSorted();
}

test("our own delete takes whole days that are over, and no others", async () => {
  const config = configOf();
  await kindsOf(config);
  await using opened = await openSink({ name: "es", config }, "");
  const nowMs = Date.UTC(2026, 10, 21, 12);
  await opened.sink.write([point("a", nowMs - 5 * 86_400_000), point("a", nowMs)], NEVER);
  const client = openClient({ url: server.url, caFile: undefined, requestTimeoutMs: 10_000 });
  await deleteExpired({
    sink: "es",
    store: { client, credentials: { kind: "none" }, prefix: config.index },
    retentionMs: 2 * 86_400_000,
    clock: { nowMs: () => nowMs, monotonicMs: () => 0 },
    logger: createLogger("silent"),
  });
  await client.close();
  assert.deepEqual(await indicesOf(config.index), [`${config.index}-2026.11.21`]);
});

/** What Telegraf's output makes of its own days: whole numbers are floats, tags keywords, and any input may add fields. */
const OF_TELEGRAF = {
  index_patterns: ["telegraf-*"],
  priority: 200,
  template: {
    mappings: {
      properties: { "@timestamp": { type: "date" }, measurement_name: { type: "keyword" } },
      dynamic_templates: [
        {
          tags: { match_mapping_type: "string", path_match: "tag.*", mapping: { type: "keyword", ignore_above: 512 } },
        },
        { whole: { match_mapping_type: "long", mapping: { type: "float", index: false } } },
      ],
    },
  },
};

test("compat: telegraf: a board on telegraf-* reads Telegraf's days and ours, which keep what floats lose", async () => {
  const ask = (method: "GET" | "PUT" | "POST", path: string, body?: object | string) =>
    askElasticsearch(server.url, { method, path, ...(body === undefined ? {} : { body }) });
  await ask("PUT", "/_index_template/telegraf", OF_TELEGRAF);
  const day = "telegraf-2026.11.20";
  const of = (name: string, values: object) => ({
    "@timestamp": "2026-11-20T00:00:00Z",
    measurement_name: name,
    tag: { cluster: "prod", group: "billing", host: "tg1", partition: "0", topic: "orders" },
    [name]: values,
  });
  const theirs = of("burrow_partition", { lag: 120, offset: 431_323_195, status: "WARN", status_code: 3 });
  await ask("POST", `/${day}/_doc`, theirs);
  const config = configOf({ compat: "telegraf", telegraf: { host: "tg1" } });
  assert.deepEqual(await kindsOf(config), ["made", "made"]);
  assert.deepEqual(await kindsOf(config), ["kept", "kept"]);
  await using opened = await openSink({ name: "es", config }, "");
  const next: Point = {
    kind: "partition",
    atMs: Date.UTC(2026, 10, 21),
    dimensions: { cluster: "prod", group: "billing", topic: "orders", partition: 0 },
    fields: { burrow_status: "REWIND", lag: 100, committed_offset: Number.MAX_SAFE_INTEGER, owner: "/10.0.0.7" },
  };
  const stored = { kind: "written", duplicates: 0, rejected: [], kept: [] };
  assert.deepEqual(await opened.sink.write([next, point("a")], NEVER), stored);
  assert.deepEqual(await opened.sink.write([next, point("a")], NEVER), { ...stored, duplicates: 2 });
  await ask("POST", `/${day}/_doc`, of("cpu", { usage_user: 1.5 }));
  await ask("POST", "/telegraf-*/_refresh");

  const query = { bool: { filter: [{ term: { measurement_name: "burrow_partition" } }] } };
  const lag = { max: { field: "burrow_partition.lag" } };
  const days = {
    date_histogram: { field: "@timestamp", calendar_interval: "day" },
    aggs: { lag, offset: { max: { field: "burrow_partition.offset" } } },
  };
  const body = { size: 0, query, aggs: { group: { terms: { field: "tag.group" }, aggs: { days } } } };
  const answer = (await ask("POST", "/telegraf-*/_search", body)) as BoardAnswer;
  const [billing, ...others] = answer.aggregations.group.buckets;
  assert.deepEqual([billing?.key, others], ["billing", []]);
  assert.deepEqual(
    billing?.days.buckets.map((bucket) => bucket.lag.value),
    [120, 100],
  );
  const ours = `/telegraf-${config.index}-*/_search`;
  const word = { query: { term: { "burrow_partition.status.keyword": "REWIND" } } };
  const found = (await ask("POST", ours, word)) as { hits: { hits: { _source: object }[] } };
  assert.deepEqual(
    found.hits.hits.map(({ _source }) => _source),
    [
      {
        ...theirs,
        "@timestamp": "2026-11-21T00:00:00Z",
        tag: { ...theirs.tag, owner: "/10.0.0.7" },
        burrow_partition: { lag: 100, offset: Number.MAX_SAFE_INTEGER, status: "REWIND", status_code: 7 },
      },
    ],
  );
  const exact = { query: { term: { "burrow_partition.offset": Number.MAX_SAFE_INTEGER } } };
  assert.equal(((await ask("POST", ours, exact)) as typeof found).hits.hits.length, 1);
});

interface BoardAnswer {
  readonly aggregations: {
    readonly group: {
      readonly buckets: readonly {
        readonly key: string;
        readonly days: { readonly buckets: readonly { readonly lag: { readonly value: number } }[] };
      }[];
    };
  };
}
