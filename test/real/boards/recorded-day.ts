/**
 * # A day of a small shop, as a collector would have seen it
 *
 * Three groups, and what happens to them: one stops and catches up, one has a stuck partition, one is too slow for hours, one is set
 * back, and data is lost unread. Recorded from a simulated world: a tick each ten seconds, a commit each minute.
 */

import { fault, group, topic } from "../../../simulator/scenario/spec.ts";
import type { Scenario } from "../../../simulator/world/specs.ts";
import type { Filled } from "./filled.ts";
import { startFilled } from "./filled.ts";
import { createOpenMetrics } from "./open-metrics.ts";
import { recordStretch } from "./recorded.ts";

const HOUR_MS = 3_600_000;
const FROM_MS = Date.UTC(2026, 2, 2);
export const DAY = { fromMs: FROM_MS, toMs: FROM_MS + 24 * HOUR_MS - 1 };
const SEED = 20_260_302;

const hours = (atHour: number, forHours: number) => [(atHour - 24) * HOUR_MS, { forMs: forHours * HOUR_MS }] as const;

function trouble(name: string, [atMs, lasts]: ReturnType<typeof hours>, more: Parameters<typeof fault>[2]) {
  return fault(name, atMs, { ...lasts, ...more });
}

const SHORT = { retentionMs: 2 * HOUR_MS, segmentMs: HOUR_MS / 4, checkEveryMs: 60_000 };

const SHOP: Scenario = {
  cluster: "shop",
  brokers: 3,
  offsetsPartitions: 4,
  topics: [
    topic("orders", 3, { kind: "constant", perSecond: 20 }),
    topic("clicks", 2, { kind: "diurnal", perSecond: 10, swing: 0.5, periodMs: 24 * HOUR_MS }, { retention: SHORT }),
  ],
  groups: [
    group("biller", ["orders"], 40),
    group("mailer", ["orders", "clicks"], 60, { kind: "consumer" }),
    group("archive", ["clicks"], 30, { members: 1, delayMs: 60_000 }),
  ],
  faults: [
    trouble("stop-group", hours(2, 1), { group: "biller" }),
    trouble("stuck-partition", hours(6, 2), { group: "mailer", topic: "orders", partition: 1 }),
    trouble("slow-consumer", hours(10, 3), { group: "biller", amount: 0.2 }),
    trouble("stop-group", hours(15, 4), { group: "archive" }),
    fault("rewind", -2 * HOUR_MS, { group: "mailer", amount: 5_000 }),
  ],
  pastPace: 12,
};

export async function startRecordedDay(): Promise<Filled> {
  const openMetrics = createOpenMetrics();
  const points: Parameters<typeof startFilled>[0]["points"][number][] = [];
  recordStretch({ scenario: SHOP, seed: SEED, ...DAY }, (tick) => {
    points.push(...tick.points);
    openMetrics.add(tick.atMs, tick.exposition);
  });
  return startFilled({ points, history: openMetrics.text() });
}
