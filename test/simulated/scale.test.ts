/** Large clusters over sockets: all of it is read, right to the last lag, with a few requests per broker and none per group. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createCollector } from "../../cli/collector.ts";
import { Config } from "../../cli/config.ts";
import { groupEvaluationsOf } from "../../collector/model/snapshot.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createLogger } from "../../runtime/logger.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import type { Scale } from "../../simulator/scenario/scale.ts";
import { SCALE_1000, SCALE_5000, scaleScenario } from "../../simulator/scenario/scale.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { createWorld } from "../../simulator/world/world.ts";
import { done, notYet, until } from "../real/until.ts";

const LIVED_MS = 25_000;
const TIMEOUT_MS = 60_000;

/** A world at rest: it has lived for a while, and everything stands still. */
function clusterAtRest(scale: Scale): Cluster {
  const scenario = scaleScenario(scale);
  const cluster = createCluster({
    clusterId: "scale",
    version: "4.1",
    brokers: Array.from({ length: scale.brokers }, (_, index) => index + 1),
    offsetsPartitions: scale.offsetsPartitions,
    random: randomOf(1, "cluster"),
  });
  const liveMs = systemClock.nowMs();
  const world = createWorld({ scenario, seed: 1, startMs: liveMs - LIVED_MS, liveMs, cluster });
  world.advance(liveMs);
  return cluster;
}

for (const [name, scale] of [
  ["5,000 groups of 40", SCALE_5000],
  ["1,000 groups of 100", SCALE_1000],
] as const) {
  test(`${name} are read over sockets, every lag right, without a request per group`, async () => {
    const cluster = clusterAtRest(scale);
    await using brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
    const config = Config.parse({
      clusters: { sim: { brokers: brokers.bootstrap.slice(0, 1) } },
      evaluate: { interval: "1s" },
    });
    const collector = createCollector({ config, clock: systemClock, logger: createLogger("silent") });
    const view = collector.clusters[0]?.view;
    assert.ok(view !== undefined);
    const stop = new AbortController();
    const run = collector.run(stop.signal);
    try {
      const beganMs = performance.now();
      const look = async () =>
        view.condition().kind === "ok" && view.snapshot().groups.length === scale.groups
          ? done(undefined)
          : notYet(`${view.condition().kind}, ${view.snapshot().groups.length} groups`);
      await until("all groups are there", look, { timeoutMs: TIMEOUT_MS, everyMs: 200 });
      const polls = 2 + (performance.now() - beganMs) / 2_000;
      let rows = 0;
      for (const { group, partitions } of groupEvaluationsOf(view.snapshot())) {
        const held = new Map(cluster.committedOffsets(group).map((one) => [one.partition, one.committedOffset]));
        assert.equal(partitions.length, held.size, group);
        for (const { topic, partition, lag, committed_offset: committed } of partitions) {
          assert.equal(committed, held.get(partition));
          assert.equal(lag, Math.max(0, (cluster.partition(topic, partition)?.endOffset ?? 0) - (committed ?? 0)));
          rows += 1;
        }
      }
      assert.equal(rows, scale.groups * scale.partitions);
      const requests = brokers.requests();
      const perBroker = (api: string): number => (requests.get(api) ?? 0) / scale.brokers;
      assert.ok(perBroker("ListOffsets") <= 4 * polls + 4, `${perBroker("ListOffsets")} ListOffsets a broker`);
      assert.ok((requests.get("OffsetFetch") ?? 0) <= scale.groups / 25, `${requests.get("OffsetFetch")} OffsetFetch`);
      assert.ok(
        (requests.get("DescribeGroups") ?? 0) <= scale.groups / 25,
        `${requests.get("DescribeGroups")} describes`,
      );
      assert.ok((requests.get("ListGroups") ?? 0) <= 3 * scale.brokers + polls);
      assert.ok((requests.get("Metadata") ?? 0) <= 5);
    } finally {
      stop.abort();
      await run;
    }
  });
}
