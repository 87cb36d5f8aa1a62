/** The real collector over TCP: what it shows is what the simulated cluster holds, and follows what changes. */

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import { commitAll, onStage, PARTITIONS, TOPIC } from "./collector.fixture.ts";

const SOURCES = [
  ["offsets_topic", {}],
  ["polling", { source: "polling", poll_interval: "200ms" }],
] as const;
const VERSIONS = ["2.8", "3.9", "4.1"] as const;

/** All at once: each waits for polls of its own. */
suite("the collector on a simulated cluster", { concurrency: true }, () => {
  for (const [source, client, version] of SOURCES.flatMap((one) =>
    VERSIONS.map((version) => [...one, version] as const),
  )) {
    test(`${source}: every offset, lag, state and member of a simulated ${version} is shown, then each change`, async () => {
      await onStage({ cluster: { version }, client }, async ({ cluster, shown, untilRight }) => {
        await untilRight("all is shown");
        assert.equal(shown("classic")?.partitions[0]?.client_id, "app");
        assert.equal(shown("simple")?.members ?? 0, 0);
        commitAll(cluster, "classic", 60);
        cluster.append(TOPIC, 2, 40, Date.now());
        await untilRight("commits and records are shown");
      });
    });
  }

  const changes: readonly (readonly [string, (cluster: Cluster) => void])[] = [
    ["a group is deleted", (cluster) => cluster.deleteGroup("simple", Date.now())],
    ["offsets expire", (cluster) => cluster.deleteOffsets("classic", [{ topic: TOPIC, partition: 0 }], Date.now())],
    ["an election truncates a log", (cluster) => cluster.truncate(TOPIC, 4, 30)],
    ["leaders move", (cluster) => moveAll(cluster, TOPIC, PARTITIONS, 2)],
    ["coordinators move", (cluster) => moveAll(cluster, "__consumer_offsets", cluster.offsetsPartitions, 3)],
    [
      "partitions are added",
      (cluster) => {
        cluster.growTopic(TOPIC, PARTITIONS + 2);
        const offsets = [{ topic: TOPIC, partition: PARTITIONS + 1, committedOffset: 0 }];
        cluster.commit({ group: "classic", offsets, atMs: Date.now() });
      },
    ],
    [
      "a topic is made again",
      (cluster) => {
        cluster.deleteTopic(TOPIC, Date.now());
        cluster.createTopic({ topic: TOPIC, partitions: PARTITIONS }, Date.now());
        cluster.append(TOPIC, 0, 7, Date.now());
        cluster.commit({
          group: "classic",
          offsets: [{ topic: TOPIC, partition: 0, committedOffset: 3 }],
          atMs: Date.now(),
        });
      },
    ],
    [
      "transactions commit and abort",
      (cluster) => {
        const commit = (partition: number, producerId: number) =>
          cluster.commit({
            group: "classic",
            offsets: [{ topic: TOPIC, partition, committedOffset: 77 }],
            atMs: Date.now(),
            producerId,
          });
        commit(0, 1);
        commit(1, 2);
        cluster.endOffsetsTransaction(1, "commit", Date.now());
        cluster.endOffsetsTransaction(2, "abort", Date.now());
      },
    ],
    [
      "the log is compacted, with batches kept empty",
      (cluster) => {
        for (let at = 51; at < 60; at += 1) commitAll(cluster, "classic", at);
        compactAll(cluster);
        commitAll(cluster, "classic", 61);
      },
    ],
    [
      "a group turns into a consumer group, and back",
      (cluster) => {
        const members = cluster.group("classic")?.members ?? [];
        cluster.rebalanced("classic", { type: "consumer", members }, Date.now());
        cluster.rebalanced("classic", { type: "classic", members }, Date.now());
      },
    ],
  ];
  for (const [source, client, what, change] of SOURCES.flatMap((one) =>
    changes.map((two) => [...one, ...two] as const),
  )) {
    test(`${source}: ${what}: before and after, what is shown is right`, async () => {
      await onStage({ client }, async ({ cluster, untilRight }) => {
        await untilRight("all is shown");
        change(cluster);
        await untilRight(what);
      });
    });
  }

  test("what is in the log at the start, compacted and in transactions, is read as it is", async () => {
    const before = (cluster: Cluster): void => {
      for (const [, change] of changes.slice(7, 9)) change(cluster);
      cluster.deleteGroup("simple", Date.now());
    };
    await onStage({ before }, ({ untilRight }) => untilRight("all is shown"));
  });

  test("offsets in an open transaction are not the group's, and how long they wait is told", async () => {
    const offsets = [{ topic: TOPIC, partition: 0, committedOffset: 99 }];
    await onStage({}, async ({ cluster, shown, untilRight }) => {
      await untilRight("all is shown");
      cluster.commit({ group: "classic", offsets, atMs: Date.now() - 5_000, producerId: 9 });
      commitAll(cluster, "simple", 51);
      await untilRight("the pending offset is not shown");
      assert.ok((shown("classic")?.pending_transaction_seconds ?? 0) >= 5);
      cluster.endOffsetsTransaction(9, "commit", Date.now());
      await untilRight("it is shown once the transaction has ended");
      assert.equal(shown("classic")?.pending_transaction_seconds, undefined);
    });
  });
});

function moveAll(cluster: Cluster, topic: string, partitions: number, broker: number): void {
  for (let partition = 0; partition < partitions; partition += 1) cluster.moveLeader(topic, partition, broker);
}

function compactAll(cluster: Cluster): void {
  for (let logPartition = 0; logPartition < cluster.offsetsPartitions; logPartition += 1) {
    const end = cluster.partition("__consumer_offsets", logPartition)?.endOffset ?? 0;
    cluster.compactLog(logPartition, { beforeOffset: end, retainEmpty: true });
  }
}
