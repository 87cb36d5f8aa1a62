/**
 * # A topic that takes records
 *
 * A leader stands in the metadata a moment before it answers. A producer that meets that moment tries again, and then what had
 * been taken is there twice; counts that a test or a bench relies on would be wrong. So ask each partition first.
 */

import type { Admin, Producer } from "kafkajs";
import { done, notYet, until } from "./until.ts";

const TIMEOUT_MS = 60_000;

/** Resolves when every partition of these topics answers for its own offsets. */
export async function topicsReady(admin: Admin, topics: readonly string[]): Promise<void> {
  for (const topic of topics) {
    const look = async () => done(await admin.fetchTopicOffsets(topic));
    await until(`topic ${topic}`, look, { timeoutMs: TIMEOUT_MS, everyMs: 100 });
  }
}

export interface Filling {
  readonly topic: string;
  readonly partitions: number;
  /** To be added to each partition. */
  readonly records: number;
}

/** Adds records of a few bytes, and makes sure that it were so many: a topic filled twice would be measured wrongly. */
export async function fillTopic(admin: Admin, producer: Producer, filling: Filling): Promise<void> {
  const { topic, partitions, records } = filling;
  const before = await endsOf(admin, topic);
  const messages = Array.from({ length: partitions * records }, (_, i) => ({ partition: i % partitions, value: "v" }));
  await producer.send({ topic, messages });
  const want = JSON.stringify(before.map((end) => end + records));
  const look = async () => {
    const ends = JSON.stringify(await endsOf(admin, topic));
    return ends === want ? done(undefined) : notYet(ends);
  };
  await until(`ends ${want} of topic ${topic}`, look, { timeoutMs: TIMEOUT_MS, everyMs: 100 });
}

/** End offsets by partition. */
async function endsOf(admin: Admin, topic: string): Promise<readonly number[]> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.toSorted((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
}
