/**
 * # A member of a group, with a habit
 *
 * It commits on its own beat whatever it read, as a consumer does that is stuck: the same offset again and again. Reading is
 * kafkajs's; where reading goes on and what is committed is kept here.
 */

import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import { sleep } from "../../runtime/clock.ts";
import type { Habit, Trouble } from "./habits.ts";
import { troubleAt } from "./habits.ts";

const COMMIT_EVERY_MS = 2_000;
const SLOW_TURN_MS = 1_000;
const RESTLESS_MS = 10_000;

/** Since the demonstration began. */
export type Elapsed = () => number;

/** Reads until told to stop, with as many connections as its troubles ask for. */
export async function runMember(kafka: Kafka, member: Member, signal: AbortSignal): Promise<void> {
  const { habit, elapsed } = member;
  while (!signal.aborted) {
    const { kind } = troubleAt(habit.trouble, elapsed());
    if (kind === "away") await sleep(COMMIT_EVERY_MS, signal);
    else await runConnected(kafka, member, signal);
  }
}

export interface Member {
  readonly habit: Habit;
  readonly elapsed: Elapsed;
  /** Called after each commit that the broker took. */
  readonly alive: () => void;
}

/** Until told to stop, or until its trouble is to be away. */
async function runConnected(kafka: Kafka, member: Member, signal: AbortSignal): Promise<void> {
  const { habit, elapsed } = member;
  const consumer = kafka.consumer({ groupId: habit.group, maxWaitTimeInMs: 500, sessionTimeout: 15_000 });
  await consumer.connect();
  const next = new Map<number, number>();
  try {
    await consumer.subscribe({ topics: [habit.topic], fromBeginning: false });
    consumer.on(consumer.events.GROUP_JOIN, () => next.clear());
    const eachBatch = (payload: EachBatchPayload) => readBatch(payload, { member, next, consumer, signal });
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
    const joinedMs = elapsed();
    let last: Trouble["kind"] = "none";
    while (!signal.aborted) {
      await sleep(COMMIT_EVERY_MS, signal);
      const trouble = troubleAt(habit.trouble, elapsed());
      if (trouble.kind === "away") return;
      if (trouble.kind === "restless" && elapsed() - joinedMs > RESTLESS_MS) return;
      if (trouble.kind === "back") goBack(next, trouble.recordsPerTurn);
      if (await commit(consumer, habit.topic, next)) member.alive();
      if (trouble.kind === "none" && last !== "none") goOn(consumer, habit.topic, next);
      last = trouble.kind;
    }
  } finally {
    await consumer.disconnect();
  }
}

interface Reading {
  readonly member: Member;
  /** What each partition's commit is next. */
  readonly next: Map<number, number>;
  readonly consumer: Consumer;
  readonly signal: AbortSignal;
}

async function readBatch(payload: EachBatchPayload, { member, next, consumer, signal }: Reading): Promise<void> {
  const { batch, resolveOffset, heartbeat } = payload;
  const first = Number(batch.firstOffset() ?? batch.highWatermark);
  const trouble = troubleAt(member.habit.trouble, member.elapsed());
  const isHeld = trouble.kind === "back" || (trouble.kind === "stuck" && trouble.partition === batch.partition);
  if (isHeld) {
    if (!next.has(batch.partition)) next.set(batch.partition, first);
    consumer.pause([{ topic: batch.topic, partitions: [batch.partition] }]);
    return;
  }
  const taken =
    trouble.kind === "slow" ? Math.min(trouble.recordsPerTurn, batch.messages.length) : batch.messages.length;
  const last = batch.messages[taken - 1];
  if (last === undefined) return;
  resolveOffset(last.offset);
  next.set(batch.partition, Number(last.offset) + 1);
  await heartbeat();
  if (trouble.kind === "slow") await sleep(SLOW_TURN_MS, signal);
}

/** In the middle of a rebalance it is refused; the next turn commits as well. */
async function commit(consumer: Consumer, topic: string, next: ReadonlyMap<number, number>): Promise<boolean> {
  const offsets = Array.from(next, ([partition, offset]) => ({ topic, partition, offset: String(offset) }));
  if (offsets.length === 0) return false;
  return consumer.commitOffsets(offsets).then(
    () => true,
    () => false,
  );
}

function goBack(next: Map<number, number>, records: number): void {
  for (const [partition, offset] of next) next.set(partition, Math.max(0, offset - records));
}

/** From what was committed, wherever reading had come to. */
function goOn(consumer: Consumer, topic: string, next: ReadonlyMap<number, number>): void {
  for (const [partition, offset] of next) consumer.seek({ topic, partition, offset: String(offset) });
  consumer.resume(consumer.paused());
}
