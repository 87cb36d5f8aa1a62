/** The keeper: what it says of a topology, in what order, and of a cluster that does not answer. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../../runtime/logger.ts";
import type { MetadataResponse } from "../protocol/metadata.ts";
import { createMetadataKeeper } from "./metadata-keeper.ts";
import { recorder, scripted, stoppedClock } from "./scripted.fixture.ts";

const METADATA: MetadataResponse = {
  throttleMs: 0,
  clusterId: "c",
  brokers: [{ nodeId: 7, host: "h", port: 9092 }],
  topics: [
    {
      topic: "__consumer_offsets",
      topicId: "i",
      error: 0,
      internal: true,
      partitions: [{ partition: 0, error: 0, leaderNodeId: 7 }],
    },
  ],
};

function kept() {
  const cluster = scripted();
  cluster.more.set("Metadata", () => METADATA);
  const observer = recorder();
  const logger = createLogger("silent");
  return {
    cluster,
    observer,
    keeper: createMetadataKeeper({ link: cluster.link, observer, clock: stoppedClock, logger }),
  };
}

test("topics and the number of logs are told before the cluster counts as reachable", async () => {
  const { cluster, observer, keeper } = kept();
  const reaches: string[] = [];
  const observe = observer.observe;
  observer.observe = (one) => {
    observe(one);
    reaches.push(`${one.kind} ${keeper.reach().kind}`);
  };
  const stop = new AbortController();
  const running = keeper.actor(stop.signal);
  const topology = await keeper.first(stop.signal);
  stop.abort();
  await running;
  assert.deepEqual(reaches, ["topics starting", "log-partitions starting"]);
  assert.deepEqual([keeper.reach(), topology.logLeaders, cluster.nodeIds], [{ kind: "reachable" }, [7], [7]]);
});

for (const [away, kind] of [
  ["unreachable", "unreachable"],
  ["refused", "refused"],
  ["unsupported", "unreachable"],
] as const) {
  test(`a cluster that is ${away} is said so, with its reason, and nothing is told of it`, async () => {
    const { cluster, observer, keeper } = kept();
    cluster.away.set(1, away);
    const stop = new AbortController();
    const running = keeper.actor(stop.signal);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await running;
    const sinceMs = stoppedClock.nowMs();
    assert.deepEqual(keeper.reach(), { kind, reason: `broker 1 is ${away}`, sinceMs });
    assert.deepEqual([observer.seen, keeper.current().topics], [[], []]);
  });
}

test("who waits for the first topology is let go when told to stop", async () => {
  const { keeper } = kept();
  const stop = new AbortController();
  const waiting = keeper.first(stop.signal);
  stop.abort();
  await assert.rejects(waiting, { name: "AbortError" });
  await assert.rejects(keeper.first(stop.signal), { name: "AbortError" });
});
