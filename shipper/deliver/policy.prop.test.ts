/** After any answers, each point of a row is in exactly one end state; waits stay within their bounds. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { WriteOutcome } from "../sink/sink.ts";
import { batchPointsAfter, beginDelivery, delayMs, RETRY_POLICY, stepAfter } from "./policy.ts";

const cause = new Error("scripted");
const BATCH_POINTS_MAX = 5_000;
const context = { policy: RETRY_POLICY, random: () => 1 };
const begin = (points: number, batchPointsMax = BATCH_POINTS_MAX) =>
  beginDelivery(
    Array.from({ length: points }, (_, index) => index),
    batchPointsMax,
  );

/** An answer for a batch of `size`, from a list of choices: per point stored, duplicate, rejected or kept. */
const answer = fc.oneof(
  fc.record({ kind: fc.constant("points" as const), choices: fc.array(fc.nat(3), { minLength: 1, maxLength: 20 }) }),
  fc.constant({ kind: "split" as const }),
  fc.record({ kind: fc.constant("kept" as const), retryAfterMs: fc.option(fc.nat(10_000_000), { nil: undefined }) }),
  fc.constant({ kind: "held" as const }),
);

function outcomeOf(script: typeof answer extends fc.Arbitrary<infer T> ? T : never, size: number): WriteOutcome {
  switch (script.kind) {
    case "points": {
      const choice = Array.from({ length: size }, (_, index) => script.choices[index % script.choices.length] ?? 0);
      const where = (wanted: number): number[] => choice.flatMap((one, index) => (one === wanted ? [index] : []));
      const rejected = where(2).map((index) => ({ index, reason: "scripted" }));
      return { kind: "written", duplicates: where(1).length, rejected, kept: where(3) };
    }
    case "split":
      return { kind: "split", why: "refused", cause };
    case "kept":
      return { kind: "kept", retryAfterMs: script.retryAfterMs, cause };
    case "held":
      return { kind: "held", cause };
  }
}

test("every point is stored, duplicate, rejected or pending, and never two of these", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.array(answer, { maxLength: 60 }), (points, scripts) => {
      let delivery = begin(points);
      for (const script of scripts) {
        const sent = delivery.pending[0];
        if (sent === undefined) break;
        const step = stepAfter(delivery, outcomeOf(script, sent.length), context);
        delivery = step.delivery;
        const pending = delivery.pending.flat();
        assert.equal(new Set(pending).size, pending.length);
        assert.ok(delivery.pending.every((group) => group.length > 0));
        assert.equal(delivery.stored + delivery.duplicate + delivery.refused.length + pending.length, points);
        assert.ok(step.waitMs >= 0 && step.waitMs <= RETRY_POLICY.retryAfterMsMax);
      }
    }),
    { numRuns: 5_000 },
  );
});

test("S6: one poison point is found by halving, in at most 2 log2(n) + 1 requests, and the others are stored", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.nat(), (points, at) => {
      const poison = at % points;
      let delivery = begin(points);
      let requests = 0;
      for (let sent = delivery.pending[0]; sent !== undefined; sent = delivery.pending[0]) {
        requests += 1;
        const outcome: WriteOutcome = sent.includes(poison)
          ? { kind: "split", why: "refused", cause }
          : { kind: "written", duplicates: 0, rejected: [], kept: [] };
        delivery = stepAfter(delivery, outcome, context).delivery;
      }
      assert.deepEqual([delivery.stored, delivery.refused.length], [points - 1, 1]);
      assert.ok(requests <= 2 * Math.ceil(Math.log2(points)) + 1, `${requests} requests for ${points} points`);
    }),
    { numRuns: 200 },
  );
});

const waits: readonly { readonly attempt: number; readonly random: number; readonly ms: number }[] = [
  { attempt: 0, random: 1, ms: 500 },
  { attempt: 1, random: 1, ms: 1_000 },
  { attempt: 6, random: 1, ms: 32_000 },
  { attempt: 7, random: 1, ms: 60_000 },
  { attempt: 5_000, random: 1, ms: 60_000 },
  { attempt: 3, random: 0.25, ms: 1_000 },
  { attempt: 3, random: 0, ms: 0 },
];

for (const { attempt, random, ms } of waits) {
  test(`attempt ${attempt} with chance ${random} waits ${ms} ms`, () => {
    assert.equal(
      delayMs(RETRY_POLICY, attempt, () => random),
      ms,
    );
  });
}

const wishes: readonly { readonly name: string; readonly retryAfterMs: number | undefined; readonly ms: number }[] = [
  { name: "no wish: ours", retryAfterMs: undefined, ms: 500 },
  { name: "a shorter wish: ours", retryAfterMs: 499, ms: 500 },
  { name: "a longer wish: its", retryAfterMs: 501, ms: 501 },
  { name: "an absurd wish: ten minutes", retryAfterMs: 1e12, ms: 600_000 },
];

for (const { name, retryAfterMs, ms } of wishes) {
  test(`the store wishes a pause; ${name}`, () => {
    const outcome: WriteOutcome = { kind: "kept", retryAfterMs, cause };
    const step = stepAfter(begin(3), outcome, context);
    assert.equal(step.waitMs, ms);
  });
}

/** A row of `points`, of which the store refuses some: at once by index, or by refusing whatever holds one. */
function deliverTo(refuses: ReadonlySet<number>, points: number, how: "by-item" | "by-request") {
  let delivery = begin(points);
  let [requests, halts] = [0, 0];
  for (let sent = delivery.pending[0]; sent !== undefined && halts === 0; sent = delivery.pending[0]) {
    requests += 1;
    const bad = sent.flatMap((index, place) => (refuses.has(index) ? [{ index: place, reason: "scripted" }] : []));
    const outcome: WriteOutcome =
      how === "by-item" || bad.length === 0
        ? { kind: "written", duplicates: 0, rejected: how === "by-item" ? bad : [], kept: [] }
        : { kind: "split", why: "refused", cause };
    const step = stepAfter(delivery, outcome, context);
    if (step.condition.kind === "held") halts += 1;
    delivery = step.delivery;
  }
  return { delivery, requests, halts };
}

for (const how of ["by-item", "by-request"] as const) {
  test(`refused ${how}: up to four tenths become dead letters, and no neighbour does`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.array(fc.nat(), { maxLength: 400 }), (points, picks) => {
        const refuses = new Set(picks.slice(0, Math.floor(points * 0.4)).map((pick) => pick % points));
        const { delivery, halts } = deliverTo(refuses, points, how);
        assert.equal(halts, 0);
        assert.deepEqual(new Set(delivery.refused.map(({ index }) => index)), refuses);
        assert.equal(delivery.stored, points - refuses.size);
      }),
      { numRuns: 300 },
    );
  });

  test(`refused ${how}: a run of neighbours at the front does not look like all of them`, () => {
    const { delivery, halts } = deliverTo(new Set(Array.from({ length: 200 }, (_, index) => index)), 5_000, how);
    assert.deepEqual([halts, delivery.refused.length], [0, 200]);
  });

  test(`refused ${how}: when all are refused none becomes a dead letter, and few requests tell it`, () => {
    const { delivery, requests, halts } = deliverTo(
      new Set(Array.from({ length: 5_000 }, (_, index) => index)),
      5_000,
      how,
    );
    assert.deepEqual([halts, delivery.refused.length, delivery.pending.flat().length], [1, 0, 5_000]);
    assert.ok(requests <= 150, `${requests} requests`);
  });
}

test("halted, one refused point is asked for again; once it is taken the whole row goes", () => {
  const all = Array.from({ length: 100 }, (_, index) => index);
  const everyOne = all.map((index) => ({ index, reason: "no such field" }));
  let step = stepAfter(begin(100), { kind: "written", duplicates: 0, rejected: everyOne, kept: [] }, context);
  assert.match(step.condition.kind === "up" ? "" : step.condition.cause.message, /more than half.*no such field/);
  for (const attempt of [1, 2, 3]) {
    assert.deepEqual([step.delivery.pending[0]?.length, step.delivery.attempt], [1, attempt]);
    step = stepAfter(step.delivery, { kind: "split", why: "refused", cause }, context);
    assert.equal(step.condition.kind, "held");
  }
  const taken: WriteOutcome = { kind: "written", duplicates: 0, rejected: [], kept: [] };
  step = stepAfter(step.delivery, taken, context);
  assert.deepEqual([step.condition.kind, step.delivery.attempt, step.waitMs], ["up", 0, 0]);
  step = stepAfter(step.delivery, taken, context);
  assert.deepEqual([step.delivery.stored, step.delivery.pending.length], [100, 0]);
});

test("halted, a suspect that the store is too slow for stays a suspect", () => {
  const rejected = Array.from({ length: 70 }, (_, index) => ({ index, reason: "scripted" }));
  const halted = stepAfter(begin(70), { kind: "written", duplicates: 0, rejected, kept: [] }, context).delivery;
  for (const outcome of [
    { kind: "kept", retryAfterMs: undefined, cause },
    { kind: "written", duplicates: 0, rejected: [], kept: [0], hindrance: { kind: "unreachable", cause } },
  ] as const) {
    const step = stepAfter(halted, outcome, context);
    assert.deepEqual([step.condition.kind, step.delivery.suspects.length], ["unreachable", 70]);
  }
});

test("a batch that was too slow twice is asked for in halves, so that the first is small when the store is back", () => {
  let delivery = begin(5_000);
  for (let attempt = 0; attempt < 20; attempt += 1)
    delivery = stepAfter(delivery, { kind: "kept", retryAfterMs: undefined, cause }, context).delivery;
  const sizes = delivery.pending.map((group) => group.length);
  assert.equal(sizes[0], 1);
  assert.ok(sizes.length <= 14, `${sizes.length} pieces`);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    5_000,
  );
});

const sizes: readonly {
  readonly name: string;
  readonly outcome: WriteOutcome;
  readonly sent: number;
  readonly next: number;
}[] = [
  { name: "too large", outcome: { kind: "split", why: "too-large", cause }, sent: 1_000, next: 500 },
  { name: "a single point too large", outcome: { kind: "split", why: "too-large", cause }, sent: 1, next: 1 },
  { name: "refused", outcome: { kind: "split", why: "refused", cause }, sent: 1_000, next: 1_000 },
  { name: "taken", outcome: { kind: "written", duplicates: 0, rejected: [], kept: [] }, sent: 1_000, next: 1_063 },
  {
    name: "a small one taken",
    outcome: { kind: "written", duplicates: 0, rejected: [], kept: [] },
    sent: 9,
    next: 1_000,
  },
];

for (const { name, outcome, sent, next } of sizes) {
  test(`a batch that was ${name}: the next has ${next} points at most`, () =>
    assert.equal(batchPointsAfter(1_000, outcome, { sent, max: 2_000 }), next));
}

test("a batch never has more points than its sink takes, nor than were configured", () => {
  assert.deepEqual(
    begin(5, 2).pending.map((group) => group.length),
    [2, 2, 1],
  );
  const taken: WriteOutcome = { kind: "written", duplicates: 0, rejected: [], kept: [] };
  assert.equal(batchPointsAfter(1_990, taken, { sent: 1_990, max: 2_000 }), 2_000);
});
