/**
 * # The demonstration: a shop, its twenty groups, and eight incidents that come and go
 *
 * In the first minute all eight are played, so that whoever looks sees each of them; then each comes again at a period of its
 * own, with quiet times between. The six hours before had the same trouble, at a tenth of the pace.
 *
 * Most commit every two seconds, so that a window of ten commits is twenty seconds and a verdict is there before the reader has
 * found the chart. It is half as often as end offsets are sampled: with two commits on one sample, a lag that only grows would
 * seem to shrink. For the same reason who falls behind does so by far. Who is to be rewound, or to come near the log start, reads
 * with a delay: it is always a little behind.
 */

import type { FaultSpec, GroupSpec, Scenario, TopicSpec } from "../world/specs.ts";
import { fault, group, topic } from "./spec.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

const constant = (perSecond: number) => ({ kind: "constant", perSecond }) as const;
const diurnal = (perSecond: number, swing = 0.4) =>
  ({ kind: "diurnal", perSecond, swing, periodMs: 3 * HOUR_MS }) as const;

/** Short, so that the log start of a topic moves while somebody watches. */
const SHORT = { retentionMs: 20 * MINUTE_MS, segmentMs: 5 * SECOND_MS, checkEveryMs: 2 * SECOND_MS };

const TOPICS: readonly TopicSpec[] = [
  topic("orders", 6, diurnal(240)),
  topic("payments", 6, diurnal(150)),
  topic("clicks", 8, diurnal(600, 0.6)),
  topic("inventory", 4, constant(80)),
  topic("shipments", 3, constant(40)),
  topic("emails", 3, constant(60)),
  topic("audit", 4, constant(90)),
  topic("ledger", 4, constant(120), { retention: SHORT }),
  topic("prices", 2, constant(30), { isCompacted: true }),
  topic("nightly-export", 2, { kind: "batch", records: 20_000, everyMs: 30 * MINUTE_MS }),
  topic("feature-flags", 1, { kind: "idle" }),
  topic("sensor-data", 4, { kind: "bursty", perSecond: 20, burstPerSecond: 300, burstMs: 20_000, everyMs: 180_000 }),
];

const OFTEN = { commitEveryMs: 2 * SECOND_MS };

const GROUPS: readonly GroupSpec[] = [
  // Who is in trouble now and then.
  group("checkout-events", ["clicks"], 700, { ...OFTEN, members: 2 }),
  group("fraud-scoring", ["payments"], 400, { ...OFTEN, members: 2 }),
  group("order-emails", ["emails"], 300, { ...OFTEN, members: 1 }),
  group("stock-sync", ["inventory"], 300, { ...OFTEN, members: 2 }),
  group("search-indexer", ["orders"], 150, { ...OFTEN, members: 3, delayMs: 3 * SECOND_MS }),
  group("recommendations", ["orders", "shipments"], 500, { ...OFTEN, members: 3, kind: "consumer" }),
  group("ledger-writer", ["payments"], 500, { ...OFTEN, members: 2, isTransactional: true }),
  group("ledger-archive", ["ledger"], 100, { ...OFTEN, members: 2, delayMs: 40 * SECOND_MS }),
  // Who is well.
  group("orders-enrichment", ["orders"], 400, { ...OFTEN, members: 3 }),
  group("payments-settlement", ["payments"], 400, { ...OFTEN, members: 2, isStatic: true }),
  group("clickstream-sessions", ["clicks"], 900, { ...OFTEN, members: 4, kind: "consumer" }),
  group("warehouse-router", ["shipments", "inventory"], 400, { ...OFTEN, members: 2 }),
  group("connect-s3-sink", ["audit", "clicks"], 1_500, { commitEveryMs: 10 * SECOND_MS, members: 2 }),
  group("price-cache", ["prices"], 300, { ...OFTEN, members: 1 }),
  group("flag-watcher", ["feature-flags"], 100, { ...OFTEN, members: 1 }),
  group("nightly-report", ["nightly-export"], 2_000, { commitEveryMs: 2 * SECOND_MS, members: 1 }),
  group("sensor-rollup", ["sensor-data"], 400, { ...OFTEN, members: 2 }),
  group("flink-revenue", ["orders", "payments"], 2_000, { kind: "simple", commitEveryMs: 15 * SECOND_MS, members: 1 }),
  group("audit-trail", ["audit"], 300, { ...OFTEN, members: 2, kind: "consumer" }),
  group("customer-360", ["orders", "payments", "emails"], 900, { ...OFTEN, members: 3 }),
];

interface Incident extends Partial<FaultSpec> {
  readonly fault: string;
  /** Of the first time; by its place in the list where it is not given. */
  readonly firstMs?: number;
  /** After the first minute it comes again so often. */
  readonly periodMs: number;
}

/** In the order in which they begin. The periods share few multiples, so that troubles rarely come together again. */
const INCIDENTS: readonly Incident[] = [
  { fault: "stop-group", group: "order-emails", periodMs: 290 * SECOND_MS },
  { fault: "rebalance-storm", group: "recommendations", amount: 4_000, periodMs: 430 * SECOND_MS },
  { fault: "hanging-transaction", group: "ledger-writer", periodMs: 370 * SECOND_MS },
  { fault: "producer-burst", group: "checkout-events", topic: "clicks", amount: 10, periodMs: 310 * SECOND_MS },
  { fault: "slow-consumer", group: "fraud-scoring", amount: 0.04, periodMs: 350 * SECOND_MS },
  { fault: "stuck-partition", group: "stock-sync", topic: "inventory", partition: 2, periodMs: 410 * SECOND_MS },
  // Log starts are asked for once a minute: it has begun when the watching begins, and lasts for longer than that.
  {
    fault: "short-retention",
    group: "ledger-archive",
    topic: "ledger",
    amount: 47_000,
    firstMs: -50 * SECOND_MS,
    forMs: 110 * SECOND_MS,
    periodMs: 470 * SECOND_MS,
  },
  { fault: "rewind", group: "search-indexer", amount: 4_000, forMs: 8_000, periodMs: 330 * SECOND_MS },
];

const FIRST_MS = 4 * SECOND_MS;
const APART_MS = 2 * SECOND_MS;
const LASTS_MS = 40 * SECOND_MS;
const PAST_PACE = 10;

function played(incident: Incident, index: number): readonly FaultSpec[] {
  const { fault: name, periodMs, firstMs = FIRST_MS + index * APART_MS, ...more } = incident;
  const live = fault(name, firstMs, { forMs: LASTS_MS, ...more, everyMs: periodMs });
  return [live, ...past(name, { ...more, forMs: (more.forMs ?? LASTS_MS) * PAST_PACE }, index)];
}

/** Three times in six hours, each at another time of day. */
function past(name: string, more: Partial<FaultSpec>, index: number): readonly FaultSpec[] {
  const amount = PAST_AMOUNTS.get(name) ?? more.amount;
  return [5.6, 3.7, 1.6].map((hours) => fault(name, -hours * HOUR_MS + index * 11 * MINUTE_MS, { ...more, amount }));
}

/** Times that follow the pace. */
const PAST_AMOUNTS: ReadonlyMap<string, number> = new Map([
  ["rebalance-storm", 40_000],
  ["short-retention", 90_000],
]);

export const DEMO: Scenario = {
  cluster: "demo",
  brokers: 3,
  offsetsPartitions: 12,
  topics: TOPICS,
  groups: GROUPS,
  faults: INCIDENTS.flatMap(played),
  pastPace: PAST_PACE,
};
