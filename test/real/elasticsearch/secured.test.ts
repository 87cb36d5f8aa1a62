/** A real Elasticsearch with security on: the rights that docs/stores.md names, no more and no fewer, and keys that change. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger } from "../../../runtime/logger.ts";
import { secretFromFile } from "../../../runtime/secret.ts";
import type { ElasticsearchSinkConfig } from "../../../shipper/config.ts";
import { SinksConfig } from "../../../shipper/config.ts";
import { openSink } from "../../../shipper/open-sink.ts";
import { examineSink } from "../../../shipper/provision/examine-sink.ts";
import { deleteExpired } from "../../../shipper/provision/expired-days.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import { outcomeOfBulk } from "../../../shipper/sink/elasticsearch/bulk-answer.ts";
import { openClient } from "../../../shipper/sink/elasticsearch/client.ts";
import { noteSkipped } from "../../notices.ts";
import { hasJavaCompiler } from "../kafka/java.ts";
import { done, notYet, until } from "../until.ts";
import type { ElasticsearchRequest } from "./ask.ts";
import type { SecuredElasticsearch } from "./secured.ts";
import { CA, startSecuredElasticsearch } from "./secured.ts";

const NEVER = new AbortController().signal;
const DO = { dryRun: false, force: false };
const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 21, 12);
const STORED = { kind: "written", duplicates: 0, rejected: [], kept: [] };

/** As docs/stores.md names them. */
const writing = (...names: readonly string[]) => ({
  cluster: ["monitor"],
  indices: [{ names, privileges: ["create_doc", "auto_configure"] }],
});
const provisioning = (...names: readonly string[]) => ({
  cluster: ["manage_index_templates", "manage_ilm"],
  indices: [{ names, privileges: ["manage"] }],
});
const WRITING = writing("tidemark-*");
const PROVISIONING = provisioning("tidemark-*");
/** Where Telegraf's documents are written, too. */
const BOTH = ["tidemark-*", "telegraf-tidemark-*"];

const point = (group: string, atMs = NOW_MS): Point => ({
  kind: "group",
  atMs,
  dimensions: { cluster: "c", group },
  fields: { lag: 1 },
});

interface Key {
  readonly id: string;
  /** As it stands in a file. */
  readonly encoded: string;
}

async function keyWith(server: SecuredElasticsearch, role: object, expiration?: string): Promise<Key> {
  const body = { name: "tidemark", role_descriptors: { role }, ...(expiration === undefined ? {} : { expiration }) };
  const answer = await server.ask({ method: "POST", path: "/_security/api_key?refresh=true", body });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as Key;
}

async function withServer(work: (server: SecuredElasticsearch, folder: string) => Promise<void>): Promise<void> {
  await using server = await startSecuredElasticsearch();
  const folder = await mkdtemp(join(tmpdir(), "tidemark-secured-"));
  await writeFile(join(folder, "ca.pem"), CA);
  try {
    await work(server, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function configOf(server: SecuredElasticsearch, folder: string, rest: object = {}): ElasticsearchSinkConfig {
  const files = { ca_file: join(folder, "ca.pem"), api_key_file: join(folder, "key") };
  const { es } = SinksConfig.parse({
    es: { type: "elasticsearch", url: server.url, timeout: "60s", ...files, ...rest },
  });
  assert.ok(es?.type === "elasticsearch");
  return es;
}

const skip = (await hasJavaCompiler()) ? false : "no javac: install a JDK (Debian: openjdk-17-jdk-headless)";
if (skip !== false) await noteSkipped({ server: "Elasticsearch with security", reason: skip });

test("with the rights of the docs everything works, and nothing else does", { skip }, () =>
  withServer(async (server, folder) => {
    const [writer, admin] = [await keyWith(server, WRITING), await keyWith(server, PROVISIONING)];
    await writeFile(join(folder, "key"), writer.encoded);
    await writeFile(join(folder, "admin"), admin.encoded);
    const config = configOf(server, folder);
    const withAdmin = configOf(server, folder, { admin_api_key_file: join(folder, "admin") });
    await using opened = await openSink({ name: "es", config }, "");
    const write = (...points: readonly Point[]) => opened.sink.write(points, NEVER);

    const before = await write(point("a"));
    assert.ok(before.kind === "held");
    assert.match(before.cause.message, /there is none; run "tidemark provision"/);
    const [refused] = await provisionSink(config, DO);
    assert.equal(refused?.kind, "failed", "who writes cannot provision");
    assert.match(refused?.detail ?? "", /403|unauthorized/);
    const made = await provisionSink(withAdmin, DO);
    assert.deepEqual(
      made.map(({ kind }) => kind),
      ["made"],
      JSON.stringify(made),
    );
    assert.deepEqual(await write(point("a"), point("b", NOW_MS - 5 * DAY_MS)), STORED);
    assert.deepEqual(await write(point("a")), { ...STORED, duplicates: 1 });
    const again = await provisionSink(withAdmin, { ...DO, force: true });
    assert.deepEqual(
      again.map(({ kind }) => kind).filter((kind) => kind === "failed"),
      [],
      JSON.stringify(again),
    );

    const line = `{"create":{"_index":"elsewhere"}}\n{"a":1}\n`;
    const elsewhere = await server.askWith(writer.encoded, { method: "POST", path: "/_bulk", body: line });
    assert.equal(elsewhere.status, 200);
    const outcome = outcomeOfBulk(elsewhere.body, 1);
    assert.ok(outcome.kind === "written");
    assert.deepEqual([outcome.kept, outcome.hindrance?.kind], [[0], "held"]);
    const refusals: readonly ElasticsearchRequest[] = [
      { method: "GET", path: "/tidemark-*/_search" },
      { method: "PUT", path: "/tidemark-2026.11.21/_settings", body: { index: { refresh_interval: "1s" } } },
      { method: "DELETE", path: "/tidemark-2026.11.21" },
      { method: "PUT", path: "/_component_template/mine", body: { template: {} } },
      { method: "POST", path: "/_security/api_key", body: { name: "mine" } },
    ];
    for (const one of refusals) {
      const { status } = await server.askWith(writer.encoded, one);
      assert.equal(status, 403, `${one.method} ${one.path}`);
    }
    const deleted = async (key: string) => {
      const client = openClient({ url: server.url, caFile: join(folder, "ca.pem"), requestTimeoutMs: 60_000 });
      const credentials = { kind: "api-key", key: secretFromFile(join(folder, key)) } as const;
      const clock = { nowMs: () => NOW_MS, monotonicMs: () => 0 };
      const store = { client, credentials, prefix: "tidemark" };
      await deleteExpired({ sink: "es", store, retentionMs: 2 * DAY_MS, clock, logger: createLogger("silent") });
      await client.close();
      const { body } = await server.ask({ method: "GET", path: "/_cat/indices/tidemark-*?format=json&h=index" });
      return (body as readonly { readonly index: string }[]).map(({ index }) => index).toSorted();
    };
    assert.deepEqual(
      await deleted("key"),
      ["tidemark-2026.11.16", "tidemark-2026.11.21"],
      "who writes deletes nothing",
    );
    assert.deepEqual(await deleted("admin"), ["tidemark-2026.11.21"]);

    const change = async (text: string, want: string, word: RegExp) => {
      await writeFile(join(folder, "key"), text);
      const answer = await write(point("a"));
      assert.equal(answer.kind, want, JSON.stringify(answer));
      if (answer.kind === "held") assert.match(answer.cause.message, word);
    };
    await change("bm9uZTpub25l", "held", /401/);
    await change(writer.encoded, "written", /./);
    const gone = await server.ask({ method: "DELETE", path: "/_security/api_key", body: { ids: [writer.id] } });
    assert.equal(gone.status, 200);
    await change(writer.encoded, "held", /401/);
    const next = await keyWith(server, WRITING);
    await change(next.encoded, "written", /./);
    const brief = await keyWith(server, WRITING, "1s");
    const expired = async () => {
      const { status } = await server.askWith(brief.encoded, { method: "GET", path: "/_cluster/health" });
      return status === 401 ? done(undefined) : notYet(`answers ${status}`);
    };
    await until("the key expires", expired, { timeoutMs: 30_000, everyMs: 200 });
    await change(brief.encoded, "held", /401/);
    await change(next.encoded, "written", /./);
    const limited = await keyWith(server, { ...WRITING, cluster: [] });
    const blind = await openSink({ name: "es", config }, "");
    await writeFile(join(folder, "key"), limited.encoded);
    const unread = await blind.sink.write([point("a")], NEVER);
    assert.ok(unread.kind === "held");
    assert.match(unread.cause.message, /monitor/, "without it the template cannot be read, and the message says so");
    await blind[Symbol.asyncDispose]();

    const compat = configOf(server, folder, { admin_api_key_file: join(folder, "admin"), compat: "telegraf" });
    await writeFile(join(folder, "admin"), (await keyWith(server, provisioning(...BOTH))).encoded);
    await writeFile(join(folder, "key"), next.encoded);
    const lines = await provisionSink(compat, DO);
    assert.deepEqual(
      lines.map(({ kind }) => kind),
      ["kept", "made"],
      JSON.stringify(lines),
    );
    await using beside = await openSink({ name: "es", config: compat }, "");
    const judged = { ...point("d"), fields: { burrow_status: "OK", lag: 1 } } as Point;
    const barred = await beside.sink.write([judged], NEVER);
    assert.ok(barred.kind === "written");
    assert.deepEqual([barred.kept, barred.hindrance?.kind], [[0], "held"], "ours alone is not enough");
    await writeFile(join(folder, "key"), (await keyWith(server, writing(...BOTH))).encoded);
    assert.deepEqual(await beside.sink.write([judged], NEVER), STORED);
    assert.deepEqual(
      (await examineSink(compat, 60_000)).filter(({ level }) => level !== "ok"),
      [],
    );
  }),
);
