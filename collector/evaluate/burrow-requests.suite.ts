/**
 * # Sequences of requests, for tests
 *
 * Random requests to the strict store and to the plain model of burrow.model.ts alike. They lean to where the rules turn:
 * equal and falling orders, rewinds, timestamps at the limits of expiry and of the minimum distance, partitions that are
 * not there, numbers too large for a packed cell, pauses long enough for groups to expire.
 */

import fc from "fast-check";
import { fetchConsumer } from "../window/burrow-reads.ts";
import {
  clearConsumerOwners,
  commit,
  createBurrowStore,
  deleteGroup,
  deleteTopic,
  setBrokerOffset,
  setConsumerOwner,
} from "../window/burrow-store.ts";
import { createGroupPartitions } from "../window/group-partitions.ts";
import { createTopicPartitions } from "../window/topic-partitions.ts";
import {
  createModel,
  type Model,
  type ModelConfig,
  modelBrokerOffset,
  modelClearOwners,
  modelCommit,
  modelDeleteGroup,
  modelDeleteTopic,
  modelFetchConsumer,
  modelOwner,
} from "./burrow.model.ts";
import { type BurrowJudge, createBurrowJudge } from "./burrow.ts";

const NOW_S = 1_700_000_000;
export const GROUPS: readonly string[] = ["g1", "g2", "__proto__"];
export const TOPICS: readonly string[] = ["alpha", "beta"];

// One group-partition gets most commits, so that its window fills and turns over.
const group = fc.constantFrom("g1", "g1", "g1", ...GROUPS);
const topic = fc.constantFrom("alpha", "alpha", "alpha", ...TOPICS);
const partition = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(0, 0, 0, 1, 2) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 3, 2_000) },
);
const offset = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 980, max: 1_080 }) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -(2 ** 34), 2 ** 52) },
);
/** ms to add to the clock: around now, and at the two limits of expiry. */
const timestampAt = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -2_500, max: 300 }) },
  { weight: 2, arbitrary: fc.constantFrom(-12_000, 5_000, -60_000, -60_001, -604_800_000, -604_800_001) },
  { weight: 1, arbitrary: fc.constantFrom(86_400_000 * 40, 2 ** 51) },
);

type Op =
  | {
      readonly kind: "broker";
      readonly topic: string;
      readonly partition: number;
      readonly count: number;
      readonly offset: number;
    }
  | {
      readonly kind: "commit";
      readonly group: string;
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
      readonly orderBy: number;
      readonly timestampBy: number;
    }
  | {
      readonly kind: "owner";
      readonly group: string;
      readonly topic: string;
      readonly partition: number;
      readonly owner: string;
      readonly clientId: string;
    }
  | { readonly kind: "clearOwners"; readonly group: string }
  | { readonly kind: "deleteTopic"; readonly topic: string }
  | { readonly kind: "deleteGroup"; readonly group: string; readonly topic: string | null }
  | { readonly kind: "fetch"; readonly group: string };

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("broker" as const),
      topic,
      partition,
      count: fc.integer({ min: 1, max: 3 }),
      offset: fc.oneof(fc.integer({ min: 1_000, max: 1_060 }), fc.integer({ min: 1_060, max: 1_400 })),
    }),
  },
  {
    weight: 40,
    arbitrary: fc.record({
      kind: fc.constant("commit" as const),
      group,
      topic,
      partition,
      offset,
      orderBy: fc.oneof(
        { weight: 5, arbitrary: fc.constant(1) },
        { weight: 3, arbitrary: fc.integer({ min: -6, max: 2 }) },
      ),
      timestampBy: timestampAt,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("owner" as const),
      group,
      topic,
      partition,
      owner: fc.constantFrom("", "/10.0.0.1", "/10.0.0.2"),
      clientId: fc.constantFrom("", "__proto__", "c-1"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clearOwners" as const), group }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deleteTopic" as const), topic }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("deleteGroup" as const),
      group,
      topic: fc.oneof(fc.constant(null), topic, fc.constant("nowhere")),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("fetch" as const), group }) },
);

const config: fc.Arbitrary<ModelConfig> = fc.record({
  intervals: fc.constantFrom(1, 2, 3, 5, 10),
  minDistance: fc.constantFrom(0, 0, 1, 10),
  expireGroup: fc.constantFrom(60, 604_800, 604_800),
  minimumComplete: fc.constantFrom(0, 0, 0.3, 0.5, 1),
  allowedLag: fc.constantFrom(0, 0, 20),
});
/** Seconds that pass before an op; rarely enough for groups to expire. */
const pauseS = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(0, 0, 1, 1, 2, 7) },
  { weight: 1, arbitrary: fc.constantFrom(60, 61, 604_801) },
);
export const sequence = fc.record({
  config,
  ops: fc.array(fc.tuple(pauseS, op), { minLength: 5, maxLength: 80, size: "max" }),
});
type Sequence = typeof sequence extends fc.Arbitrary<infer S> ? S : never;

export interface Both {
  readonly judge: BurrowJudge;
  readonly model: Model;
  nowS: number;
  order: number;
  commits: number;
}

export function runSequence({ config: given, ops }: Sequence): Both {
  const store = createBurrowStore(createGroupPartitions(createTopicPartitions()), {
    intervals: given.intervals,
    minDistanceMs: given.minDistance * 1000,
    expireGroupMs: given.expireGroup * 1000,
  });
  const both: Both = {
    judge: createBurrowJudge(store, given),
    model: createModel(given),
    nowS: NOW_S,
    order: 100,
    commits: 0,
  };
  for (const t of TOPICS)
    for (let p = 0; p < 2; p++) apply(both, { kind: "broker", topic: t, partition: p, count: 2, offset: 1_100 });
  for (const [pause, one] of ops) {
    both.nowS += pause;
    apply(both, one);
  }
  return both;
}

function apply(both: Both, one: Op): void {
  const { model, nowS } = both;
  const { store } = both.judge;
  switch (one.kind) {
    case "broker":
      setBrokerOffset(store, { ...one, partitions: one.count });
      modelBrokerOffset(model, one.topic, one.partition, one.count, one.offset);
      break;
    case "commit": {
      both.order += one.orderBy;
      both.commits += 1;
      const timestamp = nowS * 1000 + one.timestampBy;
      commit(store, store.table.hold(one, "live"), one.offset, both.order, timestamp, nowS);
      modelCommit(model, one, { offset: one.offset, order: both.order, timestamp, now: nowS });
      break;
    }
    case "owner":
      setConsumerOwner(store, one, one);
      modelOwner(model, one, one.owner, one.clientId);
      break;
    case "clearOwners":
      clearConsumerOwners(store, one.group);
      modelClearOwners(model, one.group);
      break;
    case "deleteTopic":
      deleteTopic(store, one.topic);
      modelDeleteTopic(model, one.topic);
      break;
    case "deleteGroup":
      deleteGroup(store, one.group, one.topic ?? undefined);
      modelDeleteGroup(model, one.group, one.topic);
      break;
    case "fetch":
      fetchConsumer(store, one.group, nowS); // which may expire the group; what it answers is compared at the end
      modelFetchConsumer(model, one.group, nowS);
      break;
    default:
      one satisfies never;
  }
}
