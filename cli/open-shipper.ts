/**
 * # A shipper from the configuration, and what it says of its readiness
 */

import { hostname } from "node:os";
import type { Readiness } from "../collector/http/health.ts";
import type { Feed } from "../collector/model/feed.ts";
import type { CollectorReport } from "../shipper/deliver/heartbeat.ts";
import type { Shipper } from "../shipper/shipper.ts";
import { createShipper } from "../shipper/shipper.ts";
import { jittered } from "../shipper/source/jitter.ts";
import type { Collector } from "./collector.ts";
import type { CommandContext } from "./serve.ts";

const SINK_GRACE_MS = 5_000;

/** Where ticks come from. */
export interface ShipperSource {
  readonly feed: Feed;
  /** What a heartbeat says of it; absent: there is none. */
  readonly known?: {
    readonly isUp: () => boolean;
    readonly collector: () => CollectorReport | undefined;
  };
}

/** Of a collector in this process, which never is away. */
export function sourceIn({ feed, ticks }: Pick<Collector, "feed" | "ticks">): ShipperSource {
  return { feed, known: { isUp: () => true, collector: () => ticks } };
}

/** `graceMs`: for what is under way when it is told to stop. */
export function openShipper(
  { config, logger }: CommandContext,
  { feed, known }: ShipperSource,
  graceMs: number = SINK_GRACE_MS,
): Promise<Shipper> {
  const { jitter: jitterMs, spool, instance = hostname() } = config.shipper;
  const { bytes_max, age_max: ageMsMax, free_disk_min: freeDiskMin, removed_sink_max: removedMsMax } = spool;
  return createShipper({
    feed: jitterMs > 0 ? jittered(feed, { jitterMs, random: Math.random }) : feed,
    ...(known === undefined ? {} : { heartbeat: { instance, isSourceUp: known.isUp, collector: known.collector } }),
    dataDir: config.shipper.data_dir,
    spoolBytesMax: bytes_max,
    spoolLimits: { ageMsMax, freeDiskMin, removedMsMax },
    sinks: config.sinks,
    random: Math.random,
    logger,
    graceMs,
  });
}

/** Without a spool nothing is kept: the one thing a shipper is for. A sink that is down is not a reason. */
export async function shipperReadiness(shipper: Shipper): Promise<Readiness> {
  const { health } = (await shipper.stats()).spool;
  if (health.kind !== "unavailable") return { ready: true, reasons: [] };
  return { ready: false, reasons: [`the spool cannot be written: ${health.why}; ticks wait in the feed`] };
}
