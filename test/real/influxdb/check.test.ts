/** A look at a real InfluxDB 1.x that writes nothing, and a retention that is not the configured one. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { SinkConfig } from "../../../shipper/config.ts";
import { SinksConfig } from "../../../shipper/config.ts";
import { examineSink } from "../../../shipper/provision/examine-sink.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import type { Influx } from "./server.ts";
import { startInflux } from "./server.ts";

const TIMEOUT_MS = 10_000;
const ADMIN = { username: "admin", password: "right-0815" };

const configOf = (server: Influx, rest: object): SinkConfig => {
  const { influx } = SinksConfig.parse({ influx: { type: "influxdb", api: "v1", url: server.url, ...rest } });
  assert.ok(influx !== undefined);
  return influx;
};

test("a retention that is not the configured one is said, and changed by force to longer and to shorter", async () => {
  await using server = await startInflux();
  const provision = async (retention: string, force: boolean) => {
    const [line] = await provisionSink(configOf(server, { retention }), { dryRun: false, force });
    return line?.kind;
  };
  const duration = async () => {
    const [policies] = await server.query("", 'SHOW RETENTION POLICIES ON "tidemark"');
    return policies?.values[0]?.[1];
  };
  assert.deepEqual([await provision("30d", false), await duration()], ["made", "720h0m0s"]);
  assert.deepEqual([await provision("30d", false), await provision("90d", false)], ["kept", "left"]);
  assert.equal(await duration(), "720h0m0s");
  assert.deepEqual([await provision("90d", true), await duration()], ["changed", "2160h0m0s"]);
  // Shorter than a shard of it is long.
  assert.deepEqual([await provision("1d", true), await duration()], ["changed", "24h0m0s"]);
  assert.equal(await provision("1d", false), "kept");
});

test("a look says whether we may write, and where, and writes nothing", async () => {
  await using server = await startInflux({ admin: ADMIN });
  const folder = await mkdtemp(join(tmpdir(), "tidemark-look-"));
  try {
    const file = join(folder, "secret");
    const config = configOf(server, { username: ADMIN.username, password_file: file });
    const bad = async () =>
      (await examineSink(config, TIMEOUT_MS)).flatMap(({ level, what, detail }) =>
        level === "ok" ? [] : [`${level} ${what}: ${detail}`],
      );
    await writeFile(file, "wrong");
    assert.match((await bad()).join("\n"), /^fail store: .*it answered 401/);
    await writeFile(file, ADMIN.password);
    assert.match((await bad()).join("\n"), /^fail database tidemark: it answered 404/);
    await provisionSink(config, { dryRun: false, force: false });
    assert.deepEqual(await bad(), []);
  } finally {
    await rm(folder, { recursive: true });
  }
});
