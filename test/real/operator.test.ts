/**
 * # What an operator does with Kafka's own tools is shown
 *
 * Topics made and deleted, offsets reset, records deleted, a group deleted: each by the shipped command, while the product runs.
 */

import { type TestContext, test } from "node:test";
import { Kafka, logLevel } from "kafkajs";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import { type Broker, startBroker } from "./kafka/broker.ts";
import { createTopic, deleteGroup, deleteRecords, deleteTopic, resetOffsets } from "./kafka/tools.ts";
import { type Product, startProduct } from "./product.ts";
import { servedGroup, servedSummaries } from "./served.ts";
import { connectSimpleConsumer } from "./simple-consumer.ts";
import { fillTopic, topicsReady } from "./topics.ts";
import { done, notYet, until } from "./until.ts";

/** The poll of log-start offsets, once a minute, is the slowest thing that is waited for. */
const SHOWN_TIMEOUT_MS = 90_000;
const GROUP = "operated on";

test("resets, deleted records, groups and topics are shown as they are", async (t) => {
  await using broker = await startBroker({ version: "4.1.2" });
  await createTopic(broker, "kept", 1);
  await createTopic(broker, "dropped", 1);
  await commitBoth(broker);
  await using product = await startProduct({ brokers: [broker.bootstrap] });
  await shows(t, product, { kept: { lag: 2, lost: 0 }, dropped: { lag: 7, lost: 0 } });
  await resetOffsets(broker, { group: GROUP, topic: "kept", to: ["--to-earliest"] });
  await shows(t, product, { kept: { lag: 10, lost: 0 }, dropped: { lag: 7, lost: 0 } });
  await deleteTopic(broker, "dropped");
  await shows(t, product, { kept: { lag: 10, lost: 0 } });
  await deleteRecords(broker, { topic: "kept", partition: 0, beforeOffset: 4 });
  await shows(t, product, { kept: { lag: 6, lost: 4 } });
  await deleteGroup(broker, GROUP);
  const gone = async () => {
    const names = (await servedSummaries(product))?.map(({ group }) => group);
    return names !== undefined && !names.includes(GROUP) ? done(undefined) : notYet(String(names));
  };
  await until("a list without the group", gone, { timeoutMs: SHOWN_TIMEOUT_MS });
});

type Lags = Readonly<Record<string, { readonly lag: number; readonly lost: number }>>;

/** Comes to be so, with exactly these topics. */
async function shows(t: TestContext, product: Product, want: Lags): Promise<void> {
  const beganMs = performance.now();
  const look = async () => {
    const group = await servedGroup(product, GROUP);
    const is = JSON.stringify(group === undefined ? undefined : lagsOf(group));
    return is === JSON.stringify(want) ? done(undefined) : notYet(`${is}`);
  };
  await until(JSON.stringify(want), look, { timeoutMs: SHOWN_TIMEOUT_MS, everyMs: 100 });
  t.diagnostic(`${JSON.stringify(want)} after ${Math.round(performance.now() - beganMs)} ms`);
}

function lagsOf({ partitions }: GroupEvaluation): Lags {
  const known = partitions.filter(({ lag }) => lag !== undefined);
  const sorted = known.toSorted((a, b) => (a.topic < b.topic ? 1 : -1));
  return Object.fromEntries(sorted.map(({ topic, lag = 0, lost_records = 0 }) => [topic, { lag, lost: lost_records }]));
}

/** Ten records each; the group stands at 8 of one and 3 of the other. */
async function commitBoth(broker: Broker): Promise<void> {
  const kafka = new Kafka({ clientId: "setup", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  const topics = ["kept", "dropped"];
  await topicsReady(admin, topics);
  for (const topic of topics) await fillTopic(admin, producer, { topic, partitions: 1, records: 10 });
  await using simple = await connectSimpleConsumer(kafka);
  await simple.commit(GROUP, [
    { topic: "kept", partition: 0, committedOffset: 8 },
    { topic: "dropped", partition: 0, committedOffset: 3 },
  ]);
  await Promise.all([admin.disconnect(), producer.disconnect()]);
}
