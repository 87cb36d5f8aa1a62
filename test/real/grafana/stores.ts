/**
 * # Three real stores, filled with the same recorded stretch
 *
 * Elasticsearch and InfluxDB by the shipper's own sinks. Prometheus gets every third tick, about as it scrapes, and beside it what a
 * collector and a shipper say of their own processes, scraped from a running demonstration.
 */

import type { Point } from "../../../shipper/schema/point.ts";
import type { Scenario } from "../../../simulator/world/specs.ts";
import { type Filled, startFilled } from "../boards/filled.ts";
import { createOpenMetrics } from "../boards/open-metrics.ts";
import { recordStretch, TICK_MS } from "../boards/recorded.ts";
import { createBeats } from "./heartbeats.ts";

const SCRAPED_EVERY_MS = 3 * TICK_MS;

export interface FillOptions {
  readonly scenario: Scenario;
  readonly fromMs: number;
  readonly toMs: number;
  /** `/metrics` of a running product, scraped once a second: host and port. */
  readonly scraped?: string;
}

export async function startFilledStores(options: FillOptions): Promise<Filled> {
  const { scenario, fromMs, toMs } = options;
  const openMetrics = createOpenMetrics();
  const beats = createBeats({ fromMs, toMs });
  const points: Point[] = [];
  recordStretch({ scenario, seed: 7, fromMs, toMs }, (tick) => {
    const groups = tick.points.filter(({ kind }) => kind === "group").length;
    points.push(...tick.points, ...beats.beat(tick.atMs, { points: tick.points.length, groups }));
    if (tick.atMs % SCRAPED_EVERY_MS === 0) openMetrics.add(tick.atMs, tick.exposition);
  });
  return startFilled({ points, history: openMetrics.text(), scraped: options.scraped });
}
