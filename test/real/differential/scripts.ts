/**
 * # One script, played on a real broker and on the simulated cluster
 *
 * Step by step the same: topics made, records produced and deleted, commits without members, in transactions, by a member of a
 * classic group that leaves, by a consumer group, a group that is deleted, a topic that is deleted.
 */

import { Kafka, logLevel } from "kafkajs";
import type { Cluster } from "../../../simulator/cluster/cluster.ts";
import { createCluster } from "../../../simulator/cluster/create-cluster.ts";
import { randomOf } from "../../../simulator/world/random.ts";
import type { Broker } from "../kafka/broker.ts";
import { deleteGroup, deleteRecords, startConsoleConsumer } from "../kafka/tools.ts";
import { connectSimpleConsumer } from "../simple-consumer.ts";
import { fillTopic, topicsReady } from "../topics.ts";
import { done, notYet, until } from "../until.ts";

export const OFFSETS_PARTITIONS = 3;
const TIMEOUT_MS = 60_000;

const TOPICS = [
  { topic: "a", partitions: 2, records: 6 },
  { topic: "b", partitions: 1, records: 4 },
  { topic: "c", partitions: 1, records: 3 },
] as const;

const of = (topic: string, partition: number, committedOffset: number) => ({ topic, partition, committedOffset });

const STEPS = {
  simple: [
    [of("a", 0, 2), of("a", 1, 3), of("b", 0, 1)],
    [of("a", 0, 4), of("c", 0, 1)],
  ],
  gone: [[of("a", 0, 1)]],
  committed: of("a", 0, 5),
  aborted: of("a", 1, 6),
} as const;

/** Stays a member until it is disposed of: what a group holds is read while it is there. */
export async function playOnBroker(broker: Broker): Promise<AsyncDisposable> {
  const { bootstrap } = broker;
  const kafka = new Kafka({ clientId: "script", brokers: [bootstrap], logLevel: logLevel.NOTHING });
  await using stack = new AsyncDisposableStack();
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await admin.connect();
  stack.defer(() => admin.disconnect());
  await producer.connect();
  stack.defer(() => producer.disconnect());
  await admin.createTopics({
    topics: TOPICS.map(({ topic, partitions: numPartitions }) => ({ topic, numPartitions })),
  });
  await topicsReady(
    admin,
    TOPICS.map(({ topic }) => topic),
  );
  for (const filling of TOPICS) await fillTopic(admin, producer, filling);
  await deleteRecords(broker, { topic: "a", partition: 1, beforeOffset: 2 });

  const simple = stack.use(await connectSimpleConsumer(kafka));
  for (const offsets of STEPS.simple) await simple.commit("simple", offsets);
  for (const offsets of STEPS.gone) await simple.commit("gone", offsets);
  await commitInTransactions(kafka);
  await joinAndLeave(kafka);
  await deleteGroup(broker, "gone");
  const consumer = await startConsoleConsumer(broker, { group: "modern", topic: "b", protocol: "consumer" });
  await until(
    "the consumer group has read all",
    async () => {
      const [offsets] = await admin.fetchOffsets({ groupId: "modern", topics: ["b"] });
      const at = offsets?.partitions[0]?.offset;
      return at === "4" ? done(undefined) : notYet(`it is at ${at}`);
    },
    { timeoutMs: TIMEOUT_MS, everyMs: 200 },
  );
  await admin.deleteTopics({ topics: ["c"] });
  await until(
    "the offset of the deleted topic is gone",
    async () => {
      const offsets = await admin.fetchOffsets({ groupId: "simple" });
      const topics = offsets.filter(({ partitions }) => partitions.some(({ offset }) => offset !== "-1"));
      return topics.length === 2 ? done(undefined) : notYet(topics.map(({ topic }) => topic).join());
    },
    { timeoutMs: TIMEOUT_MS, everyMs: 200 },
  );
  return consumer;
}

/** Two producers: a transaction may only begin when the one before of the same producer has ended everywhere. */
async function commitInTransactions(kafka: Kafka): Promise<void> {
  for (const [step, ends] of [
    [STEPS.committed, "commit"],
    [STEPS.aborted, "abort"],
  ] as const) {
    const producer = kafka.producer({ transactionalId: ends, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    const { topic, partition, committedOffset } = step;
    const transaction = await producer.transaction();
    const topics = [{ topic, partitions: [{ partition, offset: String(committedOffset) }] }];
    await transaction.sendOffsets({ consumerGroupId: "transactional", topics });
    await transaction[ends]();
    await producer.disconnect();
  }
}

/** One generation with one member, then an empty one. */
async function joinAndLeave(kafka: Kafka): Promise<void> {
  const consumer = kafka.consumer({ groupId: "member" });
  await consumer.connect();
  await consumer.subscribe({ topic: "b", fromBeginning: true });
  const read = Promise.withResolvers<void>();
  await consumer.run({
    eachMessage: async ({ message }) => {
      if (message.offset === "3") read.resolve();
    },
  });
  await read.promise;
  await consumer.disconnect();
}

export function playOnSimulator(): Cluster {
  const atMs = Date.now() - 10_000;
  const random = randomOf(1, "differential");
  const cluster = createCluster({
    clusterId: "differential",
    version: "4.1",
    brokers: [1],
    replicationFactor: 1,
    offsetsPartitions: OFFSETS_PARTITIONS,
    random,
  });
  for (const { topic, partitions, records } of TOPICS) {
    cluster.createTopic({ topic, partitions }, atMs);
    for (let partition = 0; partition < partitions; partition += 1) cluster.append(topic, partition, records, atMs);
  }
  cluster.advanceStart("a", 1, 2);
  for (const offsets of STEPS.simple) cluster.commit({ group: "simple", offsets, atMs });
  for (const offsets of STEPS.gone) cluster.commit({ group: "gone", offsets, atMs });
  for (const [offset, producerId, outcome] of [
    [STEPS.committed, 7, "commit"],
    [STEPS.aborted, 7, "abort"],
  ] as const) {
    cluster.commit({ group: "transactional", offsets: [offset], atMs, producerId });
    cluster.endOffsetsTransaction(producerId, outcome, atMs);
  }
  const partitions = [{ topic: "b", partitions: [0] }];
  const member = {
    memberId: "script-1",
    instanceId: undefined,
    clientId: "script",
    clientHost: "/127.0.0.1",
    partitions,
  };
  cluster.rebalanced("member", { type: "classic", members: [member] }, atMs);
  cluster.commit({ group: "member", offsets: [of("b", 0, 4)], atMs });
  cluster.rebalanced("member", { type: "classic", members: [] }, atMs);
  cluster.deleteGroup("gone", atMs);
  const modern = { ...member, memberId: "console-1", clientId: "console-consumer" };
  cluster.rebalanced("modern", { type: "consumer", members: [modern] }, atMs);
  cluster.commit({ group: "modern", offsets: [{ ...of("b", 0, 4), leaderEpoch: 0 }], atMs });
  cluster.deleteTopic("c", atMs);
  return cluster;
}
