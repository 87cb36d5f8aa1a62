/** The sink against the three generations of the server: the conformance suite, every sort of answer, and poison by halving. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../runtime/clock.ts";
import { secretFromFile, secretOf } from "../../../runtime/secret.ts";
import { selfSigned } from "../../../test/stores/certificate.ts";
import type { FakeInflux, FakeInfluxOptions, InfluxDialect } from "../../../test/stores/influxdb.ts";
import { startFakeInflux } from "../../../test/stores/influxdb.ts";
import type { Step } from "../../../test/stores/store-server.ts";
import { dimensionText } from "../../encode/bulk.ts";
import type { Kind } from "../../schema/kind.ts";
import type { Point } from "../../schema/point.ts";
import type { Credentials } from "../http/credentials.ts";
import { testSink } from "../sink.suite.ts";
import type { Sink, WriteOutcome } from "../sink.ts";
import type { InfluxTarget } from "./influxdb-sink.ts";
import { openInfluxSink } from "./influxdb-sink.ts";

const NEVER = new AbortController().signal;
const AT_MS = Date.UTC(2026, 10, 21, 23, 59, 50);
const DIALECTS: readonly InfluxDialect[] = ["v1", "v2", "v3"];
const STORED = { kind: "written", duplicates: 0, rejected: [], kept: [] };

const targetOf = (dialect: InfluxDialect): InfluxTarget =>
  dialect === "v1"
    ? { api: "v1", database: "tidemark", retentionPolicy: undefined }
    : { api: "v2", database: "tidemark", retentionPolicy: undefined, org: "ours" };

interface Settings {
  readonly credentials?: Credentials;
  readonly requestTimeoutMs?: number;
  readonly target?: InfluxTarget;
}

const sinkOn = (url: string, dialect: InfluxDialect, settings: Settings = {}) =>
  openInfluxSink({
    name: "influx",
    url,
    target: targetOf(dialect),
    credentials: { kind: "none" },
    caFile: undefined,
    telegraf: undefined,
    requestTimeoutMs: 10_000,
    batchPointsMax: 5_000,
    clock: systemClock,
    ...settings,
  });

async function withStore(
  run: (under: { readonly store: FakeInflux; readonly sink: Sink }) => Promise<void>,
  options: Partial<FakeInfluxOptions> = {},
) {
  const { dialect = "v2" } = options;
  await using store = await startFakeInflux({ dialect, databases: ["tidemark"], ...options });
  await using sink = sinkOn(store.url, dialect);
  await run({ store, sink });
}

const group = (name: string, lag = 3): Point => ({
  kind: "group",
  atMs: AT_MS,
  dimensions: { cluster: "c", group: name },
  fields: { status: "OK", lag, complete: 1 },
});
const THREE = ["a", "b", "c"].map((name) => group(name));

for (const dialect of DIALECTS) {
  testSink(`influxdb ${dialect}`, async (run) => {
    await withStore(
      async ({ store, sink }) => {
        const ofKind = (kind: Kind) =>
          [...store.points.values()].filter((one) => one.measurement === `tidemark_${kind}`);
        await run({
          sink,
          tellsDuplicates: false,
          count: async (kind) => ofKind(kind).length,
          fields: async (points) => points.map((point) => fieldsOf(ofKind(point.kind), point)),
        });
      },
      { dialect },
    );
  });
}

function fieldsOf(
  stored: readonly (FakeInflux["points"] extends ReadonlyMap<string, infer P> ? P : never)[],
  point: Point,
) {
  const tags = Object.entries(point.dimensions).map(([name, value]) => [name, dimensionText(value)] as const);
  const found = stored.filter(
    ({ tags: has, time }) => time === String(point.atMs) && tags.every(([name, value]) => has.get(name) === value),
  );
  assert.equal(found.length, 1);
  const fields = [...(found[0]?.fields ?? [])].map(([name, { type, value }]) => [
    name,
    type === "string" ? value : Number(value),
  ]);
  return Object.fromEntries(fields) as Record<string, string | number>;
}

test("an integer has its i and a float none, also where it is whole: no field ever changes its type", async () => {
  await withStore(async ({ store, sink }) => {
    await sink.write([group("a"), { ...group("b"), fields: { complete: 0.5 } } as Point], NEVER);
    const types = [...store.points.values()].map(({ fields }) => [
      fields.get("lag")?.type,
      fields.get("complete")?.type,
    ]);
    assert.deepEqual(types, [
      ["integer", "float"],
      [undefined, "float"],
    ]);
  });
});

test("what is sent: the database or bucket, milliseconds, gzip, and who we are", async () => {
  await using store = await startFakeInflux({ dialect: "v1", databases: ["d"] });
  const target = { api: "v1", database: "d", retentionPolicy: "two weeks" } as const;
  const credentials: Credentials = { kind: "basic", username: "u", password: secretOf("p:w") };
  await using sink = sinkOn(store.url, "v1", { target, credentials });
  const many = Array.from({ length: 20 }, (_, index) => group(`group-${index}`));
  assert.deepEqual(await sink.write(many, NEVER), STORED);
  const [request] = store.requests;
  assert.equal(request?.query.toString(), "db=d&rp=two+weeks&precision=ms");
  assert.equal(request?.headers.authorization, `Basic ${Buffer.from("u:p:w").toString("base64")}`);
  assert.equal(request?.headers["content-encoding"], "gzip");
});

test("1.8 knows a bucket as database/retention policy", async () => {
  await using store = await startFakeInflux({ dialect: "v2", databases: ["d/weeks"] });
  const target = { api: "v2", database: "d", retentionPolicy: "weeks", org: "" } as const;
  await using sink = sinkOn(store.url, "v2", { target });
  assert.deepEqual(await sink.write(THREE, NEVER), STORED);
});

test("a point without fields is refused here, and its neighbours are stored", async () => {
  await withStore(async ({ store, sink }) => {
    const bare: Point = { ...group("bare"), fields: {} } as Point;
    const outcome = await sink.write([group("a"), bare], NEVER);
    assert.ok(outcome.kind === "written");
    assert.deepEqual(
      outcome.rejected.map(({ index }) => index),
      [1],
    );
    assert.equal(store.points.size, 1);
  });
});

const ANSWERED = { kind: "answer", body: "" } as const;
const whole: readonly { readonly step: Step; readonly want: WriteOutcome["kind"] }[] = [
  { step: { ...ANSWERED, status: 200 }, want: "written" },
  { step: { ...ANSWERED, status: 400 }, want: "split" },
  { step: { ...ANSWERED, status: 401 }, want: "held" },
  { step: { ...ANSWERED, status: 403 }, want: "held" },
  { step: { ...ANSWERED, status: 404 }, want: "held" },
  { step: { ...ANSWERED, status: 413 }, want: "split" },
  { step: { ...ANSWERED, status: 422 }, want: "split" },
  { step: { ...ANSWERED, status: 429 }, want: "kept" },
  { step: { ...ANSWERED, status: 500 }, want: "kept" },
  { step: { ...ANSWERED, status: 503 }, want: "kept" },
  { step: { ...ANSWERED, status: 307, headers: { location: "http://127.0.0.1:1/" } }, want: "held" },
  { step: { ...ANSWERED, status: 200, body: "<html>hello</html>" }, want: "kept" },
  { step: { kind: "reset" }, want: "kept" },
  { step: { kind: "serve-then-reset" }, want: "kept" },
  { step: { kind: "serve-then-answer", status: 503 }, want: "kept" },
];

for (const { step, want } of whole) {
  const name = "status" in step ? `${step.kind} ${step.status} ${step.body ?? ""}` : step.kind;
  test(`${name}: ${want}, one request, and sent again each point is there once`, async () => {
    await withStore(async ({ store, sink }) => {
      store.follow(step);
      assert.equal((await sink.write(THREE, NEVER)).kind, want);
      assert.equal(store.requests.length, 1);
      assert.equal((await sink.write(THREE, NEVER)).kind, "written");
      assert.equal(store.points.size, 3);
    });
  });
}

for (const dialect of DIALECTS) {
  test(`${dialect}: a database that is not there holds, and says who makes it; made, its points are taken`, async () => {
    await withStore(
      async ({ store, sink }) => {
        store.databases.delete("tidemark");
        const outcome = await sink.write(THREE, NEVER);
        assert.ok(outcome.kind === "held");
        assert.match(outcome.cause.message, /tidemark provision/);
        store.databases.add("tidemark");
        assert.deepEqual(await sink.write(THREE, NEVER), STORED);
      },
      { dialect },
    );
  });

  test(`${dialect}: a batch with a poison line is to be split, alone it says why`, async () => {
    const refuses = (line: { readonly tags: ReadonlyMap<string, string> }) =>
      line.tags.get("group") === "b" ? "max-values-per-tag limit exceeded" : undefined;
    await withStore(
      async ({ sink }) => {
        assert.equal((await sink.write(THREE, NEVER)).kind, "split");
        const alone = await sink.write([group("b")], NEVER);
        assert.ok(alone.kind === "split" && alone.why === "refused");
        assert.match(alone.cause.message, /max-values-per-tag/);
      },
      { dialect, refuses },
    );
  });
}

test("a server before 1.8 is told from a missing bucket by the hint", async () => {
  await using store = await startFakeInflux({ dialect: "v1", databases: ["tidemark"] });
  await using sink = sinkOn(store.url, "v2");
  const outcome = await sink.write(THREE, NEVER);
  assert.ok(outcome.kind === "held");
  assert.match(outcome.cause.message, /before 1\.8 needs api: v1/);
});

test("Retry-After counts in seconds", async () => {
  await withStore(async ({ store, sink }) => {
    store.follow({ kind: "answer", status: 429, headers: { "retry-after": "2" } });
    const outcome = await sink.write(THREE, NEVER);
    assert.equal(outcome.kind === "kept" && outcome.retryAfterMs, 2_000);
  });
});

test("a store that never answers is given up after the timeout, and one that is told to stop at once", async () => {
  await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
  store.rest({ kind: "hang" });
  await using impatient = sinkOn(store.url, "v2", { requestTimeoutMs: 200 });
  assert.equal((await impatient.write(THREE, NEVER)).kind, "kept");
  await using sink = sinkOn(store.url, "v2");
  const stop = new AbortController();
  const writing = sink.write(THREE, stop.signal);
  stop.abort();
  await assert.rejects(writing, { name: "AbortError" });
});

test("S8: a rotated token counts at the next request; one that cannot be read holds", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-token-"));
  try {
    const file = join(folder, "token");
    writeFileSync(file, "old");
    let valid = "Token old";
    await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"], authorization: () => valid });
    await using sink = sinkOn(store.url, "v2", { credentials: { kind: "token", token: secretFromFile(file) } });
    assert.deepEqual(await sink.write(THREE, NEVER), STORED);
    valid = "Token new";
    assert.equal((await sink.write(THREE, NEVER)).kind, "held");
    writeFileSync(file, "new");
    assert.deepEqual(await sink.write(THREE, NEVER), STORED);
    await rm(file);
    assert.equal((await sink.write(THREE, NEVER)).kind, "held");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a certificate that nobody we trust has signed is refused, and held", async () => {
  await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"], tls: selfSigned() });
  await using sink = sinkOn(store.url, "v2");
  assert.equal((await sink.write(THREE, NEVER)).kind, "held");
  assert.equal(store.requests.length, 0);
});
