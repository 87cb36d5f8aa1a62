/**
 * # The broker of a live bench, filled
 *
 * Topics with equal partitions, a long offsets topic, and coordinators that have loaded it.
 */

import { Kafka, logLevel, type Producer } from "kafkajs";
import { type Broker, startBroker } from "../../test/real/kafka/broker.ts";
import { connectSimpleConsumer, type SimpleConsumer } from "../../test/real/simple-consumer.ts";
import { done, notYet, until } from "../../test/real/until.ts";
import { fillOffsets } from "../load/fill-offsets.ts";
import { groupName, type Scenario } from "../load/scenario.ts";
import { createTopics, fillTopics } from "../load/topics.ts";

const BROKER_HEAP_MIB = 2_048;
const COORDINATORS_TIMEOUT_MS = 300_000;
/** An index file takes 10 MiB of address space by default, and each of 10,000 partitions has two. */
const BROKER_PROPERTIES = { "log.index.size.max.bytes": "65536" };

export interface Stage extends AsyncDisposable {
  readonly scenario: Scenario;
  readonly bootstrap: string;
  readonly simple: SimpleConsumer;
  readonly producer: Producer;
  /** Where every partition of every group stands before any load. */
  readonly committedOffset: number;
}

export async function setStage(scenario: Scenario, records: number): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const options = { heapMiB: BROKER_HEAP_MIB, offsetsPartitions: 50, properties: BROKER_PROPERTIES } as const;
  const broker = stack.use(await startBroker({ version: "4.1.2", ...options }));
  const kafka = new Kafka({ clientId: "bench", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  await createTopics(kafka, scenario);
  await fillTopics(kafka, scenario);
  const committedOffset = await fill(broker, scenario, records);
  await broker.restart();
  await coordinatorsLoaded(kafka, { scenario, committedOffset });
  const simple = stack.use(await connectSimpleConsumer(kafka));
  const producer = kafka.producer();
  await producer.connect();
  stack.defer(() => producer.disconnect());
  const held = stack.move();
  const { bootstrap } = broker;
  return { scenario, bootstrap, simple, producer, committedOffset, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

async function fill(broker: Broker, scenario: Scenario, wanted: number): Promise<number> {
  const options = { scenario, records: wanted, nowMs: Date.now() };
  const { records, seconds, lastOffset } = await fillOffsets(broker.bootstrap, options);
  const rate = Math.round(records / seconds);
  console.log(`offsets topic: ${records} records in ${seconds.toFixed(0)} s, ${rate} records/s\n`);
  return lastOffset;
}

/** A coordinator that is still loading hides its groups without an error. */
async function coordinatorsLoaded(
  kafka: Kafka,
  { scenario, committedOffset }: Pick<Stage, "scenario" | "committedOffset">,
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const look = async () => {
    const { groups } = await admin.listGroups();
    if (groups.length < scenario.groups) return notYet(`${groups.length} groups`);
    const rows = await admin.fetchOffsets({ groupId: groupName(scenario.groups - 1) });
    const stands = rows[0]?.partitions[0]?.offset;
    return stands === String(committedOffset) ? done(undefined) : notYet(`the last group stands at ${stands}`);
  };
  await until("groups in their coordinators", look, { timeoutMs: COORDINATORS_TIMEOUT_MS, everyMs: 1_000 });
  await admin.disconnect();
}
