/** Small worlds for tests: one topic, one group, and whatever is done to them. */

import { createCluster } from "../cluster/create-cluster.ts";
import { fault, group, topic } from "../scenario/spec.ts";
import type { TraceLine } from "../trace/line.ts";
import type { TracedWorld } from "../trace/traced-world.ts";
import { createTracedWorld } from "../trace/traced-world.ts";
import { randomOf } from "./random.ts";
import type { FaultSpec, GroupSpec, Scenario, TopicSpec } from "./specs.ts";

export const START_MS = Date.UTC(2026, 0, 1);
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;

export function smallScenario(more: {
  readonly topic?: Partial<TopicSpec>;
  readonly group?: Partial<GroupSpec>;
  readonly faults?: readonly FaultSpec[];
}): Scenario {
  const production = { kind: "constant", perSecond: 40 } as const;
  return {
    cluster: "small",
    brokers: 3,
    offsetsPartitions: 4,
    topics: [{ ...topic("t", 3, production), ...more.topic }],
    groups: [group("g", ["t"], 100, { commitEveryMs: SECOND_MS, ...more.group })],
    faults: more.faults ?? [],
    pastPace: 1,
  };
}

/** 30 s after the start, for 60 s, on the one topic and the one group. */
export function faultOn(name: string, more: Partial<FaultSpec> = {}): FaultSpec {
  return fault(name, 30 * SECOND_MS, { forMs: 60 * SECOND_MS, group: "g", topic: "t", ...more });
}

export interface Played extends TracedWorld {
  readonly lines: TraceLine[];
}

/** Times of faults count from `START_MS + pastMs`. */
export function play(scenario: Scenario, seed = 1, pastMs = 0): Played {
  const lines: TraceLine[] = [];
  const cluster = createCluster({
    clusterId: "small",
    version: "4.1",
    brokers: Array.from({ length: scenario.brokers }, (_, index) => index + 1),
    offsetsPartitions: scenario.offsetsPartitions,
    random: randomOf(seed, "cluster"),
  });
  const timing = {
    startMs: START_MS,
    liveMs: START_MS + pastMs,
    pollEveryMs: 10 * SECOND_MS,
    intervalMs: 10 * SECOND_MS,
  };
  const write = (line: TraceLine): void => void lines.push(line);
  return { ...createTracedWorld({ scenario, seed, cluster, write, ...timing }), lines };
}
