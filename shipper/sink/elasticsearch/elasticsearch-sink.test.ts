/** The sink against a store that does as it is told: the conformance suite in both layouts, days, and the gate. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeElasticsearchOptions } from "../../../test/stores/elasticsearch.ts";
import { startFakeElasticsearch } from "../../../test/stores/elasticsearch.ts";
import type { IndexLayout } from "../../encode/bulk.ts";
import { dimensionText } from "../../encode/bulk.ts";
import type { Kind } from "../../schema/kind.ts";
import type { Point } from "../../schema/point.ts";
import { testSink } from "../sink.suite.ts";
import { AT_MS, group, NEVER, provision, sinkOn, THREE, withStore } from "./under-test.fixture.ts";

const layouts: readonly (readonly [FakeElasticsearchOptions["flavour"], IndexLayout])[] = [
  ["elasticsearch", "time_series"],
  ["opensearch", "plain"],
];

for (const [flavour, layout] of layouts) {
  testSink(`${flavour}, ${layout}`, async (run) => {
    await using store = await startFakeElasticsearch({ flavour });
    await provision(store.url);
    await using sink = sinkOn(store.url);
    const ofKind = (kind: Kind) => [...store.documents.values()].filter(({ source }) => source["kind"] === kind);
    await run({
      sink,
      tellsDuplicates: true,
      count: async (kind) => ofKind(kind).length,
      fields: async (points) => points.map((point) => fieldsOf(ofKind(point.kind), point)),
    });
    assert.ok([...store.indices.values()].every(({ isTimeSeries }) => isTimeSeries === (layout === "time_series")));
    assert.deepEqual(store.guessed, new Set());
  });
}

function fieldsOf(documents: readonly { readonly source: Readonly<Record<string, unknown>> }[], point: Point) {
  const wanted = Object.entries({ ...point.dimensions, "@timestamp": point.atMs });
  const text = (name: string, value: number | string) => (name === "@timestamp" ? value : dimensionText(value));
  const found = documents.filter(({ source }) => wanted.every(([name, value]) => source[name] === text(name, value)));
  assert.equal(found.length, 1);
  const left = Object.entries(found[0]?.source ?? {}).filter(
    ([name]) => name !== "kind" && !(name in point.dimensions),
  );
  return Object.fromEntries(left.filter(([name]) => name !== "@timestamp")) as Record<string, string | number>;
}

test("S15: each point goes into the index of its own day, however late: no stream that rolls over or closes its window", async () => {
  await withStore(async ({ store, sink }) => {
    await sink.write([group("a"), group("a", AT_MS + 10_000), group("a", Date.UTC(2024, 1, 29))], NEVER);
    assert.deepEqual([...store.indices.keys()].toSorted(), [
      "tidemark-2024.02.29",
      "tidemark-2026.11.21",
      "tidemark-2026.11.22",
    ]);
  });
});

test("before there is a template, or with an old one, everything is held and nothing is sent", async () => {
  await using store = await startFakeElasticsearch({ flavour: "elasticsearch" });
  const meta = { managed_by: "tidemark", version: 2, layout: "plain", fields: ["lag"] };
  const problems: readonly (readonly [template: object | undefined, says: RegExp])[] = [
    [undefined, /there is none; run "tidemark provision"/],
    [{ _meta: { version: 9 } }, /not one of Tidemark's/],
    [{}, /not one of Tidemark's/],
    [{ _meta: { ...meta, version: 0 } }, /version 0, and 2 is needed/],
    [{ _meta: meta }, /it lacks @timestamp, /],
  ];
  for (const [template, says] of problems) {
    if (template !== undefined) store.resources.set("/_index_template/tidemark", { ...template });
    await using sink = sinkOn(store.url);
    const outcome = await sink.write(THREE, NEVER);
    assert.equal(outcome.kind, "held");
    assert.match(outcome.cause.message, says);
  }
  assert.deepEqual([store.documents.size, store.indices.size], [0, 0]);
});

test("once it is provisioned, the sink that was held goes on", async () => {
  await using store = await startFakeElasticsearch({ flavour: "minimal" });
  await using sink = sinkOn(store.url);
  assert.equal((await sink.write(THREE, NEVER)).kind, "held");
  await provision(store.url);
  assert.equal((await sink.write(THREE, NEVER)).kind, "written");
  assert.equal(store.documents.size, 3);
});
