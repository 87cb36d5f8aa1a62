/** When a store refuses so much that nothing more becomes a dead letter, and how seldom that is by chance. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { randomOf } from "../../simulator/world/random.ts";
import type { WriteOutcome } from "../sink/sink.ts";
import type { Delivery } from "./policy.ts";
import { beginDelivery, REFUSALS_AHEAD_MAX, RETRY_POLICY, stepAfter } from "./policy.ts";

const cause = new Error("scripted");
const context = { policy: RETRY_POLICY, random: () => 1 };

/** Rows of `rowPoints`, one after the other as one sink's loop sends them, until it halts; answers after how many points. */
function pointsUntilHalt(
  isPoison: () => boolean,
  { rowPoints, pointsMax, observe }: { rowPoints: number; pointsMax: number; observe?: (ahead: number) => void },
): number | undefined {
  let refusalsAhead = 0;
  for (let points = 0; points < pointsMax; points += rowPoints) {
    let delivery: Delivery = { ...beginDelivery([...new Array(rowPoints).keys()], rowPoints), refusalsAhead };
    const poison = new Set(delivery.wanted.filter(isPoison));
    for (let sent = delivery.pending[0]; sent !== undefined; sent = delivery.pending[0]) {
      const isRefused = sent.some((index) => poison.has(index));
      const outcome: WriteOutcome = isRefused
        ? { kind: "split", why: "refused", cause }
        : { kind: "written", duplicates: 0, rejected: [], kept: [] };
      const step = stepAfter(delivery, outcome, context);
      ({ delivery } = step);
      if (step.condition.kind === "held") return points + rowPoints;
      if (delivery.refused.length > 0 || !isRefused) observe?.(delivery.refusalsAhead);
    }
    ({ refusalsAhead } = delivery);
  }
  return undefined;
}

for (const rowPoints of [1, 7, 1_000]) {
  test(`rows of ${rowPoints} are judged together: what is refused from some time on halts at the 64th refusal`, () => {
    const pointsMax = 20 * REFUSALS_AHEAD_MAX + 8 * rowPoints;
    const want = Math.ceil(REFUSALS_AHEAD_MAX / rowPoints) * rowPoints;
    assert.equal(
      pointsUntilHalt(() => true, { rowPoints, pointsMax }),
      want,
    );
    let taken = 5 * rowPoints;
    // However long all was well before.
    const halted = pointsUntilHalt(() => taken-- <= 0, { rowPoints, pointsMax });
    assert.equal(halted, 5 * rowPoints + want);
  });
}

const shares: readonly { readonly share: number; readonly points: number; readonly halts: boolean }[] = [
  { share: 0.25, points: 200_000, halts: false },
  { share: 0.4, points: 200_000, halts: false },
  { share: 0.6, points: 4_000, halts: true },
  { share: 0.75, points: 1_000, halts: true },
];

for (const { share, points, halts } of shares)
  for (const rowPoints of [1, 500])
    test(`${share * 100} % of poison in rows of ${rowPoints}: ${points} points ${halts ? "halt" : "never halt"}`, () => {
      const random = randomOf(20_261_121, `${share} ${rowPoints}`);
      const halted = pointsUntilHalt(() => random() < share, { rowPoints, pointsMax: points });
      assert.equal(halted !== undefined, halts);
    });

test("how far refusals get ahead by chance is as it was reckoned: (p / (1 - p))^n at most, and nearly so", () => {
  const [share, points] = [0.4, 300_000];
  const random = randomOf(20_261_121, "reckoned");
  const seen = new Array<number>(REFUSALS_AHEAD_MAX + 1).fill(0);
  const observe = (ahead: number): void => {
    seen[ahead] = (seen[ahead] ?? 0) + 1;
  };
  pointsUntilHalt(() => random() < share, { rowPoints: 1, pointsMax: points, observe });
  for (const ahead of [1, 2, 4, 8]) {
    const found = seen.slice(ahead).reduce((sum, count) => sum + count, 0) / points;
    const reckoned = (share / (1 - share)) ** ahead;
    assert.ok(found > reckoned * 0.85 && found < reckoned * 1.15, `${ahead}: ${found} instead of ${reckoned}`);
  }
});
