/**
 * # Polling a real broker
 *
 * Both sources keep what their port promises, and a product from which the offsets topic is hidden, and that polls, shows what
 * Kafka's own tool shows, for every group and partition of the population.
 */

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import kafkajs from "kafkajs";
import { commitSourceSuite } from "../../collector/kafka/commit-source.suite.ts";
import { openCommitStage } from "./commit-stage.fixture.ts";
import { differences, type Oracle } from "./compare.ts";
import { createPopulation } from "./groups.ts";
import { type Broker, startBroker } from "./kafka/broker.ts";
import { KAFKA_VERSIONS, type KafkaVersion } from "./kafka/jars.ts";
import { saslProperties } from "./kafka/security.ts";
import { describeAllGroups, describeStates } from "./kafka/tools.ts";
import { type Product, startProduct } from "./product.ts";
import { servedGroups, servedSummaries } from "./served.ts";
import { done, notYet, until } from "./until.ts";

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = kafkajs;
const TIMEOUT_MS = 90_000;
const POLLING = { source: "polling", poll_interval: "1s" } as const;

const login = { username: "tidemark", password: "secret-0815" } as const;
const SASL = { sasl: { mechanism: "plain", ...login } };

/** Who comes by the secure listener sees topics and groups, but of the offsets topic nothing: it is hidden, as hosted Kafka hides it. */
async function startHiding(version: KafkaVersion): Promise<Broker> {
  const broker = await startBroker({
    version,
    secured: [{ name: "LOGIN", protocol: "SASL_PLAINTEXT", properties: saslProperties({ plain: [login] }) }],
    properties: {
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:ANONYMOUS",
    },
  });
  const admin = new Kafka({ clientId: "setup", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const pattern = { resourcePatternType: ResourcePatternTypes.LITERAL, operation: AclOperationTypes.DESCRIBE };
  const who = { principal: `User:${login.username}`, host: "*", permissionType: AclPermissionTypes.ALLOW };
  const { TOPIC, GROUP } = AclResourceTypes;
  await admin.createAcls({
    acl: [
      { ...pattern, ...who, resourceType: TOPIC, resourceName: "*" },
      { ...pattern, ...who, resourceType: GROUP, resourceName: "*" },
      {
        ...pattern,
        ...who,
        resourceType: TOPIC,
        resourceName: "__consumer_offsets",
        permissionType: AclPermissionTypes.DENY,
      },
    ],
  });
  await admin.disconnect();
  return broker;
}

for (const version of KAFKA_VERSIONS)
  suite(`Kafka ${version}`, () => {
    let broker: Broker;
    before(async () => {
      broker = await startHiding(version);
    });
    after(() => broker[Symbol.asyncDispose]());
    for (const source of ["offsets_topic", "polling"] as const)
      commitSourceSuite(source, () => openCommitStage(broker));

    test("who polls shows what the oracle shows, and who would read the hidden topic says so", async (t) => {
      await using population = await createPopulation(broker);
      await using product = await startHidden(broker, POLLING);
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
      await saysThatItIsHidden(broker);
    });
  });

/** It lists the groups, sees members, and knows no more: nothing of that is OK. */
async function saysThatItIsHidden(broker: Broker): Promise<void> {
  await using product = await startHidden(broker, {});
  const look = async () => {
    const groups = (await servedSummaries(product)) ?? [];
    const isTold = groups.length > 0 && groups.every(({ status }) => status === "unauthorised");
    return isTold ? done(groups) : notYet(JSON.stringify(groups));
  };
  const groups = await until("no group is judged", look, { timeoutMs: TIMEOUT_MS, everyMs: 100 });
  assert.deepEqual([...new Set(groups.map(({ reason }) => reason))], ["offsets_topic_denied"]);
  const { status, text } = await product.get("/readyz");
  assert.equal(status, 503);
  assert.match(text, /`source: polling` does without/);
  assert.match(await product.logTail(), /kafka\.offsets-topic-hidden/);
}

function startHidden(broker: Broker, cluster: Readonly<Record<string, unknown>>): Promise<Product> {
  const brokers = [broker.listener("LOGIN")];
  return startProduct({ brokers, command: "collector", cluster: { ...SASL, ...cluster } });
}
