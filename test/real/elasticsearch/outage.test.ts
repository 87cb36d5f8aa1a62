/**
 * A real store is killed in the middle of its work and stays away, while a second one and the ticks go on; then the other way
 * round. In the end each store holds each point once. OUTAGE_SECONDS sets another length than 60.
 */

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Feed } from "../../../collector/model/feed.ts";
import { createLogger } from "../../../runtime/logger.ts";
import { SinksConfig } from "../../../shipper/config.ts";
import { createEndlessFeed, POINTS_PER_TICK } from "../../../shipper/faults/endless-feed.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import type { Shipper } from "../../../shipper/shipper.ts";
import { createShipper } from "../../../shipper/shipper.ts";
import { startInflux } from "../influxdb/server.ts";
import { scratchDir } from "../places.ts";
import { done, notYet, until } from "../until.ts";
import { askElasticsearch } from "./ask.ts";
import { startElasticsearch } from "./server.ts";

const OUTAGE_MS = Number(process.env["OUTAGE_SECONDS"] ?? 60) * 1_000;
const TICK_EVERY_MS = 100;
const CAUGHT_UP = { timeoutMs: 120_000 };
const KINDS = ["group", "group_topic", "partition", "topic"] as const;

test("a store that is killed and comes back holds each point once, and the other did not notice", async (t) => {
  await using es = await startElasticsearch();
  await using influx = await startInflux();
  const sinks = SinksConfig.parse({
    es: { type: "elasticsearch", url: es.url, batch_points: 500 },
    influx: { type: "influxdb", url: influx.url, api: "v1", batch_points: 500 },
  });
  for (const config of Object.values(sinks)) await provisionSink(config, { dryRun: false, force: false });
  const dataDir = await scratchDir("outage");
  const feed = paced(createEndlessFeed({ ticksEnd: Number.MAX_SAFE_INTEGER, ticksPerRead: 1, acknowledged: () => {} }));
  const logger = createLogger("silent");
  await using shipper = await createShipper({
    ...{ feed, dataDir, sinks, logger },
    ...{ spoolBytesMax: 2 ** 30, random: Math.random, graceMs: 60_000 },
  });
  const stop = new AbortController();
  const running = shipper.run(stop.signal);

  for (const { away, other, server } of [
    { away: "es", other: "influx", server: es },
    { away: "influx", other: "es", server: influx },
  ]) {
    await until(`${away} takes points`, () => near(shipper, away), CAUGHT_UP);
    await server.kill();
    await pause(OUTAGE_MS);
    const behind = await behindOf(shipper, away);
    assert.ok(behind >= POINTS_PER_TICK * 5, `${away} was away and only ${behind} points behind`);
    await until(`${other} goes on meanwhile`, () => near(shipper, other), CAUGHT_UP);
    await server.restart();
    const sinceMs = performance.now();
    await until(`${away} has caught up`, () => near(shipper, away), CAUGHT_UP);
    t.diagnostic(`${away}: ${behind} points behind, caught up within ${Math.round(performance.now() - sinceMs)} ms`);
  }

  stop.abort();
  await running;
  const { spool } = await shipper.stats();
  assert.ok(spool.state !== undefined);
  const offered = spool.state.pointsIn;
  for (const [name, { point, stored, duplicate, rejected, dropped, quarantined }] of spool.state.sinks) {
    assert.deepEqual([name, point, rejected, dropped, quarantined], [name, offered, 0, 0, 0]);
    assert.equal(stored + duplicate, offered);
  }
  assert.equal(await countInElasticsearch(es.url), offered);
  const inInflux = await Promise.all(KINDS.map((kind) => influx.query("tidemark", `SELECT * FROM tidemark_${kind}`)));
  assert.equal(
    inInflux.flat().reduce((sum, { values }) => sum + values.length, 0),
    offered,
  );
  t.diagnostic(`${offered} points offered, each there once in both stores`);
  await rm(dataDir, { recursive: true });
});

function paced(feed: Feed): Feed {
  return {
    read: async (cursor, waitMs, signal) => {
      await pause(TICK_EVERY_MS, undefined, { signal });
      return feed.read(cursor, waitMs, signal);
    },
  };
}

async function behindOf(shipper: Shipper, name: string): Promise<number> {
  const { state } = (await shipper.stats()).spool;
  const account = state?.sinks.find(([sink]) => sink === name)?.[1];
  assert.ok(state !== undefined && account !== undefined);
  return state.pointsIn - account.point;
}

async function near(shipper: Shipper, name: string) {
  const stats = await shipper.stats();
  const behind = await behindOf(shipper, name);
  const { condition, why } = stats.sinks.get(name) ?? {};
  const isNear = (stats.spool.state?.pointsIn ?? 0) > 0 && behind <= 3 * POINTS_PER_TICK && condition === "up";
  return isNear ? done(undefined) : notYet(`${behind} points behind, ${condition} ${why ?? ""}`);
}

async function countInElasticsearch(url: string): Promise<number> {
  await askElasticsearch(url, { method: "POST", path: "/tidemark-*/_refresh" });
  const answer = await askElasticsearch(url, { method: "GET", path: "/tidemark-*/_count" });
  return (answer as { readonly count: number }).count;
}
