/**
 * # A simulated story in which every alert has its incident
 *
 *     minutes  0-20   all is well: batches, an idle topic, a deploy, a rebalance
 *     minutes 20-40   each incident, in a group of its own
 *     then            nothing is written any more
 *
 * What groups do is the simulator's, judged by the code that runs live. What a simulated cluster cannot have is written beside it: a
 * broker that is away, and what a shipper says of itself.
 */

import { selfPoints } from "../../../shipper/encode/self.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import { fault, group, topic } from "../../../simulator/scenario/spec.ts";
import type { Scenario } from "../../../simulator/world/specs.ts";
import { playedPoints } from "./played-points.ts";

export const MINUTE_MS = 60_000;
export const CLUSTER = "prod";
const QUIET_MS = 20 * MINUTE_MS;
export const STORY_MS = 40 * MINUTE_MS;

const SECOND_MS = 1_000;
const constant = { kind: "constant", perSecond: 60 } as const;
const RETENTION = { retentionMs: 8 * MINUTE_MS, segmentMs: 5 * SECOND_MS, checkEveryMs: 2 * SECOND_MS };
/** From the end of the story. */
const at = (minute: number) => minute * MINUTE_MS - STORY_MS;

const SCENARIO: Scenario = {
  cluster: CLUSTER,
  brokers: 3,
  offsetsPartitions: 4,
  pastPace: 1,
  topics: [
    topic("clicks", 4, constant),
    topic("orders", 1, constant),
    topic("ledger", 2, constant, { retention: RETENTION }),
    topic("flags", 1, { kind: "idle" }),
    topic("exports", 2, { kind: "batch", records: 2_000, everyMs: 10 * MINUTE_MS }),
  ],
  groups: [
    group("stopper", ["clicks"], 300),
    group("staller", ["orders"], 300, { members: 1 }),
    group("sticker", ["clicks"], 300),
    group("slow", ["clicks"], 300),
    group("rewinder", ["clicks"], 300, { delayMs: 3 * SECOND_MS }),
    group("loser", ["ledger"], 300),
    group("goner", ["clicks"], 300),
    group("deployer", ["clicks"], 300, { members: 3 }),
    group("watcher", ["flags"], 300, { members: 1 }),
    group("nightly", ["exports"], 500, { members: 1 }),
    group("steady", ["clicks", "orders"], 300),
  ],
  faults: [
    fault("deploy", at(12), { group: "deployer", name: "v2" }),
    fault("rebalance-storm", at(15), { group: "deployer", amount: 20_000, forMs: 30_000 }),
    fault("stop-group", at(20), { group: "stopper", forMs: 10 * MINUTE_MS }),
    fault("stuck-partition", at(20), { group: "staller", topic: "orders", partition: 0, forMs: 10 * MINUTE_MS }),
    fault("stuck-partition", at(20), { group: "sticker", topic: "clicks", partition: 2, forMs: 10 * MINUTE_MS }),
    fault("slow-consumer", at(20), { group: "slow", amount: 0.03, forMs: 18 * MINUTE_MS }),
    fault("rewind", at(22), { group: "rewinder", amount: 4_000 }),
    fault("stop-group", at(20), { group: "loser", forMs: 14 * MINUTE_MS }),
    fault("delete-group", at(24), { group: "goner" }),
  ],
};

/** Points by tick, the oldest first; the story ends at `endMs`. */
export async function storyPoints(endMs: number): Promise<readonly (readonly Point[])[]> {
  const startMs = endMs - STORY_MS;
  const ticks = await playedPoints(SCENARIO, { startMs, endMs });
  return ticks.map(({ atMs, points }) => {
    const minute = (atMs - startMs) / MINUTE_MS;
    return [...points, ...beside(atMs, minute), ...ownPoints(atMs, minute)];
  });
}

const hasCome = (minute: number) => minute >= QUIET_MS / MINUTE_MS;

/** A group of another cluster, whose broker goes away. */
function beside(atMs: number, minute: number): readonly Point[] {
  const isAway = hasCome(minute);
  const fields = isAway
    ? { status: "stale", partitions: 4, partitions_stale: 4 }
    : { status: "OK", status_code: 1, lag: 0, partitions: 4, partitions_stale: 0 };
  return [{ kind: "group", atMs, dimensions: { cluster: "far", group: "away" }, fields }];
}

/** Counts that only grow, and grow by more than ticks in trouble alone. */
function ownPoints(atMs: number, minute: number): readonly Point[] {
  const bad = hasCome(minute);
  const points_rejected = bad ? 7 : 5;
  const points_dropped = bad ? 300 : 0;
  const sink = { points_in: 1_000, points_rejected, points_dropped, points_quarantined: 0 };
  const source = { source_up: bad ? 0 : 1, uptime_seconds: minute * 60, spool_oldest_age_seconds: bad ? 900 : 2 };
  return [
    ...selfPoints(atMs, { instance: "one", source, sinks: new Map([["es", sink]]) }),
    ...selfPoints(atMs, { instance: "two", source: { source_up: 1, uptime_seconds: 1 }, sinks: new Map() }),
  ];
}
