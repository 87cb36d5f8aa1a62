/**
 * # Every store of a configuration, made ready
 */

import type { Clock } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { ElasticsearchSinkConfig, InfluxSinkConfig, SinkConfig } from "../config.ts";
import { adminCredentialsOf, influxTargetOf } from "../open-sink.ts";
import { openClient } from "../sink/elasticsearch/client.ts";
import type { IndexSet } from "../sink/elasticsearch/template.ts";
import { indexSetsOf } from "../sink/elasticsearch/template.ts";
import { openTransport } from "../sink/influxdb/transport.ts";
import { provisionElasticsearch } from "./elasticsearch.ts";
import { dailyDelete } from "./expired-days.ts";
import { provisionInflux } from "./influxdb.ts";
import type { ProvisionLine, ProvisionMode } from "./line.ts";

export interface OpenedDailyDelete extends AsyncDisposable {
  readonly actor: Actor;
}

/** Undefined where nothing is to be deleted by us: no retention, or no key that is for it. */
export function openDailyDelete(
  config: SinkConfig,
  { sink, clock, logger }: { readonly sink: string; readonly clock: Clock; readonly logger: Logger },
): OpenedDailyDelete | undefined {
  if (config.type !== "elasticsearch" || config.retention === undefined || config.admin_api_key_file === undefined)
    return undefined;
  const { url, ca_file: caFile, timeout: requestTimeoutMs, retention: retentionMs } = config;
  const client = openClient({ url, caFile, requestTimeoutMs });
  const credentials = adminCredentialsOf(config);
  const stores = setsOf(config).map(({ prefix }) => ({ client, credentials, prefix }));
  const actor = dailyDelete({ sink, retentionMs, clock, logger }, stores);
  return { actor, [Symbol.asyncDispose]: () => client.close() };
}

export async function provisionSink(config: SinkConfig, mode: ProvisionMode): Promise<readonly ProvisionLine[]> {
  switch (config.type) {
    case "sqlite":
    case "stdout":
      return [];
    case "elasticsearch":
      return elasticsearch(config, mode);
    case "influxdb":
      return influx(config, mode);
  }
}

function setsOf({ index, compat }: ElasticsearchSinkConfig): readonly IndexSet[] {
  return indexSetsOf(index, { withTelegraf: compat !== undefined });
}

async function elasticsearch(config: ElasticsearchSinkConfig, mode: ProvisionMode): Promise<readonly ProvisionLine[]> {
  const { url, ca_file: caFile, timeout: requestTimeoutMs, retention: retentionMs } = config;
  const client = openClient({ url, caFile, requestTimeoutMs });
  try {
    const credentials = adminCredentialsOf(config);
    const lines: ProvisionLine[] = [];
    for (const set of setsOf(config)) {
      const layout = set.contents === "points" ? config.layout : "plain";
      const store = { client, credentials, ...set, layout, retentionMs, lifecyclePolicy: config.lifecycle_policy };
      lines.push(...(await provisionElasticsearch(store, mode)));
    }
    return lines;
  } finally {
    await client.close();
  }
}

async function influx(config: InfluxSinkConfig, mode: ProvisionMode): Promise<readonly ProvisionLine[]> {
  const { url, ca_file: caFile, timeout: requestTimeoutMs, retention: retentionMs } = config;
  const credentials = adminCredentialsOf(config);
  const transport = openTransport({ url, caFile, requestTimeoutMs, credentials });
  try {
    return await provisionInflux({ transport, credentials, target: influxTargetOf(config), retentionMs }, mode);
  } finally {
    transport.close();
  }
}
