/**
 * How fast a backlog goes into real stores, beside what each takes in a plain loop of the same points in ready-made bodies of
 * the same size. Only the counts are asserted; the rates are for whoever reads the run.
 */

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import { createLogger } from "../../../runtime/logger.ts";
import { SinksConfig } from "../../../shipper/config.ts";
import { bulkBody } from "../../../shipper/encode/bulk.ts";
import { linesOf } from "../../../shipper/encode/line-protocol.ts";
import { pointsOf } from "../../../shipper/encode/points.ts";
import { createThinning } from "../../../shipper/encode/thinning.ts";
import { createEndlessFeed, POINTS_PER_TICK } from "../../../shipper/faults/endless-feed.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import { createShipper } from "../../../shipper/shipper.ts";
import { startInflux } from "../influxdb/server.ts";
import { scratchDir } from "../places.ts";
import { done, notYet, until } from "../until.ts";
import { startElasticsearch } from "./server.ts";

const TICKS = 2_000;
const POINTS = TICKS * POINTS_PER_TICK;
/** The defaults of the two sinks. */
const BATCH = { elasticsearch: 2_000, influxdb: 5_000 } as const;
const DRAINED = { timeoutMs: 180_000, everyMs: 20 };
const feedOf = () => createEndlessFeed({ ticksEnd: TICKS, ticksPerRead: 50, acknowledged: () => {} });

test("a backlog goes into a real Elasticsearch, as a plain loop would", async (t) => {
  await using es = await startElasticsearch();
  const plain = await bodiesOf(BATCH.elasticsearch, (points) =>
    bulkBody(points, { prefix: "plain", layout: "time_series" }),
  );
  const headers = { "content-type": "application/x-ndjson" };
  const config = { type: "elasticsearch", url: es.url, batch_points: BATCH.elasticsearch };
  for (const prefix of ["plain", "warm"]) await provision({ ...config, index: prefix });
  const rates = {
    plain: await rateOf(plain, async (body) => {
      const answer = await fetch(`${es.url}/_bulk?filter_path=errors`, { method: "POST", headers, body });
      assert.deepEqual(await answer.json(), { errors: false });
    }),
    shipper: await drainRate(config),
  };
  t.diagnostic(sentence("Elasticsearch", rates));
});

test("a backlog goes into a real InfluxDB, as a plain loop would", async (t) => {
  await using influx = await startInflux();
  const plain = await bodiesOf(BATCH.influxdb, (points) => linesOf(points).text);
  const config = { type: "influxdb", api: "v1", url: influx.url, batch_points: BATCH.influxdb };
  await provision({ ...config, database: "plain" });
  const rates = {
    plain: await rateOf(plain, async (body) => {
      const answer = await fetch(`${influx.url}/write?db=plain&precision=ms`, { method: "POST", body });
      assert.equal(answer.status, 204);
    }),
    shipper: await drainRate(config),
  };
  t.diagnostic(sentence("InfluxDB", rates));
});

function sentence(store: string, { plain, shipper }: { readonly plain: number; readonly shipper: number }): string {
  const share = Math.round((shipper / plain) * 100);
  return `${store}: ${Math.round(shipper)} points/s out of the spool, ${Math.round(plain)} in a plain loop: ${share} %`;
}

async function provision(config: object): Promise<void> {
  const sinks = SinksConfig.parse({ one: config });
  for (const sink of Object.values(sinks)) await provisionSink(sink, { dryRun: false, force: false });
}

async function bodiesOf(size: number, encode: (points: readonly Point[]) => string): Promise<readonly string[]> {
  const feed = feedOf();
  const thinning = createThinning(new Set(["all"]));
  const bodies: string[] = [];
  let points: Point[] = [];
  for (let cursor = "0"; Number(cursor) < TICKS; ) {
    const answer = await feed.read(cursor, 0, new AbortController().signal);
    assert.ok(answer.kind === "ticks");
    ({ cursor } = answer);
    for (const tick of answer.ticks) points.push(...pointsOf(tick, thinning));
    for (; points.length >= size; points = points.slice(size)) bodies.push(encode(points.slice(0, size)));
  }
  return points.length === 0 ? bodies : [...bodies, encode(points)];
}

async function rateOf(bodies: readonly string[], send: (body: string) => Promise<void>): Promise<number> {
  const startMs = performance.now();
  for (const body of bodies) await send(body);
  return POINTS / ((performance.now() - startMs) / 1_000);
}

/** The store is not provisioned, so all waits; from then on it is measured. */
async function drainRate(config: object): Promise<number> {
  const sinks = SinksConfig.parse({ one: config });
  const dataDir = await scratchDir("drain");
  const logger = createLogger("silent");
  await using shipper = await createShipper({
    ...{ feed: feedOf(), dataDir, sinks, logger },
    ...{ spoolBytesMax: 2 ** 30, random: () => 0.01, graceMs: 60_000 },
  });
  const stop = new AbortController();
  const running = shipper.run(stop.signal);
  const state = async () => (await shipper.stats()).spool.state;
  const spooled = async () => ((await state())?.pointsIn === POINTS ? done(undefined) : notYet("not all are spooled"));
  await until("all points in the spool", spooled, DRAINED);
  const account = async () => (await state())?.sinks[0]?.[1];
  assert.equal((await account())?.stored, 0);
  await provision(config);
  // How long it waits before it asks again is not how fast it is: the clock begins with the first points that are taken.
  const takenFirst = await until(
    "the first points in the store",
    async () => {
      const { stored = 0 } = (await account()) ?? {};
      return stored > 0 ? done(stored) : notYet("none is stored");
    },
    { ...DRAINED, everyMs: 5 },
  );
  const startMs = performance.now();
  const drained = async () => ((await account())?.stored === POINTS ? done(undefined) : notYet("not all are stored"));
  await until("all points in the store", drained, DRAINED);
  const seconds = (performance.now() - startMs) / 1_000;
  stop.abort();
  await running;
  await rm(dataDir, { recursive: true });
  return (POINTS - takenFirst) / seconds;
}
