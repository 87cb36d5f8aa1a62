/**
 * The sink on a real InfluxDB 1.8 and 2.7 by /api/v2/write: the conformance suite, provisioning with retention and mapping, the
 * rights that docs/stores.md names, tokens that change, a bucket that comes later, and a field of another type.
 */

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
import { noteSkipped } from "../../notices.ts";
import { BUILT, type BuiltVersion, builtInflux } from "./built.ts";
import type { Query } from "./rows.ts";
import { fieldsIn, rowsOf } from "./rows.ts";
import type { InfluxSeries } from "./server.ts";
import { startInflux } from "./server.ts";
import type { Influx2 } from "./server-2.ts";
import { ORG, ROOT_TOKEN, startInflux2 } from "./server-2.ts";

const NEVER = new AbortController().signal;
const DO = { dryRun: false, force: false };
const NOW_MS = Date.UTC(2026, 10, 21);

/** One of the servers, and a token of it that may do everything. */
interface Server extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
}

async function start(version: BuiltVersion, program: string): Promise<Server> {
  if (version === "2.7.12") {
    const server = await startInflux2(program);
    return { ...server, token: ROOT_TOKEN };
  }
  const server = await startInflux({ program, admin: { username: "root", password: "root-password" } });
  return { ...server, token: "root:root-password" };
}

const point = (group: string, atMs = NOW_MS): Point => ({
  kind: "group",
  atMs,
  dimensions: { cluster: "c", group },
  fields: { lag: 1 },
});

for (const version of ["1.8.10", "2.7.12"] as const) {
  const program = builtInflux(version);
  if (program === undefined) {
    const reason = `set ${BUILT[version].variable}, or build it: node test/real/influxdb/build.ts`;
    await noteSkipped({ server: `InfluxDB ${version}`, reason });
    test(`InfluxDB ${version}`, { skip: reason }, () => {});
  } else testServer(version, program);
}

function testServer(version: BuiltVersion, program: string): void {
  let server: Server;
  let folder: string;
  let databases = 0;
  before(async () => {
    server = await start(version, program);
    folder = await mkdtemp(join(tmpdir(), "tidemark-influx-"));
    await writeFile(join(folder, "token"), server.token);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const configOf = (rest: object): SinkConfig => {
    const files = { token_file: join(folder, "token") };
    const one = { type: "influxdb", url: server.url, org: ORG, ...files, ...rest };
    const { influx } = SinksConfig.parse({ influx: one });
    assert.ok(influx !== undefined);
    return influx;
  };
  const queryIn =
    (database: string): Query =>
    (statement) =>
      asked(server, { database, statement });

  testSink(`a real InfluxDB ${version}`, async (run) => {
    databases += 1;
    const database = `tidemark_${databases}`;
    const config = configOf({ database });
    const made = await provisionSink(config, DO);
    assert.deepEqual(
      made.map(({ kind }) => kind),
      ["made"],
      JSON.stringify(made),
    );
    await using opened = await openSink({ name: "influx", config }, "");
    const query = queryIn(database);
    const count = async (kind: Parameters<typeof rowsOf>[1]) => (await rowsOf(query, kind)).length;
    await run({ sink: opened.sink, tellsDuplicates: false, count, fields: (points) => fieldsIn(query, points) });
  });

  test(`InfluxDB ${version}: provisioning says what it would do, does it, finds it, and keeps the retention`, async () => {
    const config = configOf({ database: "kept", retention: "30d" });
    const kinds = async (dryRun: boolean) => (await provisionSink(config, { ...DO, dryRun })).map(({ kind }) => kind);
    assert.deepEqual([await kinds(true), await kinds(true)], [["made"], ["made"]], "nothing was made");
    assert.deepEqual([await kinds(false), await kinds(false)], [["made"], ["kept"]]);
    // By InfluxQL 2.x says of each bucket that its points stay for ever.
    const said =
      version === "2.7.12"
        ? await bucketsOf(server, "kept")
        : JSON.stringify(await queryIn("kept")('SHOW RETENTION POLICIES ON "kept"'));
    assert.match(said, version === "2.7.12" ? /"everySeconds": ?2592000\b/ : /"720h0m0s"/);
  });

  test(`InfluxDB ${version}: a point older than the retention is refused alone, and told`, async () => {
    const config = configOf({ database: "brief", retention: "7d" });
    await provisionSink(config, DO);
    await using opened = await openSink({ name: "influx", config }, "");
    const [old, now] = [point("old", Date.UTC(2020, 0, 1)), point("now", Date.now())];
    const both = await opened.sink.write([old, now], NEVER);
    assert.equal(both.kind, "split", JSON.stringify(both));
    const alone = await opened.sink.write([old], NEVER);
    assert.ok(alone.kind === "split");
    assert.match(alone.cause.message, /retention/);
    assert.equal((await opened.sink.write([now], NEVER)).kind, "written");
  });

  test(`InfluxDB ${version}: what is not there is held with a word, and taken once it is`, async () => {
    const config = configOf({ database: "later" });
    await using opened = await openSink({ name: "influx", config }, "");
    const missing = await opened.sink.write([point("a")], NEVER);
    assert.ok(missing.kind === "held", JSON.stringify(missing));
    assert.match(missing.cause.message, /404.*tidemark provision/);
    await provisionSink(config, DO);
    assert.equal((await opened.sink.write([point("a")], NEVER)).kind, "written");
  });

  test(`InfluxDB ${version}: a field of another type is refused, and halving is asked for`, async () => {
    const config = configOf({ database: "types" });
    await provisionSink(config, DO);
    const body = `tidemark_group,cluster=c,group=x lag=0.5 ${NOW_MS}`;
    const headers = { authorization: `Token ${server.token}` };
    const path = `/api/v2/write?${new URLSearchParams({ org: ORG, bucket: "types", precision: "ms" })}`;
    assert.equal((await fetch(server.url + path, { method: "POST", headers, body })).status, 204);
    await using opened = await openSink({ name: "influx", config }, "");
    const topic: Point = {
      ...{ kind: "topic", atMs: NOW_MS, dimensions: { cluster: "c", topic: "t", partition: 0 } },
      fields: { end_offset: 1 },
    };
    const outcome = await opened.sink.write([point("a"), topic], NEVER);
    assert.ok(outcome.kind === "split");
    assert.match(outcome.cause.message, version === "2.7.12" ? /422.*field type conflict/ : /400.*field type conflict/);
    assert.equal((await rowsOf(queryIn("types"), "topic")).length, 1, "its neighbour is stored");
  });

  test(`InfluxDB ${version}: a token that is wrong is held, and counts from the moment its file is right`, async () => {
    const config = configOf({ database: "guarded" });
    await provisionSink(config, DO);
    await using opened = await openSink({ name: "influx", config }, "");
    const answers: string[] = [];
    for (const token of [server.token, "root:wrong", server.token]) {
      await writeFile(join(folder, "token"), token);
      answers.push((await opened.sink.write([point(`${answers.length}`)], NEVER)).kind);
    }
    assert.deepEqual(answers, ["written", "held", "written"]);
    assert.equal((await rowsOf(queryIn("guarded"), "group")).length, 2);
  });

  if (version === "2.7.12") testRights(() => ({ server: server as unknown as Influx2, folder, configOf }));
}

async function bucketsOf({ url, token }: Server, name: string): Promise<string> {
  const headers = { authorization: `Token ${token}` };
  return (await fetch(`${url}/api/v2/buckets?name=${name}`, { headers })).text();
}

interface Asked {
  readonly database: string;
  readonly statement: string;
}

/** 2.x finds a bucket by its mapping; times are asked for in ms. */
async function asked({ url, token }: Server, { database, statement }: Asked): Promise<readonly InfluxSeries[]> {
  const query = new URLSearchParams({ db: database, q: statement, epoch: "ms" });
  const answer = await fetch(`${url}/query?${query}`, { headers: { authorization: `Token ${token}` } });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  const said = JSON.parse(text) as { readonly results: readonly { readonly series?: readonly InfluxSeries[] }[] };
  return said.results.flatMap(({ series = [] }) => series);
}

interface WithRights {
  readonly server: Influx2;
  readonly folder: string;
  readonly configOf: (rest: object) => SinkConfig;
}

function testRights(under: () => WithRights): void {
  test("InfluxDB 2.7.12: with the rights of the docs everything works, and nothing else does", async () => {
    const { server, folder, configOf } = under();
    const { orgs } = (await server.ask("GET", `/api/v2/orgs?org=${ORG}`)) as {
      readonly orgs: readonly { readonly id: string }[];
    };
    const orgID = orgs[0]?.id;
    const tokenWith = async (
      ...rights: readonly (readonly [action: string, type: string, id?: string | undefined])[]
    ) => {
      const permissions = rights.map(([action, type, id]) => ({
        action,
        resource: type === "orgs" ? { type, id: orgID } : { type, orgID, ...(id === undefined ? {} : { id }) },
      }));
      const made = await server.ask("POST", "/api/v2/authorizations", { orgID, permissions });
      return (made as { readonly token: string }).token;
    };
    const admin = await tokenWith(
      ["read", "orgs"],
      ["read", "buckets"],
      ["write", "buckets"],
      ["read", "dbrp"],
      ["write", "dbrp"],
    );
    await writeFile(join(folder, "admin"), admin);
    const config = configOf({ database: "lean", admin_token_file: join(folder, "admin") });
    const made = await provisionSink(config, DO);
    assert.deepEqual(
      made.map(({ kind }) => kind),
      ["made"],
      JSON.stringify(made),
    );
    const found = await server.ask("GET", `/api/v2/buckets?name=lean`);
    const bucketID = (found as { readonly buckets: readonly { readonly id: string }[] }).buckets[0]?.id;
    const dbrps = await server.ask(
      "GET",
      `/api/v2/dbrps?${new URLSearchParams({ org: ORG, bucketID: bucketID ?? "" })}`,
    );
    assert.match(JSON.stringify(dbrps), /"database":"lean"/);
    await writeFile(join(folder, "token"), await tokenWith(["write", "buckets", bucketID]));
    await using opened = await openSink({ name: "influx", config }, "");
    assert.equal((await opened.sink.write([point("a")], NEVER)).kind, "written");
    await using elsewhere = await openSink({ name: "influx", config: configOf({ database: "first" }) }, "");
    assert.equal((await elsewhere.sink.write([point("a")], NEVER)).kind, "held", "no other bucket");
    const [refused] = await provisionSink(configOf({ database: "more" }), DO);
    assert.equal(refused?.kind, "failed", "who writes cannot provision");
    await writeFile(join(folder, "token"), ROOT_TOKEN);
  });
}
