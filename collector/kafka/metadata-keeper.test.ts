/** The keeper: what it says of a topology, in what order, and of a cluster that does not answer. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../../runtime/logger.ts";
import { againAfterMs, createMetadataKeeper } from "./metadata-keeper.ts";
import { recorder, staged, stagedLog, stoppedClock } from "./sockets.fixture.ts";

async function kept() {
  const cluster = await staged([stagedLog({ leader: 2 })]);
  const observer = recorder();
  const logger = createLogger("silent");
  const keeper = createMetadataKeeper({ link: cluster.link, observer, clock: stoppedClock, logger, readsTopic: true });
  return { cluster, observer, keeper, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

test("topics and the number of logs are told before the cluster counts as reachable", async () => {
  await using all = await kept();
  const { cluster, observer, keeper } = all;
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
  assert.deepEqual([keeper.reach(), topology.logLeaders, cluster.link.nodeIds()], [{ kind: "reachable" }, [2], [1, 2]]);
});

for (const [away, kind, reason] of [
  ["unreachable", "unreachable", /ECONNREFUSED|Connection/],
  ["refused", "refused", /is refused/],
  ["unsupported", "unreachable", /is unsupported/],
] as const) {
  test(`a cluster that is ${away} is said so, with its reason, and nothing is told of it`, async () => {
    await using all = await kept();
    const { cluster, observer, keeper } = all;
    for (const nodeId of [1, 2]) await cluster.setAway(nodeId, away);
    const stop = new AbortController();
    const running = keeper.actor(stop.signal);
    while (keeper.reach().kind === "starting") await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await running;
    const reach = keeper.reach();
    assert.equal(reach.kind, kind);
    assert.match("reason" in reach ? reach.reason : "", reason);
    assert.deepEqual([observer.seen, keeper.current().topics], [[], []]);
  });
}

test("who waits for the first topology is let go when told to stop", async () => {
  await using all = await kept();
  const { keeper } = all;
  const stop = new AbortController();
  const waiting = keeper.first(stop.signal);
  stop.abort();
  await assert.rejects(waiting, { name: "AbortError" });
  await assert.rejects(keeper.first(stop.signal), { name: "AbortError" });
});

test("where asking tells nothing new, a trouble of an hour costs some hundred questions; news begin anew", () => {
  let againMs = againAfterMs({ againMs: Number.NaN, isNews: true });
  let questions = 0;
  for (let atMs = 0; atMs < 3_600_000; atMs += againMs) {
    againMs = againAfterMs({ againMs, isNews: false });
    // Nobody waits much longer for the end of a trouble than it has lasted.
    assert.ok(againMs <= 1_250 + atMs / 3, `${againMs} ms after ${atMs} ms`);
    questions += 1;
  }
  assert.ok(questions > 100 && questions < 150, `${questions} questions`);
  assert.equal(againAfterMs({ againMs, isNews: true }), 1_000);
});
