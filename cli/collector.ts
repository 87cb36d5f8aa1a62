/**
 * # Wiring of the collector: sources, state, ticks, feed, interfaces
 */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { ClusterConfig } from "../collector/config.ts";
import type { Deploys } from "../collector/deploys/deploy-file.ts";
import { openDeploys } from "../collector/deploys/deploy-file.ts";
import { createBurrowJudge } from "../collector/evaluate/burrow.ts";
import { createVerdicts } from "../collector/evaluate/judge.ts";
import { createObjectives } from "../collector/evaluate/objectives.ts";
import { planRecordTimes } from "../collector/evaluate/plan-record-times.ts";
import type { WritableFeed } from "../collector/feed/feed.ts";
import { createFeed } from "../collector/feed/feed.ts";
import type { ClusterView } from "../collector/http/cluster-view.ts";
import { createClusterView } from "../collector/http/cluster-view.ts";
import { createDeploysHandler } from "../collector/http/deploys.ts";
import type { Readiness } from "../collector/http/health.ts";
import { createV3Handler } from "../collector/http/v3.ts";
import { createV4Handler } from "../collector/http/v4.ts";
import type { Source } from "../collector/kafka/source.ts";
import { createKafkaSource } from "../collector/kafka/source.ts";
import type { Saver } from "../collector/saved/saver.ts";
import { createSaver } from "../collector/saved/saver.ts";
import type { Recording } from "../collector/trace/record-file.ts";
import { createRecording } from "../collector/trace/record-file.ts";
import type { ClusterState } from "../collector/window/cluster-state.ts";
import { createClusterState } from "../collector/window/cluster-state.ts";
import type { Clock } from "../runtime/clock.ts";
import { sleep } from "../runtime/clock.ts";
import type { HttpHandler } from "../runtime/http/answer.ts";
import type { Actor } from "../runtime/lifecycle.ts";
import { repeating, runTogether } from "../runtime/lifecycle.ts";
import type { Logger } from "../runtime/logger.ts";
import { matchesName } from "../runtime/name-pattern.ts";
import type { SteadyClock } from "../runtime/steady-clock.ts";
import { createSteadyClock } from "../runtime/steady-clock.ts";
import type { Config } from "./config.ts";
import type { TickStats } from "./tick.ts";
import { createTicker } from "./tick.ts";
import { VERSION } from "./version.ts";

const FEED_AGE_MS_MAX = 1_800_000;
/** Some 20 times as much as text: what a shipper can hold. */
const FEED_ANSWER_BYTES_MAX = 4_194_304;
const MS_PER_SECOND = 1_000;

export interface Watched {
  readonly view: ClusterView;
  readonly source: Source;
  /** Undefined where nothing is recorded. */
  readonly recording: Recording | undefined;
  /** Undefined where no windows are saved. */
  readonly saver: Saver | undefined;
}

export interface Collector {
  readonly run: Actor;
  readonly clusters: readonly Watched[];
  readonly feed: WritableFeed;
  readonly ticks: TickStats;
  /** How often the wall clock was put ahead or back. */
  readonly clockJumps: SteadyClock["jumps"];
  /** By how much the wall clock is ahead and not followed yet. */
  readonly clockHeldBackMs: SteadyClock["heldBackMs"];
  readonly handlers: readonly HttpHandler[];
  readonly readiness: () => Readiness;
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
  const clusters = Object.entries(config.clusters).map(([cluster, one]) => watch(options, cluster, one));
  const views = clusters.map(({ view }) => view);
  const feed = options.feed ?? openFeed({ bytesMax: config.collector.feed_bytes_max, ageMsMax: FEED_AGE_MS_MAX });
  const ticks: TickStats = { ticks: 0, skipped: 0, lastMs: 0 };
  const deploys = deploysOf(options);
  const takeDeploys = () => (deploys.kind === "kept" ? deploys.book.takeUntold() : []);
  const intervalMs = config.evaluate.interval;
  const ticker = createTicker({ clusters: views, feed, intervalMs, clock, stats: ticks, takeDeploys });
  const sampler = repeating(config.evaluate.burrow.offset_refresh, clock, async () => {
    for (const { state } of views) state.sampleBurrow();
  });
  const actors = clusters.flatMap(({ source, recording, saver }) => [
    source.actor,
    ...(recording === undefined ? [] : [recording.actor]),
    ...(saver === undefined ? [] : [saver.actor]),
  ]);
  const savers = clusters.flatMap(({ saver }) => saver ?? []);
  return {
    run: async (signal) => {
      await Promise.all(savers.map((saver) => saver.restore()));
      try {
        await runTogether([ticker, sampler, ...actors], signal);
      } finally {
        await Promise.all(savers.map((saver) => saver.save()));
      }
    },
    clusters,
    feed,
    ticks,
    clockJumps: clock.jumps,
    clockHeldBackMs: clock.heldBackMs,
    handlers: [
      createDeploysHandler({ clusters: views, deploys, hasToken: config.collector.token_file !== undefined }),
      createV4Handler({ clusters: views, feed, version: VERSION }),
      createV3Handler(views),
    ],
    readiness: () => readinessOf(views),
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

function watch(options: CollectorOptions, cluster: string, clusterConfig: ClusterConfig): Watched {
  const { config, clock, logger } = options;
  const { window, burrow } = config.evaluate;
  const state = createClusterState({
    cluster,
    burrow: { intervals: window, minDistanceMs: burrow.min_distance, expireGroupMs: burrow.expire_group },
    slotsMax: config.collector.group_partitions_max,
    nowS: () => Math.floor(clock.nowMs() / MS_PER_SECOND),
  });
  const rules = { minimumComplete: burrow.minimum_complete, allowedLag: burrow.allowed_lag };
  const recording = record(options, state);
  const dataDir = config.collector.data_dir;
  const saver: Saver | undefined =
    dataDir === undefined
      ? undefined
      : createSaver({ dataDir, state, readTopic: () => source.readTopic(), clock, logger });
  const source = createKafkaSource({
    cluster,
    config: clusterConfig,
    collector: config.collector,
    offsetRefreshMs: burrow.offset_refresh,
    observer: recording?.observer ?? state,
    wantedRecordTimes: (want) => planRecordTimes(state, want),
    saved: () => saver?.restored(),
    clock,
    logger,
  });
  const view = createClusterView({
    state,
    verdicts: createVerdicts(state, rules),
    judge: createBurrowJudge(state.burrow, rules),
    reach: () => source.stats().reach,
    nowMs: clock.nowMs,
    servers: clusterConfig.brokers,
    offsetRefreshMs: burrow.offset_refresh,
    objectiveMsOf: createObjectives(config.objectives, matchesName),
  });
  return { view, source, recording, saver };
}

function record({ config, clock, logger }: CollectorOptions, state: ClusterState): Recording | undefined {
  const { dir, bytes_max: bytesMax, watermarks_every: watermarksEveryMs } = config.collector.record;
  if (dir === undefined) return undefined;
  const { interval: intervalMs, burrow } = config.evaluate;
  return createRecording({
    dir,
    bytesMax,
    watermarksEveryMs: Math.min(watermarksEveryMs, burrow.offset_refresh),
    intervalMs,
    state,
    clock,
    logger,
  });
}

function readinessOf(views: readonly ClusterView[]): Readiness {
  const reasons = views.flatMap((view) => {
    const condition = view.condition();
    return condition.kind === "ok" ? [] : [`cluster ${view.cluster} is ${condition.kind}: ${condition.reason}`];
  });
  return { ready: reasons.length === 0, reasons };
}
