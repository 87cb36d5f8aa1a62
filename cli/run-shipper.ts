/**
 * # tidemark shipper: a collector's feed -> spool -> sinks
 */

import { createHealthHandler } from "../collector/http/health.ts";
import { createMetricsHandler } from "../collector/http/metrics.ts";
import { secretFromFile } from "../runtime/secret.ts";
import type { HttpFeed } from "../shipper/source/http.ts";
import { createHttpFeed } from "../shipper/source/http.ts";
import { ownUrlOf } from "./config.ts";
import { addHttpMetrics } from "./http-metrics.ts";
import { openShipper, shipperReadiness } from "./open-shipper.ts";
import { createOwnMetrics } from "./own-metrics.ts";
import { createReloading } from "./reload.ts";
import { addReloadMetrics, reloadRemarks } from "./reload-stats.ts";
import type { CommandContext, FileContext } from "./serve.ts";
import { serve } from "./serve.ts";
import { addShipperMetrics } from "./shipper-metrics.ts";
import { VERSION } from "./version.ts";

export async function runShipper(context: FileContext): Promise<void> {
  const feed = remoteFeed(context);
  const isUp = (): boolean => feed.stats().condition === "up";
  await using shipper = await openShipper(context, { feed, known: { isUp, collector: () => undefined } });
  const reloading = createReloading({ ...context, shipper });
  const registry = createOwnMetrics(VERSION);
  const counts = addHttpMetrics(registry);
  addReloadMetrics(registry, reloading.stats);
  addShipperMetrics(registry, shipper);
  const handlers = [
    createHealthHandler(
      () => shipperReadiness(shipper),
      () => reloadRemarks(reloading.stats()),
    ),
    createMetricsHandler({ clusters: [], own: () => registry.metrics() }),
  ];
  await serve(context, {
    served: context.config.shipper,
    counts,
    handlers,
    actors: [shipper.run, reloading.run],
  });
}

export function remoteFeed({ config, logger }: CommandContext): HttpFeed {
  const { from, from_token_file: tokenFile } = config.shipper;
  return createHttpFeed({
    from: from ?? ownUrlOf(config.collector),
    token: tokenFile === undefined ? undefined : secretFromFile(tokenFile),
    random: Math.random,
    logger,
  });
}
