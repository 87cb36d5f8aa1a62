/**
 * # Producers and consumers with scripted trouble, on a real broker
 *
 *     node deploy/load/main.ts HOST:PORT shop      the topics, their producers, and all groups but one (habits.ts)
 *     node deploy/load/main.ts HOST:PORT mailer    the group that is there to be stopped by hand
 *
 * Its healthcheck looks at a file that it touches whenever the broker took a commit. Until it is told to stop, or its broker is away for longer than it tries; whoever started it starts it again.
 */

import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel, type Producer } from "kafkajs";
import { sleep, systemClock } from "../../runtime/clock.ts";
import { asError } from "../../runtime/error.ts";
import { runTogether } from "../../runtime/lifecycle.ts";
import { isBadTime, MAILER, SHOP, SURGE, TOPICS } from "./habits.ts";
import type { Elapsed } from "./reader.ts";
import { runMember } from "./reader.ts";

const TURN_MS = 1_000;
const ALIVE_FILE = join(tmpdir(), "demo-alive");
const RECORD = "x".repeat(100);

async function makeTopics(kafka: Kafka): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const topics = TOPICS.map(({ topic, partitions }) => ({ topic, numPartitions: partitions, replicationFactor: 1 }));
  await admin.createTopics({ topics, waitForLeaders: true });
  await admin.disconnect();
}

async function produce(producer: Producer, elapsed: Elapsed, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const isSurge = isBadTime(SURGE, elapsed());
    const topicMessages = TOPICS.map(({ topic, partitions, recordsPerTurn }) => {
      const records = recordsPerTurn * (isSurge && topic === SURGE.topic ? SURGE.times : 1);
      const messages = Array.from({ length: records }, (_, i) => ({ partition: i % partitions, value: RECORD }));
      return { topic, messages };
    });
    await producer.sendBatch({ topicMessages });
    await sleep(TURN_MS, signal);
  }
}

async function run(broker: string, part: string): Promise<void> {
  const habits = part === "shop" ? SHOP : MAILER;
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stop.abort());
  const kafka = new Kafka({
    clientId: `tidemark-demo-${part}`,
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 300, maxRetryTime: 5_000, retries: 30 },
  });
  await makeTopics(kafka);
  const startMs = systemClock.monotonicMs();
  const elapsed = (): number => systemClock.monotonicMs() - startMs;
  const alive = (): void => writeFileSync(ALIVE_FILE, "");
  const members = habits.flatMap((habit) => Array.from({ length: habit.members }, () => ({ habit, elapsed, alive })));
  const producer = kafka.producer();
  if (part === "shop") await producer.connect();
  process.stdout.write(`${habits.map(({ group }) => group).join(", ")}: on ${broker}\n`);
  const producing = part === "shop" ? [(signal: AbortSignal) => produce(producer, elapsed, signal)] : [];
  const reading = members.map((member) => (signal: AbortSignal) => runMember(kafka, member, signal));
  await runTogether([...producing, ...reading], stop.signal);
  await producer.disconnect();
}

const [broker, part = ""] = process.argv.slice(2);
try {
  if (broker === undefined || !["shop", "mailer"].includes(part)) throw new Error("say HOST:PORT, and shop or mailer");
  await run(broker, part);
} catch (caught) {
  process.stderr.write(`demo: ${asError(caught).message}\n`);
  process.exitCode = 1;
}
