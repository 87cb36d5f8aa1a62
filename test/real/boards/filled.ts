/**
 * # Three real stores that hold the same
 *
 * Elasticsearch and InfluxDB by the shipper's own sinks, Prometheus by an exposition with times.
 */

import { SinksConfig } from "../../../shipper/config.ts";
import { openSink } from "../../../shipper/open-sink.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import { askElasticsearch } from "../elasticsearch/ask.ts";
import { startElasticsearch } from "../elasticsearch/server.ts";
import { startInflux } from "../influxdb/server.ts";
import { startPrometheus } from "../prometheus/server.ts";

const BATCH_POINTS = 5_000;

export interface Held {
  readonly points: readonly Point[];
  /** OpenMetrics with times. */
  readonly history: string;
  /** `/metrics` of a running product, scraped once a second: host and port. */
  readonly scraped?: string | undefined;
}

export interface Filled extends AsyncDisposable {
  readonly urls: { readonly elasticsearch: string; readonly influxdb: string; readonly prometheus: string };
}

export async function startFilled({ points, history, scraped }: Held): Promise<Filled> {
  await using started = new AsyncDisposableStack();
  const elasticsearch = started.use(await startElasticsearch());
  const influxdb = started.use(await startInflux());
  const prometheus = started.use(await startPrometheus(history, scraped));
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
      if (outcome.kind !== "written") throw new Error(`${name} did not store the points: ${outcome.kind}`);
    }
  }
  await askElasticsearch(elasticsearch.url, { method: "POST", path: "/tidemark-*/_refresh" });
  const all = started.move();
  const urls = { elasticsearch: elasticsearch.url, influxdb: influxdb.url, prometheus: prometheus.url };
  return { urls, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
