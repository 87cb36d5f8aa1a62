/** A cluster, two stores and a collector as stand-ins on loopback, and a configuration that names them all. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import type { Brokers } from "../../simulator/wire/brokers.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import type { FakeElasticsearch } from "../../test/stores/elasticsearch.ts";
import { startFakeElasticsearch } from "../../test/stores/elasticsearch.ts";
import type { FakeInflux } from "../../test/stores/influxdb.ts";
import { startFakeInflux } from "../../test/stores/influxdb.ts";
import { Config } from "../config.ts";

export const CANARIES = { es: "canary-es-0815", influx: "canary-influx-4711", feed: "canary-feed-1234" } as const;

export interface Around extends AsyncDisposable {
  readonly dir: string;
  readonly brokers: Brokers;
  readonly es: FakeElasticsearch;
  readonly influx: FakeInflux;
  /** What the collector answers. */
  feed: RequestListener;
  hasRights: boolean;
  /** The configuration, with something else in it. */
  config(change?: (tree: Tree) => void): Config;
}

const readyFeed: RequestListener = (request, response) => {
  if (request.headers.authorization !== `Bearer ${CANARIES.feed}`) response.writeHead(401).end("who?");
  else if (request.url?.startsWith("/v4/evaluations") === true)
    response.writeHead(410).end('{"oldest":"r.0","ticks_gone":0}');
  else response.end('{"ready":true,"reasons":[]}');
};

export type Tree = ReturnType<typeof treeOf>;

function treeOf(where: { dir: string; brokers: readonly string[]; from: string; es: string; influx: string }) {
  const file = (name: string): string => join(where.dir, name);
  return {
    clusters: { prod: { brokers: [...where.brokers] } } as Record<string, { brokers: string[] }>,
    collector: { listen: "127.0.0.1:8000" },
    shipper: { from: where.from, from_token_file: file("feed"), data_dir: where.dir, spool: { bytes_max: "16MiB" } },
    sinks: {
      es: { type: "elasticsearch", url: where.es, api_key_file: file("es"), retention: "30d" } as object,
      influx: { type: "influxdb", url: where.influx, token_file: file("influx") } as object,
      local: { type: "sqlite", bytes_max: "1MiB" } as object,
    } as Record<string, object>,
  };
}

export async function around(): Promise<Around> {
  const dir = await mkdtemp(join(tmpdir(), "tidemark-check-"));
  for (const [name, secret] of Object.entries(CANARIES))
    await writeFile(join(dir, name), `${secret}\n`, { mode: 0o600 });
  const base = { clusterId: "c", version: "4.1", brokers: [1, 2], offsetsPartitions: 2 } as const;
  const view = createCluster({ ...base, random: randomOf(1, "cluster") });
  view.createTopic({ topic: "t", partitions: 1 }, 1_700_000_000_000);
  view.commit({ group: "g", offsets: [{ topic: "t", partition: 0, committedOffset: 0 }], atMs: 1_700_000_000_000 });
  const brokers = await startBrokers({ view, random: randomOf(1, "brokers") });
  const self = { feed: readyFeed, hasRights: true };
  const es = await startFakeElasticsearch({
    flavour: "elasticsearch",
    authorization: () => `ApiKey ${CANARIES.es}`,
    hasRights: () => self.hasRights,
  });
  const influx = await startFakeInflux({
    dialect: "v2",
    databases: ["tidemark"],
    authorization: () => `Token ${CANARIES.influx}`,
  });
  const collector = createServer((request, response) => self.feed(request, response)).listen(0, "127.0.0.1");
  await once(collector, "listening");
  const address = collector.address();
  assert.ok(typeof address === "object" && address !== null);
  const from = `http://127.0.0.1:${address.port}`;
  return Object.assign(self, {
    dir,
    brokers,
    es,
    influx,
    config: (change: (tree: Tree) => void = () => {}) => {
      const tree = treeOf({ dir, brokers: brokers.bootstrap, from, es: es.url, influx: influx.url });
      change(tree);
      return Config.parse(tree);
    },
    [Symbol.asyncDispose]: async () => {
      collector.closeAllConnections();
      collector.close();
      await Promise.all([brokers, es, influx].map((one) => one[Symbol.asyncDispose]()));
      await rm(dir, { recursive: true });
    },
  });
}
