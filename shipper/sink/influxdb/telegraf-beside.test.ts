/** Telegraf's lines beside ours, in one request: what is stored, sent again, and refused, point by point. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../runtime/clock.ts";
import type { FakeInfluxOptions } from "../../../test/stores/influxdb.ts";
import { startFakeInflux } from "../../../test/stores/influxdb.ts";
import type { Point } from "../../schema/point.ts";
import { openInfluxSink } from "./influxdb-sink.ts";

const NEVER = new AbortController().signal;
const AT_MS = Date.UTC(2026, 10, 21, 23, 59, 50);
const STORED = { kind: "written", duplicates: 0, rejected: [], kept: [] };

async function openBoth(options: Partial<FakeInfluxOptions> = {}) {
  const store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"], ...options });
  const sink = openInfluxSink({
    name: "influx",
    url: store.url,
    target: { api: "v2", database: "tidemark", retentionPolicy: undefined, org: "" },
    telegraf: { host: undefined, owner: "tag", rewindStatusCode: 7 },
    credentials: { kind: "none" },
    caFile: undefined,
    requestTimeoutMs: 10_000,
    batchPointsMax: 5_000,
    clock: systemClock,
  });
  const stored = () =>
    [...store.points.values()].map(({ measurement, tags }) => `${measurement} ${tags.get("group")}`).toSorted();
  const close = async () => {
    await sink[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
  return { store, sink, stored, [Symbol.asyncDispose]: close };
}

const group = (name: string, fields: object): Point =>
  ({ kind: "group", atMs: AT_MS, dimensions: { cluster: "c", group: name }, fields }) as Point;
const judged = (name: string): Point => group(name, { burrow_status: "WARN", lag: 3 });
const unjudged = (name: string): Point => group(name, { status: "warming", lag: 3 });

test("a point has both lines at its grid time, once however often it is sent; one of which Telegraf knew nothing has ours", async () => {
  await using both = await openBoth();
  const { store, sink, stored } = both;
  const points = [judged("a"), unjudged("b"), judged("c")];
  for (let times = 0; times < 2; times += 1) assert.deepEqual(await sink.write(points, NEVER), STORED);
  assert.deepEqual(stored(), [
    "burrow_group a",
    "burrow_group c",
    "tidemark_group a",
    "tidemark_group b",
    "tidemark_group c",
  ]);
  assert.deepEqual(new Set([...store.points.values()].map(({ time }) => time)), new Set([String(AT_MS)]));
  assert.deepEqual(
    store.requests.map(({ body }) => body.split("\n").length),
    [5, 5],
  );
});

test("a point whose second line alone is refused is refused, says why, and spares its neighbours", async () => {
  await using both = await openBoth({
    refuses: ({ measurement, tags }) =>
      measurement === "burrow_group" && tags.get("group") === "b" ? "field type conflict" : undefined,
  });
  const { sink, stored } = both;
  assert.equal((await sink.write([judged("a"), judged("b")], NEVER)).kind, "split");
  assert.deepEqual(await sink.write([judged("a")], NEVER), STORED);
  const alone = await sink.write([judged("b")], NEVER);
  assert.ok(alone.kind === "split" && alone.why === "refused");
  assert.match(alone.cause.message, /field type conflict/);
  assert.ok(["burrow_group a", "tidemark_group a"].every((one) => stored().includes(one)));
  assert.ok(!stored().includes("burrow_group b"));
});

test("a point without a field of ours is refused, and no line of Telegraf's is written of it", async () => {
  await using both = await openBoth();
  const { store, sink } = both;
  const outcome = await sink.write([group("a", {})], NEVER);
  assert.ok(outcome.kind === "written" && outcome.rejected.length === 1);
  assert.equal(store.points.size, 0);
});
