/** A sink on a store that does as it is told, provisioned, and points to write. */

import assert from "node:assert/strict";
import { systemClock } from "../../../runtime/clock.ts";
import type { FakeElasticsearch, FakeElasticsearchOptions } from "../../../test/stores/elasticsearch.ts";
import { startFakeElasticsearch } from "../../../test/stores/elasticsearch.ts";
import type { IndexLayout } from "../../encode/bulk.ts";
import { provisionElasticsearch } from "../../provision/elasticsearch.ts";
import type { Point } from "../../schema/point.ts";
import type { Credentials } from "../http/credentials.ts";
import type { Sink } from "../sink.ts";
import { openClient } from "./client.ts";
import { openElasticsearchSink } from "./elasticsearch-sink.ts";

export const NEVER = new AbortController().signal;
export const NOBODY: Credentials = { kind: "none" };
export const TIMEOUT_MS = 10_000;
export const AT_MS = Date.UTC(2026, 10, 21, 23, 59, 50);

export const sinkOn = (url: string, credentials: Credentials = NOBODY, requestTimeoutMs = TIMEOUT_MS) =>
  openElasticsearchSink({
    name: "es",
    url,
    credentials,
    caFile: undefined,
    requestTimeoutMs,
    prefix: "tidemark",
    telegraf: undefined,
    batchPointsMax: 2_000,
    clock: systemClock,
  });

export async function provision(url: string, layout: IndexLayout | "auto" = "auto"): Promise<void> {
  const client = openClient({ url, caFile: undefined, requestTimeoutMs: TIMEOUT_MS });
  const store = {
    client,
    credentials: NOBODY,
    prefix: "tidemark",
    contents: "points" as const,
    layout,
    retentionMs: undefined,
    lifecyclePolicy: undefined,
  };
  const lines = await provisionElasticsearch(store, { dryRun: false, force: false });
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ["made"],
    JSON.stringify(lines),
  );
  await client.close();
}

interface Under {
  readonly store: FakeElasticsearch;
  readonly sink: Sink;
}

export async function withStore(run: (under: Under) => Promise<void>, options: Partial<FakeElasticsearchOptions> = {}) {
  await using store = await startFakeElasticsearch({ flavour: "elasticsearch", ...options });
  await provision(store.url);
  await using sink = sinkOn(store.url);
  await run({ store, sink });
  assert.deepEqual(store.guessed, new Set(), "a mapping was guessed");
}

export const group = (name: string, atMs = AT_MS): Point => ({
  kind: "group",
  atMs,
  dimensions: { cluster: "c", group: name },
  fields: { status: "OK", lag: 3, partitions: 3 },
});
export const THREE = ["a", "b", "c"].map((name) => group(name));
