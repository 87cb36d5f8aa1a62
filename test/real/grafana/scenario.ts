/**
 * # A shop in trouble: what the boards are shown with
 *
 * The topics and groups of the demonstration, and troubles at chosen times before the moment at which somebody looks: some are over, five
 * go on. Whoever looks at 03:00 has to find these five, since when, and why.
 *
 *     minutes before   order-emails       22         its members have ended
 *                      stock-sync         47         one partition is stuck
 *                      fraud-scoring      35         its members do a twentieth of what they can
 *                      ledger-archive     30         the topic's retention is shorter than its delay
 *                      ledger-writer      9          a transaction stays open
 *                      checkout-events    100 to 78  more is produced than it can read
 *                      recommendations    150 to 138 a rebalance storm
 *                      search-indexer     62         offsets were set back
 *                      audit-trail        125        a deploy
 */

import { DEMO } from "../../../simulator/scenario/demo.ts";
import { fault, group } from "../../../simulator/scenario/spec.ts";
import type { FaultSpec, Scenario } from "../../../simulator/world/specs.ts";

const MINUTE_MS = 60_000;
/** Commits are so many times slower than in the demonstration: one in six seconds. */
const PACE = 3;

interface Span {
  readonly from: number;
  /** Undefined: it goes on, for as long as anybody looks. */
  readonly until?: number;
  /** It happens at once. */
  readonly isInstant?: boolean;
}

function trouble(name: string, { from, until = -600, isInstant }: Span, more: Partial<FaultSpec>): FaultSpec {
  const lasts = isInstant === true ? {} : { forMs: (from - until) * MINUTE_MS };
  return fault(name, -from * MINUTE_MS, { ...lasts, ...more });
}

const TROUBLES: readonly FaultSpec[] = [
  trouble("stop-group", { from: 22 }, { group: "order-emails" }),
  trouble("stuck-partition", { from: 47 }, { group: "stock-sync", topic: "inventory", partition: 2 }),
  trouble("slow-consumer", { from: 35 }, { group: "fraud-scoring", amount: 0.05 }),
  trouble("short-retention", { from: 30 }, { group: "ledger-archive", topic: "ledger", amount: 90_000 }),
  trouble("hanging-transaction", { from: 9 }, { group: "ledger-writer" }),
  trouble("producer-burst", { from: 100, until: 78 }, { group: "checkout-events", topic: "clicks", amount: 5 }),
  trouble("rebalance-storm", { from: 150, until: 138 }, { group: "recommendations", amount: 20_000 }),
  trouble("rewind", { from: 62, isInstant: true }, { group: "search-indexer", amount: 20_000 }),
  trouble("deploy", { from: 125, isInstant: true }, { group: "audit-trail", name: "release 42" }),
];

/** `names`: of groups that read too, whatever is in their names. */
export function shopInTrouble(names: readonly string[] = []): Scenario {
  const more = names.map((name) => group(name, ["shipments"], 400, { commitEveryMs: 4_000, members: 1 }));
  return { ...DEMO, cluster: "shop", groups: [...DEMO.groups, ...more], faults: TROUBLES, pastPace: PACE };
}
