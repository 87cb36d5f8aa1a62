/**
 * # Which series /metrics has beside our own, and how many at most
 */

import { BURROW } from "../collector/http/compat/burrow.ts";
import { KAFKA_EXPORTER } from "../collector/http/compat/kafka-exporter.ts";
import { createKafkaLagExporter } from "../collector/http/compat/kafka-lag-exporter.ts";
import type { SeriesSet } from "../collector/http/compat/series-set.ts";
import type { MetricsOptions } from "../collector/http/metrics.ts";
import type { Config } from "./config.ts";
import type { TickStats } from "./tick.ts";

export function metricSets(
  { compat, series_max: seriesMax }: Config["collector"],
  ticks: TickStats,
): Pick<MetricsOptions, "sets" | "seriesMax"> {
  // Named twice is named once: a family must not come twice.
  return { seriesMax, sets: [...new Set(compat)].map((name) => setOf(name, ticks)) };
}

function setOf(name: Config["collector"]["compat"][number], ticks: TickStats): SeriesSet {
  switch (name) {
    case "burrow":
      return BURROW;
    case "kafka_exporter":
      return KAFKA_EXPORTER;
    case "kafka_lag_exporter":
      return createKafkaLagExporter(() => ticks.lastMs);
  }
}
