/** A look that writes nothing, one turn that ships what there is, and the collector that `all` brings along. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import type { Feed } from "../collector/model/feed.ts";
import { systemClock } from "../runtime/clock.ts";
import { createLogger } from "../runtime/logger.ts";
import { createEndlessFeed, GROUPS, PARTITIONS, POINTS_PER_TICK, START_MS } from "../shipper/faults/endless-feed.ts";
import { createCluster } from "../simulator/cluster/create-cluster.ts";
import { startBrokers } from "../simulator/wire/brokers.ts";
import { randomOf } from "../simulator/world/random.ts";
import { startFakeInflux } from "../test/stores/influxdb.ts";
import { readLine } from "../test/stores/line-protocol-reader.ts";
import { Config } from "./config.ts";
import type { Source } from "./run-take.ts";
import { runOnce, runTest } from "./run-take.ts";

const NEVER = new AbortController().signal;

/** `ticks` of them, two an answer; then nothing more comes, and nobody waits longer than told. */
function finiteFeed(ticks: number): Feed {
  const endless = createEndlessFeed({ ticksEnd: ticks, ticksPerRead: 2, acknowledged: () => {} });
  return {
    read: async (cursor, waitMs, signal) => {
      if (cursor === "another run's") return { kind: "gone", oldest: "0", ticksGone: 0 };
      if (Number(cursor) < ticks) return endless.read(cursor, waitMs, signal);
      const stop = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
      if (waitMs > 0 && !stop.aborted) await once(stop, "abort");
      signal.throwIfAborted();
      return { kind: "ticks", ticks: [], cursor };
    },
  };
}

const sourceOf = (feed: Feed, why?: string): Source => ({
  feed,
  why: () => why,
  [Symbol.asyncDispose]: async () => {},
});

interface Under {
  readonly dataDir: string;
  take(
    run: typeof runOnce,
    feed: Feed,
    more?: { sinks?: object; sink?: string; waitMs?: number },
  ): Promise<{ readonly passed: boolean; readonly out: string; readonly said: string }>;
}

async function withFolder(play: (under: Under) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "tidemark-take-"));
  const take: Under["take"] = async (run, feed, { sinks = {}, sink, waitMs = 10_000 } = {}) => {
    const config = Config.parse({ shipper: { data_dir: dataDir }, sinks });
    const stdout = new PassThrough({ highWaterMark: 2 ** 26 });
    let said = "";
    const complain = (line: string): void => {
      said += line;
    };
    const context = { config, logger: createLogger("silent"), signal: NEVER, clock: systemClock };
    const passed = await run({ ...context, waitMs, sink, stdout, complain }, sourceOf(feed, "it is away"));
    stdout.end();
    return { passed, out: await text(stdout), said };
  };
  try {
    await play({ dataDir, take });
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

test("--test prints the points of the newest tick as line protocol, and no spool is made", () =>
  withFolder(async ({ dataDir, take }) => {
    const { passed, out, said } = await take(runTest, finiteFeed(5), {
      sinks: { s: { type: "influxdb", url: "http://h" } },
    });
    assert.deepEqual([passed, said], [true, ""]);
    const lines = out.trimEnd().split("\n");
    assert.equal(lines.length, POINTS_PER_TICK);
    assert.ok(lines.every((line) => line.startsWith("> ")));
    const read = lines.map((line) => readLine(line.slice(2)));
    assert.deepEqual(new Set(read.map(({ time }) => time)), new Set([`${START_MS + 4_000}000000`]));
    assert.deepEqual(new Set(read.map(({ measurement }) => measurement)).size, 4);
    assert.equal(existsSync(join(dataDir, "spool.db")), false);
  }));

test("--test shows what the sinks choose, or one of them", () =>
  withFolder(async ({ take }) => {
    const sinks = {
      groups: { type: "influxdb", url: "http://h", kinds: ["group"] },
      one: { type: "influxdb", url: "http://h", kinds: ["partition"], groups: ["g3"] },
    };
    const counts = async (sink?: string) => {
      const { out } = await take(runTest, finiteFeed(1), sink === undefined ? { sinks } : { sinks, sink });
      return out.trimEnd().split("\n").length;
    };
    assert.deepEqual(
      [await counts(), await counts("groups"), await counts("one")],
      [GROUPS + PARTITIONS, GROUPS, PARTITIONS],
    );
  }));

test("without a tick both end in time, say why, and fail", () =>
  withFolder(async ({ take }) => {
    for (const run of [runTest, runOnce]) {
      const { passed, out, said } = await take(run, finiteFeed(0), { waitMs: 50 });
      assert.deepEqual([passed, out, said], [false, "", "no tick within 0.05 s: it is away\n"]);
    }
  }));

test("--once ships all that the feed has to every sink, and the next time only what is new", () =>
  withFolder(async ({ take }) => {
    await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
    const sinks = { influx: { type: "influxdb", url: store.url }, local: { type: "sqlite", retention: "99999d" } };
    assert.deepEqual(await take(runOnce, finiteFeed(5), { sinks }), { passed: true, out: "", said: "" });
    assert.equal(store.points.size, 5 * POINTS_PER_TICK);
    assert.equal((await take(runOnce, finiteFeed(7), { sinks })).passed, true);
    assert.deepEqual([...store.points.values()].filter(({ writes }) => writes > 1).length, 0);
    assert.equal(store.points.size, 7 * POINTS_PER_TICK);
  }));

test("--once leaves in the spool what a sink does not take, says how many for which sink, and fails", () =>
  withFolder(async ({ take }) => {
    await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
    await using up = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
    const sinks = { down: { type: "influxdb", url: store.url }, up: { type: "influxdb", url: up.url } };
    store.rest({ kind: "answer", status: 503 });
    const { passed, said } = await take(runOnce, finiteFeed(3), { sinks });
    assert.equal(passed, false);
    assert.match(said, new RegExp(`^down: ${3 * POINTS_PER_TICK} points are left in the spool: it answered 503\\n$`));
    assert.equal(up.points.size, 3 * POINTS_PER_TICK);
    store.rest({ kind: "serve" });
    assert.equal((await take(runOnce, finiteFeed(4), { sinks })).passed, true);
    assert.equal(store.points.size, 4 * POINTS_PER_TICK);
  }));

test("--once ends in time where a store hangs, and nothing is lost", () =>
  withFolder(async ({ take }) => {
    await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
    const sinks = { influx: { type: "influxdb", url: store.url } };
    store.rest({ kind: "hang" });
    const { passed, said } = await take(runOnce, finiteFeed(1), { sinks, waitMs: 300 });
    assert.deepEqual([passed, said], [false, `influx: ${POINTS_PER_TICK} points are left in the spool\n`]);
  }));

test("what a store refuses for good is told, and is not left", () =>
  withFolder(async ({ take }) => {
    await using store = await startFakeInflux({
      dialect: "v2",
      databases: ["tidemark"],
      refuses: ({ tags }) => (tags.get("group") === "g3" ? "poison" : undefined),
    });
    const { passed, said } = await take(runOnce, finiteFeed(1), {
      sinks: { influx: { type: "influxdb", url: store.url } },
    });
    assert.deepEqual(
      [passed, said],
      [true, `influx: ${2 + PARTITIONS} points are refused for good; "tidemark dlq list" says why\n`],
    );
  }));

const MAIN = resolve(import.meta.dirname, "main.ts");

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

async function tidemark(folder: string, tree: object, ...words: readonly string[]): Promise<Ran> {
  const file = join(folder, "tidemark.yaml");
  await writeFile(file, JSON.stringify(tree));
  const flags = ["--disable-warning=ExperimentalWarning", MAIN, ...words, "--config", file];
  const child = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "pipe"] });
  const [out, said, [code]] = await Promise.all([
    text(child.stdout ?? assert.fail()),
    text(child.stderr ?? assert.fail()),
    once(child, "exit"),
  ]);
  return { code: Number(code), out, said };
}

test("all --test and all --once wait for the window, and have real numbers, through the sink on standard output", () =>
  withFolder(async ({ dataDir }) => {
    const base = { clusterId: "c", version: "4.1", brokers: [1, 2], offsetsPartitions: 2 } as const;
    const view = createCluster({ ...base, random: randomOf(1, "cluster") });
    const atMs = systemClock.nowMs() - 60_000;
    view.createTopic({ topic: "orders", partitions: 1 }, atMs);
    view.append("orders", 0, 365, atMs);
    view.commit({ group: "classic", offsets: [{ topic: "orders", partition: 0, committedOffset: 50 }], atMs });
    await using brokers = await startBrokers({ view, random: randomOf(1, "brokers") });
    const tree = {
      clusters: { sim: { brokers: brokers.bootstrap } },
      evaluate: { interval: "200ms", burrow: { offset_refresh: "200ms" } },
      shipper: { data_dir: dataDir },
      sinks: { out: { type: "stdout" } },
      log: { level: "error" },
    };
    const lagOf = (line: string) => {
      const { measurement, tags, fields } = readLine(line);
      return measurement === "tidemark_group" && tags.get("group") === "classic" ? fields.get("lag")?.value : undefined;
    };
    const looked = await tidemark(dataDir, tree, "all", "--test");
    assert.deepEqual([looked.code, looked.said], [0, ""]);
    const lines = looked.out.trimEnd().split("\n");
    const lags = lines.flatMap((line) => lagOf(line.slice(2)) ?? []);
    assert.deepEqual(lags, [315n]);
    assert.equal(existsSync(join(dataDir, "spool.db")), false);
    const shipped = await tidemark(dataDir, tree, "all", "--once");
    assert.deepEqual([shipped.code, shipped.said], [0, ""]);
    assert.deepEqual(
      new Set(
        shipped.out
          .trimEnd()
          .split("\n")
          .flatMap((line) => lagOf(line) ?? []),
      ),
      new Set([315n]),
    );
  }));

test("as words: what does not go together is refused, and a cluster away is said in time", () =>
  withFolder(async ({ dataDir }) => {
    const tree = {
      clusters: { sim: { brokers: ["127.0.0.1:1"] } },
      shipper: { data_dir: dataDir },
      log: { level: "error" },
    };
    const code = async (...words: readonly string[]) => (await tidemark(dataDir, tree, ...words)).code;
    assert.equal(await code("shipper", "--test", "--once"), 64);
    assert.equal(await code("shipper", "--once", "--wait", "soon"), 64);
    assert.equal(await code("shipper", "--test", "--sink", "nobody"), 64);
    assert.equal(await code("collector", "--once"), 64);
    const away = await tidemark(dataDir, tree, "all", "--test", "--wait", "500ms");
    assert.deepEqual([away.code, away.out], [69, ""]);
    assert.match(away.said, /no tick within 0\.5 s: cluster sim is /);
  }));
