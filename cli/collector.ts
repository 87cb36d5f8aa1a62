/**
 * # Wiring of the collector: clusters, ticks, feed, interfaces
 */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { ClusterConfig } from "../collector/config.ts";
import type { Deploys } from "../collector/deploys/deploy-file.ts";
import { openDeploys } from "../collector/deploys/deploy-file.ts";
import { createObjectives } from "../collector/evaluate/objectives.ts";
import type { WritableFeed } from "../collector/feed/feed.ts";
import { createFeed } from "../collector/feed/feed.ts";
import type { ClusterView } from "../collector/http/cluster-view.ts";
import { createDeploysHandler } from "../collector/http/deploys.ts";
import type { Readiness } from "../collector/http/health.ts";
import type { V3Options } from "../collector/http/v3.ts";
import { createV3Handler } from "../collector/http/v3.ts";
import { createV4Handler } from "../collector/http/v4.ts";
import type { Clock } from "../runtime/clock.ts";
import { sleep } from "../runtime/clock.ts";
import type { HttpHandler } from "../runtime/http/answer.ts";
import type { Actor } from "../runtime/lifecycle.ts";
import { repeating, runTogether } from "../runtime/lifecycle.ts";
import type { Logger } from "../runtime/logger.ts";
import { setLogLevel } from "../runtime/logger.ts";
import { matchesName } from "../runtime/name-pattern.ts";
import type { SteadyClock } from "../runtime/steady-clock.ts";
import { createSteadyClock } from "../runtime/steady-clock.ts";
import type { Config } from "./config.ts";
import { clustersOf } from "./config.ts";
import type { Fleet, PreparedClusters } from "./fleet.ts";
import { createFleet } from "./fleet.ts";
import type { TickStats } from "./tick.ts";
import { createTicker } from "./tick.ts";
import { VERSION } from "./version.ts";
import type { Watched } from "./watched.ts";
import { watch } from "./watched.ts";

const FEED_AGE_MS_MAX = 1_800_000;
/** Some 20 times as much as text: what a shipper can hold. */
const FEED_ANSWER_BYTES_MAX = 4_194_304;
const OFFSETS_TOPIC = "__consumer_offsets";

export interface Collector {
  readonly run: Actor;
  /** Live: a reload changes it in place. */
  readonly clusters: readonly Watched[];
  /** The same, live too. */
  readonly views: readonly ClusterView[];
  /** Times that a cluster was begun anew since watching it had failed; absent: never. */
  readonly failures: Fleet["failures"];
  readonly feed: WritableFeed;
  readonly ticks: TickStats;
  /** How often the wall clock was put ahead or back. */
  readonly clockJumps: SteadyClock["jumps"];
  /** By how much the wall clock is ahead and not followed yet. */
  readonly clockHeldBackMs: SteadyClock["heldBackMs"];
  readonly handlers: readonly HttpHandler[];
  readonly readiness: () => Readiness;
  /** Time between two ticks, now. */
  readonly intervalMs: () => number;
  /**
   * To take over what needs no restart: clusters, what they watch, objectives, the time between ticks. Windows stay, and nothing
   * changes before it is applied. Throws where a cluster cannot be opened.
   */
  readonly prepare: (wanted: Config) => PreparedClusters;
}

export interface CollectorOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ticks are appended to it; one of its own where it is not given. */
  readonly feed?: WritableFeed;
}

export function createCollector(given: CollectorOptions): Collector {
  const clock = createSteadyClock(given.clock);
  const options = { ...given, clock };
  const { config } = options;
  let current = config;
  const objectivesOf = (wanted: Config) => createObjectives(wanted.objectives, matchesName);
  let objectives = objectivesOf(config);
  const objectiveMsOf = (group: string) => objectives(group);
  const open = (cluster: string, one: ClusterConfig): Watched => watch({ ...options, objectiveMsOf }, cluster, one);
  const fleet = createFleet({ open, sleep, clock, logger: options.logger }, clustersOf(config));
  const { views } = fleet;
  const feed = options.feed ?? openFeed({ bytesMax: config.collector.feed_bytes_max, ageMsMax: FEED_AGE_MS_MAX });
  const ticks: TickStats = { ticks: 0, skipped: 0, lastMs: 0 };
  const deploys = deploysOf(options);
  const takeDeploys = () => (deploys.kind === "kept" ? deploys.book.takeUntold() : []);
  const ticking = { clusters: views, feed, intervalMs: config.evaluate.interval, clock, stats: ticks, takeDeploys };
  const ticker = createTicker(ticking);
  const sampler = repeating(config.evaluate.burrow.offset_refresh, clock, async () => {
    for (const { state } of views) state.sampleBurrow();
  });
  return {
    run: (signal) => runTogether([ticker, sampler, fleet.run], signal),
    clusters: fleet.watched,
    views,
    failures: fleet.failures,
    feed,
    ticks,
    clockJumps: clock.jumps,
    clockHeldBackMs: clock.heldBackMs,
    handlers: [
      createDeploysHandler({ clusters: views, deploys, hasToken: config.collector.token_file !== undefined }),
      createV4Handler({ clusters: views, feed, version: VERSION }),
      createV3Handler(
        views,
        v3OptionsOf(options, () => current.clusters),
      ),
    ],
    readiness: () => readinessOf(views),
    intervalMs: () => ticking.intervalMs,
    prepare: (wanted) => {
      const prepared = fleet.prepare(clustersOf(wanted));
      return {
        apply: async () => {
          const changes = await prepared.apply();
          current = wanted;
          objectives = objectivesOf(wanted);
          if (config.collector.record.dir === undefined) ticking.intervalMs = wanted.evaluate.interval;
          for (const { state } of views) state.touch();
          return changes;
        },
      };
    },
  };
}

/** What /v3 tells of the configuration, and what it changes. */
function v3OptionsOf({ config, logger }: CollectorOptions, clustersNow: () => Config["clusters"]): V3Options {
  const { window, burrow } = config.evaluate;
  return {
    settings: {
      listen: config.collector.listen,
      logLevel: () => logger.level,
      window,
      minDistanceMs: burrow.min_distance,
      expireGroupMs: burrow.expire_group,
      clientOf: (cluster) => {
        const clusters = clustersNow();
        const one = Object.hasOwn(clusters, cluster) ? clusters[cluster] : undefined;
        if (one === undefined) return undefined;
        const { tls, sasl, source } = one;
        const user = sasl && ("username" in sasl ? { username: sasl.username } : {});
        return { tls, sasl: user, offsetsTopic: source === "polling" ? "" : OFFSETS_TOPIC };
      },
    },
    writes: {
      hasToken: config.collector.token_file !== undefined,
      setLogLevel: (level) => {
        const told = { event: "log.level_set", from: logger.level, to: level };
        logger.warn(told, "the log level was set over HTTP; a restart takes the configured one");
        setLogLevel(logger, level);
      },
    },
  };
}

/** Whoever deploys relies on finding it again: without a disk none is taken. */
function deploysOf({ config, clock, logger }: CollectorOptions): Deploys {
  const { data_dir: dataDir } = config.collector;
  return dataDir === undefined
    ? { kind: "none", reason: "deploys are kept on disk, and there is no collector.data_dir" }
    : openDeploys(join(dataDir, "deploys.json"), { logger, untoldSinceMs: clock.nowMs() - FEED_AGE_MS_MAX });
}

export function openFeed(limits: { readonly bytesMax: number; readonly ageMsMax: number }): WritableFeed {
  return createFeed({
    run: randomBytes(6).toString("hex"),
    answerBytesMax: FEED_ANSWER_BYTES_MAX,
    sleep,
    ...limits,
  });
}

/** One cluster that is away must not take the others out of service: what is not worth showing is named, and says so itself. */
function readinessOf(views: readonly ClusterView[]): Readiness {
  const reasons = views.flatMap((view) => {
    const condition = view.condition();
    return condition.kind === "ok" ? [] : [`cluster ${view.cluster} is ${condition.kind}: ${condition.reason}`];
  });
  return { ready: views.length === 0 || reasons.length < views.length, reasons };
}
