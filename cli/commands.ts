/**
 * # The commands that run a process
 *
 *     collector   Kafka -> /v3, /v4, /metrics
 *     shipper     a collector's feed -> spool -> sinks
 *     all         both in one process, and the page
 *
 * Each is resources, handlers and actors; `serve` runs them until told to stop.
 */

import type { Readiness } from "../collector/http/health.ts";
import { createHealthHandler } from "../collector/http/health.ts";
import { createMetricsHandler } from "../collector/http/metrics.ts";
import type { Feed } from "../collector/model/feed.ts";
import { systemClock } from "../runtime/clock.ts";
import type { HttpHandler } from "../runtime/http/answer.ts";
import { startHttpServer } from "../runtime/http/server.ts";
import type { Actor } from "../runtime/lifecycle.ts";
import { runTogether } from "../runtime/lifecycle.ts";
import type { Logger } from "../runtime/logger.ts";
import { secretFromFile } from "../runtime/secret.ts";
import type { Shipper } from "../shipper/shipper.ts";
import { createShipper } from "../shipper/shipper.ts";
import { createHttpFeed } from "../shipper/source/http.ts";
import { createPage } from "../web/page.ts";
import type { Collector } from "./collector.ts";
import { createCollector } from "./collector.ts";
import type { Config } from "./config.ts";
import { accessOf } from "./config.ts";
import { createLiveState } from "./live-state.ts";
import { addCollectorMetrics, addShipperMetrics, createOwnMetrics } from "./own-metrics.ts";
import { VERSION } from "./version.ts";

const SINK_GRACE_MS = 5_000;

export interface CommandContext {
  readonly config: Config;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export async function runCollector(context: CommandContext): Promise<void> {
  const collector = createCollector({ ...context, clock: systemClock });
  const registry = createOwnMetrics(VERSION);
  addCollectorMetrics(registry, collector);
  const handlers = [
    createHealthHandler(collector.readiness),
    createMetricsHandler({ clusters: viewsOf(collector), own: () => registry.metrics() }),
    ...collector.handlers,
  ];
  await serve(context, { served: context.config.collector, handlers, actors: [collector.run] });
}

export async function runShipper(context: CommandContext): Promise<void> {
  await using shipper = await openShipper(context, remoteFeed(context));
  const registry = createOwnMetrics(VERSION);
  addShipperMetrics(registry, shipper);
  const handlers = [
    createHealthHandler(() => shipperReadiness(shipper)),
    createMetricsHandler({ clusters: [], own: () => registry.metrics() }),
  ];
  await serve(context, { served: context.config.shipper, handlers, actors: [shipper.run] });
}

export async function runAll(context: CommandContext): Promise<void> {
  const { config } = context;
  const collector = createCollector({ ...context, clock: systemClock });
  await using shipper = await openShipper(context, collector.feed);
  const registry = createOwnMetrics(VERSION);
  addCollectorMetrics(registry, collector);
  addShipperMetrics(registry, shipper);
  const views = viewsOf(collector);
  const live = createLiveState(views, config.evaluate.interval);
  const readiness = async () => both(collector.readiness(), await shipperReadiness(shipper));
  const handlers = [
    createHealthHandler(readiness),
    createMetricsHandler({ clusters: views, own: () => registry.metrics() }),
    ...collector.handlers,
    ...(shipper.history === undefined
      ? []
      : [createPage({ live, history: shipper.history, nowMs: systemClock.nowMs, version: VERSION })]),
  ];
  await serve(context, { served: config.collector, handlers, actors: [collector.run, shipper.run] });
}

/** Without a spool nothing is kept: the one thing a shipper is for. A sink that is down is not a reason. */
async function shipperReadiness(shipper: Shipper): Promise<Readiness> {
  const { health } = (await shipper.stats()).spool;
  if (health.kind !== "unavailable") return { ready: true, reasons: [] };
  return { ready: false, reasons: [`the spool cannot be written: ${health.why}; ticks wait in the feed`] };
}

function both(one: Readiness, other: Readiness): Readiness {
  return { ready: one.ready && other.ready, reasons: [...one.reasons, ...other.reasons] };
}

function viewsOf({ clusters }: Collector) {
  return clusters.map(({ view }) => view);
}

function openShipper({ config, logger }: CommandContext, feed: Feed): Promise<Shipper> {
  return createShipper({
    feed,
    dataDir: config.shipper.data_dir,
    spoolBytesMax: config.shipper.spool.bytes_max,
    sinks: config.sinks,
    random: Math.random,
    logger,
    graceMs: SINK_GRACE_MS,
  });
}

function remoteFeed({ config, logger }: CommandContext): Feed {
  const { from, from_token_file: tokenFile } = config.shipper;
  const { host, port } = config.collector.listen;
  return createHttpFeed({
    from: from ?? `http://${host}:${port}`,
    token: tokenFile === undefined ? undefined : secretFromFile(tokenFile),
    random: Math.random,
    logger,
  });
}

interface Served {
  readonly served: Pick<Config["collector"], "listen" | "token_file" | "insecure">;
  readonly handlers: readonly HttpHandler[];
  readonly actors: readonly Actor[];
}

async function serve({ logger, signal }: CommandContext, { served, handlers, actors }: Served): Promise<void> {
  await using server = await startHttpServer({ listen: served.listen, access: accessOf(served), handlers, logger });
  const { host, port } = server.address;
  logger.info({ event: "http.listening", host, port }, `listening on http://${host}:${port}/`);
  await runTogether(actors, signal);
}
