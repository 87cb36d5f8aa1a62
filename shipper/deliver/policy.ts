/**
 * # What to do after a store's answer
 *
 *     written   settled points leave, kept ones come again after a backoff, rejected ones are refused
 *     split     halve and send the halves at once; a single point that cannot be split is refused
 *     kept      send all again after max(its own wish, full-jitter backoff); from the second time on in smaller pieces, so
 *               that a store which was too slow for a batch is asked with less, and one that comes back with little
 *     held      the same, without end: nothing is dropped, someone must mend the configuration
 *     halted    more than half of what was tried is refused: that is the schema, not the points. Nothing more goes to the
 *               dead letters; a refused point is tried again after each backoff, and once it is taken all are sent anew
 *
 * What is more than half by chance alone must not halt. So refusals are counted against what is taken: one up, one down, never
 * below 0, over all rows, and REFUSALS_AHEAD_MAX of them halt. With a share p of poison this walk stands at n or above with
 * a chance of (p / (1 - p))^n at most (it is a birth-death chain, and begins at 0): for 64, 3e-31 at 25 % and 5e-12 at 40 %.
 * A store that refuses all is halted at its 64th refusal, one that refuses 60 % after some 320 points.
 *
 * Halving takes every other point, so that what is tried first is spread over the batch and its share says something of the
 * whole. The backoff is `random * min(60 s, 0.5 s * 2^attempt)`; a success, or part of one, begins it anew. PURE.
 */

import type { Hindrance, WriteOutcome } from "../sink/sink.ts";

export interface RetryPolicy {
  readonly delayMsFirst: number;
  readonly delayMsMax: number;
  /** A store may ask for more patience than ours, up to this. */
  readonly retryAfterMsMax: number;
}

export const RETRY_POLICY: RetryPolicy = { delayMsFirst: 500, delayMsMax: 60_000, retryAfterMsMax: 600_000 };

/** One row on its way: what is still to be sent, as groups of indexes of its points, and what became of the others. */
export interface Delivery {
  readonly pending: readonly (readonly number[])[];
  /** Indexes of all its points that this sink is to get. */
  readonly wanted: readonly number[];
  /** Points of one request, at most. */
  readonly batchPointsMax: number;
  readonly stored: number;
  readonly duplicate: number;
  readonly refused: readonly Refusal[];
  /** While halted: what was refused, and is asked for again one at a time. */
  readonly suspects: readonly number[];
  /** By how much refusals are ahead of what was taken; goes on from row to row, since a few points alone say little. */
  readonly refusalsAhead: number;
  /** Answers without any progress since the last one with some. */
  readonly attempt: number;
}

/** `index` is that of the point in its row. */
export interface Refusal {
  readonly index: number;
  readonly reason: string;
}

export interface StepContext {
  readonly policy: RetryPolicy;
  readonly random: () => number;
}

export type Step = {
  readonly delivery: Delivery;
  /** Before the first of `pending` is sent; 0 is at once. */
  readonly waitMs: number;
  readonly condition: SinkCondition;
};

export type SinkCondition = { readonly kind: "up" } | Hindrance;

const UP: SinkCondition = { kind: "up" };
export const REFUSALS_AHEAD_MAX = 64;

export class HaltedError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(`it refuses more than half of the points, so nothing more is put into the dead letters: ${reason}`, options);
    this.name = "HaltedError";
  }
}

export function delayMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  return random() * Math.min(policy.delayMsMax, policy.delayMsFirst * 2 ** attempt);
}

export function beginDelivery(wanted: readonly number[], batchPointsMax: number): Delivery {
  const none = { stored: 0, duplicate: 0, refused: [], suspects: [], refusalsAhead: 0, attempt: 0 };
  return { pending: chunksOf(wanted, batchPointsMax), wanted, batchPointsMax, ...none };
}

function chunksOf(indexes: readonly number[], size: number): Delivery["pending"] {
  const chunks: (readonly number[])[] = [];
  for (let at = 0; at < indexes.length; at += size) chunks.push(indexes.slice(at, at + size));
  return chunks;
}

/** Points a request may have after this answer: fewer once it was too much, slowly more again while it is taken. */
export function batchPointsAfter(
  now: number,
  outcome: WriteOutcome,
  { sent, max }: { readonly sent: number; readonly max: number },
): number {
  if (outcome.kind === "split" && outcome.why === "too-large") return Math.max(1, Math.min(now, Math.ceil(sent / 2)));
  if (outcome.kind === "written" && outcome.kept.length === 0 && sent >= now)
    return Math.min(max, now + Math.ceil(now / GROWTH_DIVISOR));
  return now;
}

const GROWTH_DIVISOR = 16;

/** What follows from the answer for the first group of `pending`. Nothing pending afterwards: the row is settled. */
export function stepAfter(delivery: Delivery, outcome: WriteOutcome, context: StepContext): Step {
  const [sent = [], ...rest] = delivery.pending;
  switch (outcome.kind) {
    case "written":
      return written(delivery, outcome, context);
    case "split": {
      const reason = outcome.cause.message;
      if (sent.length > 1)
        return { delivery: { ...delivery, pending: [...halves(sent), ...rest] }, waitMs: 0, condition: UP };
      const refused = sent.map((index) => ({ index, reason }));
      return afterRefusals({ ...delivery, pending: rest }, { refused, taken: 0 }, context);
    }
    case "kept": {
      const wishMs = Math.min(outcome.retryAfterMs ?? 0, context.policy.retryAfterMsMax);
      return again(delivery, { kind: "unreachable", cause: outcome.cause }, { ...context, wishMs });
    }
    case "held":
      return again(delivery, { kind: "held", cause: outcome.cause }, { ...context, wishMs: 0 });
  }
}

/** All of the first group once more, after a wait. */
function again(
  delivery: Delivery,
  condition: Hindrance,
  { policy, random, wishMs }: StepContext & { readonly wishMs: number },
): Step {
  const [sent = [], ...rest] = delivery.pending;
  const pieces = delivery.attempt > 0 && sent.length > 1 ? halves(sent) : [sent];
  const waitMs = Math.max(wishMs, delayMs(policy, delivery.attempt, random));
  return { delivery: { ...delivery, pending: [...pieces, ...rest], attempt: delivery.attempt + 1 }, waitMs, condition };
}

function written(delivery: Delivery, outcome: Extract<WriteOutcome, { kind: "written" }>, context: StepContext): Step {
  const [sent = [], ...rest] = delivery.pending;
  const kept = outcome.kept.flatMap((index) => sent[index] ?? []);
  const hindrance = outcome.hindrance ?? WITHOUT_REASON;
  if (kept.length > 0 && kept.length === sent.length) return again(delivery, hindrance, { ...context, wishMs: 0 });
  const refused = outcome.rejected.flatMap(({ index, reason }) => {
    const place = sent[index];
    return place === undefined ? [] : [{ index: place, reason }];
  });
  const taken = sent.length - kept.length - refused.length;
  const after: Delivery = {
    ...delivery,
    pending: kept.length === 0 ? rest : [kept, ...rest],
    stored: delivery.stored + taken - outcome.duplicates,
    duplicate: delivery.duplicate + outcome.duplicates,
    attempt: taken > 0 ? 0 : delivery.attempt,
  };
  const step = afterRefusals(after, { refused, taken }, context);
  if (kept.length === 0 || step.condition.kind !== "up") return step;
  const condition = hindrance.kind === "held" ? hindrance : UP;
  return { ...step, waitMs: delayMs(context.policy, after.attempt, context.random), condition };
}

const WITHOUT_REASON: Hindrance = { kind: "unreachable", cause: new Error("it kept points without saying why") };

/** `delivery` is without the refused ones yet; they are dead letters, or the reason to halt. */
function afterRefusals(
  delivery: Delivery,
  { refused, taken }: { readonly refused: readonly Refusal[]; readonly taken: number },
  context: StepContext,
): Step {
  const isMended = delivery.suspects.length > 0 && taken > 0;
  const ahead = isMended ? 0 : Math.max(0, delivery.refusalsAhead + refused.length - taken);
  const refusalsAhead = Math.min(REFUSALS_AHEAD_MAX, ahead);
  const reason = refused[0]?.reason;
  if (reason === undefined) return { delivery: { ...delivery, refusalsAhead, suspects: [] }, waitMs: 0, condition: UP };
  if (delivery.suspects.length > 0) return halted(delivery, { suspects: delivery.suspects, reason }, context);
  const after: Delivery = { ...delivery, refusalsAhead, refused: [...delivery.refused, ...refused], attempt: 0 };
  if (refusalsAhead < REFUSALS_AHEAD_MAX) return { delivery: after, waitMs: 0, condition: UP };
  return halted(after, { suspects: after.refused.map(({ index }) => index), reason }, context);
}

/** All of the row anew, behind one suspect: the first that is taken says that the store was mended. */
function halted(
  { wanted, batchPointsMax, refusalsAhead, attempt }: Delivery,
  { suspects, reason }: { readonly suspects: readonly number[]; readonly reason: string },
  { policy, random }: StepContext,
): Step {
  const probe = suspects[Math.floor(random() * suspects.length)] ?? suspects[0];
  const others = wanted.filter((index) => index !== probe);
  const fresh = beginDelivery(others, batchPointsMax);
  const pending = probe === undefined ? fresh.pending : [[probe], ...fresh.pending];
  return {
    delivery: { ...fresh, pending, wanted, suspects, refusalsAhead, attempt: attempt + 1 },
    waitMs: delayMs(policy, attempt, random),
    condition: { kind: "held", cause: new HaltedError(reason) },
  };
}

/** Every other point each; of an odd number the first half has one more. */
function halves(sent: readonly number[]): Delivery["pending"] {
  return [sent.filter((_, place) => place % 2 === 0), sent.filter((_, place) => place % 2 === 1)];
}
