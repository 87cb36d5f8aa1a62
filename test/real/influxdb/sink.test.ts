/** The sink on a real InfluxDB 1.x: the conformance suite, what provisioning makes, poison, and a password that changes. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { SinkConfig } from "../../../shipper/config.ts";
import { SinksConfig } from "../../../shipper/config.ts";
import { openSink } from "../../../shipper/open-sink.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import { testSink } from "../../../shipper/sink/sink.suite.ts";
import { fieldsIn, rowsOf } from "./rows.ts";
import type { Influx } from "./server.ts";
import { startInflux } from "./server.ts";

const NEVER = new AbortController().signal;
const DO = { dryRun: false, force: false };
let server: Influx;
let databases = 0;

before(async () => {
  server = await startInflux();
});
after(() => server[Symbol.asyncDispose]());

const configOf = (rest: object): SinkConfig => {
  const { influx } = SinksConfig.parse({ influx: { type: "influxdb", api: "v1", ...rest } });
  assert.ok(influx !== undefined);
  return influx;
};

testSink("a real InfluxDB 1.x", async (run) => {
  databases += 1;
  const database = `tidemark_${databases}`;
  const config = configOf({ url: server.url, database });
  await provisionSink(config, DO);
  await using opened = await openSink({ name: "influx", config }, "");
  const query = (statement: string) => server.query(database, statement);
  await run({
    sink: opened.sink,
    tellsDuplicates: false,
    count: async (kind) => (await rowsOf(query, kind)).length,
    fields: (points) => fieldsIn(query, points),
  });
});

test("provisioning only says what it would do, does it, and then finds it", async () => {
  const config = configOf({ url: server.url, database: 'odd "name"', retention: "30d" });
  const kinds = async (dryRun: boolean) => (await provisionSink(config, { ...DO, dryRun })).map(({ kind }) => kind);
  assert.deepEqual([await kinds(true), await kinds(true)], [["made"], ["made"]], "nothing was made");
  assert.deepEqual([await kinds(false), await kinds(false)], [["made"], ["kept"]]);
  const [policies] = await server.query("", 'SHOW RETENTION POLICIES ON "odd \\"name\\""');
  const [policy] = policies?.values ?? [];
  assert.deepEqual(policy?.slice(0, 2), ['odd "name"', "720h0m0s"]);
});

const AT_MS = Date.UTC(2026, 10, 21);

const point = (group: string): Point => ({
  kind: "group",
  atMs: AT_MS,
  dimensions: { cluster: "c", group },
  fields: { lag: 1 },
});

test("a database that is not there is held with a word, and taken once it is", async () => {
  const config = configOf({ url: server.url, database: "later" });
  await using opened = await openSink({ name: "influx", config }, "");
  const before = await opened.sink.write([point("a")], NEVER);
  assert.equal(before.kind, "held");
  assert.match(before.cause.message, /404.*tidemark provision/);
  await provisionSink(config, DO);
  assert.equal((await opened.sink.write([point("a")], NEVER)).kind, "written");
});

test("compat: telegraf goes on in a database that Telegraf wrote to: the same series, the same types", async () => {
  const config = configOf({ url: server.url, database: "telegraf", compat: "telegraf", telegraf: { host: "tg1" } });
  await provisionSink(config, DO);
  const printed =
    'burrow_partition,cluster=prod,group=billing,host=tg1,owner=/10.0.0.7,partition=0,topic=orders lag=120i,offset=431323195i,status="WARN",status_code=3i,timestamp=1515609490008i 1515609490000000000';
  const answer = await fetch(`${server.url}/write?db=telegraf`, { method: "POST", body: printed });
  assert.equal(answer.status, 204);
  await using opened = await openSink({ name: "influx", config }, "");
  const next: Point = {
    kind: "partition",
    atMs: AT_MS,
    dimensions: { cluster: "prod", group: "billing", topic: "orders", partition: 0 },
    fields: {
      burrow_status: "REWIND",
      lag: 100,
      committed_offset: Number.MAX_SAFE_INTEGER,
      commit_age_seconds: 0.25,
      owner: "/10.0.0.7",
    },
  };
  const stored = { kind: "written", duplicates: 0, rejected: [], kept: [] };
  assert.deepEqual(await opened.sink.write([next], NEVER), stored);
  const series = await server.query("telegraf", "SHOW SERIES FROM burrow_partition");
  assert.deepEqual(
    series.map(({ values }) => values.length),
    [1],
  );
  const fields = 'SELECT "lag", "offset", "status", "status_code", "timestamp" FROM burrow_partition';
  const [rows] = await server.query("telegraf", fields);
  assert.deepEqual(
    rows?.values.map((row) => row.slice(1)),
    [
      [120, 431_323_195, "WARN", 3, 1_515_609_490_008],
      [100, Number.MAX_SAFE_INTEGER, "REWIND", 7, AT_MS - 250],
    ],
  );
});

test("a field of another type is refused, and halving is asked for", async () => {
  const config = configOf({ url: server.url, database: "types" });
  await provisionSink(config, DO);
  // A type is kept per shard, which is a week.
  const body = `tidemark_group,cluster=c,group=x lag=0.5 ${AT_MS}`;
  await fetch(`${server.url}/write?db=types&precision=ms`, { method: "POST", body });
  await using opened = await openSink({ name: "influx", config }, "");
  const outcome = await opened.sink.write([point("a"), point("b")], NEVER);
  assert.equal(outcome.kind, "split");
  assert.match(outcome.cause.message, /field type conflict/);
});

test("a password that is wrong is held, and counts from the moment its file is right", async () => {
  await using guarded = await startInflux({ admin: { username: "tidemark", password: "right" } });
  const folder = await mkdtemp(join(tmpdir(), "tidemark-influx-"));
  const file = join(folder, "secret");
  await writeFile(file, "right");
  const config = configOf({ url: guarded.url, username: "tidemark", password_file: file });
  await provisionSink(config, DO);
  await using opened = await openSink({ name: "influx", config }, "");
  const answers: string[] = [];
  for (const password of ["right", "wrong", "right"]) {
    await writeFile(file, password);
    answers.push((await opened.sink.write([point(`${answers.length}`)], NEVER)).kind);
  }
  assert.deepEqual(answers, ["written", "held", "written"]);
  assert.equal((await guarded.query("tidemark", "SELECT * FROM tidemark_group"))[0]?.values.length, 2);
  await rm(folder, { recursive: true });
});
