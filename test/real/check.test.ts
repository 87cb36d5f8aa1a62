/**
 * # A look at a real broker with an authoriser: the least rights of each source
 *
 * With all that docs/security.md lists nothing is missing; with any one of it taken away, that one is said by its command, and
 * granting what was said mends it.
 */

import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import kafkajs from "kafkajs";
import { examineCluster } from "../../collector/kafka/examine.ts";
import { createLogger } from "../../runtime/logger.ts";
import { AUTHORITY, otherHost, selfSigned } from "../stores/certificate.ts";
import { startBroker } from "./kafka/broker.ts";
import { saslProperties, tlsProperties } from "./kafka/security.ts";
import { scratchDir } from "./places.ts";
import { startProduct } from "./product.ts";
import { connectSimpleConsumer } from "./simple-consumer.ts";
import { fillTopic, topicsReady } from "./topics.ts";
import { done, notYet, until } from "./until.ts";

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = kafkajs;
const AUTHORISER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
const SOURCES = ["offsets_topic", "polling"] as const;
type Source = (typeof SOURCES)[number];

/** As kafka-acls.sh names them, and as a line of what it says names what is missing. */
interface Right {
  readonly operation: "DESCRIBE" | "READ" | "DESCRIBE_CONFIGS";
  readonly resource: "TOPIC" | "GROUP";
  readonly name: string;
  /** What is said without it, by each source that needs it. */
  readonly says: Readonly<Partial<Record<Source, RegExp>>>;
}

const RIGHTS: readonly Right[] = [
  {
    operation: "READ",
    resource: "TOPIC",
    name: "__consumer_offsets",
    says: {
      offsets_topic:
        /^fail topic __consumer_offsets: we may not read it -> .*--operation Describe --operation Read --topic __consumer_offsets/,
    },
  },
  {
    operation: "DESCRIBE",
    resource: "TOPIC",
    name: "*",
    says: {
      offsets_topic: /^fail topics: none is visible, and groups are: .* -> .*--operation Describe --topic '\*'/,
      polling: /^fail topics: none is visible, and groups are: .* -> .*--operation Describe --topic '\*'/,
    },
  },
  {
    operation: "DESCRIBE",
    resource: "GROUP",
    name: "*",
    says: {
      offsets_topic: /^warn groups: none is visible.* -> .*--operation Describe --group '\*'/,
      polling: /^warn groups: none is visible.* -> .*--operation Describe --group '\*'/,
    },
  },
  {
    operation: "DESCRIBE_CONFIGS",
    resource: "TOPIC",
    name: "*",
    says: {
      offsets_topic: /^warn topic configurations: we may not read .* -> .*--operation DescribeConfigs --topic '\*'/,
      polling: /^warn topic configurations: we may not read .* -> .*--operation DescribeConfigs --topic '\*'/,
    },
  },
];

/** A user for each: nothing, everything, and everything but one right. */
const cases = SOURCES.flatMap((source) => {
  const all = RIGHTS.filter(({ says }) => says[source] !== undefined);
  return [
    { source, user: `${source}-none`, rights: [], missing: undefined },
    { source, user: `${source}-all`, rights: all, missing: undefined },
    ...all.map((missing) => ({
      source,
      user: `${source}-${missing.operation}-${missing.resource}`,
      rights: all.filter((one) => one !== missing),
      missing,
    })),
  ];
});

const PASSWORD = "secret-0815";
const users = [...cases.map(({ user }) => user), "polling-some"];
const plain = users.map((username) => ({ username, password: PASSWORD }));
const broker = await startBroker({
  version: "4.1.2",
  secured: [
    { name: "LOGIN", protocol: "SASL_PLAINTEXT", properties: saslProperties({ plain }) },
    { name: "MUTUAL", protocol: "SSL", properties: tlsProperties({ ...selfSigned(), trusted: AUTHORITY }) },
  ],
  properties: { "authorizer.class.name": AUTHORISER, "super.users": "User:ANONYMOUS" },
});
const kafka = new Kafka({ clientId: "setup", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
const [admin, producer] = [kafka.admin(), kafka.producer()];
after(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  await broker[Symbol.asyncDispose]();
});

await Promise.all([admin.connect(), producer.connect()]);
const topics = ["t", "other"].map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1 }));
await admin.createTopics({ topics, waitForLeaders: false });
await topicsReady(admin, ["t", "other"]);
await fillTopic(admin, producer, { topic: "t", partitions: 1, records: 10 });
await using consumer = await connectSimpleConsumer(kafka);
await consumer.commit("g", [{ topic: "t", partition: 0, committedOffset: 3 }]);
for (const { user, rights } of cases) await grant(user, rights);

async function grant(user: string, rights: readonly Right[]): Promise<void> {
  if (rights.length === 0) return;
  const who = { principal: `User:${user}`, host: "*", permissionType: AclPermissionTypes.ALLOW };
  await admin.createAcls({
    acl: rights.map(({ operation, resource, name: resourceName }) => ({
      ...who,
      operation: AclOperationTypes[operation],
      resourceType: AclResourceTypes[resource],
      resourceName,
      resourcePatternType: ResourcePatternTypes.LITERAL,
    })),
  });
}

function bad(user: string, source: Source): Promise<readonly string[]> {
  const sasl = { mechanism: "plain", username: user, password: PASSWORD } as const;
  return badOf({ brokers: [broker.listener("LOGIN")], sasl, source, poll_interval: 10_000 });
}

async function badOf(config: Parameters<typeof examineCluster>[0]["config"]): Promise<readonly string[]> {
  const findings = await examineCluster({
    config,
    timeoutMs: 10_000,
    nowMs: Date.now,
    logger: createLogger("silent"),
  });
  return findings.flatMap(({ level, what, detail, remedy }) =>
    level === "ok" ? [] : [`${level} ${what}: ${detail} -> ${remedy}`],
  );
}

for (const { source, user, rights, missing } of cases) {
  if (missing === undefined) continue;
  const { operation, resource, name } = missing;
  test(`${source}: without ${operation} on ${resource} ${name} that is what is said, and granting it mends all`, async () => {
    const lines = await bad(user, source);
    assert.match(lines[0] ?? "", missing.says[source] ?? /^$/);
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.ok(lines[0]?.includes(`--allow-principal 'User:${user}'`));
    await grant(user, [missing]);
    assert.deepEqual(await bad(user, source), []);
    assert.equal(rights.includes(missing), false);
  });
}

test("polling: without DESCRIBE on the topics that groups read, while others are visible, that is what may be missing", async () => {
  const others: readonly Right[] = [
    { operation: "DESCRIBE", resource: "TOPIC", name: "other", says: {} },
    { operation: "DESCRIBE_CONFIGS", resource: "TOPIC", name: "other", says: {} },
    { operation: "DESCRIBE", resource: "GROUP", name: "*", says: {} },
  ];
  await grant("polling-some", others);
  const lines = await bad("polling-some", "polling");
  assert.equal(lines.length, 1, lines.join("\n"));
  assert.match(
    lines[0] ?? "",
    /^warn groups: 1 are visible, and none of 1 .* has an offset: .* --operation Describe --topic/,
  );
});

test("who shows a certificate is told the principal that the broker makes of it", async () => {
  const dir = await scratchDir("certificates");
  const file = async (name: string, text: string) => {
    await writeFile(join(dir, name), text);
    return join(dir, name);
  };
  const tls = {
    ca_file: await file("ca.pem", selfSigned().cert),
    cert_file: await file("our.pem", otherHost().cert),
    key_file: await file("our.key", otherHost().key),
  };
  const source: Source = "offsets_topic";
  const config = { brokers: [broker.listener("MUTUAL")], tls, source, poll_interval: 10_000 };
  const principals = (await badOf(config)).map((line) => /--allow-principal 'User:([^']*)'/.exec(line)?.[1]);
  assert.deepEqual([...new Set(principals)], ["CN=other"]);
  await grant("CN=other", RIGHTS);
  assert.deepEqual(await badOf(config), []);
  await rm(dir, { recursive: true });
});

for (const source of SOURCES) {
  test(`${source}: with all of the list nothing is said, and with none of it each thing is`, async () => {
    assert.deepEqual(await bad(`${source}-all`, source), []);
    const lines = (await bad(`${source}-none`, source)).join("\n");
    assert.match(lines, /^warn topics: none is visible/m);
    assert.match(lines, /^warn groups: none is visible/m);
    assert.equal(/^fail topic __consumer_offsets: we may not describe it/m.test(lines), source === "offsets_topic");
  });
}

test("a product that has these rights and no others serves the lag of the group, from each source", async () => {
  const clusterOf = (source: Source) => ({
    brokers: [broker.listener("LOGIN")],
    sasl: { mechanism: "plain", username: `${source}-all`, password: PASSWORD },
    source,
    poll_interval: "1s",
  });
  const others = Object.fromEntries(SOURCES.map((source) => [source, clusterOf(source)]));
  await using product = await startProduct({ brokers: [broker.bootstrap], command: "collector", others });
  for (const source of SOURCES) {
    const look = async () => {
      const { text } = await product.get(`/v4/clusters/${source}/groups/g`);
      const { lag, status } = JSON.parse(text);
      return lag === 7 && status !== "unauthorised" ? done(undefined) : notYet(text.slice(0, 300));
    };
    await until(`the lag, by ${source}`, look, { timeoutMs: 60_000, everyMs: 100 });
  }
});
