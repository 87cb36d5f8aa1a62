/**
 * # Our lag beside the client's own
 *
 * A real Java consumer reads, commits and pauses step by step; what its metrics say is held against what we say. The rules are
 * those of docs/records-lag-max.md, in its order.
 */

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { Kafka, logLevel, type Producer } from "kafkajs";
import { noteSkipped } from "../notices.ts";
import { type AskedConsumer, type ClientLag, startAskedConsumer } from "./kafka/asked-consumer.ts";
import { type Broker, startBroker } from "./kafka/broker.ts";
import { hasJavaCompiler } from "./kafka/java.ts";
import { type Product, startProduct } from "./product.ts";
import { servedGroup } from "./served.ts";
import { topicsReady } from "./topics.ts";
import { done, notYet, until } from "./until.ts";

const SHOWN = { timeoutMs: 60_000, everyMs: 50 };
const skip = (await hasJavaCompiler()) ? false : "no javac: install a JDK (Debian: openjdk-17-jdk-headless)";
if (skip) await noteSkipped({ server: "records-lag-max of a Java consumer", reason: skip });

suite("our lag beside the client's own", { skip }, () => {
  let broker: Broker;
  let product: Product;
  let kafka: Kafka;
  let producer: Producer;

  before(async () => {
    broker = await startBroker({ version: "4.1.2" });
    kafka = new Kafka({ clientId: "setup", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
    producer = kafka.producer();
    await producer.connect();
    product = await startProduct({ brokers: [broker.bootstrap], command: "collector" });
    await product.ready();
  });
  after(async () => {
    await product[Symbol.asyncDispose]();
    await producer.disconnect();
    await broker[Symbol.asyncDispose]();
  });

  async function createTopic(topic: string): Promise<void> {
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }], waitForLeaders: false });
    await topicsReady(admin, [topic]);
    await admin.disconnect();
  }
  const records = (topic: string, count: number) => ({
    topic,
    messages: Array.from({ length: count }, () => ({ partition: 0, value: "v" })),
  });
  /** Once we see this end, our lag. */
  const ours = (group: string, want: { readonly end: number; readonly committed: number }) =>
    until(
      `${group} at ${JSON.stringify(want)}`,
      async () => {
        const [row] = (await servedGroup(product, group))?.partitions ?? [];
        const isSo = row?.end_offset === want.end && row.committed_offset === want.committed;
        return isSo ? done(row.lag) : notYet(JSON.stringify(row));
      },
      SHOWN,
    );
  const untilClient = (consumer: AskedConsumer, what: string, isSo: (lag: ClientLag) => boolean) =>
    until(
      what,
      async () => {
        const lag = await consumer.look();
        return isSo(lag) ? done(lag) : notYet(JSON.stringify(lag));
      },
      SHOWN,
    );
  const propertiesOf = (group: string, more: Readonly<Record<string, string>>) => ({
    "group.id": group,
    "enable.auto.commit": "false",
    "auto.offset.reset": "earliest",
    "max.poll.records": "10",
    ...more,
  });

  for (const protocol of ["classic", "consumer"])
    test(`equal at rest, and in between position less committed apart (${protocol} protocol)`, async () => {
      const [topic, group] = [`t-${protocol}`, `g-${protocol}`];
      await createTopic(topic);
      await producer.send(records(topic, 100));
      const properties = propertiesOf(group, { "group.protocol": protocol });
      await using consumer = await startAskedConsumer(broker, { topic, properties });
      const first = await consumer.poll(10);
      assert.deepEqual([first.position, first.recordsLag, first.recordsLagMax], [10, 90, 90]);

      await consumer.commit();
      assert.equal(await ours(group, { end: 100, committed: 10 }), first.recordsLag);

      const ahead = await consumer.poll(30);
      assert.deepEqual([ahead.position, ahead.recordsLag], [30, 70]);
      assert.equal(ahead.recordsLagMax, 90, "the greatest since its window began, not what is");
      const own = await ours(group, { end: 100, committed: 10 });
      assert.equal(own, ahead.recordsLag + (ahead.position - 10));

      await producer.send(records(topic, 50));
      const behind = await consumer.poll(40);
      assert.equal(behind.recordsLag, 60, "the end of the fetch that brought the records, 50 ago");
      assert.equal(await ours(group, { end: 150, committed: 10 }), 60 + 50 + (40 - 10));

      await consumer.poll(150);
      const rest = await consumer.commit();
      assert.equal(rest.recordsLag, 0);
      assert.equal(await ours(group, { end: 150, committed: 150 }), 0);
    });

  test("a client that fetches nothing has no records-lag-max; we go on", async () => {
    const [topic, group] = ["t-silent", "g-silent"];
    await createTopic(topic);
    await producer.send(records(topic, 20));
    const window = { "metrics.sample.window.ms": "300", "metrics.num.samples": "2" };
    await using consumer = await startAskedConsumer(broker, { topic, properties: propertiesOf(group, window) });
    await consumer.poll(20);
    await consumer.commit();
    const isNone = ({ recordsLagMax }: ClientLag) => Number.isNaN(recordsLagMax);
    await untilClient(consumer, "no records-lag-max of an idle topic, though it polls", isNone);
    await consumer.pause();
    await producer.send(records(topic, 30));
    const silent = await untilClient(consumer, "none of a paused partition", isNone);
    assert.equal(silent.recordsLag, 0, "records-lag stays what it was at the last fetch");
    assert.equal(await ours(group, { end: 50, committed: 20 }), 30);

    await consumer.resume();
    const back = await consumer.poll(50);
    assert.equal(back.recordsLag, 0);
    await consumer.commit();
    assert.equal(await ours(group, { end: 50, committed: 50 }), 0);
  });

  test("a reader of committed records counts to the last stable offset; we count to the high watermark", async () => {
    const [topic, group] = ["t-transaction", "g-transaction"];
    await createTopic(topic);
    await producer.send(records(topic, 10));
    const writer = kafka.producer({ transactionalId: "w", idempotent: true, maxInFlightRequests: 1 });
    await writer.connect();
    const open = await writer.transaction();
    await open.send(records(topic, 20));
    const properties = propertiesOf(group, { "isolation.level": "read_committed" });
    await using consumer = await startAskedConsumer(broker, { topic, properties });
    const before = await consumer.poll(10);
    await consumer.commit();
    assert.equal(before.recordsLag, 0);
    assert.equal(await ours(group, { end: 30, committed: 10 }), 20);

    await open.commit();
    await writer.disconnect();
    const whole = await consumer.poll(31);
    await consumer.commit();
    assert.equal(whole.recordsLag, 0);
    assert.equal(await ours(group, { end: 31, committed: 31 }), 0, "the marker of the transaction is an offset, too");
  });
});
