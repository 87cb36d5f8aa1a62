/**
 * # A world: a cluster, and everybody who uses it
 *
 * The same scenario and seed give the same world, however it is advanced. It begins at `startMs`; from a minute before `liveMs`
 * on it runs at its true pace, and the times of faults count from `liveMs`.
 */

import type { Cluster } from "../cluster/cluster.ts";
import type { Condition, WorldEvents } from "./events.ts";
import { tellAll } from "./events.ts";
import type { Fault } from "./faults.ts";
import { WORLD_FAULTS } from "./faults.ts";
import type { GroupProcess } from "./group-process.ts";
import { createGroupProcess } from "./group-process.ts";
import { randomOf } from "./random.ts";
import { createSchedule } from "./schedule.ts";
import type { FaultSpec, Scenario, TopicSpec } from "./specs.ts";
import type { TopicProcess } from "./topic-process.ts";
import { createTopicProcess } from "./topic-process.ts";
import type { Truth } from "./truth.ts";
import { createTruth } from "./truth.ts";
import type { WorldParts } from "./world-parts.ts";

export interface World {
  readonly scenario: Scenario;
  readonly cluster: Cluster;
  readonly truth: Truth;
  readonly nowMs: () => number;
  /** Runs all that is due up to and including `toMs`; never back. */
  advance(toMs: number): void;
  /** Of all topics and groups so far: produced = read + lost + waiting, for a topic that one group reads. */
  readonly groups: ReadonlyMap<string, GroupProcess>;
  readonly topics: ReadonlyMap<string, TopicProcess>;
}

export interface WorldOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly startMs: number;
  /** Not before `startMs`. */
  readonly liveMs: number;
  readonly cluster: Cluster;
  readonly listeners?: readonly WorldEvents[];
}

export class WorldError extends Error {
  constructor(problem: string) {
    super(`the scenario cannot be played: ${problem}`);
    this.name = "WorldError";
  }
}

/** So long before anybody watches, windows of commits fill at the pace that they will have. */
const TRUE_PACE_MS = 60_000;
const PRODUCER_IDS_FROM = 10_000;
const PRODUCER_IDS_PER_GROUP = 1_000;

export function createWorld(options: WorldOptions): World {
  const { scenario, seed, startMs, liveMs, cluster, listeners = [] } = options;
  const schedule = createSchedule(startMs);
  const truth = createTruth(cluster);
  const quiet = { commit() {}, tombstones() {}, group() {}, topic() {}, deploy() {}, ...truth.listener };
  const events = tellAll([quiet, ...listeners]);
  let nowMs = startMs;
  const trueFromMs = liveMs - TRUE_PACE_MS;
  const pace = (): number => (nowMs < trueFromMs ? scenario.pastPace : 1);

  const topics = new Map<string, TopicProcess>();
  for (const spec of scenario.topics) {
    cluster.createTopic({ topic: spec.topic, partitions: spec.partitions, configs: configsOf(spec) }, startMs);
    events.topic(spec.topic, startMs);
    const random = randomOf(seed, `topic ${spec.topic}`);
    topics.set(spec.topic, createTopicProcess({ spec, cluster, schedule, random, startMs, pace }));
  }
  const groups = new Map<string, GroupProcess>();
  for (const [index, spec] of scenario.groups.entries()) {
    const producerId = PRODUCER_IDS_FROM + index * PRODUCER_IDS_PER_GROUP;
    const random = randomOf(seed, `group ${spec.group}`);
    groups.set(spec.group, createGroupProcess({ spec, cluster, schedule, random, events, startMs, pace, producerId }));
  }
  let producerIds = PRODUCER_IDS_FROM + scenario.groups.length * PRODUCER_IDS_PER_GROUP;
  const parts: WorldParts = {
    cluster,
    schedule,
    events,
    group: (name) => found(groups, name, "group"),
    topic: (name) => found(topics, name, "topic"),
    groupsOf: (topic) => [...groups.values()].filter(({ spec }) => spec.topics.includes(topic)),
    configsOf,
    producerId: () => producerIds++,
  };
  for (const spec of scenario.faults) plan(parts, { spec, fault: faultOf(spec), startMs, liveMs });

  return {
    scenario,
    cluster,
    truth,
    topics,
    groups,
    nowMs: () => nowMs,
    advance: (toMs) => {
      // The pace changes there: what is planned before must see the time that it is planned at.
      for (const stepMs of [Math.min(toMs, trueFromMs), toMs]) {
        if (stepMs < nowMs) continue;
        schedule.run(stepMs);
        nowMs = stepMs;
      }
    },
  };
}

function found<Value>(all: ReadonlyMap<string, Value>, name: string, kind: string): Value {
  const one = all.get(name);
  if (one === undefined) throw new WorldError(`it has no ${kind} "${name}"`);
  return one;
}

function faultOf(spec: FaultSpec): Fault {
  const fault = WORLD_FAULTS.get(spec.fault);
  if (fault === undefined)
    throw new WorldError(`unknown fault "${spec.fault}"; there is ${[...WORLD_FAULTS.keys()].join(", ")}`);
  return fault;
}

interface Planned {
  readonly spec: FaultSpec;
  readonly fault: Fault;
  readonly startMs: number;
  readonly liveMs: number;
}

function plan(parts: WorldParts, { spec, fault, startMs, liveMs }: Planned): void {
  if (fault.needs === "group" || spec.group !== undefined) parts.group(spec.group ?? "");
  if (fault.needs === "topic") parts.topic(spec.topic ?? "");
  const play = (nowMs: number): void => {
    if (spec.everyMs !== undefined) parts.schedule.at(nowMs + spec.everyMs, play);
    // Of a topic that is gone there is nothing left to break.
    if (spec.topic !== undefined && parts.topic(spec.topic).isDeleted && spec.fault !== "recreate-topic") return;
    const undo = fault.begin(parts, spec, nowMs);
    const condition = conditionOf(spec, fault, nowMs);
    if (condition !== undefined) parts.events.began(condition);
    parts.schedule.at(nowMs + (spec.forMs ?? 0), (endMs) => {
      undo(endMs);
      if (condition !== undefined) parts.events.ended(condition, endMs);
      recover(parts, spec, endMs);
    });
  };
  const firstMs = liveMs + spec.atMs;
  if (firstMs >= startMs) parts.schedule.at(firstMs, play);
}

function conditionOf({ group, topic, partition }: FaultSpec, { cause }: Fault, fromMs: number): Condition | undefined {
  if (group === undefined || cause === undefined) return undefined;
  return { group, topic, partition, cause, fromMs };
}

const RECOVERY_LOOK_MS = 1_000;
const RECOVERY_LOOKS_MAX = 7_200;

/** Afterwards the group is behind for a while, which is no new trouble. */
function recover(parts: WorldParts, { group }: FaultSpec, nowMs: number): void {
  if (group === undefined) return;
  const process = parts.group(group);
  if (process.isStopped || process.isCaughtUp()) return;
  const condition: Condition = { group, topic: undefined, partition: undefined, cause: "catching-up", fromMs: nowMs };
  parts.events.began(condition);
  const look = (left: number) => (dueMs: number) => {
    if (left === 0 || process.isCaughtUp()) parts.events.ended(condition, dueMs);
    else parts.schedule.at(dueMs + RECOVERY_LOOK_MS, look(left - 1));
  };
  parts.schedule.at(nowMs + RECOVERY_LOOK_MS, look(RECOVERY_LOOKS_MAX));
}

function configsOf({ retention, isCompacted }: TopicSpec): Readonly<Record<string, string>> {
  return {
    "cleanup.policy": isCompacted ? "compact" : "delete",
    "retention.ms": retention.retentionMs?.toString() ?? "-1",
    "retention.bytes": retention.retentionBytes?.toString() ?? "-1",
    "segment.bytes": retention.segmentBytes.toString(),
    "segment.ms": retention.segmentMs.toString(),
  };
}
