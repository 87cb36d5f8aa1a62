/**
 * # KMinion, where KMINION_BIN names its program
 *
 * KMINION_MODE is `adminApi` (its default) or `offsetsTopic`. It has no interface but its metrics: each question is a scrape.
 */

import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { startChild } from "../../test/real/child.ts";
import { parseExposition, type Sample } from "../../test/real/exposition.ts";
import { scratchDir } from "../../test/real/places.ts";
import { freePort } from "../../test/real/ports.ts";
import { processOf, type StartPeer, textOf } from "./peer.ts";

const PARTITION_LAG = "kminion_kafka_consumer_group_topic_partition_lag";
const HIGH_WATERMARK = "kminion_kafka_topic_partition_high_water_mark";

export function startKminion(program: string, mode: string): StartPeer {
  return async (bootstrap) => {
    const dir = await scratchDir("peers");
    const port = await freePort();
    const configFile = resolve(dir, "kminion.yaml");
    await writeFile(configFile, JSON.stringify(configOf({ bootstrap, port, mode })));
    const env = { CONFIG_FILEPATH: configFile };
    const child = await startChild({ command: program, args: [], env, logFile: resolve(dir, "kminion.log"), cwd: dir });
    const metricsUrl = `http://127.0.0.1:${port}/metrics`;
    const samples = async () => {
      const text = await textOf(metricsUrl);
      return text === undefined ? undefined : parseExposition(text);
    };
    return {
      name: `KMinion ${mode}`,
      ...processOf(child),
      metricsUrl,
      lags: async () => lagsOf(await samples()),
      shown: async (group, { topic, partition }) => {
        const all = (await samples()) ?? [];
        const of = (name: string, labels: Readonly<Record<string, string>>) =>
          all.find(
            (one) => one.name === name && Object.entries(labels).every(([key, is]) => one.labels.get(key) === is),
          );
        const place = { topic_name: topic, partition_id: String(partition) };
        const lag = of(PARTITION_LAG, { ...place, group_id: group })?.value;
        const end = of(HIGH_WATERMARK, place)?.value;
        return { lag, committedOffset: lag === undefined || end === undefined ? undefined : end - lag };
      },
    };
  };
}

function lagsOf(samples: readonly Sample[] | undefined): ReadonlyMap<string, number> | undefined {
  if (samples === undefined) return undefined;
  const lags = new Map<string, number>();
  for (const { name, labels, value } of samples) {
    const group = labels.get("group_id") ?? "";
    if (name === PARTITION_LAG) lags.set(group, (lags.get(group) ?? 0) + value);
  }
  return lags;
}

function configOf({
  bootstrap,
  port,
  mode,
}: {
  readonly bootstrap: string;
  readonly port: number;
  readonly mode: string;
}) {
  return {
    kafka: { brokers: [bootstrap] },
    minion: {
      consumerGroups: { enabled: true, scrapeMode: mode, granularity: "partition" },
      topics: { enabled: true, granularity: "partition" },
      logDirs: { enabled: false },
      endToEnd: { enabled: false },
    },
    exporter: { host: "127.0.0.1", port },
    logger: { level: "error" },
  };
}
