/**
 * Large clusters over sockets: all of it is read, right to the last lag, with a few requests per broker and none per group; and
 * while everybody commits, each broker is asked as often as we promise, and no more.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createCollector } from "../../cli/collector.ts";
import { Config } from "../../cli/config.ts";
import { groupEvaluationsOf } from "../../collector/model/snapshot.ts";
import { sleep, systemClock } from "../../runtime/clock.ts";
import { createLogger } from "../../runtime/logger.ts";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import type { Scale } from "../../simulator/scenario/scale.ts";
import { SCALE_1000, SCALE_5000, scaleScenario } from "../../simulator/scenario/scale.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import type { World } from "../../simulator/world/world.ts";
import { createWorld } from "../../simulator/world/world.ts";
import { done, notYet, until } from "../real/until.ts";

const LIVED_MS = 25_000;
const TIMEOUT_MS = 60_000;

/** It has lived for a while, and stands still until it is advanced. */
function worldAtRest(scale: Scale): World {
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
  return world;
}

/** Everybody commits once in it. */
const STEADY_MS = 11_000;
const STEP_MS = 100;

/** The world goes on at its own pace. */
async function goOn(world: World): Promise<void> {
  const untilMs = performance.now() + STEADY_MS;
  while (performance.now() < untilMs) {
    world.advance(Math.max(world.nowMs(), systemClock.nowMs()));
    await sleep(STEP_MS, new AbortController().signal);
  }
}

/** What each broker was asked for, against the intervals that we promise; one more where an interval begins. */
function assertCost(
  asked: ReadonlyMap<string, number>,
  { spanMs, scale: { brokers, groups } }: { readonly spanMs: number; readonly scale: Scale },
): void {
  const most: Readonly<Record<string, number>> = {
    // End offsets each 2 s, last stable each 30 s, start each 60 s; times of old records each second, where somebody wants them.
    ListOffsets: spanMs / 2_000 + spanMs / 30_000 + spanMs / 60_000 + spanMs / 1_000 + 4,
    // Commits are bundled: five a second.
    Fetch: spanMs / 200 + 1,
    ListGroups: spanMs / 30_000 + 1,
    // Whether a coordinator has loaded its groups, before each listing.
    OffsetFetch: spanMs / 30_000 + 1,
    // What is left of the beginning, when all groups were described once: many a request.
    DescribeGroups: groups / brokers / 50 + 1,
    DescribeConfigs: (groups / 2_000 + 1) / brokers,
    // Each two minutes; and after errors, as where this process, which is brokers and world too, stands still for too long.
    Metadata: (spanMs / 2_000 + 1) / brokers,
    ApiVersions: 1,
  };
  for (const [api, requests] of asked)
    assert.ok(requests / brokers <= (most[api] ?? 0), `${requests} ${api} of ${brokers} brokers in ${spanMs} ms`);
}

for (const [name, scale] of [
  ["5,000 groups of 40", SCALE_5000],
  ["1,000 groups of 100", SCALE_1000],
] as const) {
  test(`${name} are read over sockets, every lag right, without a request per group`, async (t) => {
    const world = worldAtRest(scale);
    const { cluster } = world;
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

      if (scale !== SCALE_5000) return;
      const commits = (): number => collector.clusters[0]?.source.stats().counts.commits ?? 0;
      // What it has to catch up with is no measure of what comes then.
      world.advance(systemClock.nowMs());
      const [requestsBefore, commitsBefore, fromMs] = [brokers.requests(), commits(), performance.now()];
      await goOn(world);
      const areRead = async () =>
        commits() > commitsBefore + rows / 10 ? done(undefined) : notYet(`${commits() - commitsBefore} commits`);
      await until("commits are read", areRead, { timeoutMs: TIMEOUT_MS, everyMs: 200 });
      const spanMs = performance.now() - fromMs;
      const after = brokers.requests();
      const asked = new Map([...after].map(([api, count]) => [api, count - (requestsBefore.get(api) ?? 0)]));
      assertCost(asked, { spanMs, scale });
      const counted = collector.clusters[0]?.source.stats().requests;
      // What a connection begins with is kafkajs's own.
      for (const [api, count] of after)
        assert.ok(api === "ApiVersions" || (counted?.get(api) ?? 0) >= count, `${api} is counted`);
      t.diagnostic(`${Math.round(spanMs)} ms, ${scale.brokers} brokers: ${JSON.stringify(Object.fromEntries(asked))}`);
    } finally {
      stop.abort();
      await run;
    }
  });
}
