/** What a store may do to a shipper, over real sockets: each point is there once in the end, or a dead letter, and it is told. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Feed } from "../../collector/model/feed.ts";
import type { FakeElasticsearchOptions } from "../../test/stores/elasticsearch.ts";
import { startFakeElasticsearch } from "../../test/stores/elasticsearch.ts";
import type { FakeInfluxOptions } from "../../test/stores/influxdb.ts";
import { startFakeInflux } from "../../test/stores/influxdb.ts";
import type { Step } from "../../test/stores/store-server.ts";
import { startStoreServer } from "../../test/stores/store-server.ts";
import { SinksConfig } from "../config.ts";
import { provisionSink } from "../provision/provision.ts";
import { createEndlessFeed } from "./endless-feed.ts";
import { accountOf, isDone, OFFERED, runUntil, TICKS } from "./run-shipper.fixture.ts";

interface Fakes {
  readonly es?: Partial<FakeElasticsearchOptions>;
  readonly influx?: Partial<FakeInfluxOptions>;
  /** Of both sinks' configuration. */
  readonly sinks?: object;
}

/** One store of each kind; nothing is provisioned yet in `bare`. */
async function startStores({ es: ofEs = {}, influx: ofInflux = {}, sinks: settings = {} }: Fakes = {}) {
  const es = await startFakeElasticsearch({ flavour: "elasticsearch", ...ofEs });
  const influx = await startFakeInflux({ dialect: "v2", databases: ["tidemark"], ...ofInflux });
  const sinks = SinksConfig.parse({
    es: { type: "elasticsearch", url: es.url, ...settings },
    influx: { type: "influxdb", url: influx.url, ...settings },
  });
  return {
    es,
    influx,
    sinks,
    provision: async () => {
      for (const config of Object.values(sinks)) await provisionSink(config, { dryRun: false, force: false });
    },
    stored: () => [es.documents.size, influx.points.size],
    [Symbol.asyncDispose]: async () => {
      await es[Symbol.asyncDispose]();
      await influx[Symbol.asyncDispose]();
    },
  };
}

const bothDone = (now: Parameters<typeof isDone>[0]) => isDone(now, "es") && isDone(now, "influx");

test("S2: a store that is slow gets two requests at a time at most, and everything in the end", async () => {
  await using stores = await startStores({ sinks: { batch_points: 200 } });
  await stores.provision();
  for (const store of [stores.es, stores.influx]) store.rest({ kind: "slow", delayMs: 20 });
  await runUntil(stores.sinks, bothDone);
  assert.deepEqual(stores.stored(), [OFFERED, OFFERED]);
  assert.deepEqual([stores.es.seen().inFlightMax, stores.influx.seen().inFlightMax], [2, 2]);
});

test("S4: a request too large is halved until it is taken; one point alone too large is a dead letter", async () => {
  const bodyBytesMax = 2_500;
  await using stores = await startStores({ influx: { bodyBytesMax }, es: { bodyBytesMax: 20_000 } });
  await stores.provision();
  await runUntil(stores.sinks, bothDone);
  assert.deepEqual(stores.stored(), [OFFERED, OFFERED]);
  await using tiny = await startStores({ influx: { bodyBytesMax: 100 } });
  await tiny.provision();
  const stats = await runUntil(tiny.sinks, (now) => isDone(now, "es") && now.sinks.get("influx")?.condition === "held");
  assert.match(stats.sinks.get("influx")?.why ?? "", /more than half.*413/, "and where all are, it is the store");
  assert.equal(accountOf(stats, "influx").rejected, 0);
});

test("S9: a database, an index or a template that is not there is held and told; made, everything is stored", async () => {
  await using stores = await startStores({ influx: { databases: [] } });
  const why: string[] = [];
  await runUntil(stores.sinks, async (now) => {
    const isHeld = ["es", "influx"].every((name) => now.sinks.get(name)?.condition === "held");
    if (why.length === 0 && isHeld) {
      why.push(...["es", "influx"].map((name) => now.sinks.get(name)?.why ?? ""));
      await stores.provision();
      // A bucket of 2.x; the fake has no organisations to provision.
      stores.influx.databases.add("tidemark");
    }
    return bothDone(now);
  });
  assert.match(why[0] ?? "", /index template tidemark: there is none; run "tidemark provision"/);
  assert.match(why[1] ?? "", /404.*bucket tidemark must exist/);
  assert.deepEqual(stores.stored(), [OFFERED, OFFERED]);
  assert.deepEqual([stores.es.guessed.size, stores.es.indices.size], [0, 1]);
});

test("S10: answers that cannot be read, of other points or from elsewhere store nothing; a redirect is never followed", async () => {
  await using elsewhere = await startStoreServer({ serve: () => ({ status: 204 }) });
  await using stores = await startStores();
  await stores.provision();
  const json = { "content-type": "application/json" };
  const odd: readonly Step[] = [
    { kind: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<html>sign in</html>" },
    { kind: "answer", status: 200, headers: json, body: '{"items":[{"create":{"status":201}}]}' },
    { kind: "answer", status: 200, headers: json, body: '{"items":[{"crea' },
    { kind: "answer", status: 200, body: "{}" },
    { kind: "answer", status: 302, headers: { location: elsewhere.url } },
    { kind: "answer", status: 308, headers: { location: elsewhere.url } },
    { kind: "serve-then-truncate", bytes: 7 },
  ];
  stores.es.follow(...odd);
  stores.influx.follow(...odd);
  const stats = await runUntil(stores.sinks, bothDone);
  assert.deepEqual(stores.stored(), [OFFERED, OFFERED]);
  assert.equal(elsewhere.requests.length, 0);
  assert.deepEqual([accountOf(stats, "es").rejected, accountOf(stats, "influx").rejected], [0, 0]);
});

test("S11: connections that break after the store has committed, at any byte of its answer, leave one copy", async () => {
  await using stores = await startStores({ sinks: { batch_points: 100 } });
  await stores.provision();
  const broken = [0, 1, 15, 16, 40, 400].map((bytes): Step => ({ kind: "serve-then-truncate", bytes }));
  for (const store of [stores.es, stores.influx])
    store.follow({ kind: "serve-then-reset" }, { kind: "reset" }, ...broken);
  const stats = await runUntil(stores.sinks, bothDone);
  assert.deepEqual(stores.stored(), [OFFERED, OFFERED]);
  const { stored, duplicate } = accountOf(stats, "es");
  assert.deepEqual([stored + duplicate, duplicate > 0], [OFFERED, true]);
});

test("S14: two shippers of the same ticks leave each point once in each store", async () => {
  await using stores = await startStores();
  await stores.provision();
  const [one, two] = await Promise.all([runUntil(stores.sinks, bothDone), runUntil(stores.sinks, bothDone)]);
  assert.deepEqual(stores.stored(), [OFFERED, OFFERED]);
  assert.equal(accountOf(one, "es").stored + accountOf(two, "es").stored, OFFERED, "each is stored by one of them");
});

test("S21: a collector that begins anew goes back in its ticks; what comes again is no second point, and one event tells", async () => {
  await using stores = await startStores();
  await stores.provision();
  const ticks = createEndlessFeed({ ticksEnd: TICKS, ticksPerRead: 4, acknowledged: () => {} });
  let runs = 0;
  // The second run knows no cursor of the first and begins four ticks earlier than that one had come.
  const feed: Feed = {
    read: async (cursor, waitMs, signal) => {
      const [run, place = "0"] = cursor.includes(":") ? cursor.split(":") : [String(runs)];
      if (runs === 0 && Number(place) >= 12) runs = 1;
      if (run !== String(runs)) return { kind: "gone", oldest: `${runs}:8`, ticksGone: 0 };
      const answer = await ticks.read(place, waitMs, signal);
      return answer.kind === "ticks" ? { ...answer, cursor: `${runs}:${answer.cursor}` } : answer;
    },
  };
  const again = 4 * (OFFERED / TICKS);
  const restart = 1;
  const stats = await runUntil(
    stores.sinks,
    (now) => ["es", "influx"].every((name) => accountOf(now, name).point === OFFERED + again + restart),
    feed,
  );
  assert.deepEqual(stores.stored(), [OFFERED + restart, OFFERED + restart]);
  assert.equal(accountOf(stats, "es").duplicate, again);
});
