/**
 * # Dead letters, sent again
 *
 * As a row of the spool, by the same policy, but nothing waits: a sink that does not take them now ends it, and what it did not
 * take stays. What it refuses again stays, too.
 */

import { asError } from "../../runtime/error.ts";
import type { Point } from "../schema/point.ts";
import type { Sink, WriteOutcome } from "../sink/sink.ts";
import type { Delivery, StepContext } from "./policy.ts";
import { beginDelivery, RETRY_POLICY, stepAfter } from "./policy.ts";

export interface Replayed {
  /** Indexes of the points that the sink has now. */
  readonly taken: readonly number[];
  /** Indexes of those that it refused again. */
  readonly refused: readonly number[];
  /** Why it ended before its end. */
  readonly stoppedBy: Error | undefined;
}

const CONTEXT: StepContext = { policy: RETRY_POLICY, random: () => 0 };

export async function replay(points: readonly Point[], sink: Sink, signal: AbortSignal): Promise<Replayed> {
  const all = points.map((_, index) => index);
  let delivery = beginDelivery(all, sink.batchPointsMax);
  let stoppedBy: Error | undefined;
  const taken: number[] = [];
  for (let group = delivery.pending[0]; group !== undefined && stoppedBy === undefined; group = delivery.pending[0]) {
    const outcome = await write(
      group.flatMap((index) => points[index] ?? []),
      { sink, signal },
    );
    taken.push(...takenOf(group, outcome));
    const step = stepAfter(delivery, outcome, CONTEXT);
    ({ delivery } = step);
    if (step.condition.kind !== "up") stoppedBy = step.condition.cause;
    if (outcome.kind === "written" && outcome.kept.length > 0)
      stoppedBy ??= outcome.hindrance?.cause ?? new Error("it kept points");
  }
  return { taken, refused: refusedOf(delivery), stoppedBy };
}

function takenOf(group: readonly number[], outcome: WriteOutcome): readonly number[] {
  if (outcome.kind !== "written") return [];
  const left = new Set([...outcome.kept, ...outcome.rejected.map(({ index }) => index)]);
  return group.filter((_, place) => !left.has(place));
}

/** While halted the refused ones are suspects. */
function refusedOf({ refused, suspects }: Delivery): readonly number[] {
  return suspects.length > 0 ? suspects : refused.map(({ index }) => index);
}

async function write(
  batch: readonly Point[],
  { sink, signal }: { readonly sink: Sink; readonly signal: AbortSignal },
): Promise<WriteOutcome> {
  try {
    return await sink.write(batch, signal);
  } catch (caught) {
    signal.throwIfAborted();
    return { kind: "kept", retryAfterMs: undefined, cause: asError(caught) };
  }
}
