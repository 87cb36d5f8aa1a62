/**
 * # Burrow's cases, run against the store and the rules
 *
 * Three forms, told apart by what only they have, in any file and mixed:
 *
 *   evaluator  `brokerOffsets` and `timeNow`: one window, the verdict and each rule on its own. `null` cells are empty ones.
 *   storage    `inputs`: commits for one partition whose high watermark is `brokerOffset`, then the ring. Timestamps of
 *              inputs and ring are relative to a base.
 *   sequence   `ops`: requests with the clock at each, then the whole state.
 *
 * Times are in ms, but for the clock (`timeNow`, `now` of an op, `finalNow`), `minDistance` and `expireGroup`: seconds.
 */

import assert from "node:assert/strict";
import { z } from "zod";
import {
  completeOf,
  createBurrowJudge,
  firstRewind,
  isLagNotDecreasing,
  isStalled,
  isStopped,
  judgeLagging,
  wasAtEndLately,
  wasNeverCaughtUp,
} from "../../collector/evaluate/burrow.ts";
import {
  addHighWatermark,
  createBrokerRings,
  createBrokerWindow,
  readBrokerWindow,
} from "../../collector/window/broker-rings.ts";
import { commitSamples } from "../../collector/window/burrow-reads.ts";
import {
  BURROW_STORE_DEFAULTS,
  commit,
  createBurrowStore,
  setBrokerOffset,
} from "../../collector/window/burrow-store.ts";
import { createGroupPartitions } from "../../collector/window/group-partitions.ts";
import { insertCommit, readWindow, takeRing } from "../../collector/window/rings.ts";
import { createTopicPartitions } from "../../collector/window/topic-partitions.ts";
import { BurrowSequenceCase, runSequenceCase } from "./burrow-sequence.ts";
import type { CaseResult } from "./case-result.ts";

const lag = z.number().nullable();

const RuleResults = z.object({
  isLagAlwaysNotZero: z.boolean(),
  offsetsRewindIndex: z.number(),
  offsetsStopped: z.boolean(),
  offsetsStalled: z.boolean(),
  lagNotDecreasing: z.boolean(),
  recentLagZero: z.boolean(),
});
type RuleResults = z.output<typeof RuleResults>;

const EvaluatorCase = z.object({
  name: z.string(),
  offsets: z.array(z.object({ offset: z.number(), timestamp: z.number(), lag }).nullable()),
  brokerOffsets: z.array(z.number()),
  currentLag: z.number(),
  timeNow: z.number(),
  allowedLag: z.number(),
  minimumComplete: z.number().default(0),
  expected: z.object({
    status: z.string(),
    ...RuleResults.partial().shape,
    complete: z.number().optional(),
    startIndex: z.number().optional(),
    endIndex: z.number().optional(),
    rules: RuleResults.partial().optional(),
  }),
});
type EvaluatorCase = z.output<typeof EvaluatorCase>;

const StorageCase = z.object({
  name: z.string(),
  intervals: z.number(),
  minDistance: z.number(),
  brokerOffset: z.number(),
  inputs: z.array(z.object({ offset: z.number(), order: z.number(), timestamp: z.number() })),
  expected: z.array(z.object({ offset: z.number(), order: z.number(), timestamp: z.number(), lag })),
});
type StorageCase = z.output<typeof StorageCase>;

/** Undefined where `content` is not a list of Burrow's cases. */
export function burrowCases(content: unknown): readonly CaseResult[] | undefined {
  if (!Array.isArray(content) || content.length === 0) return undefined;
  const runs: CaseResult[] = [];
  for (const one of content) {
    const run = runOf(one);
    if (run === undefined) return undefined;
    runs.push(resultOf(run));
  }
  return runs;
}

interface Run {
  readonly name: string;
  readonly check: () => void;
}

function runOf(one: unknown): Run | undefined {
  const evaluator = EvaluatorCase.safeParse(one);
  if (evaluator.success) return { name: evaluator.data.name, check: () => runEvaluatorCase(evaluator.data) };
  const storage = StorageCase.safeParse(one);
  if (storage.success) return { name: storage.data.name, check: () => runStorageCase(storage.data) };
  const sequence = BurrowSequenceCase.safeParse(one);
  if (sequence.success) return { name: sequence.data.name, check: () => runSequenceCase(sequence.data) };
  return undefined;
}

function resultOf({ name, check }: Run): CaseResult {
  try {
    check();
    return { name, failure: undefined };
  } catch (error) {
    return { name, failure: error instanceof Error ? error.message : String(error) };
  }
}

function runEvaluatorCase(given: EvaluatorCase): void {
  const { judge, slot, ring } = windowOf(given);
  const { window, broker } = judge;
  const { currentLag, timeNow, allowedLag, offsets, expected } = given;
  const status = judgeLagging(judge, slot, { currentLag, nowS: timeNow });
  readWindow(judge.store.rings, ring, window); // the rules each on their own, also where the verdict needed none of them
  readBrokerWindow(judge.store.brokers, judge.store.table.topicPartitionOf(slot), broker);
  const answer = {
    status,
    complete: completeOf(judge.store, slot),
    startIndex: window.length === 0 ? -1 : offsets.length - window.length,
    endIndex: window.length === 0 ? -1 : offsets.length - 1,
  };
  const { rules = expected, ...verdict } = expected;
  for (const [name, value] of Object.entries(answer))
    if (name in verdict)
      assert.equal(
        value,
        name === "complete" ? Math.fround(Number(verdict.complete)) : verdict[name as keyof typeof answer],
        name,
      );
  if (window.length === 0) return;
  const results: RuleResults = {
    isLagAlwaysNotZero: wasNeverCaughtUp(window, allowedLag),
    offsetsRewindIndex: firstRewind(window) ?? -1,
    offsetsStopped: isStopped(window, timeNow),
    offsetsStalled: isStalled(window),
    lagNotDecreasing: isLagNotDecreasing(window),
    recentLagZero: wasAtEndLately(window, broker),
  };
  for (const name of Object.keys(results) as (keyof RuleResults)[])
    if (rules[name] !== undefined) assert.equal(results[name], rules[name], name);
}

/** A store whose one slot has exactly this window: as many cells as `offsets`, no merging, lags as given. */
function windowOf({ offsets, brokerOffsets, minimumComplete, allowedLag }: EvaluatorCase) {
  const table = createGroupPartitions(createTopicPartitions());
  const options = { ...BURROW_STORE_DEFAULTS, intervals: offsets.length, minDistanceMs: Number.NEGATIVE_INFINITY };
  const brokers = createBrokerRings(Math.max(1, brokerOffsets.length)); // a case may have more samples than cells
  const store = { ...createBurrowStore(table, options), brokers };
  const slot = table.hold({ group: "g", topic: "t", partition: 0 }, "burrow");
  const ring = takeRing(store.rings);
  store.ringBySlot.set(slot, ring);
  for (const [order, cell] of offsets.entries())
    if (cell !== null) insertCommit(store.rings, ring, cell.offset, order, cell.timestamp, 0, cell.lag ?? Number.NaN);
  for (const offset of brokerOffsets) addHighWatermark(brokers, table.topicPartitionOf(slot), offset);
  const broker = createBrokerWindow(brokers.intervals);
  return { judge: { ...createBurrowJudge(store, { minimumComplete, allowedLag }), broker }, slot, ring };
}

function runStorageCase({ intervals, minDistance, brokerOffset, inputs, expected }: StorageCase): void {
  const nowS = 1_700_000_000;
  const baseMs = nowS * 1000 - 100_000;
  const table = createGroupPartitions(createTopicPartitions());
  const store = createBurrowStore(table, { ...BURROW_STORE_DEFAULTS, intervals, minDistanceMs: minDistance * 1000 });
  setBrokerOffset(store, { topic: "t", partition: 0, partitions: 1, offset: brokerOffset });
  const slot = table.hold({ group: "g", topic: "t", partition: 0 }, "live");
  for (const { offset, order, timestamp } of inputs) commit(store, slot, offset, order, baseMs + timestamp, nowS);
  const stored = commitSamples(store, slot)
    .filter((sample) => sample !== undefined)
    .map((sample) => ({
      offset: sample.offset,
      timestamp: sample.timestampMs - baseMs,
      order: sample.order,
      lag: sample.lag ?? null,
    }));
  assert.deepEqual(
    stored,
    expected.map(({ offset, timestamp, order, lag: wanted }) => ({ offset, timestamp, order, lag: wanted })),
  );
}
