/**
 * # One sink's way out of the spool
 *
 * Peek, send until every point of the row is settled, settle, again. Each sink has its own loop and cursor, so that one
 * that is down holds up nobody. Told to stop, it goes on until the spool is empty, the sink does not take a batch, or
 * `graceMs` have passed; what is not settled by then stays in the spool and comes again.
 */

import { sleep } from "../../runtime/clock.ts";
import { asError } from "../../runtime/error.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Point } from "../schema/point.ts";
import type { Sink, WriteOutcome } from "../sink/sink.ts";
import type { SpoolRow } from "../spool/row.ts";
import { unpackPoints } from "../spool/row.ts";
import type { Spool } from "../spool/spool.ts";
import type { Delivery, Recent, RetryPolicy, SinkCondition, Step } from "./policy.ts";
import { batchPointsAfter, beginDelivery, NO_RECENT, recentAfter, stepAfter } from "./policy.ts";

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
  let recent = NO_RECENT;
  let { batchPointsMax } = sink;
  const observe = (outcome: WriteOutcome, step: Step): void => {
    attempts[outcome.kind] += 1;
    if (step.condition.kind !== condition.kind) logChange(logger, sink.name, step);
    condition = step.condition;
  };
  const actor: Actor = async (signal) => {
    using hard = graceAfter(signal, options.graceMs);
    for (;;) {
      const row = await spool.peek(sink.name, signal);
      if (row === undefined || hard.signal.aborted) return;
      const points = pointsIn(row, logger);
      if (points === undefined) {
        await spool.quarantine({ seq: row.seq, crc: row.crc }, signal);
        continue;
      }
      const sending = { ...options, observe, signal, hard: hard.signal, recent, batchPointsMax };
      const sent = await send(points, sending);
      if (sent === undefined) return;
      ({ recent, batchPointsMax } = sent);
      const entry = { ...settlementOf(points, sent.delivery), sink: sink.name, row: { seq: row.seq, crc: row.crc } };
      await spool.settle(entry, signal);
    }
  };
  return {
    actor,
    stats: () => ({
      condition: condition.kind,
      why: condition.kind === "up" ? undefined : condition.cause.message,
      attempts: { ...attempts },
    }),
  };
}

/** The CRC holds, so only a bug or a foreign writer brings us here; one row must not stop all others. */
function pointsIn(row: SpoolRow, logger: Logger): readonly Point[] | undefined {
  try {
    const points = unpackPoints(row.body);
    if (points.length === row.points) return points;
  } catch (caught) {
    logger.error({ event: "spool.row_unreadable", seq: row.seq, err: asError(caught) }, "a row cannot be unpacked");
  }
  return undefined;
}

interface Sending extends DeliverOptions {
  readonly observe: (outcome: WriteOutcome, step: Step) => void;
  readonly signal: AbortSignal;
  readonly hard: AbortSignal;
  readonly recent: Recent;
  readonly batchPointsMax: number;
}

interface Sent {
  readonly delivery: Delivery;
  readonly recent: Recent;
  readonly batchPointsMax: number;
}

/** Sends until all points are settled; undefined when told to stop first. */
async function send(points: readonly Point[], sending: Sending): Promise<Sent | undefined> {
  const { sink, wants, recent } = sending;
  const wanted = points.flatMap((point, index) => (wants(point) ? [index] : []));
  let { batchPointsMax } = sending;
  let delivery = beginDelivery(wanted, batchPointsMax);
  for (let group = delivery.pending[0]; group !== undefined; group = delivery.pending[0]) {
    const batch = group.length === points.length ? points : group.flatMap((index) => points[index] ?? []);
    const outcome = await write(batch, sending);
    if (outcome === undefined) return undefined;
    const step = stepAfter(delivery, outcome, sending);
    sending.observe(outcome, step);
    batchPointsMax = batchPointsAfter(batchPointsMax, outcome, { sent: batch.length, max: sink.batchPointsMax });
    delivery = step.delivery;
    if (delivery.pending.length === 0) break;
    if (sending.signal.aborted) return undefined;
    // Even a wait of 0 ms gives the event loop a turn: a sink that refuses at once must not take it all.
    if (step.waitMs > 0 || step.condition.kind !== "up") await sleep(step.waitMs, sending.signal);
    if (sending.signal.aborted) return undefined;
  }
  return { delivery, recent: recentAfter(recent, delivery), batchPointsMax };
}

/** The row's end: what became of its points, and the refused ones as dead letters. */
function settlementOf(points: readonly Point[], { wanted, stored, duplicate, refused }: Delivery) {
  const letters = refused.map(({ index, reason }) => ({
    reason,
    point: JSON.stringify({ ...points[index], keptBy: undefined }),
  }));
  const tally = { stored, duplicate, filtered: points.length - wanted.length, rejected: refused.length };
  return { tally, letters };
}

/** A sink that throws is a bug, but the points are none the worse: they are kept. Undefined when aborted. */
async function write(batch: readonly Point[], { sink, hard }: Sending): Promise<WriteOutcome | undefined> {
  try {
    return await sink.write(batch, hard);
  } catch (caught) {
    return hard.aborted ? undefined : { kind: "kept", retryAfterMs: undefined, cause: asError(caught) };
  }
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
