/** kafkajs's own admin against simulated brokers: what it reads is what the cluster holds. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SASLOptions } from "kafkajs";
import { Kafka, logLevel } from "kafkajs";
import type { BrokerVersion } from "../../simulator/cluster/cluster.ts";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import type { SaslOptions } from "../../simulator/wire/sasl.ts";
import { randomOf } from "../../simulator/world/random.ts";

const AT_MS = Date.UTC(2026, 0, 1);

function smallCluster(version: BrokerVersion) {
  const random = randomOf(1, "cluster");
  const cluster = createCluster({ clusterId: "small", version, brokers: [1, 2, 3], offsetsPartitions: 5, random });
  cluster.createTopic({ topic: "t", partitions: 4, configs: { "retention.ms": "1000" } }, AT_MS);
  for (let partition = 0; partition < 4; partition += 1)
    cluster.append("t", partition, 10 + partition, AT_MS + partition);
  cluster.advanceStart("t", 1, 3);
  const partitions = [{ topic: "t", partitions: [0, 1] }];
  const member = { memberId: "m-1", instanceId: undefined, clientId: "app", clientHost: "/10.0.0.1", partitions };
  cluster.rebalanced("classic", { type: "classic", members: [member] }, AT_MS);
  const offsets = [0, 1].map((partition) => ({ topic: "t", partition, committedOffset: 5 + partition }));
  cluster.commit({ group: "classic", offsets, atMs: AT_MS });
  cluster.commit({ group: "simple", offsets, atMs: AT_MS });
  return cluster;
}

async function withAdmin(
  options: { readonly version: BrokerVersion; readonly sasl?: SaslOptions; readonly password?: string },
  use: (admin: ReturnType<Kafka["admin"]>) => Promise<void>,
): Promise<void> {
  const { version, sasl, password = "secret" } = options;
  const view = smallCluster(version);
  const random = randomOf(1, "brokers");
  await using brokers = await startBrokers({ view, random, ...(sasl === undefined ? {} : { sasl }) });
  const mechanism = sasl?.mechanisms[0]?.toLowerCase();
  const kafka = new Kafka({
    clientId: "test",
    brokers: [...brokers.bootstrap],
    logLevel: logLevel.NOTHING,
    retry: { retries: 1, initialRetryTime: 10 },
    ...(mechanism === undefined ? {} : { sasl: { mechanism, username: "user", password } as SASLOptions }),
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await use(admin);
  } finally {
    await admin.disconnect();
  }
}

for (const version of ["2.8", "3.9", "4.1"] as const) {
  test(`kafkajs reads topics, offsets, groups and configurations of a simulated ${version}`, async () => {
    await withAdmin({ version }, async (admin) => {
      assert.deepEqual(await admin.listTopics(), ["__consumer_offsets", "t"]);
      const { brokers, clusterId } = await admin.describeCluster();
      assert.deepEqual([brokers.map(({ nodeId }) => nodeId), clusterId], [[1, 2, 3], "small"]);
      const offsets = (await admin.fetchTopicOffsets("t")).toSorted((a, b) => a.partition - b.partition);
      assert.deepEqual(
        offsets.map(({ low, high }) => [low, high]),
        [
          ["0", "10"],
          ["3", "11"],
          ["0", "12"],
          ["0", "13"],
        ],
      );
      const at = (await admin.fetchTopicOffsetsByTimestamp("t", AT_MS + 2)).toSorted(
        (a, b) => a.partition - b.partition,
      );
      assert.deepEqual(
        at.map(({ offset }) => offset),
        ["10", "11", "0", "0"],
      );
      const { groups } = await admin.listGroups();
      assert.deepEqual(groups.map(({ groupId }) => groupId).sort(), ["classic", "simple"]);
      const [described] = (await admin.describeGroups(["classic"])).groups;
      assert.deepEqual([described?.state, described?.members[0]?.clientId], ["Stable", "app"]);
      const [committed] = await admin.fetchOffsets({ groupId: "classic" });
      assert.deepEqual(
        committed?.partitions.map(({ partition, offset }) => [partition, offset]),
        [
          [0, "5"],
          [1, "6"],
        ],
      );
      const configs = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: "t" }] });
      const retention = configs.resources[0]?.configEntries.find(({ configName }) => configName === "retention.ms");
      assert.equal(retention?.configValue, "1000");
    });
  });
}

for (const mechanism of ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const) {
  const sasl: SaslOptions = { mechanisms: [mechanism], users: new Map([["user", "secret"]]) };
  test(`${mechanism}: the right password is let in, a wrong one is not`, async () => {
    await withAdmin({ version: "4.1", sasl }, async (admin) => assert.equal((await admin.listTopics()).length, 2));
    await assert.rejects(
      withAdmin({ version: "4.1", sasl, password: "wrong" }, async () => {}),
      /Authentication failed|SASL/,
    );
  });
}
