/**
 * # The script of troubles on three real brokers, and who plays in it
 *
 * `reader` and `other reader` commit without members; `orders` has three replicas, `cut` two, none of them on the controller.
 */

import { type Admin, Kafka, logLevel, type Producer } from "kafkajs";
import type { PartitionEvaluation } from "../../collector/model/evaluation.ts";
import type { ThreeBrokers } from "./kafka/three-brokers.ts";
import { deleteGroup, resetOffsets } from "./kafka/tools.ts";
import type { Product } from "./product.ts";
import { connectSimpleConsumer, type SimpleConsumer } from "./simple-consumer.ts";
import { topicsReady } from "./topics.ts";
import { done, until } from "./until.ts";

const MADE_AGAIN_TIMEOUT_MS = 60_000;
const ORDERS = "orders";
const CUT = "cut";
export const GROUPS = ["reader", "other reader"] as const;

export interface Stage {
  readonly brokers: ThreeBrokers;
  readonly product: Product;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly simple: SimpleConsumer;
}

export interface Step {
  readonly what: string;
  readonly act: (stage: Stage) => Promise<void>;
  /** What else may be served while it goes on: lags that are true in between. */
  readonly alsoLags?: readonly number[];
  /** What must be said of the first group on a partition of `orders`, or of `cut`. */
  readonly said?: readonly [topic: string, partition: number, Partial<PartitionEvaluation>];
}

export type Clients = Omit<Stage, "brokers" | "product">;

export async function connect({ servers }: ThreeBrokers, stack: AsyncDisposableStack): Promise<Clients> {
  const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 60 };
  const kafka = new Kafka({ clientId: "troubles", brokers: [...servers], logLevel: logLevel.NOTHING, retry });
  const [admin, producer] = [kafka.admin(), kafka.producer({ metadataMaxAge: 1_000 })];
  await Promise.all([admin.connect(), producer.connect()]);
  stack.defer(() => admin.disconnect());
  stack.defer(() => producer.disconnect());
  return { kafka, admin, producer, simple: stack.use(await connectSimpleConsumer(kafka)) };
}

export async function furnish(clients: Clients): Promise<void> {
  const { admin, simple } = clients;
  const cut = { topic: CUT, replicaAssignment: [{ partition: 0, replicas: [2, 3] }] };
  await admin.createTopics({
    topics: [
      { topic: ORDERS, numPartitions: 3, replicationFactor: 3 },
      { ...cut, configEntries: [{ name: "unclean.leader.election.enable", value: "true" }] },
    ],
  });
  await topicsReady(admin, [ORDERS, CUT]);
  for (const partition of [0, 1, 2]) await produce(clients, { topic: ORDERS, partition, records: 100 });
  await produce(clients, { topic: CUT, partition: 0, records: 20 });
  for (const group of GROUPS) {
    await simple.commit(
      group,
      [0, 1, 2].map((partition) => ({ topic: ORDERS, partition, committedOffset: 50 })),
    );
    await simple.commit(group, [{ topic: CUT, partition: 0, committedOffset: 15 }]);
  }
}

interface Records {
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
}

async function produce({ producer }: Pick<Stage, "producer">, { topic, partition, records }: Records): Promise<void> {
  await producer.send({ topic, messages: Array.from({ length: records }, () => ({ partition, value: "v" })) });
}

async function commit({ simple }: Stage, partition: number, committedOffset: number): Promise<void> {
  for (const group of GROUPS) await simple.commit(group, [{ topic: ORDERS, partition, committedOffset }]);
}

async function inTransaction({ kafka }: Stage, id: string, committedOffset: number) {
  const producer = kafka.producer({ transactionalId: id, maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  const transaction = await producer.transaction();
  const topics = [{ topic: ORDERS, partitions: [{ partition: 1, offset: String(committedOffset) }] }];
  await transaction.sendOffsets({ consumerGroupId: GROUPS[0], topics });
  return { transaction, [Symbol.asyncDispose]: () => producer.disconnect() };
}

export const STEPS: readonly Step[] = [
  { what: "at first", act: async () => {} },
  { what: "a broker is killed", act: ({ brokers }) => brokers.broker(3).kill() },
  { what: "groups commit on without it", act: (stage) => commit(stage, 0, 60) },
  { what: "records come without it", act: (stage) => produce(stage, { topic: ORDERS, partition: 0, records: 10 }) },
  { what: "it returns", act: ({ brokers }) => brokers.broker(3).restart() },
  {
    what: "another is killed, and returns at once",
    act: async ({ brokers }) => {
      await brokers.broker(2).kill();
      await brokers.broker(2).restart();
    },
  },
  {
    what: "partitions are added, and one is read",
    act: async (stage) => {
      await stage.admin.createPartitions({ topicPartitions: [{ topic: ORDERS, count: 5 }] });
      await topicsReady(stage.admin, [ORDERS]);
      await commit(stage, 4, 0);
    },
    said: [ORDERS, 4, { lag: 0 }],
  },
  {
    what: "offsets are reset to the beginning",
    act: ({ brokers }) => resetOffsets(brokers, { group: GROUPS[0], topic: ORDERS, to: ["--to-earliest"] }),
  },
  {
    what: "offsets are set beyond the end",
    act: (stage) => commit(stage, 2, 10_000),
    said: [ORDERS, 2, { lag: 0, reason: "ahead" }],
  },
  { what: "and back", act: (stage) => commit(stage, 2, 70), said: [ORDERS, 2, { lag: 30, reason: undefined }] },
  {
    what: "records are deleted before they are read",
    act: async ({ admin }) => {
      await admin.fetchTopicOffsets(ORDERS);
      await admin.deleteTopicRecords({ topic: ORDERS, partitions: [{ partition: 2, offset: "80" }] });
    },
    said: [ORDERS, 2, { lag: 20, lost_records: 10 }],
  },
  {
    what: "a transaction commits offsets",
    act: async (stage) => {
      await using one = await inTransaction(stage, "commits", 61);
      await one.transaction.commit();
    },
    said: [ORDERS, 1, { committed_offset: 61 }],
  },
  {
    what: "a transaction is aborted",
    act: async (stage) => {
      await using one = await inTransaction(stage, "aborts", 90);
      await one.transaction.abort();
    },
    said: [ORDERS, 1, { committed_offset: 61 }],
  },
  {
    what: "a transaction is open while coordinators move, and then it ends",
    act: async (stage) => {
      await using one = await inTransaction(stage, "waits", 75);
      await stage.brokers.broker(3).kill();
      await stage.brokers.broker(3).restart();
      await one.transaction.commit();
    },
    said: [ORDERS, 1, { committed_offset: 75 }],
  },
  {
    what: "an unclean election cuts a log below what was committed",
    act: async (stage) => {
      const { brokers, simple } = stage;
      await brokers.broker(3).kill();
      await produce(stage, { topic: CUT, partition: 0, records: 30 });
      for (const group of GROUPS) await simple.commit(group, [{ topic: CUT, partition: 0, committedOffset: 40 }]);
      await brokers.broker(2).kill();
      await brokers.broker(3).restart();
      await brokers.broker(2).restart();
    },
    alsoLags: [35, 10, 0],
    said: [CUT, 0, { end_offset: 20, lag: 0, reason: "ahead" }],
  },
  {
    what: "a topic is deleted and made again, shorter",
    act: async (stage) => {
      await stage.admin.deleteTopics({ topics: [ORDERS] });
      const again = { topic: ORDERS, numPartitions: 3, replicationFactor: 3 };
      const make = async () => done(await stage.admin.createTopics({ topics: [again] }));
      await until("the topic, made again", make, { timeoutMs: MADE_AGAIN_TIMEOUT_MS });
      await topicsReady(stage.admin, [ORDERS]);
      await produce(stage, { topic: ORDERS, partition: 0, records: 7 });
      await commit(stage, 0, 3);
    },
    alsoLags: [7, 0],
    said: [ORDERS, 0, { committed_offset: 3, lag: 4 }],
  },
  { what: "a group is deleted", act: ({ brokers }) => deleteGroup(brokers.broker(1), GROUPS[1]) },
  {
    what: "the product starts again",
    act: async ({ product }) => {
      await product.stop();
      await product.start();
      await product.ready();
    },
  },
];
