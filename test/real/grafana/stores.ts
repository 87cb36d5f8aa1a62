/**
 * # Three real stores, filled with the same recorded stretch
 *
 * Elasticsearch and InfluxDB by the shipper's own sinks. Prometheus gets every third tick, about as it scrapes, and beside it what a
 * collector and a shipper say of their own processes, scraped from a running demonstration.
 */

import { SinksConfig } from "../../../shipper/config.ts";
import { openSink } from "../../../shipper/open-sink.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import type { Scenario } from "../../../simulator/world/specs.ts";
import { askElasticsearch } from "../elasticsearch/ask.ts";
import { startElasticsearch } from "../elasticsearch/server.ts";
import { startInflux } from "../influxdb/server.ts";
import { startPrometheus } from "../prometheus/server.ts";
import { createBeats } from "./heartbeats.ts";
import { createOpenMetrics } from "./open-metrics.ts";
import type { Stores } from "./provisioning.ts";
import { recordStretch, TICK_MS } from "./recorded.ts";

const SCRAPED_EVERY_MS = 3 * TICK_MS;
const BATCH_POINTS = 2_000;

export interface FilledStores extends AsyncDisposable {
  readonly urls: Required<Stores>;
}

export interface FillOptions {
  readonly scenario: Scenario;
  readonly fromMs: number;
  readonly toMs: number;
  /** `/metrics` of a running product, scraped once a second: host and port. */
  readonly scraped?: string;
}

export async function startFilledStores(options: FillOptions): Promise<FilledStores> {
  const { scenario, fromMs, toMs } = options;
  const openMetrics = createOpenMetrics();
  const beats = createBeats({ fromMs, toMs });
  const points: Point[] = [];
  recordStretch({ scenario, seed: 7, fromMs, toMs }, (tick) => {
    const groups = tick.points.filter(({ kind }) => kind === "group").length;
    points.push(...tick.points, ...beats.beat(tick.atMs, { points: tick.points.length, groups }));
    if (tick.atMs % SCRAPED_EVERY_MS === 0) openMetrics.add(tick.atMs, tick.exposition);
  });
  await using started = new AsyncDisposableStack();
  const elasticsearch = started.use(await startElasticsearch());
  const influxdb = started.use(await startInflux());
  const prometheus = started.use(await startPrometheus(openMetrics.text(), options.scraped));
  await influxdb.query("", 'CREATE DATABASE "tidemark"');
  const sinks = SinksConfig.parse({
    es: { type: "elasticsearch", url: elasticsearch.url, timeout: "60s" },
    influx: { type: "influxdb", url: influxdb.url, database: "tidemark", api: "v1", timeout: "60s" },
  });
  for (const [name, config] of Object.entries(sinks)) {
    await provisionSink(config, { dryRun: false, force: false });
    await using opened = await openSink({ name, config }, "");
    for (let at = 0; at < points.length; at += BATCH_POINTS) {
      const outcome = await opened.sink.write(points.slice(at, at + BATCH_POINTS), new AbortController().signal);
      if (outcome.kind !== "written") throw new Error(`${name} did not store the recorded points: ${outcome.kind}`);
    }
  }
  await askElasticsearch(elasticsearch.url, { method: "POST", path: "/tidemark-*/_refresh" });
  const all = started.move();
  const urls = { elasticsearch: elasticsearch.url, influxdb: influxdb.url, prometheus: prometheus.url };
  return { urls, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
