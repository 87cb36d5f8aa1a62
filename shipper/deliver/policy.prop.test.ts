/** After any answers, each point of a row is in exactly one end state; waits stay within their bounds. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { WriteOutcome } from "../sink/sink.ts";
import { beginDelivery, delayMs, RETRY_POLICY, stepAfter } from "./policy.ts";

const cause = new Error("scripted");

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
      return { kind: "split", cause };
    case "kept":
      return { kind: "kept", retryAfterMs: script.retryAfterMs, cause };
    case "held":
      return { kind: "held", cause };
  }
}

test("every point is stored, duplicate, rejected or pending, and never two of these", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.array(answer, { maxLength: 60 }), (points, scripts) => {
      let delivery = beginDelivery(points);
      for (const script of scripts) {
        const sent = delivery.pending[0];
        if (sent === undefined) break;
        const step = stepAfter(delivery, outcomeOf(script, sent.length), { policy: RETRY_POLICY, random: () => 1 });
        delivery = step.delivery;
        const pending = delivery.pending.flat();
        assert.equal(new Set(pending).size, pending.length);
        assert.ok(delivery.pending.every((group) => group.length > 0));
        assert.equal(delivery.stored + delivery.duplicate + delivery.rejected + pending.length, points);
        assert.ok(step.waitMs >= 0 && step.waitMs <= RETRY_POLICY.retryAfterMsMax);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("one poison point is found by halving, in at most 2 log2(n) + 1 requests, and the others are stored", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.nat(), (points, at) => {
      const poison = at % points;
      let delivery = beginDelivery(points);
      let requests = 0;
      for (let sent = delivery.pending[0]; sent !== undefined; sent = delivery.pending[0]) {
        requests += 1;
        const outcome: WriteOutcome = sent.includes(poison)
          ? { kind: "split", cause }
          : { kind: "written", duplicates: 0, rejected: [], kept: [] };
        delivery = stepAfter(delivery, outcome, { policy: RETRY_POLICY, random: () => 1 }).delivery;
      }
      assert.deepEqual([delivery.stored, delivery.rejected], [points - 1, 1]);
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
    const step = stepAfter(beginDelivery(3), outcome, { policy: RETRY_POLICY, random: () => 1 });
    assert.equal(step.waitMs, ms);
  });
}
