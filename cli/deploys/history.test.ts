/** A deploy on its way into history: over the feed, in this process and over HTTP, it is one event, however often it is told. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createFeed } from "../../collector/feed/feed.ts";
import { createV4Handler } from "../../collector/http/v4.ts";
import { AT, commitTo, NOW_MS, setTopics, watchedCluster } from "../../collector/http/watched.fixture.ts";
import type { DeployTold } from "../../collector/model/deploy.ts";
import type { Feed } from "../../collector/model/feed.ts";
import { sleep } from "../../runtime/clock.ts";
import { startHttpServer } from "../../runtime/http/server.ts";
import { createLogger } from "../../runtime/logger.ts";
import { pointsOf } from "../../shipper/encode/points.ts";
import { createThinning } from "../../shipper/encode/thinning.ts";
import { createHttpFeed } from "../../shipper/source/http.ts";

const logger = createLogger("silent");
const DEPLOY: DeployTold = {
  cluster: "c",
  group: "a/b é",
  name: "checkout",
  version: "1.4.2",
  at: AT + 123,
  partitions: 2,
};

async function eventsOf(feed: Feed) {
  const answer = await feed.read("", 0, new AbortController().signal);
  assert.ok(answer.kind === "ticks");
  const points = answer.ticks.map((tick) => [...pointsOf(tick, createThinning(new Set(["all"])))]);
  return points.map((ofTick) => ofTick.filter(({ kind }) => kind === "event"));
}

test("told in two ticks it is one point, and the same over HTTP", async () => {
  const { view, state } = watchedCluster("c");
  setTopics(state, { t: [9] });
  commitTo(state, { group: DEPLOY.group, topic: "t", offset: 4 });
  const limits = { bytesMax: 1e9, ageMsMax: 1e9, answerBytesMax: 1e9 };
  const feed = createFeed({ run: "r", sleep, ...limits });
  for (const at of [AT, AT + 10_000, AT + 20_000]) {
    view.verdicts.judge(at, NOW_MS);
    const writer = feed.begin(at);
    writer.add(view.snapshot());
    writer.tell(at === AT ? [] : [DEPLOY]);
    writer.end();
  }
  const [none, first, again] = await eventsOf(feed);
  const [point] = first ?? [];
  assert.deepEqual(none, []);
  assert.deepEqual(again, first);
  assert.ok(point?.kind === "event");
  const { cluster, group, event } = point.dimensions;
  assert.deepEqual([point.atMs, cluster, group, event], [DEPLOY.at, "c", DEPLOY.group, "deploy"]);
  assert.deepEqual(point.fields, {
    text: "checkout 1.4.2: where 2 partitions stood is kept",
    tags: "deploy,checkout",
  });

  const handlers = [createV4Handler({ clusters: [view], feed })];
  const listen = { host: "127.0.0.1", port: 0 };
  await using server = await startHttpServer({
    listen,
    access: { token: undefined, insecure: false },
    handlers,
    logger,
  });
  const from = `http://127.0.0.1:${server.address.port}`;
  const remote = createHttpFeed({ from, token: undefined, random: () => 0, logger });
  assert.deepEqual(await eventsOf(remote), [none, first, again]);
  assert.equal(remote.stats().linesRefused, 0);
});
