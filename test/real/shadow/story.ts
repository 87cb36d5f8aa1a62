/**
 * # Ten minutes of trouble on one broker
 *
 * Producers, the consumers of consumers.ts, members of both protocols, and what an operator does: topics come, grow and go, a group and
 * offsets are deleted. What happens at which share of the run stands in `EVENTS`.
 */

import { setTimeout as pause } from "node:timers/promises";
import { type Admin, Kafka, logLevel, type Producer } from "kafkajs";
import { randomOf } from "../../../simulator/world/random.ts";
import type { Child } from "../child.ts";
import type { Broker } from "../kafka/broker.ts";
import { deleteGroup, deleteOffsets, startConsoleConsumer } from "../kafka/tools.ts";
import { connectSimpleConsumer, type SimpleConsumer } from "../simple-consumer.ts";
import { topicsReady } from "../topics.ts";
import { type Consumer, consumersOf } from "./consumers.ts";

const PRODUCE_MS = 250;
const RECORDS_A_BATCH = 5;
const TRICKLE_MS = 6_000;
const STATIC_RECORDS = 100;

const TOPICS: Readonly<Record<string, number>> = { orders: 3, static: 2, trickle: 1, doomed: 1 };

export interface Story extends AsyncDisposable {
  /** From now on shares count. */
  begin(): void;
  /** What was done, and what failed. */
  readonly log: readonly string[];
}

interface World {
  readonly broker: Broker;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly simple: SimpleConsumer;
  /** Records by topic and partition. */
  readonly ends: Map<string, number[]>;
  readonly members: Map<string, Child>;
  readonly log: string[];
  share(): number;
}

type Event = readonly [atShare: number, what: string, happen: (world: World) => Promise<unknown>];

const EVENTS: readonly Event[] = [
  [0.2, "a topic is made", ({ admin, ends }) => makeTopics({ admin, ends }, { late: 2 })],
  [0.35, "a topic gets two more partitions", ({ admin }) => addPartitions(admin)],
  [0.45, "members of both protocols die", ({ members }) => Promise.all([...members.values()].map((one) => one.kill()))],
  [0.5, "a group is deleted", ({ broker }) => deleteGroup(broker, "is-deleted")],
  [0.55, "offsets are deleted", ({ broker }) => deleteOffsets(broker, { group: "offsets-deleted", topic: "orders" })],
  [0.6, "a topic is deleted", ({ admin }) => admin.deleteTopics({ topics: ["doomed"] })],
  [0.7, "members of both protocols are back", (world) => join(world)],
  [0.85, "the broker restarts", ({ broker }) => broker.restart()],
];

export async function playStory(
  broker: Broker,
  { runMs, seed }: { readonly runMs: number; readonly seed: number },
): Promise<Story> {
  await using stack = new AsyncDisposableStack();
  const kafka = new Kafka({ clientId: "shadow", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  stack.defer(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });
  const simple = stack.use(await connectSimpleConsumer(kafka));
  let beganMs: number | undefined;
  const share = () => (beganMs === undefined ? 0 : Math.min(1, (performance.now() - beganMs) / runMs));
  const world: World = { broker, admin, producer, simple, ends: new Map(), members: new Map(), log: [], share };
  await makeTopics(world, TOPICS);
  await fill(world);
  await join(world);
  stack.defer(async () => {
    await Promise.all([...world.members.values()].map((one) => one[Symbol.asyncDispose]()));
  });
  const stop = new AbortController();
  const consumers = consumersOf(randomOf(seed, "wanderers")).map((one) => consume(world, one, stop.signal));
  const transactions = kafka.producer({ transactionalId: "shadow", maxInFlightRequests: 1, idempotent: true });
  await transactions.connect();
  stack.defer(() => transactions.disconnect());
  const running = [
    commitInTransactions(transactions, stop.signal),
    produce(world, stop.signal),
    trickle(world, stop.signal),
    happen(world, stop.signal),
    ...consumers,
  ];
  stack.defer(async () => {
    stop.abort();
    await Promise.all(running);
  });
  const held = stack.move();
  return {
    log: world.log,
    begin: () => {
      beganMs = performance.now();
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function makeTopics({ admin, ends }: Pick<World, "admin" | "ends">, topics: Readonly<Record<string, number>>) {
  const all = Object.entries(topics);
  await admin.createTopics({
    topics: all.map(([topic, numPartitions]) => ({ topic, numPartitions, replicationFactor: 1 })),
    waitForLeaders: false,
  });
  await topicsReady(
    admin,
    all.map(([topic]) => topic),
  );
  for (const [topic, partitions] of all)
    ends.set(
      topic,
      Array.from({ length: partitions }, () => 0),
    );
}

function addPartitions(admin: Admin): Promise<boolean> {
  return admin.createPartitions({ topicPartitions: [{ topic: "static", count: 4 }] });
}

async function fill(world: World): Promise<void> {
  for (const topic of ["static", "doomed"])
    for (const partition of world.ends.get(topic)?.keys() ?? [])
      await append(world, { topic, partition, records: STATIC_RECORDS });
}

async function append(
  { producer, ends }: World,
  { topic, partition, records }: { readonly topic: string; readonly partition: number; readonly records: number },
): Promise<void> {
  await producer.send({ topic, messages: Array.from({ length: records }, () => ({ partition, value: "v" })) });
  const own = ends.get(topic);
  if (own !== undefined) own[partition] = (own[partition] ?? 0) + records;
}

async function join({ broker, members }: World): Promise<void> {
  for (const protocol of ["classic", "consumer"] as const) {
    await members.get(protocol)?.[Symbol.asyncDispose]();
    members.set(
      protocol,
      await startConsoleConsumer(broker, { group: `member-${protocol}`, topic: "orders", protocol }),
    );
  }
}

async function produce(world: World, signal: AbortSignal): Promise<void> {
  await repeat(PRODUCE_MS, signal, async () => {
    for (const topic of ["orders", "late"])
      for (const partition of world.ends.get(topic)?.keys() ?? [])
        await append(world, { topic, partition, records: RECORDS_A_BATCH });
  });
}

const TRANSACTION_MS = 5_000;
const TRANSACTION_RECORDS = 50;

/** A group that falls behind, and every third of whose transactions is aborted: it then reads again what it had read. */
async function commitInTransactions(producer: Producer, signal: AbortSignal): Promise<void> {
  let own = 0;
  let turn = 0;
  await repeat(TRANSACTION_MS, signal, async () => {
    turn += 1;
    const next = own + TRANSACTION_RECORDS;
    const transaction = await producer.transaction();
    const topics = [{ topic: "orders", partitions: [{ partition: 1, offset: String(next) }] }];
    await transaction.sendOffsets({ consumerGroupId: "in-transactions", topics });
    if (turn % 3 === 0) return transaction.abort();
    await transaction.commit();
    own = next;
  });
}

async function trickle(world: World, signal: AbortSignal): Promise<void> {
  await repeat(TRICKLE_MS, signal, () => append(world, { topic: "trickle", partition: 0, records: 1 }));
}

async function happen(world: World, signal: AbortSignal): Promise<void> {
  const waiting = [...EVENTS];
  await repeat(PRODUCE_MS, signal, async () => {
    const [next] = waiting;
    if (next === undefined || world.share() < next[0]) return;
    waiting.shift();
    const [atShare, what, done] = next;
    try {
      await done(world);
      world.log.push(`${Math.round(atShare * 100)} %: ${what}`);
    } catch (error) {
      world.log.push(`${Math.round(atShare * 100)} %: ${what}, and it failed: ${error}`);
    }
  });
}

async function consume(world: World, consumer: Consumer, signal: AbortSignal): Promise<void> {
  const { group, topic, partition, everyMs } = consumer;
  let own = 0;
  let turn = 0;
  await repeat(everyMs, signal, async () => {
    turn += 1;
    const end = world.ends.get(topic)?.[partition] ?? 0;
    const committedOffset = consumer.offset({ share: world.share(), end, own, turn });
    if (committedOffset === undefined) return;
    await world.simple.commit(group, [{ topic, partition, committedOffset }]);
    own = committedOffset;
  });
}

/** A turn that fails is made up for by the next. */
async function repeat(everyMs: number, signal: AbortSignal, step: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    const startedMs = performance.now();
    await step().catch(() => undefined);
    const leftMs = Math.max(0, everyMs - (performance.now() - startedMs));
    await pause(leftMs, undefined, { signal }).catch(() => undefined);
  }
}
