/**
 * # tidemark collector: Kafka -> /v3, /v4, /metrics
 */

import { createHealthHandler } from "../collector/http/health.ts";
import { createMetricsHandler } from "../collector/http/metrics.ts";
import { systemClock } from "../runtime/clock.ts";
import { clockRemarks } from "./clock-remarks.ts";
import { createCollector } from "./collector.ts";
import { addHttpMetrics } from "./http-metrics.ts";
import { metricSets } from "./metric-sets.ts";
import { addCollectorMetrics, createOwnMetrics } from "./own-metrics.ts";
import { createReloading } from "./reload.ts";
import { addReloadMetrics, reloadRemarks } from "./reload-stats.ts";
import type { FileContext } from "./serve.ts";
import { serve } from "./serve.ts";
import { VERSION } from "./version.ts";

export async function runCollector(context: FileContext): Promise<void> {
  const collector = createCollector({ ...context, clock: systemClock });
  const reloading = createReloading({ ...context, collector });
  const registry = createOwnMetrics(VERSION);
  const counts = addHttpMetrics(registry);
  addReloadMetrics(registry, reloading.stats);
  addCollectorMetrics(registry, collector);
  const handlers = [
    createHealthHandler(collector.readiness, () => [
      ...clockRemarks(collector.clockHeldBackMs()),
      ...reloadRemarks(reloading.stats()),
    ]),
    createMetricsHandler({
      clusters: collector.views,
      own: () => registry.metrics(),
      ...metricSets(context.config.collector, collector.ticks),
    }),
    ...collector.handlers,
  ];
  await serve(context, { served: context.config.collector, counts, handlers, actors: [collector.run, reloading.run] });
}
