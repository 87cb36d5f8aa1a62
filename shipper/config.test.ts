/** Defaults of the sinks, and what is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { SHIPPER_SHAPE, SinksConfig } from "./config.ts";

test("without any sink there is one, of SQLite, named local", () => {
  const local = { type: "sqlite", retention: 604_800_000, bytes_max: 2 ** 31, partition_points: "unhealthy" };
  assert.deepEqual(SinksConfig.parse(undefined), { local });
  assert.deepEqual(SinksConfig.parse({}), { local });
});

test("a configured sink takes the place of the default one", () => {
  const sinks = SinksConfig.parse({
    mine: { type: "sqlite", retention: "1h", bytes_max: "64MiB", partition_points: "all" },
  });
  assert.deepEqual(sinks, {
    mine: { type: "sqlite", retention: 3_600_000, bytes_max: 67_108_864, partition_points: "all" },
  });
});

const refused: readonly { readonly name: string; readonly sinks: unknown }[] = [
  { name: "an unknown key", sinks: { a: { type: "sqlite", bytes_mx: 1 } } },
  { name: "an unknown type", sinks: { a: { type: "paper" } } },
  { name: "a duration without its unit", sinks: { a: { type: "sqlite", retention: 7 } } },
  { name: "a way of thinning that is not there yet", sinks: { a: { type: "sqlite", partition_points: "changed" } } },
];

for (const { name, sinks } of refused) {
  test(`${name} is refused`, () => assert.equal(SinksConfig.safeParse(sinks).success, false));
}

test("the shipper's own keys have defaults, and only http and https are read from", () => {
  const schema = z.strictObject(SHIPPER_SHAPE);
  assert.deepEqual(schema.parse({}), { data_dir: "./data", spool: { bytes_max: 10 * 2 ** 30 } });
  assert.equal(schema.safeParse({ from: "ftp://host" }).success, false);
  assert.equal(schema.safeParse({ from: "http://127.0.0.1:8000" }).success, true);
});
