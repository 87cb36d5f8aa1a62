/**
 * # Polling a real broker
 *
 * Both sources keep what their port promises, and a product that polls shows what Kafka's own tool shows, for every group and
 * partition of the population.
 */

import { after, test } from "node:test";
import { Kafka, logLevel } from "kafkajs";
import { type CommitStage, commitSourceSuite } from "../../collector/kafka/commit-source.suite.ts";
import { differences, type Oracle } from "./compare.ts";
import { createPopulation } from "./groups.ts";
import { startBroker } from "./kafka/broker.ts";
import { deleteGroup, deleteOffsets, describeAllGroups, describeStates } from "./kafka/tools.ts";
import { startProduct } from "./product.ts";
import { servedGroups } from "./served.ts";
import { connectSimpleConsumer } from "./simple-consumer.ts";
import { fillTopic, topicsReady } from "./topics.ts";
import { done, notYet, until } from "./until.ts";

const TIMEOUT_MS = 90_000;
const POLLING = { source: "polling", poll_interval: "1s" } as const;

const VERSION = "4.1.2";
const broker = await startBroker({ version: VERSION });
after(() => broker[Symbol.asyncDispose]());
const kafka = new Kafka({ clientId: "stage", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });

let stages = 0;

async function realStage(): Promise<CommitStage> {
  stages += 1;
  const [topic, suffix] = [`stage-${stages}`, `-${stages}`];
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1 }], waitForLeaders: false });
  await topicsReady(admin, [topic]);
  await fillTopic(admin, producer, { topic, partitions: 2, records: 100 });
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

for (const source of ["offsets_topic", "polling"] as const) commitSourceSuite(source, realStage);

test(`Kafka ${VERSION}: who polls shows what the oracle shows`, async (t) => {
  await using population = await createPopulation(broker);
  await using product = await startProduct({ brokers: [broker.bootstrap], command: "collector", cluster: POLLING });
  await product.ready();
  await population.rest();
  const oracle: Oracle = { rows: await describeAllGroups(broker), states: await describeStates(broker) };
  const beganMs = performance.now();
  const look = async () => {
    const found = differences((await servedGroups(product)) ?? [], oracle);
    return found.length === 0 ? done(undefined) : notYet(`${found.length}: ${found.slice(0, 6).join("; ")}`);
  };
  await until("equality with the oracle", look, { timeoutMs: TIMEOUT_MS, everyMs: 250 });
  t.diagnostic(`${oracle.rows.length} rows equal after ${Math.round(performance.now() - beganMs)} ms`);
});
