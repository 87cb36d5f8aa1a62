/**
 * # TLS and SASL from the configuration
 *
 * The product reads a broker through its secured listener and shows what a group committed; with a wrong password it stays up
 * and says in words that it is refused.
 */

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { Kafka, logLevel } from "kafkajs";
import { type Broker, startBroker } from "./kafka/broker.ts";
import { caFileOf, type Sasl, type Security } from "./kafka/security.ts";
import { startProduct } from "./product.ts";
import { servedGroup } from "./served.ts";
import { connectSimpleConsumer } from "./simple-consumer.ts";
import { fillTopic, topicsReady } from "./topics.ts";
import { done, notYet, until } from "./until.ts";

const SECONDS_30 = { timeoutMs: 30_000 };

const login = { username: "tidemark", password: "secret" } as const;

const rows: readonly { readonly name: string; readonly security: Security }[] = [
  { name: "TLS", security: { tls: true } },
  { name: "SASL PLAIN", security: { sasl: { mechanism: "PLAIN", ...login } } },
  { name: "SCRAM-SHA-256", security: { sasl: { mechanism: "SCRAM-SHA-256", ...login } } },
  { name: "TLS and SCRAM-SHA-512", security: { tls: true, sasl: { mechanism: "SCRAM-SHA-512", ...login } } },
];

for (const { name, security } of rows) {
  test(`a group is read through a listener with ${name}`, async () => {
    await using broker = await startBroker({ version: "4.1.2", security });
    await commitSomething(broker);
    await using product = await startProduct({ brokers: [secured(broker)], cluster: clusterOf(broker, security) });
    const look = async () => {
      const lag = (await servedGroup(product, "g"))?.lag;
      return lag === 7 ? done(undefined) : notYet(`lag ${lag}`);
    };
    await until("the lag of the group", look, SECONDS_30);
    await product.ready();
  });
}

test("a wrong password is told, and the process stays", async () => {
  const sasl: Sasl = { mechanism: "PLAIN", ...login };
  await using broker = await startBroker({ version: "4.1.2", security: { sasl } });
  const cluster = clusterOf(broker, { sasl: { ...sasl, password: "wrong" } });
  await using product = await startProduct({ brokers: [secured(broker)], cluster });
  const look = async () => {
    const { status, text } = await product.get("/readyz");
    return status === 503 && /authenti|refuse|password|credential/i.test(text)
      ? done(text)
      : notYet(`${status} ${text}`);
  };
  const text = await until("the reason in /readyz", look, SECONDS_30);
  assert.equal(text.includes("wrong"), false, "the password itself is told to nobody");
  assert.ok(product.running);
});

function secured(broker: Broker): string {
  if (broker.secureBootstrap === undefined) throw new Error("the broker has no secured listener");
  return broker.secureBootstrap;
}

function clusterOf(broker: Broker, { sasl, tls }: Security): Readonly<Record<string, unknown>> {
  return {
    ...(tls === true ? { tls: { ca_file: resolve(caFileOf(broker.dataDir)) } } : {}),
    ...(sasl === undefined ? {} : { sasl: { ...sasl, mechanism: sasl.mechanism.toLowerCase() } }),
  };
}

/** Through the plain listener, which the product does not know. */
async function commitSomething(broker: Broker): Promise<void> {
  const kafka = new Kafka({ clientId: "setup", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({ topics: [{ topic: "t", numPartitions: 1, replicationFactor: 1 }], waitForLeaders: false });
  await topicsReady(admin, ["t"]);
  await fillTopic(admin, producer, { topic: "t", partitions: 1, records: 10 });
  await using simple = await connectSimpleConsumer(kafka);
  await simple.commit("g", [{ topic: "t", partition: 0, committedOffset: 3 }]);
  await Promise.all([admin.disconnect(), producer.disconnect()]);
}
