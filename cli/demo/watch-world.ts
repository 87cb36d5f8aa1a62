/**
 * # A world, watched over sockets
 *
 * From here on all is as it is on a real cluster; only the brokers are ours, and the world goes on with the clock.
 */

import type { WritableFeed } from "../../collector/feed/feed.ts";
import { createHealthHandler } from "../../collector/http/health.ts";
import { createMetricsHandler } from "../../collector/http/metrics.ts";
import { sleep, systemClock } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import { repeating } from "../../runtime/lifecycle.ts";
import { createLogger } from "../../runtime/logger.ts";
import type { WireScript } from "../../simulator/scenario/wire-script.ts";
import { createWirePlayer } from "../../simulator/scenario/wire-script.ts";
import type { Brokers } from "../../simulator/wire/brokers.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { WORLD_FAULTS } from "../../simulator/world/faults.ts";
import { randomOf } from "../../simulator/world/random.ts";
import type { World } from "../../simulator/world/world.ts";
import type { Announcement } from "../../web/announcement.ts";
import { createPage } from "../../web/page.ts";
import { createCollector } from "../collector.ts";
import { Config } from "../config.ts";
import { addHttpMetrics } from "../http-metrics.ts";
import { createLiveState } from "../live-state.ts";
import { openShipper, sourceIn } from "../open-shipper.ts";
import { addCollectorMetrics, createOwnMetrics } from "../own-metrics.ts";
import { serve } from "../serve.ts";
import { addShipperMetrics } from "../shipper-metrics.ts";
import { VERSION } from "../version.ts";
import { playedAs } from "./incidents.ts";
import type { PlayedIncident, Score, Scorecard, ScriptedIncident } from "./scorecard.ts";
import { createScorecard } from "./scorecard.ts";

export interface WatchOptions {
  readonly world: World;
  readonly wire: readonly WireScript[];
  readonly seed: number;
  readonly port: number;
  readonly seconds: number | undefined;
  readonly dataDir: string;
  /** Already holds the past. */
  readonly feed: WritableFeed;
  readonly liveMs: number;
  readonly say: (text: string) => void;
}

const STEP_MS = 100;
const LOOK_MS = 500;

/** Resolves when it has ended and everything is shipped. */
export async function watchWorld(options: WatchOptions, outer: AbortSignal): Promise<readonly Score[]> {
  const { world, seed, feed, say, seconds, port } = options;
  const clock = systemClock;
  world.advance(Math.max(options.liveMs, clock.nowMs()));
  await using brokers = await startBrokers({ view: world.cluster, random: randomOf(seed, "brokers") });
  const config = configOf(options, brokers);
  const logger = createLogger(config.log.level);
  const length = new AbortController();
  const signal = AbortSignal.any([outer, length.signal]);
  const collector = createCollector({ config, clock, logger, feed });
  await using shipper = await openShipper({ config, logger, signal }, sourceIn(collector));
  const registry = createOwnMetrics(VERSION);
  addCollectorMetrics(registry, collector);
  addShipperMetrics(registry, shipper);
  const counts = addHttpMetrics(registry);
  const { views } = collector;
  const live = createLiveState(views, collector.intervalMs);
  const { history } = shipper;
  if (history === undefined) throw new TypeError("the demonstration has no embedded history");
  const playWire = createWirePlayer(options.wire, brokers.faults);
  const wirePlayer = (nowMs: number): void => playWire(nowMs - options.liveMs);
  const scorecard = createScorecard({ cluster: world.scenario.cluster, live, script: scriptOf(world, seconds) });
  const announcement = () => announcementOf(world, seed);
  const handlers = [
    createHealthHandler(async () => collector.readiness()),
    createMetricsHandler({ clusters: views, own: () => registry.metrics() }),
    ...collector.handlers,
    createPage({ live, history, nowMs: clock.nowMs, version: VERSION, announcement }),
  ];
  const ends: Actor = async (stop) => {
    say(
      `Look at http://127.0.0.1:${port}/ ${seconds === undefined ? "(Ctrl-C ends it)" : `(ends after ${seconds} s)`}\n`,
    );
    await sleep(seconds === undefined ? FOREVER_MS : seconds * 1_000, stop);
    length.abort();
  };
  const actors = [collector.run, shipper.run, playing(world, scorecard, wirePlayer), ends];
  await serve({ config, logger, signal }, { served: config.collector, counts, handlers, actors });
  // Awaited here, while the history is open.
  return await scorecard.finish(history, clock.nowMs());
}

/** The longest that a timer can wait: some 24 days. */
const FOREVER_MS = 2 ** 31 - 1;

function configOf({ port, dataDir, world }: WatchOptions, { bootstrap }: Brokers): Config {
  return Config.parse({
    clusters: { [world.scenario.cluster]: { brokers: bootstrap } },
    evaluate: { interval: "1s", burrow: { offset_refresh: "1s" } },
    collector: { listen: `127.0.0.1:${port}` },
    shipper: { data_dir: dataDir },
    log: { level: "warn" },
  });
}

/** The world goes on with the clock, and the scorecard looks at what is judged. */
function playing(world: World, scorecard: Scorecard, playWire: (nowMs: number) => void): Actor {
  const nowMs = systemClock.nowMs;
  let lookedMs = 0;
  return repeating(STEP_MS, systemClock, async () => {
    world.advance(nowMs());
    playWire(nowMs());
    if (nowMs() - lookedMs < LOOK_MS) return;
    lookedMs = nowMs();
    scorecard.look(playedNow(world), nowMs());
  });
}

/** Faults of groups that begin while somebody watches, or have begun and last: not those of the past alone, nor of later. */
function scriptOf({ scenario }: World, seconds: number | undefined): readonly ScriptedIncident[] {
  const lengthMs = seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1_000;
  return scenario.faults.flatMap(({ fault, group, atMs, forMs = 0 }) => {
    const cause = WORLD_FAULTS.get(fault)?.cause;
    const isWatched = atMs + forMs > 0 && atMs < lengthMs;
    return group === undefined || cause === undefined || !isWatched ? [] : [{ group, cause }];
  });
}

function playedNow(world: World): readonly PlayedIncident[] {
  return world.truth.conditionsAt(world.nowMs());
}

function announcementOf(world: World, seed: number): Announcement {
  const { cluster } = world.scenario;
  const incidents = playedNow(world).flatMap(({ group, cause, fromMs: sinceMs }) => {
    const label = playedAs(cause)?.label;
    return label === undefined ? [] : [{ cluster, group, label, sinceMs }];
  });
  return {
    title: "This is a simulated cluster.",
    text: `Brokers, producers and consumers are made up from the seed ${seed}; collector, shipper, history and this page are real.`,
    incidents,
  };
}
