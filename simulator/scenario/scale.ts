/**
 * # Large worlds, for tests and benchmarks
 *
 * `groups` groups of `partitions` partitions each; every topic is read by `groupsPerTopic` of them. Production and commits are
 * sparse, so that two cores can play it beside whoever is measured.
 */

import type { Scenario } from "../world/specs.ts";
import { group, topic } from "./spec.ts";

export interface Scale {
  readonly groups: number;
  readonly partitions: number;
  readonly groupsPerTopic: number;
  readonly brokers: number;
  readonly offsetsPartitions: number;
}

/** 200,000 group-partitions on 100,000 partitions. */
export const SCALE_5000: Scale = {
  groups: 5_000,
  partitions: 40,
  groupsPerTopic: 2,
  brokers: 10,
  offsetsPartitions: 50,
};
/** 100,000 group-partitions on as many partitions. */
export const SCALE_1000: Scale = {
  groups: 1_000,
  partitions: 100,
  groupsPerTopic: 1,
  brokers: 3,
  offsetsPartitions: 50,
};

const COMMIT_EVERY_MS = 10_000;

export function scaleScenario(scale: Scale): Scenario {
  const topics = Math.ceil(scale.groups / scale.groupsPerTopic);
  const topicName = (index: number): string => `topic-${String(index).padStart(5, "0")}`;
  return {
    cluster: "scale",
    brokers: scale.brokers,
    offsetsPartitions: scale.offsetsPartitions,
    topics: Array.from({ length: topics }, (_, index) =>
      topic(topicName(index), scale.partitions, { kind: "constant", perSecond: scale.partitions / 10 }),
    ),
    groups: Array.from({ length: scale.groups }, (_, index) =>
      group(`group-${String(index).padStart(5, "0")}`, [topicName(index % topics)], 1_000, {
        members: 1,
        commitEveryMs: COMMIT_EVERY_MS,
      }),
    ),
    faults: [],
    pastPace: 1,
  };
}
