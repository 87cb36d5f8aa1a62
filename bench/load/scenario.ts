/**
 * # How much there is
 *
 * Groups of equal size over equal topics. Group-partition i of a group g is topic partition `(g * size + i) mod all`, so with more
 * group-partitions than partitions each partition has several readers. Everything follows from the numbers: a bench knows
 * each lag without asking anyone.
 */

import type { PartitionCommit } from "../../test/real/simple-consumer.ts";

export interface Scenario {
  readonly name: string;
  readonly topics: number;
  readonly partitionsPerTopic: number;
  readonly groups: number;
  readonly partitionsPerGroup: number;
  /** Produced to each partition before anything is measured. */
  readonly recordsPerPartition: number;
}

const OF_ALL = { partitionsPerTopic: 100, partitionsPerGroup: 40, recordsPerPartition: 200 } as const;

export const SCENARIOS = {
  S: { name: "S", topics: 2, groups: 10, ...OF_ALL },
  M: { name: "M", topics: 20, groups: 100, ...OF_ALL, partitionsPerGroup: 20 },
  L: { name: "L", topics: 100, groups: 500, ...OF_ALL },
  /** The wide one: the offsets of 5,000 groups, 200,000 group-partitions. */
  XL: { name: "XL", topics: 100, groups: 5_000, ...OF_ALL },
} as const satisfies Record<string, Scenario>;

export function scenarioNamed(name: string): Scenario {
  const found = Object.values(SCENARIOS).find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}; there is ${Object.keys(SCENARIOS).join(", ")}`);
  return found;
}

export function topicName(topic: number): string {
  return `bench-topic-${String(topic).padStart(4, "0")}`;
}

export function groupName(group: number): string {
  return `bench-group-${String(group).padStart(5, "0")}`;
}

/** One commit of a whole group: each of its partitions stands at `committedOffset`. */
export function commitsOf(scenario: Scenario, group: number, committedOffset: number): readonly PartitionCommit[] {
  const all = scenario.topics * scenario.partitionsPerTopic;
  return Array.from({ length: scenario.partitionsPerGroup }, (_, i) => {
    const flat = (group * scenario.partitionsPerGroup + i) % all;
    const topic = topicName(Math.floor(flat / scenario.partitionsPerTopic));
    return { topic, partition: flat % scenario.partitionsPerTopic, committedOffset };
  });
}

/** Lag of a group whose partitions all stand at `committedOffset`. */
export function lagOf(scenario: Scenario, committedOffset: number): number {
  return scenario.partitionsPerGroup * Math.max(0, scenario.recordsPerPartition - committedOffset);
}
