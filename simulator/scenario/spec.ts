/**
 * # Topics, groups and faults in few words
 *
 * What a scenario does not say is what a plain Kafka and a plain consumer would do.
 */

import type { FaultSpec, GroupSpec, Production, Retention, TopicSpec } from "../world/specs.ts";

const DAY_MS = 86_400_000;

export const RETENTION_DEFAULTS: Retention = {
  retentionMs: 7 * DAY_MS,
  retentionBytes: undefined,
  segmentMs: 7 * DAY_MS,
  segmentBytes: 2 ** 30,
  recordBytes: 200,
  checkEveryMs: 300_000,
};

export function topic(
  name: string,
  partitions: number,
  production: Production,
  more: Partial<Omit<TopicSpec, "retention">> & { readonly retention?: Partial<Retention> } = {},
): TopicSpec {
  const { retention, ...rest } = more;
  return {
    topic: name,
    partitions,
    production,
    skew: 0.2,
    isCompacted: false,
    isTransactional: false,
    ...rest,
    retention: { ...RETENTION_DEFAULTS, ...retention },
  };
}

/** Capacity: of one member, records a second. */
export function group(
  name: string,
  topics: readonly string[],
  capacityPerSecond: number,
  more: Partial<GroupSpec> = {},
): GroupSpec {
  return {
    group: name,
    kind: "classic",
    topics,
    members: 2,
    isStatic: false,
    capacityPerSecond,
    commitEveryMs: 5_000,
    delayMs: 0,
    isTransactional: false,
    clientId: name,
    ...more,
  };
}

export function fault(name: string, atMs: number, more: Partial<FaultSpec> = {}): FaultSpec {
  return {
    fault: name,
    atMs,
    forMs: undefined,
    everyMs: undefined,
    group: undefined,
    topic: undefined,
    partition: undefined,
    amount: undefined,
    name: undefined,
    ...more,
  };
}
