/**
 * The strict store and the groups' verdicts against the plain model of burrow.model.ts, after random sequences of
 * requests (burrow-requests.suite.ts). A failure prints its seed.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type CommitSample,
  commitCounts,
  consumerList,
  fetchConsumer,
  fetchConsumersForTopic,
  fetchGroupId,
  fetchTopic,
  topicList,
} from "../window/burrow-reads.ts";
import { type BurrowStore, deleteGroup, deleteTopic } from "../window/burrow-store.ts";
import { createUint8Column } from "../window/column.ts";
import { type Model, type ModelCommit, modelFetchConsumer, modelGroupVerdict } from "./burrow.model.ts";
import type { BurrowJudge } from "./burrow.ts";
import { judgeGroup, judgeGroupInFull } from "./burrow-group.ts";
import { type Both, GROUPS, runSequence, sequence, TOPICS } from "./burrow-requests.suite.ts";

const SEQUENCES = 2_000;

function sampleOf(sample: CommitSample | undefined | null): ModelCommit | null {
  if (sample === undefined || sample === null) return null;
  const { offset: at, order, timestampMs, observedAtMs, lag } = sample;
  return { offset: at, order, timestamp: timestampMs, observedAt: observedAtMs, lag: lag ?? null };
}

function fastDetail(store: BurrowStore, name: string, nowS: number): unknown {
  return (
    fetchConsumer(store, name, nowS)?.flatMap((one) =>
      one.partitions.map((p, at) => ({ ...p, topic: one.topic, partition: at, offsets: p.offsets.map(sampleOf) })),
    ) ?? null
  );
}

function modelDetail(model: Model, name: string, nowS: number): unknown {
  return modelFetchConsumer(model, name, nowS);
}

function fastStatus(judge: BurrowJudge, name: string, nowS: number): unknown {
  const verdict = judgeGroupInFull(judge, name, nowS);
  const plain = (one: (typeof verdict.partitions)[number]) => ({
    ...one,
    start: sampleOf(one.start),
    end: sampleOf(one.end),
  });
  return {
    ...verdict,
    partitions: verdict.partitions.map(plain),
    maxLag: verdict.maxLag === undefined ? null : plain(verdict.maxLag),
  };
}

function modelStatus(model: Model, name: string, nowS: number): unknown {
  const verdict = modelGroupVerdict(model, name, nowS);
  const plain = ({ offsets: _, brokerOffsets: __, ...one }: (typeof verdict.partitions)[number]) => one;
  return {
    ...verdict,
    partitionCount: verdict.partitions.length,
    partitions: verdict.partitions.map(plain),
    maxLag: verdict.maxLag === null ? null : plain(verdict.maxLag),
  };
}

function assertSame({ judge, model, nowS }: Both): void {
  const { store } = judge;
  assert.deepEqual(consumerList(store).toSorted(), [...model.groups.keys()].toSorted());
  assert.deepEqual(topicList(store).toSorted(), [...model.brokerTopics.keys()].toSorted());
  for (const name of TOPICS) {
    const known = model.brokerTopics.get(name)?.flatMap((samples) => samples.slice(-1));
    assert.deepEqual(fetchTopic(store, name), known);
    const groups = [...model.groups].filter(([, { topics }]) => topics.has(name)).map(([one]) => one);
    assert.deepEqual(fetchConsumersForTopic(store, name).toSorted(), groups.toSorted());
  }
  for (const name of GROUPS) {
    assert.deepEqual(fastDetail(store, name, nowS), modelDetail(model, name, nowS));
    assert.deepEqual(fastStatus(judge, name, nowS), modelStatus(model, name, nowS));
  }
}

/** A tick's numbers say what the full answer says. */
function assertTotals({ judge, nowS }: Both): void {
  for (const name of GROUPS) {
    const full = judgeGroupInFull(judge, name, nowS);
    const groupId = fetchGroupId(judge.store, name, nowS);
    assert.equal(groupId === undefined, full.status === "NOTFOUND");
    if (groupId === undefined) continue;
    const codes = createUint8Column();
    assert.deepEqual(judgeGroup(judge, groupId, { nowS, codes }), {
      status: full.status,
      complete: full.complete,
      totalLag: full.totalLag,
      lagMax: full.maxLag?.currentLag ?? 0,
      partitions: full.partitionCount,
      partitionsBad: full.partitions.filter(({ status }) => status !== "OK").length,
    });
    for (const one of full.partitions) {
      const slot = judge.store.table.find({ group: name, ...one }) ?? -1;
      const code = ["", "OK", "WARN", "", "STOP", "STALL", "REWIND"].indexOf(one.status);
      if (judge.store.ringBySlot.get(slot) >= 0) assert.equal(codes.get(slot), code);
    }
  }
}

/** With every group, topic and slot given back, nothing is held: no id, no ring, no text, no spilled cell. */
function assertNothingLeft({ judge: { store } }: Both): void {
  const { table, rings } = store;
  for (const name of GROUPS) deleteGroup(store, name);
  for (const name of TOPICS) deleteTopic(store, name);
  for (let slot = 0; slot < table.slotLimit(); slot++) table.release(slot, "live");
  const left = {
    slots: table.count(),
    groups: table.groups.count(),
    topics: table.topicPartitions.topics.count(),
    texts: store.texts.count(),
    rings: rings.limit - rings.free.length,
    spilled: rings.spilledLags.size + rings.spilledTimestamps.size,
  };
  assert.deepEqual(left, { slots: 0, groups: 0, topics: 0, texts: 0, rings: 0, spilled: 0 });
}

test(`store and verdicts agree with the model after ${SEQUENCES} sequences of requests`, () => {
  fc.assert(
    fc.property(sequence, (given) => {
      const both = runSequence(given);
      assertSame(both); // first: reading expires groups
      assertTotals(both);
    }),
    { numRuns: SEQUENCES },
  );
});

test("every commit is counted once, by what became of it", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(sequence, (given) => {
      const both = runSequence(given);
      const counts = commitCounts(both.judge.store);
      for (const [outcome, count] of Object.entries(counts)) if (count > 0) seen.add(outcome);
      assert.equal(
        Object.values(counts).reduce((sum, count) => sum + count, 0),
        both.commits,
      );
    }),
    { numRuns: 500 },
  );
  assert.equal(seen.size, 8, [...seen].join(", "));
});

test("what was given back is free again", () => {
  fc.assert(
    fc.property(sequence, (given) => assertNothingLeft(runSequence(given))),
    { numRuns: 500 },
  );
});
