/**
 * # A stage for the suite of commit sources, on a real broker
 *
 * Each has a topic and groups of its own names: many may be played at once on one broker.
 */

import { Kafka, logLevel } from "kafkajs";
import type { CommitStage } from "../../collector/kafka/commit-source.suite.ts";
import type { Broker } from "./kafka/broker.ts";
import { deleteGroup, deleteOffsets } from "./kafka/tools.ts";
import { connectSimpleConsumer } from "./simple-consumer.ts";
import { fillTopic, topicsReady } from "./topics.ts";
import { done, notYet, until } from "./until.ts";

const TIMEOUT_MS = 90_000;
const RECORDS = 100;

let stages = 0;

export async function openCommitStage(broker: Broker): Promise<CommitStage> {
  stages += 1;
  const [topic, suffix] = [`stage-${stages}`, `-${stages}`];
  const kafka = new Kafka({ clientId: "stage", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1 }], waitForLeaders: false });
  await topicsReady(admin, [topic]);
  await fillTopic(admin, producer, { topic, partitions: 2, records: RECORDS });
  const consumer = await connectSimpleConsumer(kafka);
  return {
    brokers: [broker.bootstrap],
    topic,
    groups: { g: `g${suffix}`, other: `other${suffix}` },
    commit: (group, partition, committedOffset) => consumer.commit(group, [{ topic, partition, committedOffset }]),
    deleteOffset: (group, partition) => deleteOffsets(broker, { group, topic: `${topic}:${partition}` }),
    deleteGroup: (group) => deleteGroup(broker, group),
    until: (what, isSo) =>
      until(what, async () => (isSo() ? done(undefined) : notYet("not so")), { timeoutMs: TIMEOUT_MS, everyMs: 20 }),
    faults: undefined,
    [Symbol.asyncDispose]: async () => {
      await consumer[Symbol.asyncDispose]();
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}
