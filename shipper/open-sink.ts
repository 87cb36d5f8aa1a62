/**
 * # A sink from its configuration
 */

import { systemClock } from "../runtime/clock.ts";
import { secretFromFile } from "../runtime/secret.ts";
import type { ElasticsearchSinkConfig, InfluxSinkConfig, SinkConfig } from "./config.ts";
import type { TelegrafOptions } from "./encode/telegraf.ts";
import { openElasticsearchSink } from "./sink/elasticsearch/elasticsearch-sink.ts";
import type { Credentials } from "./sink/http/credentials.ts";
import { renewed } from "./sink/http/renewed.ts";
import type { InfluxTarget } from "./sink/influxdb/influxdb-sink.ts";
import { openInfluxSink } from "./sink/influxdb/influxdb-sink.ts";
import type { Sink } from "./sink/sink.ts";
import type { SqliteSink } from "./sink/sqlite/sqlite-sink.ts";
import { openSqliteSink } from "./sink/sqlite/sqlite-sink.ts";
import { openStdoutSink } from "./sink/stdout/stdout-sink.ts";

/** `embedded` where it is a history that can be read back. */
export interface OpenedSink extends AsyncDisposable {
  readonly sink: Sink;
  readonly embedded: SqliteSink | undefined;
}

interface Named<Config> {
  readonly name: string;
  readonly config: Config;
}

/** Connects to nobody; rejects where a file cannot be used. */
export async function openSink({ name, config }: Named<SinkConfig>, dataDir: string): Promise<OpenedSink> {
  switch (config.type) {
    case "sqlite": {
      const { retention: retentionMs, bytes_max: bytesMax } = config;
      const embedded = await openSqliteSink({ name, dataDir, retentionMs, bytesMax });
      return { sink: embedded, embedded, [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose]() };
    }
    case "elasticsearch":
      return remote(() => openElasticsearchSink(elasticsearchOptions({ name, config })));
    case "influxdb":
      return remote(() => openInfluxSink(influxOptions({ name, config })));
    case "stdout": {
      const sink = openStdoutSink({ name, format: config.format, stream: process.stdout });
      return { sink, embedded: undefined, [Symbol.asyncDispose]: async () => sink[Symbol.dispose]() };
    }
  }
}

function remote(open: () => Sink & AsyncDisposable): OpenedSink {
  const sink = renewed(open, systemClock);
  return { sink, embedded: undefined, [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose]() };
}

function elasticsearchOptions({ name, config }: Named<ElasticsearchSinkConfig>) {
  const { index: prefix, batch_points: batchPointsMax } = config;
  const telegraf = telegrafOf(config);
  return { ...connectionOf(config), name, prefix, telegraf, batchPointsMax, clock: systemClock };
}

function influxOptions({ name, config }: Named<InfluxSinkConfig>) {
  const [target, telegraf] = [influxTargetOf(config), telegrafOf(config)];
  return { ...connectionOf(config), name, target, telegraf, batchPointsMax: config.batch_points, clock: systemClock };
}

function telegrafOf({ compat, telegraf }: ElasticsearchSinkConfig | InfluxSinkConfig): TelegrafOptions | undefined {
  if (compat === undefined) return undefined;
  const { host, owner = "tag", rewind_status_code: rewindStatusCode = 7 } = telegraf ?? {};
  return { host, owner, rewindStatusCode };
}

export function influxTargetOf({
  api,
  database,
  retention_policy: retentionPolicy,
  org,
}: InfluxSinkConfig): InfluxTarget {
  return api === "v1" ? { api, database, retentionPolicy } : { api, database, retentionPolicy, org };
}

function connectionOf(config: ElasticsearchSinkConfig | InfluxSinkConfig) {
  const { url, ca_file: caFile, timeout: requestTimeoutMs } = config;
  return { url, caFile, requestTimeoutMs, credentials: credentialsOf(config) };
}

export function credentialsOf(config: ElasticsearchSinkConfig | InfluxSinkConfig): Credentials {
  const { username, password_file: passwordFile } = config;
  if (config.type === "elasticsearch" && config.api_key_file !== undefined)
    return { kind: "api-key", key: secretFromFile(config.api_key_file) };
  if (config.type === "influxdb" && config.token_file !== undefined)
    return { kind: "token", token: secretFromFile(config.token_file) };
  if (username !== undefined && passwordFile !== undefined)
    return { kind: "basic", username, password: secretFromFile(passwordFile) };
  return { kind: "none" };
}

/** Where no others are given, those of writing. */
export function adminCredentialsOf(config: ElasticsearchSinkConfig | InfluxSinkConfig): Credentials {
  switch (config.type) {
    case "elasticsearch": {
      const { admin_api_key_file: file } = config;
      return file === undefined ? credentialsOf(config) : { kind: "api-key", key: secretFromFile(file) };
    }
    case "influxdb": {
      const { admin_token_file: file } = config;
      return file === undefined ? credentialsOf(config) : { kind: "token", token: secretFromFile(file) };
    }
  }
}
