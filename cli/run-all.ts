/**
 * # tidemark all: collector and shipper in one process, and the page
 */

import type { Readiness } from "../collector/http/health.ts";
import { createHealthHandler } from "../collector/http/health.ts";
import { createMetricsHandler } from "../collector/http/metrics.ts";
import { systemClock } from "../runtime/clock.ts";
import { createPage } from "../web/page.ts";
import { clockRemarks } from "./clock-remarks.ts";
import { createCollector } from "./collector.ts";
import { addHttpMetrics } from "./http-metrics.ts";
import { createLiveState } from "./live-state.ts";
import { metricSets } from "./metric-sets.ts";
import { openShipper, shipperReadiness, sourceIn } from "./open-shipper.ts";
import { addCollectorMetrics, createOwnMetrics } from "./own-metrics.ts";
import { createReloading } from "./reload.ts";
import { addReloadMetrics, reloadRemarks } from "./reload-stats.ts";
import type { FileContext } from "./serve.ts";
import { serve } from "./serve.ts";
import { addShipperMetrics } from "./shipper-metrics.ts";
import { VERSION } from "./version.ts";

export async function runAll(context: FileContext): Promise<void> {
  const { config } = context;
  const collector = createCollector({ ...context, clock: systemClock });
  await using shipper = await openShipper(context, sourceIn(collector));
  const reloading = createReloading({ ...context, collector, shipper });
  const registry = createOwnMetrics(VERSION);
  const counts = addHttpMetrics(registry);
  addReloadMetrics(registry, reloading.stats);
  addCollectorMetrics(registry, collector);
  addShipperMetrics(registry, shipper);
  const { views } = collector;
  const live = createLiveState(views, collector.intervalMs);
  const readiness = async () => both(collector.readiness(), await shipperReadiness(shipper));
  const handlers = [
    createHealthHandler(readiness, () => [
      ...clockRemarks(collector.clockHeldBackMs()),
      ...reloadRemarks(reloading.stats()),
    ]),
    createMetricsHandler({
      clusters: views,
      own: () => registry.metrics(),
      ...metricSets(config.collector, collector.ticks),
    }),
    ...collector.handlers,
    ...(shipper.history === undefined
      ? []
      : [
          createPage({
            live,
            history: shipper.history,
            nowMs: systemClock.nowMs,
            version: VERSION,
            remarks: () => reloadRemarks(reloading.stats()),
          }),
        ]),
  ];
  await serve(context, {
    served: config.collector,
    counts,
    handlers,
    actors: [collector.run, shipper.run, reloading.run],
  });
}

function both(one: Readiness, other: Readiness): Readiness {
  return { ready: one.ready && other.ready, reasons: [...one.reasons, ...other.reasons] };
}
