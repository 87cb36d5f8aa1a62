/** Connections end with their age, so that a store which moved is found; and nothing is written twice at once meanwhile. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { startFakeInflux } from "../../../test/stores/influxdb.ts";
import type { Point } from "../../schema/point.ts";
import { openInfluxSink } from "../influxdb/influxdb-sink.ts";
import { CONNECTION_AGE_MS_MAX, renewed } from "./renewed.ts";

const NEVER = new AbortController().signal;
const POINT: Point = { kind: "group", atMs: 1, dimensions: { cluster: "c", group: "g" }, fields: { lag: 1 } };

test("S12: a name that moves is followed after five minutes at most, since connections are made anew", async () => {
  await using old = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
  await using next = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
  // The name of the store, as a resolver would answer.
  let url = old.url;
  let monotonicMs = 0;
  const clock = { nowMs: () => 0, monotonicMs: () => monotonicMs };
  const open = () =>
    openInfluxSink({
      name: "influx",
      url,
      target: { api: "v2", database: "tidemark", retentionPolicy: undefined, org: "" },
      credentials: { kind: "none" },
      caFile: undefined,
      telegraf: undefined,
      requestTimeoutMs: 10_000,
      batchPointsMax: 10,
      clock,
    });
  await using sink = renewed(open, clock);
  for (let count = 0; count < 3; count += 1) await sink.write([POINT], NEVER);
  assert.deepEqual([old.requests.length, old.seen().connections], [3, 1], "meanwhile one connection is kept");
  url = next.url;
  monotonicMs = CONNECTION_AGE_MS_MAX - 1;
  await sink.write([POINT], NEVER);
  assert.deepEqual([old.requests.length, next.requests.length], [4, 0]);
  monotonicMs = CONNECTION_AGE_MS_MAX;
  await sink.write([POINT], NEVER);
  assert.deepEqual([old.requests.length, next.requests.length], [4, 1]);
});

test("a sink that cannot be opened anew stays in use", async () => {
  let [opened, monotonicMs] = [0, 0];
  const open = () => {
    opened += 1;
    if (opened > 1) throw new Error("the CA file is gone");
    const written = { kind: "written", duplicates: 0, rejected: [], kept: [] } as const;
    return { name: "s", batchPointsMax: 1, write: async () => written, [Symbol.asyncDispose]: async () => {} };
  };
  const sink = renewed(open, { nowMs: () => 0, monotonicMs: () => monotonicMs });
  monotonicMs = CONNECTION_AGE_MS_MAX;
  assert.equal((await sink.write([POINT], NEVER)).kind, "written");
  assert.equal(opened, 2);
});
