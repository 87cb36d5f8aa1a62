/** Records older than all samples: found by questions for timestamps, a few rounds of them, and never guessed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { timeLagAt } from "../model/snapshot.ts";
import type { TimeLag } from "../model/time-lag.ts";
import { planRecordTimes } from "./plan-record-times.ts";
import type { Watched } from "./snapshot.fixture.ts";
import { commit, NOW_MS, offsets, snapshotOf, watched } from "./snapshot.fixture.ts";

/** When each record from the log start on was appended, epoch ms, rising. */
interface Log {
  readonly startOffset: number;
  readonly appendedMs: readonly number[];
}

const HOUR_MS = 3_600_000;

/** Bursts and silences: most records come within milliseconds, some after hours. */
const log = fc
  .record({
    startOffset: fc.integer({ min: 0, max: 1_000 }),
    gapsMs: fc.array(
      fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 0, max: 200 }) },
        { weight: 2, arbitrary: fc.integer({ min: 200, max: 600_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: 600_000, max: 20 * HOUR_MS }) },
      ),
      { minLength: 2, maxLength: 300 },
    ),
  })
  .map(({ startOffset, gapsMs }): Log => {
    const total = gapsMs.reduce((sum, gap) => sum + gap, 0);
    let atMs = NOW_MS - 60_000 - total;
    return {
      startOffset,
      appendedMs: gapsMs.map((gap) => {
        atMs += gap;
        return atMs;
      }),
    };
  });

function answer({ state }: Watched, { startOffset, appendedMs }: Log, askedMs: number): void {
  const index = appendedMs.findIndex((atMs) => atMs >= askedMs);
  state.observe({
    kind: "record-times",
    topics: ["t"],
    topicIndex: Int32Array.of(0),
    partitions: Int32Array.of(0),
    askedMs: Float64Array.of(askedMs),
    offsets: Float64Array.of(index < 0 ? -1 : startOffset + index),
    timesMs: Float64Array.of(index < 0 ? -1 : (appendedMs[index] ?? Number.NaN)),
  });
}

function behind(of: Log, committedOffset: number): Watched {
  const one = watched();
  const end = of.startOffset + of.appendedMs.length;
  commit(one, 0, { offset: committedOffset, order: 1, ageMs: 30_000 });
  offsets(one, "end", { values: [end, 0, 0] });
  offsets(one, "start", { values: [of.startOffset, 0, 0] });
  return one;
}

function timeLag(one: Watched, nowMs: number): TimeLag {
  return timeLagAt(snapshotOf(one, nowMs).rows, { row: 0, nowMs });
}

/** Asks once a second until nothing is wanted any more; answers with the number of questions. */
function settle(one: Watched, of: Log): { readonly rounds: number; readonly nowMs: number } {
  let nowMs = NOW_MS;
  let rounds = 0;
  for (let second = 0; second < 40; second += 1) {
    nowMs += 1_000;
    snapshotOf(one, nowMs);
    for (const { timestampMs } of planRecordTimes(one.state, { nowMs, questionsMax: 10 })) {
      answer(one, of, timestampMs);
      rounds += 1;
    }
  }
  return { rounds, nowMs };
}

const someRecord = fc.tuple(log, fc.nat()).map(([of, any]) => ({ of, index: any % of.appendedMs.length }));

test("the true age lies between the bounds, after every answer, and six rounds are the most", () => {
  fc.assert(
    fc.property(someRecord, fc.integer({ min: 0, max: 50 }), ({ of, index }, below) => {
      // A group that retention has overtaken has the oldest record to read next.
      const committed = index === 0 ? Math.max(0, of.startOffset - below) : of.startOffset + index;
      const one = behind(of, committed);
      const { rounds, nowMs } = settle(one, of);
      assert.ok(rounds >= 1 && rounds <= 6, `${rounds} rounds`);
      const found = timeLag(one, nowMs);
      assert.ok(found.kind === "estimated" && found.method === "timestamps", found.kind);
      const trueMs = nowMs - (of.appendedMs[index] ?? Number.NaN);
      assert.ok(found.lowerMs <= trueMs && trueMs <= found.upperMs, `${found.lowerMs} ${trueMs} ${found.upperMs}`);
      assert.ok(found.lowerMs <= found.timeLagMs && found.timeLagMs <= found.upperMs);
    }),
    { numRuns: 500 },
  );
});

test("steadily written logs of a week are known to a twentieth of the age within the rounds", () => {
  for (const index of [1, 10, 500, 1_400, 1_600, 1_679]) {
    const appendedMs = Array.from({ length: 1_680 }, (_, i) => NOW_MS - (1_680 - i) * 360_000);
    const of = { startOffset: 7, appendedMs };
    const one = behind(of, 7 + index);
    const { nowMs } = settle(one, of);
    const found = timeLag(one, nowMs);
    assert.ok(found.kind === "estimated");
    const narrow = Math.max(360_000, found.timeLagMs / 18);
    assert.ok(
      found.upperMs - found.lowerMs <= narrow,
      `${index}: ${found.upperMs - found.lowerMs} of ${found.timeLagMs}`,
    );
  }
});

test("nothing is asked for a group that is not behind the samples, nor before it had time to commit", () => {
  const of: Log = { startOffset: 0, appendedMs: Array.from({ length: 100 }, (_, i) => NOW_MS - 90_000 + i) };
  const one = behind(of, 40);
  snapshotOf(one, NOW_MS);
  assert.deepEqual(planRecordTimes(one.state, { nowMs: NOW_MS + 9_000, questionsMax: 10 }), []);
  assert.equal(planRecordTimes(one.state, { nowMs: NOW_MS + 10_000, questionsMax: 10 }).length, 1);
  const well = behind(of, 100);
  snapshotOf(well, NOW_MS);
  assert.deepEqual(planRecordTimes(well.state, { nowMs: NOW_MS + 60_000, questionsMax: 10 }), []);
});

test("answers of another log, and timestamps of a clock that is ahead, count for nothing", () => {
  const of: Log = { startOffset: 0, appendedMs: Array.from({ length: 100 }, (_, i) => NOW_MS - 90_000 + i) };
  const ahead = behind(of, 40);
  answer(ahead, { startOffset: 0, appendedMs: of.appendedMs.map((atMs) => atMs + HOUR_MS) }, 0);
  assert.equal(timeLag(ahead, NOW_MS).kind, "at-least");
  const again = behind(of, 40);
  answer(again, of, 0);
  assert.equal(timeLag(again, NOW_MS).kind, "at-least", "the middle of the whole log is no estimate");
  answer(again, of, NOW_MS - 89_950);
  assert.equal(timeLag(again, NOW_MS).kind, "estimated");
  again.state.observe({ kind: "topics", topics: [{ topic: "t", topicId: "another", partitions: 3 }] });
  commit(again, 0, { offset: 40, order: 2, ageMs: 0 });
  offsets(again, "end", { values: [100, 0, 0] });
  assert.equal(timeLag(again, NOW_MS).kind, "at-least");
});

test("answers that contradict each other leave the lower bound", () => {
  const of: Log = { startOffset: 0, appendedMs: Array.from({ length: 100 }, (_, i) => NOW_MS - 90_000 + i) };
  const one = behind(of, 40);
  const times = (askedMs: number, offset: number, timeMs: number): void =>
    one.state.observe({
      kind: "record-times",
      topics: ["t"],
      topicIndex: Int32Array.of(0),
      partitions: Int32Array.of(0),
      askedMs: Float64Array.of(askedMs),
      offsets: Float64Array.of(offset),
      timesMs: Float64Array.of(timeMs),
    });
  times(0, 10, NOW_MS - 80_000);
  times(NOW_MS - 85_000, 60, NOW_MS - 70_000);
  assert.equal(timeLag(one, NOW_MS).kind, "at-least");
});
