/**
 * # Groups that commit at an exact cadence
 *
 * Each is a loop that runs until its signal is aborted. Offsets depend on the turn alone, so a turn that fails while the broker
 * is away is simply made up for by the next one.
 */

import { setTimeout as pause } from "node:timers/promises";
import type { Producer } from "kafkajs";
import type { SimpleConsumer } from "./simple-consumer.ts";

export interface Clients {
  readonly producer: Producer;
  readonly simple: SimpleConsumer;
}

type Pattern = (clients: Clients, signal: AbortSignal) => Promise<void>;

/** Slower than end offsets are asked for (2 s), or the lag at a commit would fall between two looks at the broker. */
const SLOW_COMMIT_MS = 3_000;
const COMMIT_MS = 500;
const PRODUCE_MS = 250;
export const REWIND_FROM = 4_900;
const STALLED_AT = 40;

/** Runs every pattern as one; resolves when all have seen the abort. */
export async function runPatterns(clients: Clients, signal: AbortSignal): Promise<void> {
  const patterns: readonly Pattern[] = [produce, slow, stalled, rewound];
  await Promise.all(patterns.map((pattern) => pattern(clients, signal)));
}

/** One record a partition for those who keep up, twenty a second for the one who does not. */
const produce: Pattern = ({ producer }, signal) =>
  repeat(PRODUCE_MS, signal, async () => {
    await producer.sendBatch({
      topicMessages: [
        { topic: "orders", messages: [0, 1, 2].map((partition) => ({ partition, value: "an order" })) },
        { topic: "clicks", messages: Array.from({ length: 5 }, () => ({ partition: 0, value: "a click" })) },
      ],
    });
  });

/** WARN: offsets move, and the lag never falls. */
const slow: Pattern = ({ simple }, signal) =>
  repeat(SLOW_COMMIT_MS, signal, (turn) =>
    simple.commit("slow", [{ topic: "clicks", partition: 0, committedOffset: 1 + turn }]),
  );

/** STALL: the same offset again and again, with records left to read. */
const stalled: Pattern = ({ simple }, signal) =>
  repeat(COMMIT_MS, signal, () =>
    simple.commit("stalled", [{ topic: "static", partition: 1, committedOffset: STALLED_AT }]),
  );

/** REWIND: each commit lies before the last, so the first decrease in the window is never made good. */
const rewound: Pattern = ({ simple }, signal) =>
  repeat(COMMIT_MS, signal, (turn) =>
    simple.commit("rewound", [{ topic: "archive", partition: 0, committedOffset: Math.max(0, REWIND_FROM - turn) }]),
  );

async function repeat(everyMs: number, signal: AbortSignal, step: (turn: number) => Promise<void>): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    const started = performance.now();
    await step(turn).catch(() => undefined);
    const leftMs = Math.max(0, everyMs - (performance.now() - started));
    await pause(leftMs, undefined, { signal }).catch(() => undefined);
  }
}
