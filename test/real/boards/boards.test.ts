/** Each query of each board is asked of a real Elasticsearch, InfluxDB and Prometheus: it finds something, and the same in all. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { SinkConfig } from "../../../shipper/config.ts";
import { SinksConfig } from "../../../shipper/config.ts";
import { openSink } from "../../../shipper/open-sink.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import { askElasticsearch } from "../elasticsearch/ask.ts";
import type { Elasticsearch } from "../elasticsearch/server.ts";
import { startElasticsearch } from "../elasticsearch/server.ts";
import type { Influx } from "../influxdb/server.ts";
import { startInflux } from "../influxdb/server.ts";
import { type Prometheus, startPrometheus } from "../prometheus/server.ts";
import { boardsOf, type Chosen, type Drawn, targetsOf } from "./board-files.ts";
import * as es from "./elasticsearch-query.ts";
import { exposedWorld } from "./exposed.ts";
import * as influx from "./influxdb-query.ts";
import * as prom from "./prometheus-query.ts";
import { CLUSTER, GROUPS, HOSTILE, HOSTILE_STORED, TOPIC, worldPoints } from "./world.ts";

let elasticsearch: Elasticsearch;
let influxdb: Influx;
let prometheus: Prometheus;

before(async () => {
  elasticsearch = await startElasticsearch();
  influxdb = await startInflux();
  await influxdb.query("", 'CREATE DATABASE "tidemark"');
  const { es: toEs, influx: toInflux } = SinksConfig.parse({
    es: { type: "elasticsearch", url: elasticsearch.url, timeout: "60s" },
    influx: { type: "influxdb", url: influxdb.url, database: "tidemark", api: "v1" },
  });
  for (const config of [toEs, toInflux]) if (config !== undefined) await write(config);
  await askElasticsearch(elasticsearch.url, { method: "POST", path: "/tidemark-*/_refresh" });
  prometheus = await startPrometheus(exposedWorld());
});
after(async () => {
  await elasticsearch[Symbol.asyncDispose]();
  await influxdb[Symbol.asyncDispose]();
  await prometheus[Symbol.asyncDispose]();
});

async function write(config: SinkConfig): Promise<void> {
  await provisionSink(config, { dryRun: false, force: false });
  await using opened = await openSink({ name: "boards", config }, "");
  const outcome = await opened.sink.write(worldPoints(), new AbortController().signal);
  assert.equal(outcome.kind, "written");
}

const ALL: Chosen = {};
const ONE: Chosen = { cluster: CLUSTER, group: HOSTILE_STORED };
const OF_TOPIC: Chosen = { cluster: CLUSTER, topic: TOPIC };

function chosenFor(name: string): Chosen {
  if (name.startsWith("group ")) return ONE;
  return name.startsWith("topic ") ? OF_TOPIC : ALL;
}

const ofEs = targetsOf(boardsOf("elasticsearch"));
const ofInflux = targetsOf(boardsOf("influxdb"));

test("both stores are asked the same", () => {
  assert.ok(ofEs.length > 50);
  assert.deepEqual(
    ofEs.map(({ name }) => name),
    ofInflux.map(({ name }) => name),
  );
});

for (const [index, { name, panel, target }] of ofEs.entries())
  test(`${name}: ${panel.title}`, async () => {
    const other = ofInflux[index];
    assert.ok(other !== undefined);
    const chosen = chosenFor(name);
    const left = await es.drawnOf(elasticsearch.url, { target, chosen });
    const right = await influx.drawnOf(influxdb.url, { target: other.target, chosen });
    assert.ok(left.size > 0, "Elasticsearch finds nothing");
    assert.ok(right.size > 0, "InfluxDB finds nothing");
    // The newest point is the instant of a row in InfluxDB, and a column in Elasticsearch.
    if (panel.fieldConfig.defaults.unit === "dateTimeFromNow") return;
    assert.deepEqual(differences(left, right), []);
  });

const DIFFERENCES_MAX = 5;

/** A mean is added up in another order by each store; an empty bucket of a count may be 0 or nothing. */
function differences(left: ReadonlyMap<string, number>, right: ReadonlyMap<string, number>): readonly string[] {
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  return keys
    .filter((key) => Math.abs((left.get(key) ?? 0) - (right.get(key) ?? 0)) > 1e-9)
    .slice(0, DIFFERENCES_MAX)
    .map((key) => `${key}: ${left.get(key)} and ${right.get(key)}`);
}

const ofProm = targetsOf(boardsOf("prometheus"));

/** What is not made of the series of one field alone: processes, sums of partitions, statuses put together from words. */
const APART = /tidemark_partition_status|sum by|avg_over_time|timestamp\(/;
const OF_GROUPS = /tidemark_(group|partition)_/;

for (const { name, panel, target } of ofProm.filter(({ name }) => !name.startsWith("pipeline ")))
  test(`Prometheus, ${name}: ${panel.title}`, async () => {
    const stored = chosenFor(name);
    const chosen = stored === ONE ? { ...ONE, group: HOSTILE } : stored;
    const drawn = await prom.drawnOf(prometheus.url, { target, chosen });
    assert.ok(drawn.size > 0, `Prometheus finds nothing: ${target.expr}`);
    const expr = target.expr ?? "";
    if (target.instant === true || APART.test(expr) || !OF_GROUPS.test(expr)) return;
    const start = name.split(" ").slice(0, 2).join(" ");
    const same = ofEs.filter((one) => one.name.startsWith(`${start} `));
    const all = await Promise.all(
      same.map((one) => es.drawnOf(elasticsearch.url, { target: one.target, chosen: stored })),
    );
    const wanted = new Map(all.flatMap((one) => [...one]).filter(([key]) => drawn.has(key) || lineOf(drawn, key)));
    assert.deepEqual(differences(wanted, drawn), []);
  });

/** Whether the other one draws this line at all: a panel may have lines that only one store knows. */
function lineOf(drawn: Drawn, key: string): boolean {
  const line = key.replace(/@\d+$/, "");
  return [...drawn.keys()].some((one) => one.replace(/@\d+$/, "") === line);
}

test("a name that would end a query finds itself, and nothing else", async () => {
  const table = (targets: typeof ofEs) => targets.find(({ name }) => name === "overview 6 A")?.target;
  const [esTable, influxTable] = [table(ofEs), table(ofInflux)];
  assert.ok(esTable !== undefined && influxTable !== undefined);
  for (const group of [HOSTILE_STORED, ...GROUPS.slice(1)]) {
    const chosen = { cluster: CLUSTER, group };
    const drawn: readonly Drawn[] = [
      await es.drawnOf(elasticsearch.url, { target: esTable, chosen }),
      await influx.drawnOf(influxdb.url, { target: influxTable, chosen }),
    ];
    for (const rows of drawn)
      assert.deepEqual([...new Set([...rows.keys()].map((key) => key.replace(/ #\d+$/, "")))], [`${CLUSTER} ${group}`]);
  }
});

test("variables list what there is, the name that would end a query too", async () => {
  const statement = `SHOW TAG VALUES FROM "tidemark_group" WITH KEY = "group" WHERE "cluster" =~ /^\${cluster:regex}$/`;
  const variable = boardsOf("influxdb")
    .flatMap(({ templating }) => templating.list)
    .find(({ name }) => name === "group");
  assert.equal(variable?.query, statement);
  const [series] = await influx.seriesOf(influxdb.url, influx.filledIn(statement, { cluster: CLUSTER }));
  assert.deepEqual(
    series?.values.map(([, value]) => value).toSorted(),
    [HOSTILE_STORED, ...GROUPS.slice(1)].toSorted(),
  );
});
