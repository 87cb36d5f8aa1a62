/**
 * # tidemark demo: a simulated cluster, and all of Tidemark beside it
 *
 * Brokers made of sockets, the real collector over TCP, the shipper with an embedded history in a temporary folder, and the page.
 * Hours of the same world's past are judged first, so that no chart is empty. With a length it ends by itself, and says of each
 * incident whether it was judged, shipped and read back from history.
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WritableFeed } from "../../collector/feed/feed.ts";
import { systemClock } from "../../runtime/clock.ts";
import { ConfigError } from "../../runtime/config/load.ts";
import { asError } from "../../runtime/error.ts";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import { builtInScenario } from "../../simulator/scenario/built-in.ts";
import type { ScriptedScenario } from "../../simulator/scenario/format.ts";
import { readScenario } from "../../simulator/scenario/format.ts";
import { randomOf } from "../../simulator/world/random.ts";
import type { Scenario } from "../../simulator/world/specs.ts";
import type { World } from "../../simulator/world/world.ts";
import { openFeed } from "../collector.ts";
import { Config } from "../config.ts";
import { strictOptions } from "../run-replay.ts";
import { PAST_INTERVAL_MS, playPast } from "./past.ts";
import { isPassed, scoreTable } from "./report.ts";
import { watchWorld } from "./watch-world.ts";

export interface DemoOptions {
  readonly port: number;
  /** Undefined: until told to stop. */
  readonly seconds: number | undefined;
  readonly seed: number;
  /** A file; undefined: the scenario that comes with Tidemark. */
  readonly scenarioFile: string | undefined;
  /** For people: what is done, and where to look. */
  readonly say: (text: string) => void;
}

const HOUR_MS = 3_600_000;
const PAST_MS = 6 * HOUR_MS;
/** About what the past takes to be made. */
const LEAD_MS = 2_000;
const FEED_BYTES_MAX = 67_108_864;
/** Appends of a partition that are remembered one by one: more than the past and a day. */
const APPENDS_MAX = 200_000;

/** 0; or 1 where it was to end by itself and an incident was missed. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const { scenarioFile, seed, say, seconds } = options;
  const scenario = await scenarioOf(scenarioFile);
  say(`A simulated cluster of ${scenario.brokers} brokers and ${scenario.groups.length} groups, seed ${seed}.\n`);
  const feed = openFeed({ bytesMax: FEED_BYTES_MAX, ageMsMax: PAST_MS + 24 * HOUR_MS });
  const liveMs = systemClock.nowMs() + LEAD_MS;
  const world = await makePast({ scenario, seed, liveMs, feed }, signal);
  if (signal.aborted) return 0;
  const dataDir = await mkdtemp(join(tmpdir(), "tidemark-demo-"));
  try {
    const scores = await watchWorld({ ...options, world, wire: scenario.wire, dataDir, feed, liveMs }, signal);
    if (seconds === undefined || signal.aborted) return 0;
    say(scoreTable(scores));
    return isPassed(scores) ? 0 : 1;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function scenarioOf(file: string | undefined): Promise<ScriptedScenario> {
  if (file !== undefined) return readScenario(file, await textOf(file));
  const scenario = builtInScenario("demo");
  if (scenario === undefined) throw new TypeError("the scenario named demo is gone");
  return { ...scenario, wire: [] };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (caught) {
    const cause = asError(caught);
    throw new ConfigError(file, [`the file cannot be read: ${cause.message}`], { cause });
  }
}

interface Past {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly liveMs: number;
  readonly feed: WritableFeed;
}

function makePast({ scenario, seed, liveMs, feed }: Past, signal: AbortSignal): Promise<World> {
  const cluster = createCluster({
    clusterId: `simulated-${seed}`,
    version: "4.1",
    brokers: Array.from({ length: scenario.brokers }, (_, index) => index + 1),
    offsetsPartitions: scenario.offsetsPartitions,
    random: randomOf(seed, "cluster"),
    appendsMax: APPENDS_MAX,
  });
  const strict = { ...strictOptions(Config.parse({}).evaluate), offsetRefreshMs: PAST_INTERVAL_MS };
  return playPast(
    {
      scenario,
      seed,
      cluster,
      startMs: liveMs - PAST_MS,
      liveMs,
      strict,
      onTick: (snapshot) => feed.append(snapshot.at, [snapshot]),
    },
    signal,
  );
}
