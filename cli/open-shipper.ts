/**
 * # A shipper from the configuration, and what it says of its readiness
 */

import type { Readiness } from "../collector/http/health.ts";
import type { Feed } from "../collector/model/feed.ts";
import type { Shipper } from "../shipper/shipper.ts";
import { createShipper } from "../shipper/shipper.ts";
import { jittered } from "../shipper/source/jitter.ts";
import type { CommandContext } from "./serve.ts";

const SINK_GRACE_MS = 5_000;

/** `graceMs`: for what is under way when it is told to stop. */
export function openShipper(
  { config, logger }: CommandContext,
  feed: Feed,
  graceMs: number = SINK_GRACE_MS,
): Promise<Shipper> {
  const { jitter: jitterMs, spool } = config.shipper;
  const { bytes_max, age_max: ageMsMax, free_disk_min: freeDiskMin, removed_sink_max: removedMsMax } = spool;
  return createShipper({
    feed: jitterMs > 0 ? jittered(feed, { jitterMs, random: Math.random }) : feed,
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
