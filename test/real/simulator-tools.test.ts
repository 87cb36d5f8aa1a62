/** Kafka's own command-line tools against simulated brokers: they speak Kafka, and not just what we ask. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import { builtInScenario } from "../../simulator/scenario/built-in.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { createWorld } from "../../simulator/world/world.ts";
import { describeAllGroups, describeStates, describeTopics } from "./kafka/tools.ts";

const LIVED_MS = 60_000;

function livedCluster() {
  const scenario = builtInScenario("demo");
  assert.ok(scenario !== undefined);
  const cluster = createCluster({
    clusterId: "simulated-for-tools",
    version: "4.1",
    brokers: [1, 2, 3],
    offsetsPartitions: scenario.offsetsPartitions,
    random: randomOf(7, "cluster"),
  });
  const liveMs = Date.now();
  createWorld({ scenario, seed: 7, startMs: liveMs - LIVED_MS, liveMs, cluster }).advance(liveMs);
  return cluster;
}

test("Kafka's own tools read topics, groups, members, offsets and lags of a simulated cluster", async () => {
  const cluster = livedCluster();
  await using brokers = await startBrokers({ view: cluster, random: randomOf(7, "brokers") });
  const target = { version: "4.1.2", bootstrap: brokers.bootstrap.join(",") } as const;

  const described = await describeAllGroups(target);
  const rows = described
    .filter(({ currentOffset }) => currentOffset !== undefined)
    .map(({ group, topic, partition, currentOffset, logEndOffset, lag }) =>
      [group, topic, partition, currentOffset, logEndOffset, lag].join(" "),
    );
  const held = [...cluster.groups()].flatMap(({ group }) =>
    cluster.committedOffsets(group).map(({ topic, partition, committedOffset }) => {
      const end = cluster.partition(topic, partition)?.endOffset ?? 0;
      return [group, topic, partition, committedOffset, end, end - committedOffset].join(" ");
    }),
  );
  assert.deepEqual(rows.sort(), held.sort());
  const owners = new Map(
    [...cluster.groups()].flatMap(({ group, members }) =>
      members.flatMap(({ memberId, partitions }) =>
        partitions.flatMap(({ topic, partitions: numbers }) =>
          numbers.map((partition) => [`${group} ${topic} ${partition}`, memberId] as const),
        ),
      ),
    ),
  );
  assert.ok(owners.size > 50);
  for (const { group, topic, partition, consumerId } of described)
    assert.equal(consumerId, owners.get(`${group} ${topic} ${partition}`), `${group} ${topic} ${partition}`);

  const states = (await describeStates(target)).map(({ group, state, members }) => `${group} ${state} ${members}`);
  const heldStates = [...cluster.groups()].map(({ group, state, members }) => `${group} ${state} ${members.length}`);
  assert.deepEqual(states.sort(), heldStates.sort());

  const topics = await describeTopics(target);
  for (const { name, partitions } of cluster.topics()) {
    assert.match(topics, new RegExp(`Topic: ${name}\\s.*PartitionCount: ${partitions}\\s`));
    const leader = cluster.partition(name, 0)?.leader;
    assert.match(topics, new RegExp(`Topic: ${name}\\s+Partition: 0\\s+Leader: ${leader}\\s`));
  }
});
