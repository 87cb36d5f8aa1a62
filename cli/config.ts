/**
 * # The configuration file: one schema for every command
 */

import { readFileSync } from "node:fs";
import { z } from "zod";
import {
  ClusterConfig,
  ClusterDefaults,
  CollectorConfig,
  EvaluateConfig,
  ObjectivesConfig,
} from "../collector/config.ts";
import { ConfigError, loadConfig } from "../runtime/config/load.ts";
import { asError } from "../runtime/error.ts";
import type { Access } from "../runtime/http/listen.ts";
import { ListenAddress } from "../runtime/http/listen.ts";
import { SERVED_SHAPE } from "../runtime/http/served-config.ts";
import { secretFromFile } from "../runtime/secret.ts";
import { SHIPPER_SHAPE, SinksConfig } from "../shipper/config.ts";

const ShipperConfig = z.strictObject({
  listen: ListenAddress.prefault("127.0.0.1:8001").meta({
    description: "Where the shipper serves the page; host:port.",
  }),
  ...SERVED_SHAPE,
  ...SHIPPER_SHAPE,
});

export const Config = z.strictObject({
  clusters: z
    .record(z.string().min(1), ClusterConfig)
    .default({})
    .meta({ description: "Clusters to watch, by the name used in every answer, label and row." }),
  cluster_defaults: ClusterDefaults.prefault({}),
  evaluate: EvaluateConfig.prefault({}),
  objectives: ObjectivesConfig,
  collector: CollectorConfig.prefault({}),
  shipper: ShipperConfig.prefault({}),
  sinks: SinksConfig,
  reload: z
    .strictObject({
      on_change: z.boolean().default(true).meta({
        description: "Read this file anew when it changes, and not on SIGHUP alone (docs/clusters.md).",
      }),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(["trace", "debug", "info", "warn", "error"])
        .default("info")
        .meta({ description: "Least level that is logged." }),
    })
    .prefault({}),
});
export type Config = z.output<typeof Config>;

/** Each cluster with what it does not say itself. */
export function clustersOf({ clusters, cluster_defaults: defaults }: Config): Readonly<Record<string, ClusterConfig>> {
  return Object.fromEntries(Object.entries(clusters).map(([name, one]) => [name, { ...defaults, ...one }]));
}

/** Throws ConfigError with what, where and the nearest known key. */
export function readConfig(file: string, environment: NodeJS.ProcessEnv): Config {
  return readConfigText(file, environment).config;
}

/** The same, and the text that it is of. */
export function readConfigText(
  file: string,
  environment: NodeJS.ProcessEnv,
): { readonly config: Config; readonly text: string } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (caught) {
    const cause = asError(caught);
    throw new ConfigError(file, [`the file cannot be read: ${cause.message}`], { cause });
  }
  return { config: loadConfig(Config, { source: file, text, environment }), text };
}

/** Of commands that watch. */
export function needCluster({ clusters }: Config, file: string): void {
  if (Object.keys(clusters).length > 0) return;
  throw new ConfigError(file, ["clusters: name at least one, with its brokers"]);
}

export function accessOf(config: { readonly token_file?: string | undefined; readonly insecure: boolean }): Access {
  return {
    token: config.token_file === undefined ? undefined : secretFromFile(config.token_file),
    insecure: config.insecure,
  };
}

/** Where a collector of this configuration is asked by a process of the same machine. */
export function ownUrlOf({ listen, tls }: Pick<Config["collector"], "listen" | "tls">): string {
  return `${tls === undefined ? "http" : "https"}://${reachable(listen.host)}:${listen.port}`;
}

/** An address to ask, of one to listen on. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
