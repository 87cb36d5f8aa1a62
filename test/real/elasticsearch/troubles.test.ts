/**
 * What goes wrong with real stores beside being away: a mapping that conflicts, a queue that is full, a disk that is, a password
 * that changes. In the end each store holds what was offered without the dead letters, and while one was in trouble the other
 * had all there was.
 */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Feed } from "../../../collector/model/feed.ts";
import { createLogger } from "../../../runtime/logger.ts";
import { SinksConfig } from "../../../shipper/config.ts";
import { createEndlessFeed, GROUPS, POINTS_PER_TICK, START_MS } from "../../../shipper/faults/endless-feed.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import type { Shipper } from "../../../shipper/shipper.ts";
import { createShipper } from "../../../shipper/shipper.ts";
import type { Influx } from "../influxdb/server.ts";
import { startInflux } from "../influxdb/server.ts";
import { done, notYet, until } from "../until.ts";
import { askElasticsearch } from "./ask.ts";
import { startElasticsearch } from "./server.ts";

/** Between two troubles. */
const TICKS = 10;
const SOON = { timeoutMs: 120_000, everyMs: 100 };
const KINDS = ["group", "group_topic", "partition", "topic"] as const;
const HAMMERS = 8;
const DAY = "tidemark-2099.01.01";

test("poison, a full queue, a full disk and a changed password cost nobody a point", async (t) => {
  await using es = await startElasticsearch({ "thread_pool.write.size": "1", "thread_pool.write.queue_size": "1" });
  await using influx = await startInflux({ admin: { username: "tidemark", password: "first" } });
  const folder = await mkdtemp(join(tmpdir(), "tidemark-troubles-"));
  const secret = join(folder, "secret");
  await writeFile(secret, "first");
  const sinks = SinksConfig.parse({
    es: { type: "elasticsearch", url: es.url, batch_points: 500 },
    influx: { type: "influxdb", url: influx.url, api: "v1", username: "tidemark", password_file: secret },
  });
  // A share that is an address, and one that is a text: no point of a group fits.
  const mappings = { properties: { complete: { type: "ip" } } };
  const custom = { method: "PUT", path: "/_component_template/tidemark-custom", body: { template: { mappings } } };
  await askElasticsearch(es.url, { ...custom, method: "PUT" });
  for (const config of Object.values(sinks)) await provisionSink(config, { dryRun: false, force: false });
  await conflictIn(influx);

  const { feed, release } = gated();
  const lines: string[] = [];
  const logger = createLogger("warn", { write: (line) => void lines.push(line) });
  await using shipper = await createShipper({
    ...{ feed, sinks, dataDir: join(folder, "data"), logger },
    ...{ spoolBytesMax: 2 ** 28, random: () => 0.05, graceMs: 60_000 },
  });
  const stop = new AbortController();
  const running = shipper.run(stop.signal);
  let offered = 0;
  const more = (): void => {
    release(TICKS);
    offered += TICKS * POINTS_PER_TICK;
  };
  const hasAll = (sink: string) => until(`${sink} has all`, () => settledBy(shipper, { sink, offered }), SOON);
  const isIn = (sink: string, condition: string, why: RegExp) =>
    until(`${sink} is ${condition}`, () => isThere(shipper, { sink, condition, why }), SOON);

  more();
  await Promise.all([hasAll("es"), hasAll("influx")]);

  const hammering = hammer(es.url);
  await hammering.full;
  const isRefused = () => lines.some((line) => /sink\.unreachable.*429/.test(line));
  // A batch may slip in between two of the others': points come until one found the queue full.
  const refused = async () => {
    const all = isRefused() ? done(undefined) : await settledBy(shipper, { sink: "es", offered });
    if (all.kind === "done" && !isRefused()) more();
    return isRefused() ? done(undefined) : notYet(`${offered} points offered, and none refused`);
  };
  more();
  await until("es is unreachable for its queue is full", refused, { timeoutMs: SOON.timeoutMs, everyMs: 10 });
  await hasAll("influx");
  t.diagnostic(`${await hammering.stop()} bulk requests of others filled the queue`);
  await hasAll("es");

  await block(es.url, true);
  more();
  await isIn("es", "held", /block/);
  await hasAll("influx");
  await block(es.url, false);
  await hasAll("es");

  await influx.query("", `SET PASSWORD FOR "tidemark" = 'second'`);
  more();
  await isIn("influx", "held", /401/);
  await hasAll("es");
  await writeFile(secret, "second");
  await hasAll("influx");

  stop.abort();
  await running;
  const { state } = (await shipper.stats()).spool;
  for (const [name, { stored, duplicate, rejected }] of state?.sinks ?? []) {
    assert.deepEqual([name, rejected], [name, (offered / POINTS_PER_TICK) * GROUPS]);
    assert.equal(stored + duplicate + rejected, offered, name);
  }
  const rejected = (offered / POINTS_PER_TICK) * GROUPS;
  await askElasticsearch(es.url, { method: "POST", path: "/tidemark-*/_refresh" });
  const counted = await askElasticsearch(es.url, { method: "GET", path: "/tidemark-*/_count" });
  assert.equal((counted as { readonly count: number }).count, offered - rejected);
  assert.equal(await countIn(influx), offered - rejected + 1, "and the one that was there before");
  await rm(folder, { recursive: true });
});

/** Ticks come when they are let go. */
function gated(): { readonly feed: Feed; readonly release: (ticks: number) => void } {
  let released = 0;
  let rung = Promise.withResolvers<void>();
  const all = createEndlessFeed({ ticksEnd: 10_000, ticksPerRead: TICKS, acknowledged: () => {} });
  const read: Feed["read"] = async (cursor, waitMs, signal) => {
    const stopped = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => stopped.resolve(), { once: true });
    while (Number(cursor) >= released) {
      signal.throwIfAborted();
      await Promise.race([rung.promise, stopped.promise]);
    }
    return all.read(cursor, waitMs, signal);
  };
  return {
    feed: { read },
    release: (ticks) => {
      released += ticks;
      rung.resolve();
      rung = Promise.withResolvers();
    },
  };
}

async function settledBy(shipper: Shipper, { sink, offered }: { readonly sink: string; readonly offered: number }) {
  const stats = await shipper.stats();
  const account = stats.spool.state?.sinks.find(([name]) => name === sink)?.[1];
  const { condition, why } = stats.sinks.get(sink) ?? {};
  return account?.point === offered && condition === "up"
    ? done(undefined)
    : notYet(`${account?.point} of ${offered}, ${condition} ${why ?? ""}`);
}

interface Wanted {
  readonly sink: string;
  readonly condition: string;
  readonly why: RegExp;
}

async function isThere(shipper: Shipper, { sink, condition, why }: Wanted) {
  const is = (await shipper.stats()).sinks.get(sink);
  const found = is?.condition === condition && why.test(is.why ?? "");
  return found ? done(undefined) : notYet(`${is?.condition} ${is?.why ?? ""}`);
}

/** Fills the queue of writes from several sides until told to stop; says when it was first full, and how often it asked. */
function hammer(url: string): { readonly full: Promise<void>; readonly stop: () => Promise<number> } {
  let [going, requests] = [true, 0];
  const full = Promise.withResolvers<void>();
  const body = Array.from({ length: 2_000 }, (_, n) => `{"index":{"_index":"noise"}}\n{"n":${n}}\n`).join("");
  const headers = { "content-type": "application/x-ndjson" };
  const one = async (): Promise<void> => {
    while (going) {
      requests += 1;
      const answer = await fetch(`${url}/_bulk?filter_path=errors`, { method: "POST", headers, body });
      const { errors } = (await answer.json()) as { readonly errors: boolean };
      if (errors) full.resolve();
    }
  };
  const all = Promise.all(Array.from({ length: HAMMERS }, one));
  return {
    full: full.promise,
    stop: async () => {
      going = false;
      await all;
      return requests;
    },
  };
}

/** What a server does to its indices once its disk is nearly full. */
async function block(url: string, isFull: boolean): Promise<void> {
  const body = { index: { blocks: { read_only_allow_delete: isFull ? true : null } } };
  await askElasticsearch(url, { method: "PUT", path: `/${DAY}/_settings`, body });
}

/** The first point of a week says what its fields are for all of it. */
async function conflictIn({ url }: Influx): Promise<void> {
  const who = new URLSearchParams({ db: "tidemark", precision: "ms", u: "tidemark", p: "first" });
  const body = `tidemark_group,cluster=c,group=before complete="full" ${START_MS}`;
  const answer = await fetch(`${url}/write?${who}`, { method: "POST", body });
  assert.equal(answer.status, 204);
}

async function countIn({ url }: Influx): Promise<number> {
  let count = 0;
  for (const kind of KINDS) {
    const q = `SELECT * FROM tidemark_${kind}`;
    const asked = new URLSearchParams({ db: "tidemark", u: "tidemark", p: "second", q });
    const answer = await fetch(`${url}/query?${asked}`);
    const said = (await answer.json()) as { readonly results: readonly { readonly series?: readonly Series[] }[] };
    for (const { series = [] } of said.results) for (const { values } of series) count += values.length;
  }
  return count;
}

interface Series {
  readonly values: readonly unknown[];
}
