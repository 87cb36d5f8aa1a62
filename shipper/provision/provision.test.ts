/** What is made, what is kept, what is left alone, and that looking changes nothing. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger } from "../../runtime/logger.ts";
import type { FakeElasticsearch } from "../../test/stores/elasticsearch.ts";
import { startFakeElasticsearch } from "../../test/stores/elasticsearch.ts";
import { startFakeInflux } from "../../test/stores/influxdb.ts";
import type { SinkConfig } from "../config.ts";
import { SinksConfig } from "../config.ts";
import { openClient } from "../sink/elasticsearch/client.ts";
import { checksumOf } from "./elasticsearch-plan.ts";
import { deleteExpired, expiredDays } from "./expired-days.ts";
import type { ProvisionMode } from "./line.ts";
import { isReady } from "./line.ts";
import { openDailyDelete, provisionSink } from "./provision.ts";

const DO: ProvisionMode = { dryRun: false, force: false };
const LOOK: ProvisionMode = { dryRun: true, force: false };
const FORCE: ProvisionMode = { dryRun: false, force: true };

function configOf(settings: object): SinkConfig {
  const { one } = SinksConfig.parse({ one: settings });
  assert.ok(one !== undefined);
  return one;
}

const onElasticsearch = (store: FakeElasticsearch, settings: object = {}) =>
  configOf({ type: "elasticsearch", url: store.url, retention: "30d", ...settings });

async function kinds(config: SinkConfig, mode: ProvisionMode): Promise<readonly string[]> {
  return (await provisionSink(config, mode)).map(({ kind, what }) => `${kind} ${what}`);
}

test("a new server gets policy and template; the second time all is as it has to be", async () => {
  await using store = await startFakeElasticsearch({ flavour: "elasticsearch" });
  const config = onElasticsearch(store);
  assert.deepEqual(await kinds(config, LOOK), ["made lifecycle policy tidemark", "made index template tidemark"]);
  assert.equal(store.resources.size, 0);
  assert.deepEqual(await kinds(config, DO), ["made lifecycle policy tidemark", "made index template tidemark"]);
  assert.deepEqual(
    [...store.resources.keys()],
    [
      "/_ilm/policy/tidemark",
      "/_component_template/tidemark-settings",
      "/_component_template/tidemark-mappings",
      "/_index_template/tidemark",
    ],
  );
  assert.match(
    JSON.stringify(store.resources.get("/_component_template/tidemark-settings")),
    /"parse_origination_date":true/,
  );
  assert.deepEqual(await kinds(config, DO), ["kept lifecycle policy tidemark", "kept index template tidemark"]);
});

test("a server without lifecycles gets no policy, and its template names none", async () => {
  await using store = await startFakeElasticsearch({ flavour: "minimal" });
  const lines = await provisionSink(onElasticsearch(store), DO);
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ["kept", "made"],
  );
  assert.match(lines[0]?.detail ?? "", /deletes whole days/);
  assert.doesNotMatch(JSON.stringify([...store.resources.values()]), /lifecycle/);
});

test("a server without the mode gets the plain layout, if the configuration leaves the choice", async () => {
  await using store = await startFakeElasticsearch({ flavour: "opensearch" });
  assert.deepEqual(await kinds(onElasticsearch(store, { layout: "time_series" }), DO), [
    "made state management policy tidemark",
    "failed index template tidemark",
  ]);
  const lines = await provisionSink(onElasticsearch(store), DO);
  assert.deepEqual(lines.at(-1), { kind: "made", what: "index template tidemark", detail: "plain" });
  assert.deepEqual(await kinds(onElasticsearch(store), DO), [
    "kept state management policy tidemark",
    "kept index template tidemark",
  ]);
});

type Meta = { readonly version: number; readonly fields: readonly string[] };

/** Changes what the server has, as somebody else would. */
function edit(
  store: FakeElasticsearch,
  path: string,
  change: (resource: { _meta: Meta; template: object }) => object,
): void {
  store.resources.set(path, { ...change(structuredClone(store.resources.get(path)) as never) });
}

test("what was edited by hand is left, and made anew only by force", async () => {
  await using store = await startFakeElasticsearch({ flavour: "elasticsearch" });
  const config = onElasticsearch(store);
  await provisionSink(config, DO);
  edit(store, "/_component_template/tidemark-settings", () => ({
    template: { settings: { index: { codec: "default" } } },
  }));
  const lines = await provisionSink(config, DO);
  assert.equal(isReady(lines), false);
  assert.match(lines.at(-1)?.detail ?? "", /edited by hand; --force/);
  assert.equal(isReady(await provisionSink(config, FORCE)), true);
  assert.equal((await kinds(config, DO)).at(-1), "kept index template tidemark");
});

test("what a newer program or somebody else made is left, by force too", async () => {
  await using store = await startFakeElasticsearch({ flavour: "elasticsearch" });
  const config = onElasticsearch(store);
  for (const change of [
    ({ _meta, ...rest }: { _meta: Meta }) => ({ ...rest, _meta: { ..._meta, version: 99 } }),
    ({ _meta, ...rest }: { _meta: Meta }) => ({
      ...rest,
      _meta: { ..._meta, fields: [..._meta.fields, "of_tomorrow"] },
    }),
    ({ _meta: _, ...rest }: { _meta: Meta }) => rest,
  ]) {
    store.resources.clear();
    await provisionSink(config, DO);
    edit(store, "/_index_template/tidemark", change);
    assert.equal((await kinds(config, FORCE)).at(-1), "left index template tidemark");
  }
});

test("an older template learns the fields that are new, and so do the days that are there", async () => {
  await using store = await startFakeElasticsearch({ flavour: "elasticsearch" });
  const config = onElasticsearch(store, { retention: undefined });
  await provisionSink(config, DO);
  const path = "/_component_template/tidemark-mappings";
  const { template } = structuredClone(store.resources.get(path)) as unknown as {
    template: { mappings: { properties: Record<string, unknown> } };
  };
  delete template.mappings.properties["owner"];
  store.resources.set(path, { template });
  const settings = store.resources.get("/_component_template/tidemark-settings") as { template: { settings: unknown } };
  edit(store, "/_index_template/tidemark", ({ _meta, ...rest }) => ({
    ...rest,
    _meta: {
      ..._meta,
      fields: _meta.fields.filter((field) => field !== "owner"),
      checksum: checksumOf(template.mappings, settings.template.settings),
    },
  }));
  const lines = await provisionSink(config, DO);
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ["changed", "changed"],
  );
  assert.match(lines[0]?.detail ?? "", /it gains owner/);
  assert.equal(store.requests.filter(({ path: asked }) => asked.endsWith("/_mapping")).length, 1);
});

test("a server that is away is said, and is not ready", async () => {
  const config = configOf({ type: "elasticsearch", url: "http://127.0.0.1:1" });
  const lines = await provisionSink(config, DO);
  assert.deepEqual([lines[0]?.kind, isReady(lines)], ["failed", false]);
});

test("InfluxDB 1.x: the database is made with its retention, and then kept", async () => {
  await using store = await startFakeInflux({ dialect: "v1", databases: [] });
  const config = configOf({ type: "influxdb", url: store.url, api: "v1", database: 'odd "name"', retention: "30d" });
  assert.deepEqual(await kinds(config, LOOK), ['made database odd "name"']);
  assert.deepEqual(store.statements, ["SHOW DATABASES"]);
  await provisionSink(configOf({ type: "influxdb", url: store.url, api: "v1", retention: "30d" }), DO);
  assert.equal(
    store.statements.at(-1),
    'CREATE DATABASE "tidemark" WITH DURATION 2592000s REPLICATION 1 NAME "tidemark"',
  );
  assert.deepEqual(await kinds(configOf({ type: "influxdb", url: store.url, api: "v1" }), DO), [
    "kept database tidemark",
  ]);
});

test("OpenSearch: days go by a policy of its state management, which is changed by what was read, and another's is left", async () => {
  await using store = await startFakeElasticsearch({ flavour: "opensearch" });
  const path = "/_plugins/_ism/policies/tidemark";
  const policy = async (mode: ProvisionMode, retention: string) =>
    (await provisionSink(onElasticsearch(store, { retention }), mode)).find(({ what }) => what.startsWith("state"));
  assert.equal((await policy(LOOK, "30d"))?.kind, "made");
  assert.equal(store.resources.has(path), false);
  assert.equal((await policy(DO, "30d"))?.kind, "made");
  const put = JSON.stringify(store.resources.get(path));
  // Its age counts from the beginning of the day, so that a day more keeps the last points for thirty.
  assert.match(put, /"min_index_age":"2678400s".*"ism_template":\[\{"index_patterns":\["tidemark-\*"\]/);
  assert.equal((await policy(DO, "30d"))?.kind, "kept");
  assert.equal((await policy(DO, "7d"))?.kind, "changed");
  assert.equal((await policy(DO, "7d"))?.kind, "kept");
  store.resources.set(path, { policy: { description: "ours, by hand", states: [] }, _seq_no: 5 });
  assert.equal((await policy(FORCE, "7d"))?.kind, "left");
});

for (const [name, options] of [
  ["a database of 1.x", { dialect: "v1" }],
  ["a bucket of 2.x", { dialect: "v2", hasBuckets: true }],
] as const) {
  test(`${name} that is there with another retention is told, left, and changed by force`, async () => {
    await using store = await startFakeInflux({ databases: [], ...options });
    const api = options.dialect;
    const look = async (mode: ProvisionMode, retention?: string) => {
      const settings = { type: "influxdb", url: store.url, api, ...(retention === undefined ? {} : { retention }) };
      const [line] = await provisionSink(configOf(settings), mode);
      return `${line?.kind}: ${line?.detail}`;
    };
    assert.match(await look(DO, "30d"), /^made: points go after/);
    assert.match(await look(DO, "30d"), /^kept: .*2592000s/);
    assert.match(await look(DO), /^kept: it is there/);
    for (const mode of [LOOK, DO])
      assert.match(await look(mode, "7d"), /^left: its points go after 2592000s, and 604800s is configured; --force/);
    assert.equal(store.retentions.get("tidemark"), 2_592_000);
    assert.match(await look({ dryRun: true, force: true }, "7d"), /^changed/);
    assert.equal(store.retentions.get("tidemark"), 2_592_000);
    assert.match(await look(FORCE, "7d"), /^changed/);
    assert.equal(store.retentions.get("tidemark"), 604_800);
    assert.match(await look(DO, "7d"), /^kept/);
  });
}

test("embedded history needs nothing", async () => {
  assert.deepEqual(await provisionSink(configOf({ type: "sqlite" }), DO), []);
});

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const DAY_MS = 86_400_000;
const days: readonly (readonly [name: string, index: string, expired: boolean])[] = [
  ["a day whose last point is just within", "tidemark-2026.11.19", false],
  ["the day before", "tidemark-2026.11.18", true],
  ["today", "tidemark-2026.11.21", false],
  ["tomorrow", "tidemark-2026.11.22", false],
  ["another's, by its beginning", "tidemark-test-2020.01.01", false],
  ["another's, by its end", "tidemark-2020.01.01-copy", false],
  ["another's altogether", "logs-2020.01.01", false],
  ["no day", "tidemark-2020", false],
];
for (const [name, index, expired] of days) {
  test(`two days of retention: ${name} ${expired ? "goes" : "stays"}`, () => {
    const limits = { prefix: "tidemark", retentionMs: 2 * DAY_MS, nowMs: NOW_MS };
    assert.deepEqual(expiredDays([index, "tidemark-2026.11.21"], limits), expired ? [index] : []);
  });
}

test("a wall clock that is years ahead deletes no more than the retention before the newest day", () => {
  const limits = { prefix: "tidemark", retentionMs: 2 * DAY_MS, nowMs: NOW_MS + 3_650 * DAY_MS };
  const indices = ["18", "19", "20", "21"].map((day) => `tidemark-2026.11.${day}`);
  assert.deepEqual(expiredDays(indices, limits), ["tidemark-2026.11.18"]);
});

for (const flavour of ["minimal", "elasticsearch"] as const) {
  test(`our own delete, on a server ${flavour === "minimal" ? "without" : "with"} lifecycles`, async () => {
    await using store = await startFakeElasticsearch({ flavour });
    const client = openClient({ url: store.url, caFile: undefined, requestTimeoutMs: 10_000 });
    const lines = ["2020.01.01", "2026.11.21"].map(
      (day) => `{"create":{"_index":"tidemark-${day}","_id":"1"}}\n{"@timestamp":0}\n`,
    );
    const headers = { "content-type": "application/x-ndjson" };
    await fetch(`${store.url}/_bulk`, { method: "POST", headers, body: lines.join("") });
    const clock = { nowMs: () => NOW_MS, monotonicMs: () => 0 };
    const asked = { client, credentials: { kind: "none" }, prefix: "tidemark" } as const;
    const logger = createLogger("silent");
    await deleteExpired({ sink: "es", store: asked, retentionMs: DAY_MS, clock, logger });
    const left = flavour === "minimal" ? ["tidemark-2026.11.21"] : ["tidemark-2020.01.01", "tidemark-2026.11.21"];
    assert.deepEqual([...store.indices.keys()], left);
    await client.close();
  });
}

test("where Telegraf's documents are written too, their days go with ours", async () => {
  await using store = await startFakeElasticsearch({ flavour: "minimal" });
  const folder = await mkdtemp(join(tmpdir(), "tidemark-daily-"));
  await writeFile(join(folder, "admin"), "key");
  const config = onElasticsearch(store, { compat: "telegraf", admin_api_key_file: join(folder, "admin") });
  await provisionSink(config, DO);
  const names = ["tidemark", "telegraf-tidemark", "telegraf-other"];
  const lines = names.flatMap((name) =>
    ["2020.01.01", "2026.11.21"].map((day) => `{"create":{"_index":"${name}-${day}","_id":"1"}}\n{"@timestamp":0}\n`),
  );
  const headers = { "content-type": "application/x-ndjson" };
  await fetch(`${store.url}/_bulk`, { method: "POST", headers, body: lines.join("") });
  const clock = { nowMs: () => NOW_MS, monotonicMs: () => 0 };
  const stop = new AbortController();
  const deleted: unknown[] = [];
  const write = (line: string): void => {
    deleted.push(JSON.parse(line).index);
    if (deleted.length === 2) stop.abort();
  };
  const logger = createLogger("info", { write });
  await using opened = openDailyDelete(config, { sink: "es", clock, logger });
  await opened?.actor(stop.signal);
  assert.deepEqual(deleted, ["tidemark-2020.01.01", "telegraf-tidemark-2020.01.01"]);
  await rm(folder, { recursive: true });
});
