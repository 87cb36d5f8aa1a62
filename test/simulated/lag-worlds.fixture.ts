/**
 * For tests: one world with a topic for each kind of traffic, and what can happen to it. Each topic is read by four groups: one
 * that keeps up, one that reads what is minutes old, one that can do less than it would have to, and one that is stopped
 * for minutes again and again.
 */

import { fault, group, topic } from "../../simulator/scenario/spec.ts";
import type { FaultSpec, GroupSpec, Production, Scenario, TopicSpec } from "../../simulator/world/specs.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const PARTITIONS = 2;

interface Traffic {
  readonly production: Production;
  /** Records a second, of all partitions, in the mean. */
  readonly perSecond: number;
  readonly topic?: Parameters<typeof topic>[3];
  readonly faults?: (kind: string) => readonly FaultSpec[];
}

const STEADY = { production: { kind: "constant", perSecond: 20 }, perSecond: 20 } as const;

const TRAFFIC: Readonly<Record<string, Traffic>> = {
  steady: {
    ...STEADY,
    faults: (kind) => [
      fault("rewind", 40 * MINUTE_MS, { everyMs: 17 * MINUTE_MS, group: `${kind}.prompt`, amount: 6_000 }),
      fault("skip-ahead", 55 * MINUTE_MS, { group: `${kind}.slow` }),
    ],
  },
  ramp: {
    production: { kind: "diurnal", perSecond: 20, swing: 1, periodMs: 20 * MINUTE_MS },
    perSecond: 20,
    faults: (kind) => [
      fault("deploy", 5 * MINUTE_MS, { everyMs: 10 * MINUTE_MS, group: `${kind}.prompt`, name: "v2" }),
      fault("rebalance-storm", 22 * MINUTE_MS, { forMs: 6 * MINUTE_MS, group: `${kind}.delayed` }),
    ],
  },
  bursts: {
    production: {
      kind: "bursty",
      perSecond: 0.05,
      burstPerSecond: 200,
      burstMs: 5 * MINUTE_MS,
      everyMs: 20 * MINUTE_MS,
    },
    perSecond: 50,
    faults: (kind) => [
      fault("stuck-partition", 12 * MINUTE_MS, { forMs: 20 * MINUTE_MS, group: `${kind}.prompt` }),
      fault("stop-committing", 45 * MINUTE_MS, { forMs: 5 * MINUTE_MS, group: `${kind}.prompt` }),
    ],
  },
  gaps: {
    production: { kind: "bursty", perSecond: 0, burstPerSecond: 20, burstMs: MINUTE_MS, everyMs: 9 * MINUTE_MS },
    perSecond: 20 / 9,
  },
  rare: {
    production: { kind: "constant", perSecond: PARTITIONS / 120 },
    perSecond: PARTITIONS / 120,
    faults: (kind) => [
      fault("stuck-partition", 21 * MINUTE_MS, {
        forMs: 15 * MINUTE_MS,
        group: `${kind}.prompt`,
        topic: kind,
        partition: 1,
      }),
    ],
  },
  batches: { production: { kind: "batch", records: 5_000, everyMs: 10 * MINUTE_MS }, perSecond: 8 },
  transactions: {
    ...STEADY,
    topic: { isTransactional: true },
    faults: (kind) => [
      fault("open-transaction", 25 * MINUTE_MS, { forMs: 4 * MINUTE_MS, everyMs: 30 * MINUTE_MS, topic: kind }),
    ],
  },
  "rare-transactions": {
    production: { kind: "bursty", perSecond: 0.02, burstPerSecond: 5, burstMs: MINUTE_MS, everyMs: 10 * MINUTE_MS },
    perSecond: 0.6,
    topic: { isTransactional: true },
  },
  compacted: {
    ...STEADY,
    topic: { isCompacted: true },
    faults: (kind) => [fault("compact-offsets", 15 * MINUTE_MS, { everyMs: 15 * MINUTE_MS, group: `${kind}.prompt` })],
  },
  retention: {
    ...STEADY,
    topic: {
      retention: { retentionMs: 6 * MINUTE_MS, segmentMs: MINUTE_MS, checkEveryMs: 5 * MINUTE_MS },
    },
  },
  truncated: {
    ...STEADY,
    faults: (kind) => {
      const everyMs = 13 * MINUTE_MS;
      return [
        fault("truncate", 10 * MINUTE_MS, { everyMs, topic: kind, partition: 0, amount: 500 }),
        // What it has committed is cut off, and is there again while it sleeps: another record at the same offset.
        fault("stop-group", 10 * MINUTE_MS - 20 * SECOND_MS, {
          everyMs,
          forMs: 4 * MINUTE_MS,
          group: `${kind}.prompt`,
        }),
      ];
    },
  },
  leaderless: {
    ...STEADY,
    faults: (kind) => [
      fault("leader-move", 9 * MINUTE_MS, { everyMs: 15 * MINUTE_MS, topic: kind, partition: 0, amount: -1 }),
      fault("leader-move", 10 * MINUTE_MS, { everyMs: 15 * MINUTE_MS, topic: kind, partition: 0, amount: 2 }),
    ],
  },
  recreated: {
    ...STEADY,
    faults: (kind) => [fault("recreate-topic", 23 * MINUTE_MS, { everyMs: 31 * MINUTE_MS, topic: kind })],
  },
};

export const KINDS_OF_TRAFFIC: readonly string[] = Object.keys(TRAFFIC);

export function lagWorld(): Scenario {
  const kinds = Object.entries(TRAFFIC);
  return {
    cluster: "lags",
    brokers: 3,
    offsetsPartitions: 4,
    topics: kinds.map(([kind, traffic]) => topicOf(kind, traffic)),
    groups: kinds.flatMap(([kind, traffic]) => groupsOf(kind, traffic)),
    faults: kinds.flatMap(([kind, { faults }]) => [...(faults?.(kind) ?? []), ...stopsOf(kind)]),
    pastPace: 1,
  };
}

function topicOf(kind: string, traffic: Traffic): TopicSpec {
  return topic(kind, PARTITIONS, traffic.production, traffic.topic);
}

const ENOUGH_PER_SECOND = 1_000;

function groupsOf(kind: string, traffic: Traffic): readonly GroupSpec[] {
  const { perSecond } = traffic;
  const isTransactional = traffic.topic?.isTransactional ?? false;
  return [
    group(`${kind}.prompt`, [kind], ENOUGH_PER_SECOND, { isTransactional }),
    group(`${kind}.delayed`, [kind], ENOUGH_PER_SECOND, { delayMs: 3 * MINUTE_MS, kind: "consumer" }),
    group(`${kind}.slow`, [kind], perSecond * 0.8, { members: 1, isTransactional }),
    group(`${kind}.stopped`, [kind], ENOUGH_PER_SECOND, { members: 1, kind: "simple" }),
  ];
}

function stopsOf(kind: string): readonly FaultSpec[] {
  const stop = { forMs: 15 * MINUTE_MS, everyMs: 35 * MINUTE_MS, group: `${kind}.stopped` };
  return [fault("stop-group", 7 * MINUTE_MS, stop)];
}
