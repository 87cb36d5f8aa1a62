/**
 * # A look at a real broker with an authoriser
 *
 * What we may not read is said, each right by its name; once all that was said is granted, nothing is missing.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import kafkajs from "kafkajs";
import { examineCluster } from "../../collector/kafka/examine.ts";
import { createLogger } from "../../runtime/logger.ts";
import { startBroker } from "./kafka/broker.ts";
import { connectSimpleConsumer } from "./simple-consumer.ts";
import { fillTopic, topicsReady } from "./topics.ts";

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = kafkajs;
const login = { username: "tidemark", password: "secret-0815" } as const;
const AUTHORISER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

test("what we may not read is said by its right, and what is granted is not said any more", async () => {
  await using broker = await startBroker({
    version: "4.1.2",
    security: { sasl: { mechanism: "PLAIN", ...login } },
    properties: { "authorizer.class.name": AUTHORISER, "super.users": "User:ANONYMOUS" },
  });
  const kafka = new Kafka({ clientId: "setup", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    await admin.createTopics({
      topics: [{ topic: "t", numPartitions: 1, replicationFactor: 1 }],
      waitForLeaders: false,
    });
    await topicsReady(admin, ["t"]);
    await fillTopic(admin, producer, { topic: "t", partitions: 1, records: 10 });
    await using consumer = await connectSimpleConsumer(kafka);
    await consumer.commit("g", [{ topic: "t", partition: 0, committedOffset: 3 }]);
    const bad = async (): Promise<readonly string[]> => {
      const findings = await examineCluster({
        config: {
          brokers: [broker.secureBootstrap ?? ""],
          sasl: { mechanism: "plain", ...login },
          source: "offsets_topic",
          poll_interval: 10_000,
        },
        timeoutMs: 10_000,
        nowMs: Date.now,
        logger: createLogger("silent"),
      });
      return findings.flatMap(({ level, what, detail, remedy }) =>
        level === "ok" ? [] : [`${level} ${what}: ${detail} -> ${remedy}`],
      );
    };
    const grant = async (resourceType: number, resourceName: string, operations: readonly number[]): Promise<void> => {
      const entry = { resourceType, resourceName, resourcePatternType: ResourcePatternTypes.LITERAL };
      const who = { principal: `User:${login.username}`, host: "*", permissionType: AclPermissionTypes.ALLOW };
      await admin.createAcls({ acl: operations.map((operation) => ({ ...entry, ...who, operation })) });
    };
    const { TOPIC, GROUP } = AclResourceTypes;
    const { DESCRIBE, READ, DESCRIBE_CONFIGS } = AclOperationTypes;
    const nothing = await bad();
    assert.match(nothing.join("\n"), /^fail topic __consumer_offsets: we may not describe it -> .*'User:tidemark'/m);
    assert.match(nothing.join("\n"), /^warn topics: none is visible/m);
    assert.match(nothing.join("\n"), /^warn groups: none is visible/m);
    await grant(TOPIC, "*", [DESCRIBE]);
    await grant(GROUP, "*", [DESCRIBE]);
    const some = (await bad()).map((line) => line.split(" -> ")[0]);
    assert.equal(some.length, 2);
    assert.match(some.join("\n"), /^fail topic __consumer_offsets: we may not read it$/m);
    assert.match(some.join("\n"), /^warn topic configurations: we may not read those of 1 of 1 topics/m);
    await grant(TOPIC, "__consumer_offsets", [READ]);
    await grant(TOPIC, "*", [DESCRIBE_CONFIGS]);
    assert.deepEqual(await bad(), []);
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
});
