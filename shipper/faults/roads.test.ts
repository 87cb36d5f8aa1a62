/** Several stores behind one spool: each on its own road, at its own pace, with its own choice; and what one refuses for good. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { startFakeElasticsearch } from "../../test/stores/elasticsearch.ts";
import { startFakeInflux } from "../../test/stores/influxdb.ts";
import { SinksConfig } from "../config.ts";
import { provisionSink } from "../provision/provision.ts";
import { GROUPS, PARTITIONS } from "./endless-feed.ts";
import { accountOf, isDone, OFFERED, runUntil, TICKS } from "./run-shipper.fixture.ts";

test("S1: one store away holds up no other, nor one of its own kind; back, it gets all of it once", async () => {
  await using es = await startFakeElasticsearch({ flavour: "elasticsearch" });
  await using near = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
  await using far = await startFakeInflux({ dialect: "v1", databases: ["tidemark"] });
  const sinks = SinksConfig.parse({
    es: { type: "elasticsearch", url: es.url, batch_points: 37 },
    near: { type: "influxdb", url: near.url },
    far: { type: "influxdb", url: far.url, api: "v1" },
  });
  for (const config of Object.values(sinks)) await provisionSink(config, { dryRun: false, force: false });
  es.rest({ kind: "serve-then-reset" });
  far.rest({ kind: "answer", status: 503 });
  let wasAway = false;
  const stats = await runUntil(sinks, (now) => {
    if (!wasAway && isDone(now, "near")) {
      const { point, ...counts } = accountOf(now, "es");
      assert.deepEqual([point, counts.stored, accountOf(now, "far").point], [0, 0, 0]);
      assert.deepEqual([now.sinks.get("es")?.condition, now.sinks.get("near")?.condition], ["unreachable", "up"]);
      wasAway = true;
      es.rest({ kind: "serve" });
      far.rest({ kind: "serve" });
    }
    return wasAway && isDone(now, "es") && isDone(now, "far");
  });
  assert.deepEqual([es.documents.size, near.points.size, far.points.size], [OFFERED, OFFERED, OFFERED]);
  assert.deepEqual(es.guessed, new Set());
  const { stored, duplicate } = accountOf(stats, "es");
  assert.equal(stored + duplicate, OFFERED);
  assert.ok(duplicate > 0, "what was taken before the connection broke is told as there already");
  assert.equal([...near.points.values()].filter(({ writes }) => writes > 1).length, 0);
});

test("each sink gets its kinds, groups and thinning; what it does not get is counted", async () => {
  await using store = await startFakeInflux({ dialect: "v2", databases: ["all", "some", "bad"] });
  const sink = (database: string, rest: object = {}) => ({ type: "influxdb", url: store.url, database, ...rest });
  const sinks = SinksConfig.parse({
    all: sink("all"),
    some: sink("some", { kinds: ["group", "partition"], groups: ["g*", "!g0"] }),
    bad: sink("bad", { partition_points: "unhealthy" }),
  });
  const stats = await runUntil(sinks, (now) => ["all", "some", "bad"].every((name) => isDone(now, name)));
  const inDatabase = (database: string) => [...store.points.values()].filter((point) => point.database === database);
  assert.equal(inDatabase("all").length, OFFERED);
  const wanted = TICKS * (GROUPS - 1) * (1 + PARTITIONS);
  assert.equal(inDatabase("some").length, wanted);
  assert.deepEqual([accountOf(stats, "some").stored, accountOf(stats, "some").filtered], [wanted, OFFERED - wanted]);
  assert.equal(inDatabase("bad").length, OFFERED, "every partition of this feed is in trouble");
});

test("S7: what a store refuses for good becomes dead letters of that sink, and every neighbour is stored", async () => {
  const isPoison = (group: string | undefined) => group === "g3";
  await using es = await startFakeElasticsearch({
    flavour: "elasticsearch",
    answers: ({ group }) =>
      isPoison(String(group)) ? { status: 400, type: "document_parsing_exception", reason: "poison" } : undefined,
  });
  await using influx = await startFakeInflux({
    dialect: "v2",
    databases: ["tidemark"],
    refuses: ({ tags }) => (isPoison(tags.get("group")) ? "poison" : undefined),
  });
  const sinks = SinksConfig.parse({
    es: { type: "elasticsearch", url: es.url },
    influx: { type: "influxdb", url: influx.url },
  });
  for (const config of Object.values(sinks)) await provisionSink(config, { dryRun: false, force: false });
  const stats = await runUntil(sinks, (now) => isDone(now, "es") && isDone(now, "influx"));
  const poison = TICKS * (2 + PARTITIONS);
  for (const name of ["es", "influx"]) assert.equal(accountOf(stats, name).rejected, poison, name);
  assert.deepEqual([es.documents.size, influx.points.size], [OFFERED - poison, OFFERED - poison]);
});

test("a store that refuses most is held: no dead letters, and mended it gets everything", async () => {
  let refuses = true;
  await using influx = await startFakeInflux({
    dialect: "v2",
    databases: ["tidemark"],
    refuses: ({ measurement }) => (refuses && measurement !== "tidemark_group" ? "no such field" : undefined),
  });
  const sinks = SinksConfig.parse({ influx: { type: "influxdb", url: influx.url } });
  let held = 0;
  const stats = await runUntil(sinks, (now) => {
    if (refuses && now.sinks.get("influx")?.condition === "held") {
      held += 1;
      assert.match(now.sinks.get("influx")?.why ?? "", /more than half.*no such field/);
      assert.equal(now.spool.deadLetters.size, 0);
      refuses = false;
    }
    return isDone(now, "influx");
  });
  assert.ok(held > 0);
  assert.deepEqual([accountOf(stats, "influx").rejected, influx.points.size], [0, OFFERED]);
});
