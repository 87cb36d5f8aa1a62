/** Numbers and times that make no sense: what leaves the process makes sense none the less. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTickStep } from "../../cli/tick.ts";
import { createFeed } from "../../collector/feed/feed.ts";
import { ask, textOf } from "../../collector/http/ask.fixture.ts";
import { readExposition } from "../../collector/http/exposition-reader.fixture.ts";
import { createMetricsHandler } from "../../collector/http/metrics.ts";
import { NOW_MS, type WatchedFixture, watchedCluster } from "../../collector/http/watched.fixture.ts";
import { GroupEvaluation } from "../../collector/model/evaluation.ts";
import { groupEvaluationAt, groupEvaluationsOf } from "../../collector/model/snapshot.ts";
import { createSteadyClock } from "../../runtime/steady-clock.ts";

const TOPIC = [{ topic: "t", topicId: "id", partitions: 1 }];
const SAFE_MAX = Number.MAX_SAFE_INTEGER;

function answer(
  { state }: WatchedFixture,
  which: "end" | "start",
  { offset, atMs }: { offset: number; atMs: number },
): void {
  state.observe({
    kind: "watermarks",
    which,
    atMs,
    answeredAtMs: atMs,
    topics: ["t"],
    topicIndex: new Int32Array(1),
    partitions: new Int32Array(1),
    offsets: Float64Array.of(offset),
    unavailable: new Map(),
  });
}

const offset = fc.oneof(fc.constantFrom(0, 1, 99, 100, 101, SAFE_MAX), fc.integer({ min: 0, max: 200 }));
/** -1 and -2 are what clients commit; NaN is what the decoders say of a number beyond 2^53. */
const committed = fc.oneof(offset, fc.constantFrom(-1, -2));
const watermark = fc.oneof(offset, fc.constantFrom(Number.NaN, -1));
const steps = fc.array(
  fc.oneof(
    committed.map((value) => ({ kind: "commit", value }) as const),
    fc.oneof(committed, fc.constant(Number.NaN)).map((value) => ({ kind: "baseline", value }) as const),
    watermark.map((value) => ({ kind: "end", value }) as const),
    watermark.map((value) => ({ kind: "start", value }) as const),
  ),
  { minLength: 1, maxLength: 12 },
);

test("C16: whatever is committed and whatever the log says, lag is never negative, -1 is no commit, beyond the end is said, and no NaN or infinity leaves the process", async () => {
  const property = fc.asyncProperty(steps, async (list) => {
    const fixture = watchedCluster("c");
    const { state, view, clock } = fixture;
    state.observe({ kind: "topics", topics: TOPIC });
    let newest = Number.NaN;
    let end = Number.NaN;
    for (const [order, { kind, value }] of list.entries()) {
      clock.nowMs += 5_000;
      if (kind === "commit") {
        state.commit(state.handleOf("g", "t", 0), value, clock.nowMs, order + 1, 0, order + 1);
        newest = value;
      } else if (kind === "baseline") {
        const offsets = [{ topic: "t", partition: 0, committedOffset: value }];
        state.observe({ kind: "baseline", group: "g", logPartition: 0, offsets });
        newest = Number.NaN;
      } else {
        answer(fixture, kind, { offset: value, atMs: clock.nowMs });
        if (kind === "end") end = value;
      }
    }
    clock.nowMs += 5_000;
    answer(fixture, "end", { offset: end, atMs: clock.nowMs });
    view.verdicts.judge(clock.nowMs, clock.nowMs);
    const evaluation = groupEvaluationAt(view.snapshot(), 0);
    if (evaluation === undefined) return;
    assert.deepEqual(GroupEvaluation.parse(evaluation), evaluation);
    assert.ok(!JSON.stringify(evaluation).includes("null"), "JSON's word for NaN and infinity");
    const [row] = evaluation.partitions;
    assert.ok((row?.lag ?? 0) >= 0 && (evaluation.lag ?? 0) >= 0);
    if (newest < 0) assert.equal(row?.committed_offset, undefined);
    if (newest > end && end >= 0 && newest <= SAFE_MAX) assert.deepEqual([row?.lag, row?.reason], [0, "ahead"]);
    const metrics = await ask(createMetricsHandler({ clusters: [view], own: async () => "" }), "/metrics");
    assert.ok(metrics !== undefined);
    for (const { samples } of readExposition(await textOf(metrics)).values())
      for (const { value } of samples) assert.ok(Number.isFinite(value));
  });
  await fc.assert(property, { numRuns: 2_000 });
});

const HOUR_MS = 3_600_000;

test("C17: a coordinator's clock that is up to an hour off makes no group ill and no age negative, and what ours does dates no point into the future or twice", async () => {
  fc.assert(
    fc.property(fc.integer({ min: -HOUR_MS, max: HOUR_MS }), (skewMs) => {
      const fixture = watchedCluster("c");
      const { state, view, clock } = fixture;
      state.observe({ kind: "topics", topics: TOPIC });
      for (let round = 1; round <= 20; round++) {
        clock.nowMs += 10_000;
        answer(fixture, "end", { offset: 1_000 + round * 10, atMs: clock.nowMs });
        const committedAtMs = clock.nowMs + skewMs;
        state.commit(state.handleOf("g", "t", 0), 990 + round * 10, committedAtMs, round, 0, round);
        state.observe({ kind: "coordinator-clock", logPartition: 0, committedAtMs, atMs: clock.nowMs });
        state.sampleBurrow();
        view.verdicts.judge(clock.nowMs, clock.nowMs);
        if (round < 5) continue; // three samples say how far it is off
        const { status, partitions } = groupEvaluationAt(view.snapshot(), 0) ?? {};
        assert.equal(status, "OK", `round ${round}`);
        const ageS = partitions?.[0]?.commit_age_seconds ?? -1;
        assert.ok(ageS >= 0 && ageS <= 10, `${ageS} s`);
      }
    }),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: -HOUR_MS, max: HOUR_MS }), { maxLength: 8 }), ticksOfJumps),
    {
      numRuns: 300,
    },
  );
});

/** The wall clock jumps every three seconds. */
async function ticksOfJumps(jumps: readonly number[]): Promise<void> {
  const time = { wallMs: NOW_MS, monotonicMs: 0 };
  const clock = createSteadyClock({ nowMs: () => time.wallMs, monotonicMs: () => time.monotonicMs });
  const { view } = watchedCluster("c");
  const feed = createFeed({ run: "r", bytesMax: 1e9, ageMsMax: 1e9, answerBytesMax: 1e9, sleep: async () => {} });
  const stats = { ticks: 0, skipped: 0, lastMs: 0 };
  const step = createTickStep({ clusters: [view], feed, intervalMs: 1_000, clock, stats });
  for (const jumpMs of [...jumps, 0]) {
    time.wallMs += jumpMs;
    for (let i = 0; i < 12; i++) {
      time.wallMs += 250;
      time.monotonicMs += 250;
      await step();
    }
  }
  const answer = await feed.read("", 0, new AbortController().signal);
  const times = answer.kind === "ticks" ? answer.ticks.map(({ at }) => at) : [];
  assert.deepEqual(times, [...new Set(times)].toSorted(), "each grid time once, and in order");
  assert.ok(times.every((at) => at <= clock.nowMs()));
  for (const evaluation of groupEvaluationsOf(view.snapshot())) assert.ok(evaluation.at <= clock.nowMs());
}
