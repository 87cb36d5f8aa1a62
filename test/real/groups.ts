/**
 * # The population: every kind of group there is, made by real clients on a real broker
 *
 * Members are kafkajs consumers and Kafka's own console consumer; what needs an exact cadence commits without members.
 * expected.ts says what each group has to look like.
 *
 * | topic | records | read by |
 * |---|---|---|
 * | orders (3 partitions) | grows by one a partition per 250 ms | healthy, console-classic, console-consumer |
 * | clicks | grows by 20 a second | slow |
 * | static (3 partitions) | 100 a partition | stopped, stalled, transactional, caught-up, deleted and the hostile names |
 * | archive | 5,000 | rewound |
 * | abandoned (2 partitions) | 20, then 50 a partition | members-gone |
 * | reborn | 100, then deleted and made again with 20 | reborn, orphan-of-a-topic |
 * | trimmed | 100, of which 40 are deleted | behind-retention |
 */

import { setTimeout as pause } from "node:timers/promises";
import { type Admin, type Consumer, Kafka, logLevel, type Producer } from "kafkajs";
import type { Child } from "./child.ts";
import {
  CONSUMER_PROTOCOL_GROUP,
  EXPECTED_GROUPS,
  type ExpectedGroup,
  HOSTILE_GROUPS,
  HOSTILE_TOPICS,
} from "./expected.ts";
import type { Broker } from "./kafka/broker.ts";
import { startConsoleConsumer } from "./kafka/tools.ts";
import { runPatterns } from "./patterns.ts";
import { connectSimpleConsumer, type PartitionCommit, type SimpleConsumer } from "./simple-consumer.ts";
import { type Filling, fillTopic, topicsReady } from "./topics.ts";
import { done, notYet, until } from "./until.ts";

export interface Population extends AsyncDisposable {
  readonly groups: readonly ExpectedGroup[];
  /** Nobody produces or commits from here on, and those who keep up have caught up; members stay. */
  rest(): Promise<void>;
}

interface Makers {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly simple: SimpleConsumer;
}

const SETTLE_TIMEOUT_MS = 60_000;
const STOPPED_COMMITS = 10;
const STOPPED_COMMIT_MS = 200;

/** Makes all groups and returns when each of them has committed; the moving ones go on until `rest`. */
export async function createPopulation(broker: Broker): Promise<Population> {
  await using stack = new AsyncDisposableStack();
  const makers = await connect(broker, stack);
  await makeTopics(makers);
  const members = await Promise.all([
    startHealthy(makers.kafka),
    ...consoleProtocols(broker).map((protocol) => startConsole(broker, protocol)),
  ]);
  for (const member of members) stack.use(member);
  const stop = new AbortController();
  const patterns = runPatterns(makers, stop.signal);
  stack.defer(async () => {
    stop.abort();
    await patterns;
  });
  await allOf([
    makeQuietGroups(makers),
    makeStopped(makers),
    makeMembersGone(makers),
    makeTransactional(makers),
    makeReborn(makers),
    makeBehindRetention(makers),
    makeDeleted(makers),
  ]);
  const groups = [...EXPECTED_GROUPS, ...(hasConsumerProtocol(broker) ? [CONSUMER_PROTOCOL_GROUP] : [])];
  await allHaveCommitted(makers.admin, groups);
  const held = stack.move();
  return {
    groups,
    rest: async () => {
      stop.abort();
      await patterns;
      await caughtUp(makers.admin, groups);
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Rejects only when all have settled: what is still running would work on clients that are being closed. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(work);
  const errors = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join("; "));
}

function hasConsumerProtocol(broker: Broker): boolean {
  return !broker.version.startsWith("3.");
}

function consoleProtocols(broker: Broker): readonly ("classic" | "consumer")[] {
  return hasConsumerProtocol(broker) ? ["classic", "consumer"] : ["classic"];
}

async function connect(broker: Broker, stack: AsyncDisposableStack): Promise<Makers> {
  const kafka = new Kafka({
    clientId: "population",
    brokers: [broker.bootstrap],
    logLevel: logLevel.NOTHING,
    // Soon after a killed broker is back, so that members return; few times, so that what can never work is told.
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 30 },
  });
  const admin = kafka.admin();
  const producer = kafka.producer();
  await admin.connect();
  stack.defer(() => admin.disconnect());
  await producer.connect();
  stack.defer(() => producer.disconnect());
  return { kafka, admin, producer, simple: stack.use(await connectSimpleConsumer(kafka)) };
}

const TOPICS: readonly { readonly topic: string; readonly partitions: number; readonly records: number }[] = [
  { topic: "orders", partitions: 3, records: 10 },
  { topic: "clicks", partitions: 1, records: 10 },
  { topic: "static", partitions: 3, records: 100 },
  { topic: "archive", partitions: 1, records: 5_000 },
  { topic: "abandoned", partitions: 2, records: 20 },
  { topic: "trimmed", partitions: 1, records: 100 },
  ...HOSTILE_TOPICS.map((topic) => ({ topic, partitions: 1, records: 10 })),
];

async function makeTopics({ admin, producer }: Makers): Promise<void> {
  await admin.createTopics({
    topics: TOPICS.map(({ topic, partitions }) => ({ topic, numPartitions: partitions, replicationFactor: 1 })),
    waitForLeaders: false,
  });
  // kafkajs keeps offsets as values of plain objects: it cannot tell those of a topic `constructor`. It can produce to it.
  const [untold, told] = [TOPICS.filter(({ topic }) => topic in {}), TOPICS.filter(({ topic }) => !(topic in {}))];
  await topicsReady(
    admin,
    told.map(({ topic }) => topic),
  );
  for (const one of told) await fillTopic(admin, producer, one);
  for (const { topic, records } of untold) {
    await producer.send({ topic, messages: Array.from({ length: records }, () => ({ value: "v" })) });
  }
}

async function startHealthy(kafka: Kafka): Promise<AsyncDisposable> {
  const consumer = kafka.consumer({ groupId: "healthy", maxWaitTimeInMs: 200, heartbeatInterval: 1_000 });
  await consumer.connect();
  await consumer.subscribe({ topics: ["orders"], fromBeginning: true });
  await consumer.run({ autoCommitInterval: 200, eachBatch: resolveAll });
  return { [Symbol.asyncDispose]: () => consumer.disconnect() };
}

type EachBatch = NonNullable<NonNullable<Parameters<Consumer["run"]>[0]>["eachBatch"]>;
const resolveAll: EachBatch = async ({ batch, resolveOffset }) => resolveOffset(batch.lastOffset());

function startConsole(broker: Broker, protocol: "classic" | "consumer"): Promise<Child> {
  return startConsoleConsumer(broker, { group: `console-${protocol}`, topic: "orders", protocol });
}

function at(topic: string, partition: number, committedOffset: number): PartitionCommit {
  return { topic, partition, committedOffset };
}

async function makeQuietGroups({ simple }: Makers): Promise<void> {
  await simple.commit("caught-up", [at("static", 0, 100), at("static", 1, 100)]);
  await simple.commit(
    "hostile-topics",
    HOSTILE_TOPICS.map((topic) => at(topic, 0, 4)),
  );
  for (const group of HOSTILE_GROUPS) await simple.commit(group, [at("static", 2, 70)]);
}

/** A full window that moved, and then nothing. */
async function makeStopped({ simple }: Makers): Promise<void> {
  for (let turn = 1; turn <= STOPPED_COMMITS; turn++) {
    await simple.commit("stopped", [at("static", 0, 5 * turn)]);
    await pause(STOPPED_COMMIT_MS);
  }
}

/** Members read everything and leave; then come more records. */
async function makeMembersGone({ kafka, admin, producer }: Makers): Promise<void> {
  const consumer = kafka.consumer({ groupId: "members-gone", maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: ["abandoned"], fromBeginning: true });
  await consumer.run({ autoCommitInterval: 100, eachBatch: resolveAll });
  await hasCommitted(admin, "members-gone", [at("abandoned", 0, 20), at("abandoned", 1, 20)]);
  await consumer.disconnect();
  await fillTopic(admin, producer, { topic: "abandoned", partitions: 2, records: 30 });
}

/** One transaction that holds, and one further on that does not; two ids, since the end of a transaction takes its time. */
async function makeTransactional(makers: Makers): Promise<void> {
  await transact(makers.kafka, { id: "holds", committedOffset: 60, commits: true });
  await hasCommitted(makers.admin, "transactional", [at("static", 0, 60)]);
  await transact(makers.kafka, { id: "aborted", committedOffset: 90, commits: false });
}

async function transact(
  kafka: Kafka,
  {
    id,
    committedOffset,
    commits,
  }: { readonly id: string; readonly committedOffset: number; readonly commits: boolean },
): Promise<void> {
  const producer = kafka.producer({ transactionalId: id, maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.sendOffsets({
    consumerGroupId: "transactional",
    topics: [{ topic: "static", partitions: [{ partition: 0, offset: String(committedOffset) }] }],
  });
  await (commits ? transaction.commit() : transaction.abort());
  await producer.disconnect();
}

/** The coordinator removes the offsets of a deleted topic; one group commits again to the new one, the other does not. */
async function makeReborn({ kafka, admin, simple }: Makers): Promise<void> {
  await makeTopicAlone(kafka, { topic: "reborn", partitions: 1, records: 100 });
  for (const group of ["reborn", "orphan-of-a-topic"]) await simple.commit(group, [at("reborn", 0, 50)]);
  await admin.deleteTopics({ topics: ["reborn"] });
  await hasCommitted(admin, "reborn", []);
  await makeTopicAlone(kafka, { topic: "reborn", partitions: 1, records: 20 });
  await simple.commit("reborn", [at("reborn", 0, 5)]);
}

/** With clients of its own: one that has once asked for a topic fails at every refresh while that topic does not exist. */
async function makeTopicAlone(kafka: Kafka, filling: Filling): Promise<void> {
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  const { topic, partitions } = filling;
  const topics = [{ topic, numPartitions: partitions, replicationFactor: 1 }];
  const make = async () => done(await admin.createTopics({ topics, waitForLeaders: false }));
  await until(`topic ${topic}, made`, make, { timeoutMs: SETTLE_TIMEOUT_MS, everyMs: 200 });
  await topicsReady(admin, [topic]);
  await fillTopic(admin, producer, filling);
  await Promise.all([admin.disconnect(), producer.disconnect()]);
}

async function makeBehindRetention({ admin, simple }: Makers): Promise<void> {
  await simple.commit("behind-retention", [at("trimmed", 0, 10)]);
  // deleteTopicRecords knows leaders only of topics that the admin client was asked about before.
  await admin.fetchTopicOffsets("trimmed");
  await admin.deleteTopicRecords({ topic: "trimmed", partitions: [{ partition: 0, offset: "40" }] });
}

async function makeDeleted({ admin, simple }: Makers): Promise<void> {
  await simple.commit("deleted", [at("static", 0, 30)]);
  await admin.deleteGroups(["deleted"]);
}

async function committedBy(admin: Admin, group: string): Promise<readonly PartitionCommit[]> {
  const topics = await admin.fetchOffsets({ groupId: group });
  return topics.flatMap(({ topic, partitions }) =>
    partitions
      .filter(({ offset }) => offset !== "-1")
      .map(({ partition, offset }) => at(topic, partition, Number(offset))),
  );
}

async function hasCommitted(admin: Admin, group: string, want: readonly PartitionCommit[]): Promise<void> {
  const order = (rows: readonly PartitionCommit[]) =>
    JSON.stringify(rows.toSorted((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition));
  const look = async () => {
    const rows = order(await committedBy(admin, group));
    return rows === order(want) ? done(undefined) : notYet(rows);
  };
  await until(`offsets ${order(want)} of ${group}`, look, { timeoutMs: SETTLE_TIMEOUT_MS, everyMs: 100 });
}

async function allHaveCommitted(admin: Admin, groups: readonly ExpectedGroup[]): Promise<void> {
  for (const { group } of groups) {
    const look = async () => ((await committedBy(admin, group)).length > 0 ? done(undefined) : notYet("no offset"));
    await until(`a committed offset of ${group}`, look, { timeoutMs: SETTLE_TIMEOUT_MS, everyMs: 100 });
  }
}

/** Those who read `orders` stand at its end. */
async function caughtUp(admin: Admin, groups: readonly ExpectedGroup[]): Promise<void> {
  const ends = await admin.fetchTopicOffsets("orders");
  const want = ends.map(({ partition, high }) => at("orders", partition, Number(high)));
  for (const { group } of groups.filter(({ running, members }) => running === "OK" && members > 0)) {
    await hasCommitted(admin, group, want);
  }
}
