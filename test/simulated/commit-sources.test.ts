/** Both sources of commits on a simulated cluster, over sockets: each keeps what the port promises. */

import { type CommitStage, commitSourceSuite } from "../../collector/kafka/commit-source.suite.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import { OFFSETS_TOPIC } from "../../simulator/cluster/cluster.ts";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { done, notYet, until } from "../real/until.ts";

const TOPIC = "orders";
const TIMEOUT_MS = 20_000;

for (const source of ["offsets_topic", "polling"] as const) commitSourceSuite(source, simulatedStage);

async function simulatedStage(): Promise<CommitStage> {
  const random = randomOf(1, "cluster");
  const cluster = createCluster({ clusterId: "c", version: "4.1", brokers: [1, 2, 3], offsetsPartitions: 6, random });
  cluster.createTopic({ topic: TOPIC, partitions: 2 }, systemClock.nowMs());
  for (const partition of [0, 1]) cluster.append(TOPIC, partition, 100, systemClock.nowMs());
  const brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
  const atMs = systemClock.nowMs;
  return {
    brokers: brokers.bootstrap,
    topic: TOPIC,
    groups: { g: "g", other: "other" },
    commit: async (group, partition, committedOffset) => {
      cluster.commit({ group, offsets: [{ topic: TOPIC, partition, committedOffset }], atMs: atMs() });
    },
    deleteOffset: async (group, partition) => cluster.deleteOffsets(group, [{ topic: TOPIC, partition }], atMs()),
    deleteGroup: async (group) => cluster.deleteGroup(group, atMs()),
    until: (what, isSo) =>
      until(what, async () => (isSo() ? done(undefined) : notYet("not so")), { timeoutMs: TIMEOUT_MS, everyMs: 10 }),
    faults: {
      apart: groupsApart(cluster),
      takeCoordinatorAway: async (group) => {
        const giveBack = brokers.faults.begin({ fault: "broker-down", broker: coordinatorOf(cluster, group) });
        await brokers.settled();
        return async () => {
          giveBack();
          await brokers.settled();
        };
      },
      denyGroup: (group) => brokers.faults.begin({ fault: "deny-group", group }),
    },
    [Symbol.asyncDispose]: () => brokers[Symbol.asyncDispose](),
  };
}

function coordinatorOf(cluster: Cluster, group: string): number {
  return cluster.partition(OFFSETS_TOPIC, cluster.logPartitionOf(group))?.leader ?? -1;
}

function groupsApart(cluster: Cluster): readonly [string, string] {
  const names = Array.from({ length: 20 }, (_, i) => `g-${i}`);
  const [first = ""] = names;
  const other = names.find((name) => coordinatorOf(cluster, name) !== coordinatorOf(cluster, first));
  return [first, other ?? ""];
}
