/**
 * Random answers of a store that knows what it holds: busy, broken, unwilling, too small, forgetful of its answer after it has
 * stored; and some points are poison. Whatever the script, in the end each good point is in the store, each poison one is
 * refused, none is both or neither, and what is told agrees with what the store holds. Up to four tenths of poison never halt
 * the delivery. Some stores refuse every point: those halt it, someone mends them, and then everything is taken.
 */

import assert from "node:assert/strict";
import type { Random } from "../../simulator/world/random.ts";
import { randomOf } from "../../simulator/world/random.ts";
import type { WriteOutcome } from "../sink/sink.ts";
import type { Delivery } from "./policy.ts";
import { batchPointsAfter, beginDelivery, REFUSALS_AHEAD_MAX, RETRY_POLICY, stepAfter } from "./policy.ts";

const POINTS_MAX = 400;
const BATCH_POINTS_MAX = 120;
/** Nearer to one half chance halts, which halt.prop.test.ts reckons. */
const POISON_SHARE_MAX = 0.4;
const UNWILLING_SHARE = 0.05;
const TROUBLES_MAX = 40;

interface Store {
  readonly held: Set<number>;
  /** Empty once someone has mended it. */
  readonly poison: Set<number>;
  readonly answersByItem: boolean;
  readonly random: Random;
}

const cause = new Error("scripted");

/** What it does with a batch; `points` are indexes in the row, the outcome's are places in the batch. */
function answer({ held, poison, answersByItem, random }: Store, points: readonly number[], isCalm: boolean) {
  const trouble = isCalm ? 1 : random();
  if (trouble < 0.15) return kept(random);
  if (trouble < 0.25) return { kind: "held", cause } as const;
  if (trouble < 0.35) return { kind: "split", why: "too-large", cause } as const;
  if (!answersByItem && points.some((point) => poison.has(point)))
    return { kind: "split", why: "refused", cause } as const;
  const rejected: { readonly index: number; readonly reason: string }[] = [];
  const keptPlaces: number[] = [];
  let duplicates = 0;
  for (const [index, point] of points.entries()) {
    if (poison.has(point)) rejected.push({ index, reason: "scripted" });
    else if (trouble < 0.5 && random() < 0.3) keptPlaces.push(index);
    else if (held.has(point)) duplicates += 1;
    else held.add(point);
  }
  // Stored, and then the answer is lost on its way.
  if (trouble < 0.6) return kept(random);
  return { kind: "written", duplicates, rejected, kept: keptPlaces } as const;
}

const kept = (random: Random) =>
  ({ kind: "kept", retryAfterMs: random() < 0.5 ? undefined : random() * 1e7, cause }) as const;

/** Where one point alone is too large it is refused, whatever it is: then it is no good point. */
function isTooLargeAlone(outcome: WriteOutcome, sent: readonly number[]): boolean {
  return outcome.kind === "split" && outcome.why === "too-large" && sent.length === 1;
}

function poisonOf(points: number, random: Random): Set<number> {
  if (random() < UNWILLING_SHARE) return new Set(Array.from({ length: points }, (_, index) => index));
  const count = Math.floor(random() * POISON_SHARE_MAX * points);
  return new Set(Array.from({ length: count }, () => Math.floor(random() * points)));
}

function deliverOne(random: Random): void {
  const points = 1 + Math.floor(random() * POINTS_MAX);
  const poison = poisonOf(points, random);
  const isToHalt = poison.size === points && points >= REFUSALS_AHEAD_MAX;
  const store: Store = { held: new Set(), poison, answersByItem: random() < 0.5, random };
  const context = { policy: RETRY_POLICY, random };
  const wanted = Array.from({ length: points }, (_, index) => index);
  let batchPointsMax = BATCH_POINTS_MAX;
  let delivery = beginDelivery(wanted, batchPointsMax);
  let [troubles, requests, isMended] = [Math.floor(random() * TROUBLES_MAX), 0, false];
  for (let sent = delivery.pending[0]; sent !== undefined; sent = delivery.pending[0]) {
    requests += 1;
    assert.ok(sent.length <= BATCH_POINTS_MAX);
    const outcome = answer(store, sent, troubles <= 0);
    troubles -= 1;
    if (isTooLargeAlone(outcome, sent)) continue;
    const step = stepAfter(delivery, outcome, context);
    assert.ok(step.waitMs >= 0 && step.waitMs <= RETRY_POLICY.retryAfterMsMax);
    batchPointsMax = batchPointsAfter(batchPointsMax, outcome, { sent: sent.length, max: BATCH_POINTS_MAX });
    assert.ok(batchPointsMax >= 1 && batchPointsMax <= BATCH_POINTS_MAX);
    delivery = step.delivery;
    // Held, so a person is called.
    if (delivery.suspects.length > 0 && step.condition.kind === "held" && delivery.attempt >= MENDED_AFTER) {
      isMended = true;
      poison.clear();
    }
    assert.ok(requests < REQUESTS_MAX, "it comes to an end");
  }
  assertEnd(delivery, { store, points });
  assert.equal(isMended, isToHalt, "halted where everything is refused, and nowhere else");
}

const REQUESTS_MAX = 20_000;
/** Refusals of what was refused before, until somebody looks. */
const MENDED_AFTER = 20;

function assertEnd(
  { stored, duplicate, refused }: Delivery,
  { store, points }: { store: Store; points: number },
): void {
  const { held, poison } = store;
  assert.equal(stored + duplicate + refused.length, points);
  assert.equal(stored + duplicate, held.size, "what is told as stored is what the store holds");
  const wrong = refused.filter(({ index }) => !poison.has(index) || held.has(index));
  assert.deepEqual(wrong, [], "only poison is refused");
  assert.equal(new Set(refused.map(({ index }) => index)).size, poison.size, "and all of it");
}

/** Throws at the first script after which a point is in no end state, in two, or in the wrong one; the seed tells which. */
export function checkAnswers(scripts: number, seed: number): void {
  for (let script = 0; script < scripts; script += 1) {
    try {
      deliverOne(randomOf(seed, String(script)));
    } catch (error) {
      throw new Error(`script ${script} of seed ${seed}`, { cause: error });
    }
  }
}
