/** Each alert fires for its incident of a simulated story, in time, and for nothing else: on a real Elasticsearch and InfluxDB. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import type { Rule } from "../../../dashboards/lint/rule-file.ts";
import { RuleFile } from "../../../dashboards/lint/rule-file.ts";
import type { SinkConfig } from "../../../shipper/config.ts";
import { SinksConfig } from "../../../shipper/config.ts";
import { openSink } from "../../../shipper/open-sink.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import { askElasticsearch } from "../elasticsearch/ask.ts";
import { type Elasticsearch, startElasticsearch } from "../elasticsearch/server.ts";
import { type Influx, startInflux } from "../influxdb/server.ts";
import { REPOSITORY } from "../places.ts";
import { elasticsearchAt, influxdbAt } from "./ask-stores.ts";
import { EXPECTED } from "./expected-alerts.ts";
import type { AskStore } from "./rule-run.ts";
import { firedOf } from "./rule-run.ts";
import { MINUTE_MS, STORY_MS, storyPoints } from "./story.ts";

const START_MS = Date.UTC(2026, 2, 1, 6);
const END_MS = START_MS + STORY_MS;
/** By then there has been enough of the story for a verdict on every group, and for a window. */
const FIRST_MS = START_MS + 10 * MINUTE_MS;
const SILENCE_MS = 8 * MINUTE_MS;
const BATCH_POINTS = 2_000;

let elasticsearch: Elasticsearch;
let influxdb: Influx;

before(async () => {
  elasticsearch = await startElasticsearch();
  influxdb = await startInflux();
  await influxdb.query("", 'CREATE DATABASE "tidemark"');
  const { es, influx } = SinksConfig.parse({
    es: { type: "elasticsearch", url: elasticsearch.url, timeout: "60s" },
    influx: { type: "influxdb", url: influxdb.url, database: "tidemark", api: "v1" },
  });
  const points = (await storyPoints(END_MS)).flat();
  for (const config of [es, influx]) if (config !== undefined) await write(config, points);
  await askElasticsearch(elasticsearch.url, { method: "POST", path: "/tidemark-*/_refresh" });
});
after(async () => {
  await elasticsearch[Symbol.asyncDispose]();
  await influxdb[Symbol.asyncDispose]();
});

async function write(config: SinkConfig, points: readonly Point[]): Promise<void> {
  await provisionSink(config, { dryRun: false, force: false });
  await using opened = await openSink({ name: "alerts", config }, "");
  for (let first = 0; first < points.length; first += BATCH_POINTS) {
    const outcome = await opened.sink.write(points.slice(first, first + BATCH_POINTS), new AbortController().signal);
    assert.equal(outcome.kind, "written");
  }
}

function rulesOf(store: string): readonly Rule[] {
  const path = resolve(REPOSITORY, `dashboards/out/provisioning/alerting/tidemark-${store}.yaml`);
  return RuleFile.parse(parse(readFileSync(path, "utf8"))).groups[0].rules;
}

const STORES: readonly { readonly name: string; readonly ask: () => AskStore }[] = [
  { name: "elasticsearch", ask: () => elasticsearchAt(elasticsearch.url) },
  { name: "influxdb", ask: () => influxdbAt(influxdb.url) },
];

for (const { name, ask } of STORES)
  for (const rule of rulesOf(name))
    test(`${rule.title} fires for its incident in time, and for nothing else`, async () => {
      const wanted = EXPECTED.get(rule.labels.alert) ?? [];
      const fired = await firedOf(rule, ask(), { fromMs: FIRST_MS, toMs: END_MS + SILENCE_MS });
      const minutes = fired.map(({ labels, atMs }) => [labels, (atMs - START_MS) / MINUTE_MS] as const);
      assert.deepEqual(minutes.map(([labels]) => labels).toSorted(), wanted.map(({ labels }) => labels).toSorted());
      for (const { labels, fromMinute, toMinute } of wanted) {
        const minute = new Map(minutes).get(labels) ?? Number.NaN;
        assert.ok(minute > fromMinute && minute <= toMinute, `${labels} fires at minute ${minute}`);
      }
    });
