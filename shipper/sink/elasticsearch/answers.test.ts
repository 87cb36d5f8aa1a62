/** Every sort of answer, and none: what becomes of the points, and that one request was sent. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { secretFromFile } from "../../../runtime/secret.ts";
import { selfSigned } from "../../../test/stores/certificate.ts";
import { startFakeElasticsearch } from "../../../test/stores/elasticsearch.ts";
import type { Step } from "../../../test/stores/store-server.ts";
import { provisionElasticsearch } from "../../provision/elasticsearch.ts";
import type { Credentials } from "../http/credentials.ts";
import type { WriteOutcome } from "../sink.ts";
import { openClient } from "./client.ts";
import { AT_MS, group, NEVER, NOBODY, provision, sinkOn, THREE, TIMEOUT_MS, withStore } from "./under-test.fixture.ts";

const ANSWERED = { kind: "answer", body: "" } as const;
const whole: readonly { readonly step: Step; readonly want: WriteOutcome["kind"]; readonly says?: RegExp }[] = [
  { step: { ...ANSWERED, status: 400 }, want: "split" },
  { step: { ...ANSWERED, status: 401 }, want: "held" },
  { step: { ...ANSWERED, status: 403 }, want: "held" },
  { step: { ...ANSWERED, status: 404 }, want: "held" },
  { step: { ...ANSWERED, status: 408 }, want: "kept" },
  { step: { ...ANSWERED, status: 413 }, want: "split" },
  { step: { ...ANSWERED, status: 429 }, want: "kept" },
  { step: { ...ANSWERED, status: 500 }, want: "kept" },
  { step: { ...ANSWERED, status: 503 }, want: "kept" },
  { step: { ...ANSWERED, status: 302, headers: { location: "http://127.0.0.1:1/" } }, want: "held" },
  {
    step: { ...ANSWERED, status: 200, body: "<html>hello</html>", headers: { "content-type": "text/html" } },
    want: "kept",
  },
  {
    step: { ...ANSWERED, status: 200, body: '{"items":[]}', headers: { "content-type": "application/json" } },
    want: "kept",
  },
  {
    step: {
      ...ANSWERED,
      status: 200,
      body: '{"items":[{"create":{"sta',
      headers: { "content-type": "application/json" },
    },
    want: "kept",
  },
  { step: { kind: "reset" }, want: "kept" },
  { step: { kind: "serve-then-reset" }, want: "kept" },
  { step: { kind: "serve-then-truncate", bytes: 40 }, want: "kept" },
  { step: { kind: "serve-then-answer", status: 503 }, want: "kept" },
];

for (const { step, want } of whole) {
  const name = "status" in step ? `${step.kind} ${step.status} ${step.body ?? ""}` : step.kind;
  test(`${name}: ${want}, one request, and sent again each point is there once`, async () => {
    await withStore(async ({ store, sink }) => {
      store.follow(step);
      assert.equal((await sink.write(THREE, NEVER)).kind, want);
      assert.equal(store.requests.filter(({ path }) => path === "/_bulk").length, 1);
      assert.equal((await sink.write(THREE, NEVER)).kind, "written");
      assert.equal(store.documents.size, 3);
    });
  });
}

test("a store that never answers is given up after the timeout, and one that is told to stop at once", async () => {
  await using store = await startFakeElasticsearch({ flavour: "elasticsearch" });
  await provision(store.url);
  store.rest({ kind: "hang" });
  await using impatient = sinkOn(store.url, NOBODY, 200);
  assert.equal((await impatient.write(THREE, NEVER)).kind, "kept");
  await using sink = sinkOn(store.url);
  const stop = new AbortController();
  const writing = sink.write(THREE, stop.signal);
  stop.abort();
  await assert.rejects(writing, { name: "AbortError" });
});

test("Retry-After counts in seconds and as a date", async () => {
  await withStore(async ({ store, sink }) => {
    store.follow(
      { kind: "answer", status: 429, headers: { "retry-after": "7" } },
      { kind: "answer", status: 503, headers: { "retry-after": "Fri, 31 Dec 2199 23:59:59 GMT" } },
    );
    const first = await sink.write(THREE, NEVER);
    assert.equal(first.kind === "kept" && first.retryAfterMs, 7_000);
    const second = await sink.write(THREE, NEVER);
    assert.ok(second.kind === "kept" && (second.retryAfterMs ?? 0) > 1e12);
  });
});

test("items are judged one by one", async () => {
  const fates: Readonly<Record<string, { status: number; type: string; reason: string }>> = {
    b: { status: 429, type: "es_rejected_execution_exception", reason: "queue is full" },
    c: { status: 400, type: "document_parsing_exception", reason: "bad" },
  };
  const answers = (source: Readonly<Record<string, unknown>>) => fates[String(source["group"])];
  await withStore(
    async ({ store, sink }) => {
      const outcome = await sink.write([...THREE, group("a")], NEVER);
      assert.ok(outcome.kind === "written");
      const { hindrance, ...rest } = outcome;
      assert.deepEqual(rest, {
        kind: "written",
        duplicates: 1,
        rejected: [{ index: 2, reason: "document_parsing_exception: bad" }],
        kept: [1],
      });
      assert.equal(hindrance?.kind, "unreachable");
      assert.equal(store.documents.size, 1);
    },
    { answers },
  );
});

for (const how of ["write", "flood-stage", "closed"] as const) {
  test(`an index that is blocked (${how}) holds its own day and no other; freed, its points are taken`, async () => {
    await withStore(async ({ store, sink }) => {
      await sink.write(THREE, NEVER);
      store.block("tidemark-2026.11.21", how);
      const later = group("later", AT_MS + 20_000);
      const outcome = await sink.write([group("d"), later], NEVER);
      assert.ok(outcome.kind === "written");
      assert.deepEqual([outcome.kept, outcome.rejected, outcome.hindrance?.kind], [[0], [], "held"]);
      store.block("tidemark-2026.11.21", undefined);
      assert.equal((await sink.write([group("d")], NEVER)).kind, "written");
      assert.equal(store.documents.size, 5);
    });
  });
}

test("a rotated key counts at the next request", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-key-"));
  try {
    const file = join(folder, "key");
    writeFileSync(file, "old\n");
    let valid = "ApiKey old";
    await using store = await startFakeElasticsearch({ flavour: "elasticsearch", authorization: () => valid });
    const client = openClient({ url: store.url, caFile: undefined, requestTimeoutMs: TIMEOUT_MS });
    const credentials: Credentials = { kind: "api-key", key: secretFromFile(file) };
    const provisioned = {
      client,
      credentials,
      prefix: "tidemark",
      contents: "points",
      layout: "auto",
      retentionMs: undefined,
      lifecyclePolicy: undefined,
    } as const;
    await provisionElasticsearch(provisioned, { dryRun: false, force: false });
    await using sink = sinkOn(store.url, credentials);
    assert.equal((await sink.write(THREE, NEVER)).kind, "written");
    valid = "ApiKey new";
    assert.equal((await sink.write([group("d")], NEVER)).kind, "held");
    writeFileSync(file, "new\n");
    assert.equal((await sink.write([group("d")], NEVER)).kind, "written");
    await rm(file);
    assert.equal((await sink.write([group("e")], NEVER)).kind, "held");
    await client.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a certificate that nobody we trust has signed is refused, and held", async () => {
  await using store = await startFakeElasticsearch({ flavour: "elasticsearch", tls: selfSigned() });
  await using sink = sinkOn(store.url);
  assert.equal((await sink.write(THREE, NEVER)).kind, "held");
  assert.equal(store.requests.length, 0);
});
