/**
 * A network with one thing wrong, in one direction, on one of the shipper's roads: to Elasticsearch, to InfluxDB, or from the
 * collector. Once it is mended everything arrives, each point once, and the accounts add up.
 */

import assert from "node:assert/strict";
import type { FeedAnswer } from "../../collector/model/feed.ts";
import { createLogger } from "../../runtime/logger.ts";
import { startFakeElasticsearch } from "../../test/stores/elasticsearch.ts";
import { startFakeInflux } from "../../test/stores/influxdb.ts";
import { startStoreServer } from "../../test/stores/store-server.ts";
import type { Direction, Toxic, ToxicProxy } from "../../test/stores/toxic-proxy.ts";
import { DIRECTIONS, startToxicProxy, TOXICS } from "../../test/stores/toxic-proxy.ts";
import { SinksConfig } from "../config.ts";
import { provisionSink } from "../provision/provision.ts";
import type { ShipperStats } from "../shipper.ts";
import { createHttpFeed } from "../source/http.ts";
import { createEndlessFeed } from "./endless-feed.ts";
import { accountOf, isDone, OFFERED, runUntil, TICKS } from "./run-shipper.fixture.ts";

export const ROADS = ["elasticsearch", "influxdb", "feed"] as const;
type Road = (typeof ROADS)[number];

export interface Trouble {
  readonly road: Road;
  readonly toxic: Toxic;
  readonly direction: Direction;
}

export const TROUBLES: readonly Trouble[] = ROADS.flatMap((road) =>
  TOXICS.flatMap((toxic) => DIRECTIONS.map((direction) => ({ road, toxic, direction }))),
);

/** What breaks a request; the others only make it slow. */
const BREAKING: ReadonlySet<Toxic> = new Set(["black-hole", "limit", "reset", "down"]);
const REQUEST_TIMEOUT = "1s";

export async function survives(trouble: Trouble): Promise<void> {
  switch (trouble.road) {
    case "elasticsearch":
      return toElasticsearch(trouble);
    case "influxdb":
      return toInflux(trouble);
    case "feed":
      return fromFeed(trouble);
  }
}

async function toElasticsearch(trouble: Trouble): Promise<void> {
  await using store = await startFakeElasticsearch({ flavour: "elasticsearch" });
  const shape = { type: "elasticsearch", timeout: REQUEST_TIMEOUT, batch_points: 300 };
  const { store: direct } = SinksConfig.parse({ store: { ...shape, url: store.url } });
  assert.ok(direct !== undefined);
  await provisionSink(direct, { dryRun: false, force: false });
  await using proxy = await startToxicProxy(store.url, trouble);
  const stats = await runUntil(SinksConfig.parse({ store: { ...shape, url: proxy.url } }), curing(proxy, trouble));
  assert.equal(store.documents.size, OFFERED);
  assert.equal(store.guessed.size, 0);
  assertTaken(stats, { proxy, trouble });
}

async function toInflux(trouble: Trouble): Promise<void> {
  await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
  await using proxy = await startToxicProxy(store.url, trouble);
  const shape = { type: "influxdb", timeout: REQUEST_TIMEOUT, batch_points: 300, url: proxy.url };
  const stats = await runUntil(SinksConfig.parse({ store: shape }), curing(proxy, trouble));
  assert.equal(store.points.size, OFFERED);
  assertTaken(stats, { proxy, trouble });
}

async function fromFeed(trouble: Trouble): Promise<void> {
  const answers = await answersOfFeed();
  await using collector = await startStoreServer({
    serve: ({ query }) => ({ status: 200, body: answers.get(query.get("after") ?? "") ?? "" }),
  });
  await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
  await using proxy = await startToxicProxy(collector.url, trouble);
  const logger = createLogger("silent");
  const feed = createHttpFeed({ from: proxy.url, token: undefined, random: () => 0, logger });
  const sinks = SinksConfig.parse({ store: { type: "influxdb", url: store.url } });
  const hasFailed = () => feed.stats().failures > 0;
  // Where nothing comes back it would wait for longer than a test should.
  const isBroken = trouble.toxic === "black-hole" ? () => true : hasFailed;
  const stats = await runUntil(sinks, curing(proxy, trouble, isBroken), feed);
  assert.equal(store.points.size, OFFERED);
  assert.equal(stats.spool.state?.ticksGone, 0);
  assert.equal(feed.stats().linesRefused, 0);
  assertTaken(stats, { proxy, trouble });
}

/** Done when all has arrived; on the way there the poison is taken away once it has shown what it does. */
function curing(proxy: ToxicProxy, { toxic }: Trouble, isBroken = isAway) {
  let isCured = false;
  return async (stats: ShipperStats): Promise<boolean> => {
    const hasShown = BREAKING.has(toxic) ? isBroken(stats) : isDone(stats, "store");
    if (!isCured && hasShown && proxy.touched() > 0) {
      isCured = true;
      await proxy.cure();
    }
    // A connection that is kept alive ends with the shipper, so a late end is seen after it.
    return isDone(stats, "store") && (isCured || toxic === "slow-close");
  };
}

const isAway = (stats: ShipperStats): boolean => stats.sinks.get("store")?.condition === "unreachable";

interface Way {
  readonly proxy: ToxicProxy;
  readonly trouble: Trouble;
}

function assertTaken(stats: ShipperStats, { proxy, trouble }: Way): void {
  assert.ok(proxy.touched() > 0 || trouble.toxic === "slow-close", "the poison has acted");
  const { stored, duplicate, rejected } = accountOf(stats, "store");
  assert.deepEqual([stored + duplicate, rejected], [OFFERED, 0]);
}

const TICKS_PER_ANSWER = 4;

/** By cursor, as the collector writes them; behind the last one there is nothing more. */
async function answersOfFeed(): Promise<ReadonlyMap<string, string>> {
  const ticks = createEndlessFeed({ ticksEnd: TICKS, ticksPerRead: TICKS_PER_ANSWER, acknowledged: () => {} });
  const answers = new Map([[String(TICKS), `{"cursor":"${TICKS}"}\n`]]);
  for (let at = 0; at < TICKS; at += TICKS_PER_ANSWER) {
    const answer = await ticks.read(String(at), 0, new AbortController().signal);
    answers.set(at === 0 ? "" : String(at), bodyOf(answer));
  }
  return answers;
}

function bodyOf(answer: FeedAnswer): string {
  assert.ok(answer.kind === "ticks");
  const lines = answer.ticks.flatMap(({ evaluations }) => [...evaluations].map((one) => JSON.stringify(one)));
  return `${[...lines, JSON.stringify({ cursor: answer.cursor })].join("\n")}\n`;
}
