/**
 * # A scenario as a file
 *
 *     cluster: shop
 *     topics:
 *       orders: { partitions: 6, produce: { kind: constant, per_second: 100 }, retention: 1h }
 *     groups:
 *       billing: { topics: [orders], members: 2, capacity_per_second: 200, commit_every: 1s }
 *     faults:
 *       - { at: 20s, for: 40s, fault: slow-consumer, group: billing, amount: 0.2 }
 *       - { at: 90s, for: 20s, fault: "wire:broker-down", broker: 2 }
 *
 * Names of faults are those of WORLD_FAULTS and of wire-script.ts; what a scenario does not say is as in spec.ts. Unknown keys, faults, topics and
 * groups are refused, with those that there are.
 */

import { z } from "zod";
import { ConfigError, loadConfig } from "../../runtime/config/load.ts";
import { ByteSize, Duration } from "../../runtime/config/units.ts";
import { WORLD_FAULTS } from "../world/faults.ts";
import type { FaultSpec, GroupSpec, Production, Scenario, TopicSpec } from "../world/specs.ts";
import { fault, group, RETENTION_DEFAULTS, topic } from "./spec.ts";
import type { WireScript } from "./wire-script.ts";
import { WIRE_FAULT_NAMES, wireFaultOf, wireNeeds } from "./wire-script.ts";

const rate = z.number().nonnegative();

const Produce = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant"), per_second: rate }),
  z.strictObject({ kind: z.literal("diurnal"), per_second: rate, swing: z.number().min(0).max(1), period: Duration }),
  z.strictObject({
    kind: z.literal("bursty"),
    per_second: rate,
    burst_per_second: rate,
    burst: Duration,
    every: Duration,
  }),
  z.strictObject({ kind: z.literal("idle") }),
  z.strictObject({ kind: z.literal("batch"), records: z.int().positive(), every: Duration }),
]);

const Topic = z.strictObject({
  partitions: z.int().min(1).max(100_000),
  produce: Produce,
  skew: z.number().min(0).max(1).default(0.2),
  compacted: z.boolean().default(false),
  transactional: z.boolean().default(false),
  retention: Duration.optional(),
  retention_bytes: ByteSize.optional(),
  segment: Duration.optional(),
  segment_bytes: ByteSize.optional(),
  record_bytes: z.int().positive().optional(),
  retention_check: Duration.optional(),
});

const Group = z.strictObject({
  topics: z.array(z.string()).min(1),
  kind: z.enum(["classic", "consumer", "simple"]).default("classic"),
  members: z.int().min(1).max(10_000).default(2),
  static: z.boolean().default(false),
  capacity_per_second: rate,
  commit_every: Duration.prefault("5s"),
  delay: Duration.prefault("0s"),
  transactional: z.boolean().default(false),
});

const Fault = z.strictObject({
  fault: z.enum([...WORLD_FAULTS.keys(), ...WIRE_FAULT_NAMES] as [string, ...string[]]),
  at: Duration,
  for: Duration.optional(),
  every: Duration.optional(),
  broker: z.int().optional(),
  group: z.string().optional(),
  topic: z.string().optional(),
  partition: z.int().nonnegative().optional(),
  amount: z.number().optional(),
  name: z.string().optional(),
});

const ScenarioFile = z.strictObject({
  cluster: z.string().min(1).default("simulated"),
  brokers: z.int().min(1).max(100).default(3),
  offsets_partitions: z.int().min(1).max(1_000).default(12),
  past_pace: z.number().min(1).default(10),
  topics: z.record(z.string().min(1), Topic),
  groups: z.record(z.string().min(1), Group),
  faults: z.array(Fault).default([]),
});

export interface ScriptedScenario extends Scenario {
  /** Faults of the wire, for where there is one. */
  readonly wire: readonly WireScript[];
}

/** Throws ConfigError with a line per problem. */
export function readScenario(source: string, text: string): ScriptedScenario {
  const file = loadConfig(ScenarioFile, { source, text, environment: {} });
  const problems = [...Object.entries(file.groups)].flatMap(([name, { topics }]) =>
    topics.filter((one) => !Object.hasOwn(file.topics, one)).map((one) => `groups.${name}: there is no topic "${one}"`),
  );
  problems.push(...file.faults.flatMap((one, index) => problemOf(file, one, index)));
  if (problems.length > 0) throw new ConfigError(source, problems);
  return {
    cluster: file.cluster,
    brokers: file.brokers,
    offsetsPartitions: file.offsets_partitions,
    pastPace: file.past_pace,
    topics: Object.entries(file.topics).map(([name, one]) => topicOf(name, one)),
    groups: Object.entries(file.groups).map(([name, one]) => groupOf(name, one)),
    faults: file.faults.filter(({ fault: name }) => wireNeeds(name) === undefined).map(faultOf),
    wire: file.faults.flatMap(wireScriptOf),
  };
}

type File = z.output<typeof ScenarioFile>;

function problemOf(file: File, one: z.output<typeof Fault>, index: number): readonly string[] {
  const at = `faults[${index}]`;
  const needs = WORLD_FAULTS.get(one.fault)?.needs ?? wireNeeds(one.fault) ?? "group";
  if (one[needs] === undefined) return [`${at}: ${one.fault} needs a ${needs}`];
  if (wireNeeds(one.fault) !== undefined && one.for === undefined) return [`${at}: ${one.fault} needs \`for\``];
  if (one.broker !== undefined && !(one.broker >= 1 && one.broker <= file.brokers))
    return [`${at}: there is no broker ${one.broker}`];
  if (one.group !== undefined && !Object.hasOwn(file.groups, one.group))
    return [`${at}: there is no group "${one.group}"`];
  if (one.topic !== undefined && !Object.hasOwn(file.topics, one.topic))
    return [`${at}: there is no topic "${one.topic}"`];
  return [];
}

function productionOf(produce: z.output<typeof Produce>): Production {
  switch (produce.kind) {
    case "constant":
      return { kind: "constant", perSecond: produce.per_second };
    case "diurnal":
      return { kind: "diurnal", perSecond: produce.per_second, swing: produce.swing, periodMs: produce.period };
    case "bursty":
      return {
        kind: "bursty",
        perSecond: produce.per_second,
        burstPerSecond: produce.burst_per_second,
        burstMs: produce.burst,
        everyMs: produce.every,
      };
    case "idle":
      return { kind: "idle" };
    case "batch":
      return { kind: "batch", records: produce.records, everyMs: produce.every };
  }
}

function topicOf(name: string, one: z.output<typeof Topic>): TopicSpec {
  const defaults = RETENTION_DEFAULTS;
  return topic(name, one.partitions, productionOf(one.produce), {
    skew: one.skew,
    isCompacted: one.compacted,
    isTransactional: one.transactional,
    retention: {
      retentionMs: one.retention ?? defaults.retentionMs,
      retentionBytes: one.retention_bytes,
      segmentMs: one.segment ?? defaults.segmentMs,
      segmentBytes: one.segment_bytes ?? defaults.segmentBytes,
      recordBytes: one.record_bytes ?? defaults.recordBytes,
      checkEveryMs: one.retention_check ?? defaults.checkEveryMs,
    },
  });
}

function groupOf(name: string, one: z.output<typeof Group>): GroupSpec {
  return group(name, one.topics, one.capacity_per_second, {
    kind: one.kind,
    members: one.members,
    isStatic: one.static,
    commitEveryMs: one.commit_every,
    delayMs: one.delay,
    isTransactional: one.transactional,
  });
}

function wireScriptOf({ fault: name, at, for: forMs = 0, every: everyMs, ...words }: z.output<typeof Fault>) {
  const made = wireFaultOf(name, words);
  return made === undefined ? [] : [{ fault: made, atMs: at, forMs, everyMs }];
}

function faultOf(one: z.output<typeof Fault>): FaultSpec {
  const { fault: name, at, for: forMs, every: everyMs, broker: _, ...where } = one;
  return fault(name, at, { forMs, everyMs, ...where });
}
