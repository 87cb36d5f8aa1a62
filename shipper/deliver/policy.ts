/**
 * # What to do after a store's answer
 *
 *     written   settled points leave, kept ones come again after a backoff, rejected ones are counted
 *     split     halve and send the halves at once; a single point that cannot be split is rejected
 *     kept      send all again after max(its own wish, full-jitter backoff)
 *     held      the same, without end: nothing is dropped, someone must mend the configuration
 *
 * The backoff is `random * min(60 s, 0.5 s * 2^attempt)`; a success, or part of one, begins it anew. PURE.
 */

import type { WriteOutcome } from "../sink/sink.ts";

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
  readonly stored: number;
  readonly duplicate: number;
  readonly rejected: number;
  /** Answers without any progress since the last one with some. */
  readonly attempt: number;
}

export type Step = {
  readonly delivery: Delivery;
  /** Before the first of `pending` is sent; 0 is at once. */
  readonly waitMs: number;
  readonly condition: SinkCondition;
};

export type SinkCondition =
  | { readonly kind: "up" }
  | { readonly kind: "unreachable"; readonly cause: Error }
  | { readonly kind: "held"; readonly cause: Error };

const UP: SinkCondition = { kind: "up" };

export function delayMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  return random() * Math.min(policy.delayMsMax, policy.delayMsFirst * 2 ** attempt);
}

export function beginDelivery(points: number): Delivery {
  const all = Array.from({ length: points }, (_, index) => index);
  return { pending: points === 0 ? [] : [all], stored: 0, duplicate: 0, rejected: 0, attempt: 0 };
}

/** What follows from the answer for the first group of `pending`. Nothing pending afterwards: the row is settled. */
export function stepAfter(
  delivery: Delivery,
  outcome: WriteOutcome,
  { policy, random }: { readonly policy: RetryPolicy; readonly random: () => number },
): Step {
  const [sent = [], ...rest] = delivery.pending;
  switch (outcome.kind) {
    case "written":
      return written(delivery, outcome, { policy, random });
    case "split":
      return { delivery: halved(delivery, sent, rest), waitMs: 0, condition: UP };
    case "kept": {
      const wishMs = Math.min(outcome.retryAfterMs ?? 0, policy.retryAfterMsMax);
      const waitMs = Math.max(wishMs, delayMs(policy, delivery.attempt, random));
      const condition = { kind: "unreachable", cause: outcome.cause } as const;
      return { delivery: { ...delivery, attempt: delivery.attempt + 1 }, waitMs, condition };
    }
    case "held": {
      const waitMs = delayMs(policy, delivery.attempt, random);
      const condition = { kind: "held", cause: outcome.cause } as const;
      return { delivery: { ...delivery, attempt: delivery.attempt + 1 }, waitMs, condition };
    }
  }
}

function written(
  delivery: Delivery,
  outcome: Extract<WriteOutcome, { kind: "written" }>,
  { policy, random }: { readonly policy: RetryPolicy; readonly random: () => number },
): Step {
  const [sent = [], ...rest] = delivery.pending;
  const kept = outcome.kept.flatMap((index) => sent[index] ?? []);
  const progressed = kept.length < sent.length;
  const after: Delivery = {
    pending: kept.length === 0 ? rest : [kept, ...rest],
    stored: delivery.stored + sent.length - kept.length - outcome.rejected.length - outcome.duplicates,
    duplicate: delivery.duplicate + outcome.duplicates,
    rejected: delivery.rejected + outcome.rejected.length,
    attempt: progressed ? 0 : delivery.attempt + 1,
  };
  const waitMs = kept.length === 0 ? 0 : delayMs(policy, progressed ? 0 : delivery.attempt, random);
  return { delivery: after, waitMs, condition: UP };
}

function halved(delivery: Delivery, sent: readonly number[], rest: Delivery["pending"]): Delivery {
  if (sent.length <= 1) return { ...delivery, pending: rest, rejected: delivery.rejected + sent.length, attempt: 0 };
  const middle = Math.ceil(sent.length / 2);
  return { ...delivery, pending: [sent.slice(0, middle), sent.slice(middle), ...rest] };
}
