/** Defaults of the sinks, and what is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { SHIPPER_SHAPE, SinksConfig } from "./config.ts";

const EVERYTHING = { from: "oldest", kinds: [], clusters: [], groups: [] };

test("without any sink there is one, of SQLite, named local", () => {
  const local = {
    type: "sqlite",
    retention: 604_800_000,
    bytes_max: 2 ** 31,
    partition_points: "unhealthy",
    ...EVERYTHING,
  };
  assert.deepEqual(SinksConfig.parse(undefined), { local });
  assert.deepEqual(SinksConfig.parse({}), { local });
});

test("a configured sink takes the place of the default one", () => {
  const sinks = SinksConfig.parse({
    mine: { type: "sqlite", retention: "1h", bytes_max: "64MiB", partition_points: "all" },
  });
  assert.deepEqual(sinks, {
    mine: { type: "sqlite", retention: 3_600_000, bytes_max: 67_108_864, partition_points: "all", ...EVERYTHING },
  });
});

const refused: readonly { readonly name: string; readonly sinks: unknown }[] = [
  { name: "an unknown key", sinks: { a: { type: "sqlite", bytes_mx: 1 } } },
  { name: "an unknown type", sinks: { a: { type: "paper" } } },
  { name: "a duration without its unit", sinks: { a: { type: "sqlite", retention: 7 } } },
  { name: "an unknown way of thinning", sinks: { a: { type: "sqlite", partition_points: "some" } } },
  { name: "an unknown kind", sinks: { a: { type: "sqlite", kinds: ["groups"] } } },
  { name: "a store without its address", sinks: { a: { type: "elasticsearch" } } },
  { name: "a password in an address", sinks: { a: { type: "influxdb", url: "http://u:p@influx:8086" } } },
  { name: "an address that is none", sinks: { a: { type: "influxdb", url: "influx:8086" } } },
  { name: "a user without a password", sinks: { a: { type: "influxdb", url: "http://influx:8086", username: "u" } } },
  {
    name: "how Telegraf's lines are written, without that they are",
    sinks: { a: { type: "influxdb", url: "http://influx:8086", telegraf: { owner: "drop" } } },
  },
  {
    name: "how Telegraf's documents are written, without that they are",
    sinks: { a: { type: "elasticsearch", url: "http://es:9200", telegraf: { host: "tg1" } } },
  },
  {
    name: "a number of REWIND that means another status",
    sinks: {
      a: { type: "elasticsearch", url: "http://es:9200", compat: "telegraf", telegraf: { rewind_status_code: 4 } },
    },
  },
  { name: "an index with a star", sinks: { a: { type: "elasticsearch", url: "http://es:9200", index: "tide*" } } },
  {
    name: "more points than a row",
    sinks: { a: { type: "influxdb", url: "http://influx:8086", batch_points: 5_001 } },
  },
];

for (const { name, sinks } of refused) {
  test(`${name} is refused`, () => assert.equal(SinksConfig.safeParse(sinks).success, false));
}

test("the shipper's own keys have defaults, and only http and https are read from", () => {
  const schema = z.strictObject(SHIPPER_SHAPE);
  const spool = { bytes_max: 10 * 2 ** 30, age_max: 259_200_000, free_disk_min: 0.05, removed_sink_max: 86_400_000 };
  assert.deepEqual(schema.parse({}), { data_dir: "./data", jitter: 0, spool });
  assert.equal(schema.safeParse({ from: "ftp://host" }).success, false);
  assert.equal(schema.safeParse({ from: "http://127.0.0.1:8000" }).success, true);
});

test("several sinks, several of one kind, each with its own", () => {
  const sinks = SinksConfig.parse({
    es: { type: "elasticsearch", url: "https://es:9200", api_key_file: "es.secret" },
    far: {
      type: "elasticsearch",
      url: "https://far:9200",
      groups: ["pay-*"],
      partition_points: "changed",
      batch_points: 500,
    },
    influx: {
      type: "influxdb",
      url: "http://influx:8086",
      token_file: "influx.secret",
      compat: "telegraf",
      telegraf: { host: "tg1" },
    },
  });
  assert.deepEqual(Object.keys(sinks), ["es", "far", "influx"]);
  const { es, far, influx } = sinks;
  assert.ok(es?.type === "elasticsearch" && far?.type === "elasticsearch" && influx?.type === "influxdb");
  assert.deepEqual([es.index, es.layout, es.partition_points, es.batch_points], ["tidemark", "auto", "all", 2_000]);
  assert.deepEqual([far.groups, far.partition_points, far.batch_points], [["pay-*"], "changed", 500]);
  assert.deepEqual(
    [influx.compat, influx.telegraf],
    ["telegraf", { host: "tg1", owner: "tag", rewind_status_code: 7 }],
  );
  assert.deepEqual([influx.api, influx.database, influx.batch_points], ["v2", "tidemark", 5_000]);
});
