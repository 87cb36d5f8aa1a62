/** Telegraf's documents beside ours, in one request: what is provisioned, stored, sent again, refused and blocked, point by point. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeElasticsearchOptions } from "../../test/stores/elasticsearch.ts";
import { startFakeElasticsearch } from "../../test/stores/elasticsearch.ts";
import { SinksConfig } from "../config.ts";
import { openSink } from "../open-sink.ts";
import type { Point } from "../schema/point.ts";
import { examineSink } from "./examine-sink.ts";
import { provisionSink } from "./provision.ts";

const NEVER = new AbortController().signal;
const AT_MS = Date.UTC(2026, 10, 21, 23, 59, 50);
const STORED = { kind: "written", duplicates: 0, rejected: [], kept: [] };
const DAY = "telegraf-tidemark-2026.11.21";

async function openBoth(options: Partial<FakeElasticsearchOptions> = {}, settings: object = {}) {
  const store = await startFakeElasticsearch({ flavour: "elasticsearch", ...options });
  const { es: config } = SinksConfig.parse({
    es: { type: "elasticsearch", url: store.url, compat: "telegraf", ...settings },
  });
  assert.ok(config !== undefined);
  const opened = await openSink({ name: "es", config }, "");
  const close = async () => {
    await opened[Symbol.asyncDispose]();
    assert.deepEqual(store.guessed, new Set(), "a mapping was guessed");
    await store[Symbol.asyncDispose]();
  };
  const provision = async (dryRun = false) =>
    (await provisionSink(config, { dryRun, force: false })).map(({ kind, what }) => `${kind} ${what}`);
  const stored = () => [...store.documents.values()].map(({ index }) => index).toSorted();
  return { store, config, sink: opened.sink, provision, stored, [Symbol.asyncDispose]: close };
}

const group = (name: string, fields: object): Point =>
  ({ kind: "group", atMs: AT_MS, dimensions: { cluster: "c", group: name }, fields }) as Point;
const judged = (name: string): Point => group(name, { burrow_status: "WARN", lag: 3, lag_max: 2, partitions: 1 });
const unjudged = (name: string): Point => group(name, { status: "warming", lag: 3 });

test("both templates are made, looked at and kept; nothing is written while the second one is missing", async () => {
  await using both = await openBoth({ flavour: "minimal" });
  const { store, config, sink, provision } = both;
  const templates = ["index template tidemark", "index template telegraf-tidemark"];
  const words = (kind: string) => templates.map((template) => `${kind} ${template}`);
  assert.deepEqual(await provision(true), words("made"));
  assert.deepEqual([await provision(), await provision()], [words("made"), words("kept")]);
  assert.deepEqual(await sink.write([judged("a")], NEVER), STORED);
  const levels = async () => (await examineSink(config, 10_000)).map(({ level, what }) => `${level} ${what}`);
  assert.deepEqual(await levels(), ["ok store", ...templates.map((name) => `ok ${name}`), "ok right to write"]);

  await using bare = await openBoth({ flavour: "minimal" });
  for (const [path, resource] of store.resources)
    if (!path.includes("telegraf")) bare.store.resources.set(path, resource);
  const held = await bare.sink.write([judged("a")], NEVER);
  assert.ok(held.kind === "held");
  assert.match(held.cause.message, /index template telegraf-tidemark: there is none/);
  assert.equal(bare.store.indices.size, 0);
  assert.ok(
    (await examineSink(bare.config, 10_000)).some(({ level, what }) => level === "fail" && what === "index template"),
  );
});

test("days of both go by a lifecycle, and each template stands above what others have for telegraf-*", async () => {
  await using both = await openBoth({}, { retention: "30d" });
  const { store, provision } = both;
  assert.deepEqual(
    (await provision()).filter((line) => line.includes("lifecycle")),
    ["made lifecycle policy tidemark", "made lifecycle policy telegraf-tidemark"],
  );
  const template = store.resources.get("/_index_template/telegraf-tidemark");
  assert.deepEqual(template?.["index_patterns"], ["telegraf-tidemark-*"]);
  assert.ok(Number(template?.["priority"]) > 501);
});

test("a point has both documents, once however often it is sent; one of which Telegraf knew nothing has ours", async () => {
  await using both = await openBoth();
  const { sink, stored, provision } = both;
  await provision();
  const points = [judged("a"), unjudged("b"), judged("c")];
  assert.deepEqual(await sink.write(points, NEVER), STORED);
  assert.deepEqual(await sink.write(points, NEVER), { ...STORED, duplicates: 3 });
  const ours = "tidemark-2026.11.21";
  assert.deepEqual(stored(), [DAY, DAY, ours, ours, ours]);
});

test("the mapping knows every field that is ever written", async () => {
  await using both = await openBoth({}, { telegraf: { host: "tg1", owner: "field" } });
  const { sink, store, provision } = both;
  await provision();
  const rest = {
    status: "OK",
    burrow_status: "REWIND",
    lag: 1,
    committed_offset: 2,
    commit_age_seconds: 3,
    owner: "o",
  };
  const dimensions = { cluster: "c", group: "g", topic: "t", partition: 0 };
  const points = [
    judged("a"),
    { kind: "partition", atMs: AT_MS, dimensions, fields: rest },
    { kind: "topic", atMs: AT_MS, dimensions: { cluster: "c", topic: "t", partition: 0 }, fields: { end_offset: 1 } },
  ] as readonly Point[];
  assert.deepEqual(await sink.write(points, NEVER), STORED);
  const properties = store.indices.get(DAY)?.properties;
  const known = (path: readonly string[]): boolean => {
    const [first = "", second] = path;
    const property = properties?.get(first) as { readonly properties?: object } | undefined;
    return second === undefined ? property !== undefined : second in (property?.properties ?? {});
  };
  const sources = [...store.documents.values()].filter(({ index }) => index === DAY).map(({ source }) => source);
  assert.equal(sources.length, 3);
  for (const source of sources)
    for (const [name, value] of Object.entries(source))
      for (const path of typeof value === "object" ? Object.keys(value ?? {}).map((below) => [name, below]) : [[name]])
        assert.ok(known(path), path.join("."));
});

test("a point whose second document alone is refused is refused, says why, and spares its neighbours", async () => {
  await using both = await openBoth({
    answers: (source) =>
      (source["tag"] as { readonly group?: string } | undefined)?.group === "b"
        ? { status: 400, type: "document_parsing_exception", reason: "no such field" }
        : undefined,
  });
  const { sink, provision } = both;
  await provision();
  assert.deepEqual(await sink.write([judged("a"), judged("b"), unjudged("c")], NEVER), {
    ...STORED,
    rejected: [{ index: 1, reason: "document_parsing_exception: no such field" }],
  });
});

test("a blocked day of Telegraf's form keeps its points, and takes them later without a second document of ours", async () => {
  await using both = await openBoth();
  const { sink, store, stored, provision } = both;
  await provision();
  await sink.write([judged("a")], NEVER);
  store.block(DAY, "write");
  const outcome = await sink.write([unjudged("b"), judged("c")], NEVER);
  assert.ok(outcome.kind === "written");
  assert.deepEqual([outcome.kept, outcome.hindrance?.kind], [[1], "held"]);
  store.block(DAY, undefined);
  assert.deepEqual(await sink.write([judged("c")], NEVER), STORED);
  assert.equal(stored().length, 5);
});
