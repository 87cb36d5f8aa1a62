/**
 * # One sink's way out of the spool
 *
 * Read rows, send until every point of them is settled, settle, again. Each sink has its own loop and cursor, so that one
 * that is down holds up nobody. The cursor moves after the answer: what is early (requests.ts) only comes again after a crash.
 * Told to stop, it goes on until the spool is empty, the sink does not take a batch, or `graceMs` have passed; what is
 * not settled by then stays in the spool and comes again.
 */

import { sleep } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Point } from "../schema/point.ts";
import type { Sink, WriteOutcome } from "../sink/sink.ts";
import type { Spool } from "../spool/spool.ts";
import type { Backlog, Load } from "./backlog.ts";
import { createBacklog, settlementsOf } from "./backlog.ts";
import type { Delivery, RetryPolicy, SinkCondition, Step } from "./policy.ts";
import { batchPointsAfter, stepAfter } from "./policy.ts";
import type { Requests } from "./requests.ts";
import { createRequests } from "./requests.ts";

export interface DeliverOptions {
  readonly sink: Sink;
  /** Whether this sink is to get a point. */
  readonly wants: (point: Point) => boolean;
  readonly spool: Spool;
  readonly policy: RetryPolicy;
  readonly random: () => number;
  readonly logger: Logger;
  readonly graceMs: number;
}

export interface Deliverer {
  readonly actor: Actor;
  /** Where it waits before it tries again, it tries now. */
  flush(): void;
  stats(): DeliverStats;
}

export interface DeliverStats {
  readonly condition: SinkCondition["kind"];
  /** Why it is not up. */
  readonly why: string | undefined;
  /** Answers by kind, since the start. */
  readonly attempts: Readonly<Record<WriteOutcome["kind"], number>>;
}

export function createDeliverer(options: DeliverOptions): Deliverer {
  const { sink, spool, logger } = options;
  const attempts = { written: 0, split: 0, kept: 0, held: 0 };
  let condition: SinkCondition = { kind: "up" };
  let refusalsAhead = 0;
  let flush = new AbortController();
  let { batchPointsMax } = sink;
  const observe = (outcome: WriteOutcome, step: Step): void => {
    attempts[outcome.kind] += 1;
    if (step.condition.kind !== condition.kind) logChange(logger, sink.name, step);
    condition = step.condition;
  };
  const wait = async (waitMs: number, signal: AbortSignal): Promise<void> => {
    flush = new AbortController();
    await sleep(waitMs, AbortSignal.any([signal, flush.signal]));
  };
  const actor: Actor = async (signal) => {
    using hard = graceAfter(signal, options.graceMs);
    await using requests = createRequests(sink, hard.signal);
    const backlog = createBacklog({ ...options, sink: sink.name, batchPointsMax: () => batchPointsMax });
    const grow = (outcome: WriteOutcome, sent: number): void => {
      batchPointsMax = batchPointsAfter(batchPointsMax, outcome, { sent, max: sink.batchPointsMax });
    };
    for (;;) {
      const load = await backlog.next(signal);
      if (load === undefined || hard.signal.aborted) return;
      const delivery = await send(load, { ...options, requests, backlog, observe, grow, wait, signal, refusalsAhead });
      if (delivery === undefined) return;
      ({ refusalsAhead } = delivery);
      await spool.settle({ sink: sink.name, rows: settlementsOf(load, delivery) }, signal);
    }
  };
  return {
    actor,
    flush: () => flush.abort(),
    stats: () => ({
      condition: condition.kind,
      why: condition.kind === "up" ? undefined : condition.cause.message,
      attempts: { ...attempts },
    }),
  };
}

interface Sending extends DeliverOptions {
  readonly requests: Requests;
  readonly backlog: Backlog;
  readonly observe: (outcome: WriteOutcome, step: Step) => void;
  /** Fits the size of later requests to an answer. */
  readonly grow: (outcome: WriteOutcome, sent: number) => void;
  readonly wait: (waitMs: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly refusalsAhead: number;
}

/** Sends until all points are settled; undefined when told to stop first. */
async function send(load: Load, sending: Sending): Promise<Delivery | undefined> {
  const { requests, signal, refusalsAhead } = sending;
  let delivery: Delivery = { ...load.delivery, refusalsAhead };
  let isUp = true;
  for (let group = delivery.pending[0]; group !== undefined; group = delivery.pending[0]) {
    const answer = requests.answer({ load, group });
    if (isUp) lookAhead(delivery, load, sending);
    const outcome = await answer;
    if (outcome === undefined) return undefined;
    const step = stepAfter(delivery, outcome, sending);
    sending.observe(outcome, step);
    sending.grow(outcome, group.length);
    delivery = step.delivery;
    if (delivery.pending.length === 0) break;
    isUp = step.condition.kind === "up" && delivery.attempt === 0;
    if (!isUp) requests.forget();
    // Told to stop, what is taken goes on to its end: a half is no refusal.
    if (step.waitMs === 0 && step.condition.kind === "up") continue;
    // Even a wait of 0 ms gives the event loop a turn: a sink that refuses at once must not take it all.
    await sending.wait(step.waitMs, signal);
    if (signal.aborted) return undefined;
  }
  return delivery;
}

/** What comes after the first of `pending`: the load's next group, or after its last one the first of the next load. */
function lookAhead({ pending }: Delivery, load: Load, { requests, backlog }: Sending): void {
  const [, second] = pending;
  if (second !== undefined) requests.early({ load, group: second });
  else
    backlog.readAhead(load, (following) => {
      const [first] = following.delivery.pending;
      if (first !== undefined) requests.early({ load: following, group: first });
    });
}

function logChange(logger: Logger, sink: string, { condition, waitMs, delivery }: Step): void {
  const fields = { sink, retryInMs: Math.round(waitMs), heldPoints: delivery.pending.flat().length };
  switch (condition.kind) {
    case "up":
      logger.info({ event: "sink.up", sink }, "sink takes points again");
      break;
    case "unreachable":
      logger.warn(
        { event: "sink.unreachable", ...fields, err: condition.cause },
        "sink does not answer; points stay in the spool",
      );
      break;
    case "held":
      logger.error(
        { event: "sink.held", ...fields, err: condition.cause },
        "sink refuses us, or most of our points; nothing is dropped, someone must mend it",
      );
      break;
  }
}

/** A signal that aborts `graceMs` after `signal` does. */
function graceAfter(signal: AbortSignal, graceMs: number): Disposable & { readonly signal: AbortSignal } {
  const hard = new AbortController();
  const settled = new AbortController();
  const begin = (): void => {
    void sleep(graceMs, settled.signal).then(() => hard.abort());
  };
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true, signal: settled.signal });
  return { signal: hard.signal, [Symbol.dispose]: () => settled.abort() };
}
