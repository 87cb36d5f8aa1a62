/**
 * # Burrow, where BURROW_BIN names its program
 *
 * Its defaults but for the topics' refresh. A group's lag is `totallag` of `/v3/kafka/<cluster>/consumer/<group>/lag`: one request a
 * group, as its clients do.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { startChild } from "../../test/real/child.ts";
import { scratchDir } from "../../test/real/places.ts";
import { freePort } from "../../test/real/ports.ts";
import { processOf, type StartPeer, textOf } from "./peer.ts";

interface Partition {
  readonly topic: string;
  readonly partition: number;
  readonly current_lag: number;
  readonly end: { readonly offset: number } | null;
}

interface Status {
  readonly status: { readonly totallag: number; readonly partitions: readonly Partition[] };
}

export function startBurrow(program: string): StartPeer {
  return async (bootstrap) => {
    const dir = await scratchDir("peers");
    const port = await freePort();
    await mkdir(dir, { recursive: true });
    await writeFile(resolve(dir, "burrow.toml"), configOf(bootstrap, port));
    const args = ["--config-dir", dir];
    const child = await startChild({ command: program, args, logFile: resolve(dir, "burrow.log"), cwd: dir });
    const base = `http://127.0.0.1:${port}`;
    const consumers = `${base}/v3/kafka/bench/consumer`;
    const statusOf = async (group: string): Promise<Status["status"] | undefined> => {
      const text = await textOf(`${consumers}/${encodeURIComponent(group)}/lag`);
      return text === undefined ? undefined : (JSON.parse(text) as Status).status;
    };
    return {
      name: "Burrow",
      ...processOf(child),
      metricsUrl: `${base}/metrics`,
      lags: async () => {
        const text = await textOf(consumers);
        if (text === undefined) return undefined;
        const { consumers: groups } = JSON.parse(text) as { readonly consumers: readonly string[] };
        const lags = new Map<string, number>();
        for (const group of groups) lags.set(group, (await statusOf(group))?.totallag ?? Number.NaN);
        return lags;
      },
      shown: async (group, { topic, partition }) => {
        const own = (await statusOf(group))?.partitions.find(
          (one) => one.topic === topic && one.partition === partition,
        );
        return { committedOffset: own?.end?.offset, lag: own?.current_lag };
      },
    };
  };
}

function configOf(bootstrap: string, port: number): string {
  const client = `servers=["${bootstrap}"]\nclient-profile="bench"`;
  return `[general]
pidfile="burrow.pid"
[logging]
level="error"
[client-profile.bench]
client-id="bench"
kafka-version="2.8.0"
[cluster.bench]
class-name="kafka"
${client}
topic-refresh=120
offset-refresh=10
[consumer.bench]
class-name="kafka"
cluster="bench"
${client}
offsets-topic="__consumer_offsets"
[httpserver.default]
address="127.0.0.1:${port}"
`;
}
