/** What the interfaces answer where something is wrong: methods, certificates, names, clients that go, errors. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { connect as connectTls, type TLSSocket } from "node:tls";
import fc from "fast-check";
import { Config } from "../../cli/config.ts";
import { serve } from "../../cli/serve.ts";
import { openDeploys } from "../../collector/deploys/deploy-file.ts";
import { createDeploysHandler } from "../../collector/http/deploys.ts";
import { readExposition } from "../../collector/http/exposition-reader.fixture.ts";
import { createMetricsHandler } from "../../collector/http/metrics.ts";
import { createV3Handler } from "../../collector/http/v3.ts";
import { commitTo, setTopics, watchedCluster } from "../../collector/http/watched.fixture.ts";
import type { HttpHandler } from "../../runtime/http/answer.ts";
import { jsonAnswer, textAnswer } from "../../runtime/http/answer.ts";
import { createHttpCounts } from "../../runtime/http/server.ts";
import { untilTold } from "../../runtime/lifecycle.ts";
import { createLogger } from "../../runtime/logger.ts";
import { secretOf } from "../../runtime/secret.ts";
import { done, notYet, until } from "../real/until.ts";
import { otherHost, selfSigned } from "../stores/certificate.ts";
import { get, raw, requestOf, serving, whenClosed } from "./raw-http.fixture.ts";
import { v4HandlerOf, watched } from "./watched-api.fixture.ts";

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-api-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const GROUP = "/v3/kafka/c/consumer/g";
const bodied = (text: string) => `content-type: application/json\r\ncontent-length: ${text.length}\r\n`;

test("H9: without a token nothing is written, and said why; with it all of it is; unknown methods are 405", async (t) => {
  const file = join(folderOf(t), "deploys.json");
  const logger = createLogger("silent");
  for (const hasToken of [false, true]) {
    const levels: string[] = [];
    const { view } = watched();
    const deploys = openDeploys(file, { logger, untoldSinceMs: 0 });
    const settings = { listen: { host: "", port: 0 }, logLevel: () => levels.at(-1) ?? "info", window: 10 };
    const more = { minDistanceMs: 0, expireGroupMs: 1, clientOf: () => undefined };
    const writes = { hasToken, setLogLevel: (level: string) => void levels.push(level) };
    const handlers = [
      createDeploysHandler({ clusters: [view], deploys, hasToken }),
      v4HandlerOf([view]),
      createV3Handler([view], { settings: { ...settings, ...more }, writes }),
    ];
    const access = { token: hasToken ? secretOf("s") : undefined, insecure: false };
    await using server = await serving(handlers, { access });
    const ask = async (method: string, path: string, body = "") => {
      const own = `${hasToken ? "authorization: Bearer s\r\n" : ""}${body === "" ? "" : bodied(body)}`;
      return raw(server.address.port, requestOf(method, path, `${own}\r\n${body}`));
    };
    const written = [
      await ask("POST", "/v4/clusters/c/groups/g/deploys", '{"name":"n"}'),
      await ask("POST", "/v3/admin/loglevel", '{"level":"warn"}'),
      await ask("DELETE", `${GROUP}/topic/none`),
      await ask("DELETE", GROUP),
    ];
    assert.deepEqual(
      written.map(({ status }) => status),
      hasToken ? [201, 200, 200, 200] : [403, 403, 403, 403],
    );
    if (!hasToken) for (const { body } of written) assert.match(body, /needs a token: set collector\.token_file/);
    assert.deepEqual(levels, hasToken ? ["warn"] : []);
    assert.equal((await ask("GET", `${GROUP}/lag`)).status, hasToken ? 404 : 200);
    for (const method of ["TRACE", "PUT", "PATCH", "PROPFIND"])
      assert.equal((await ask(method, GROUP)).status, 405, method);
    for (const path of ["/v4/clusters", "/v4/clusters/c/groups", "/v3/kafka"])
      for (const method of ["POST", "DELETE"]) assert.equal((await ask(method, path)).status, 405, path);
    assert.deepEqual([(await ask("HEAD", "/v3/kafka")).status, (await ask("HEAD", "/v3/kafka")).body], [200, ""]);
  }
});

async function shake(port: number, more: { maxVersion?: "TLSv1.1" } = {}): Promise<TLSSocket> {
  const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false, ...more });
  await once(socket, "secureConnect");
  return socket;
}

test("H10: a renewed certificate counts without a restart, what is no pair is said and the one before stays, and nothing older than TLS 1.2 is spoken", async (t) => {
  const folder = folderOf(t);
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const put = (pair: { readonly cert: string; readonly key: string }) => {
    writeFileSync(key, pair.key);
    writeFileSync(cert, pair.cert);
  };
  put(selfSigned());
  const lines: string[] = [];
  const logger = createLogger("info", { write: (line) => void lines.push(line) });
  const tls = { cert_file: cert, key_file: key };
  const echo: HttpHandler = async ({ path }) => jsonAnswer(200, path);
  await using server = await serving([echo], { tls, limits: { tlsLookEveryMs: 20 }, logger });
  const { port } = server.address;
  const shown = async () => {
    const socket = await shake(port);
    const { subject } = socket.getPeerCertificate();
    socket.end();
    return subject.CN;
  };
  const first = await shown();
  await assert.rejects(shake(port, { maxVersion: "TLSv1.1" }));
  const socket = await shake(port);
  socket.write(requestOf("GET", "/over/tls"));
  assert.match(await whenClosed(socket), /^HTTP\/1\.1 200 [\s\S]*\["over","tls"\]$/);

  put({ ...otherHost(), key: selfSigned().key });
  const limits = { timeoutMs: 20_000, everyMs: 20 };
  await until(
    "it is said",
    async () => (lines.some((line) => /tls_refused/.test(line)) ? done(undefined) : notYet("not said")),
    limits,
  );
  assert.equal(await shown(), first);
  put(otherHost());
  await until(
    "the new one is shown",
    async () => ((await shown()) === first ? notYet("the old one") : done(undefined)),
    limits,
  );
  assert.doesNotMatch(lines.join(""), /PRIVATE/);
  rmSync(key);
  await assert.rejects(serving([], { tls }), /its certificate and key cannot be used/);
});

const anyName = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
  fc.constantFrom("\r\nset-cookie: a=b", "</script><script>alert(1)</script>", "\u2028", '"\\', "\u202e", "a\u0000b"),
  fc.string({
    unit: fc.constantFrom("\r", "\n", ":", " ", "<", ">", '"', "\\", "{", "}", "=", ","),
    minLength: 1,
    maxLength: 12,
  }),
);

/** What an answer may have beside its body. */
const HEADERS = "connection content-length content-type date etag keep-alive vary x-content-type-options".split(" ");

test("H11: no name gets into a header or out of its string, whatever it is", async () => {
  const { state, view } = watched();
  await using server = await serving([v4HandlerOf([view]), createV3Handler([view])]);
  await fc.assert(
    fc.asyncProperty(anyName, async (given) => {
      const name = given.toWellFormed();
      if (name === "." || name === "..") return;
      commitTo(state, { group: name, topic: "t", offset: 60 });
      const encoded = encodeURIComponent(name);
      for (const path of [
        `/v4/clusters/c/groups/${encoded}`,
        `/v3/kafka/c/consumer/${encoded}/lag`,
        `/v4/clusters/no-${encoded}/groups`,
      ]) {
        const { headers, body } = await get(server.address.port, path);
        assert.deepEqual(
          [...headers.keys()].filter((header) => !HEADERS.includes(header)),
          [],
        );
        assert.deepEqual(
          [headers.get("content-type"), headers.get("x-content-type-options")],
          ["application/json", "nosniff"],
        );
        const { group, status, message } = JSON.parse(body);
        assert.equal(
          group ?? status?.group ?? message,
          message === undefined || status !== undefined ? name : `no cluster "no-${name}" is configured`,
        );
      }
    }),
    { numRuns: 100 },
  );
});

test("H12: a reader of its own finds each name in the exposition as it was, and no other metric or label", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyName, { minLength: 1, maxLength: 5, selector: (name) => name.toWellFormed() }),
      async (given) => {
        const { state, view } = watchedCluster("c");
        const names = given.map((name) => name.toWellFormed());
        setTopics(state, { t: [100] });
        for (const group of names) commitTo(state, { group, topic: "t", offset: 60 });
        await using server = await serving([createMetricsHandler({ clusters: [view], own: async () => "" })]);
        const families = readExposition((await get(server.address.port, "/metrics")).body);
        for (const [family, { samples }] of families) {
          assert.match(family, /^(tidemark|burrow)_[a-z_]+$/);
          for (const { labels } of samples) for (const label of Object.keys(labels)) assert.match(label, /^[a-z_]+$/);
        }
        const lags = families.get("tidemark_group_lag")?.samples ?? [];
        assert.deepEqual(lags.map(({ labels }) => labels["group"]).toSorted(), names.toSorted());
      },
    ),
    { numRuns: 50 },
  );
});

test("H13: what is computed for a client that goes ends; told to stop, answers are finished and what does not move is cut", {
  timeout: 20_000,
}, async () => {
  const ended: string[] = [];
  const started = new Map<string, PromiseWithResolvers<void>>();
  const release = Promise.withResolvers<void>();
  const begun = (name: string) => {
    const known = started.get(name) ?? Promise.withResolvers<void>();
    started.set(name, known);
    return known;
  };
  const slow: HttpHandler = async ({ path: [kind, name = ""], signal }) => {
    if (kind === "endless")
      return {
        status: 200,
        contentType: "text/plain",
        body: (async function* () {
          try {
            for (;;) {
              begun(name).resolve();
              yield "x".repeat(65_536);
            }
          } finally {
            ended.push(name);
          }
        })(),
      };
    if (kind === "waiting") {
      begun(name).resolve();
      await untilTold(signal);
      ended.push(name);
      return textAnswer(200, "nothing came");
    }
    begun(name).resolve();
    await release.promise;
    return textAnswer(200, "finished");
  };
  const stop = new AbortController();
  const listening = Promise.withResolvers<number>();
  const logger = createLogger("info", { write: (line) => listening.resolve(JSON.parse(line).port) });
  const config = Config.parse({ collector: { listen: "127.0.0.1:0" } });
  const actors = [untilTold];
  const context = { config, logger, signal: stop.signal };
  const run = serve(context, { served: config.collector, counts: createHttpCounts(), handlers: [slow], actors });
  const port = await listening.promise;
  const ask = async (path: string) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: h\r\n\r\n`);
    await begun(path.split("/")[2] ?? "").promise;
    return socket;
  };
  const limits = { timeoutMs: 10_000, everyMs: 10 };
  for (const path of ["/endless/gone", "/waiting/left"]) (await ask(path)).destroy();
  await until("both have ended", async () => (ended.length === 2 ? done(undefined) : notYet(ended.join())), limits);

  const finished = whenClosed(await ask("/answer/finished"));
  const polled = whenClosed(await ask("/waiting/told"));
  const unread = await ask("/endless/unread");
  stop.abort();
  release.resolve();
  assert.match(await finished, /^HTTP\/1\.1 200 [\s\S]*finished$/);
  assert.match(await polled, /^HTTP\/1\.1 200 [\s\S]*nothing came$/);
  await run;
  unread.destroy();
  await until("all have ended", async () => (ended.length === 4 ? done(undefined) : notYet(ended.join())), limits);
});

test("H14: an error is told as an id that the log has, and nothing else of it leaves", async () => {
  const lines: string[] = [];
  const logger = createLogger("info", { write: (line) => void lines.push(line) });
  const cause = new Error("connect ECONNREFUSED kafka-1.internal:9092");
  const broken: HttpHandler = async () => {
    throw new Error("cannot read /etc/tidemark/secret: hunter2", { cause });
  };
  await using server = await serving([broken], { logger });
  for (const path of ["/v4/clusters", "/metrics", "/v3/kafka"]) {
    const { status, headers, body } = await get(server.address.port, path);
    const { request_id: id, ...rest } = JSON.parse(body);
    assert.deepEqual([status, rest], [500, { error: true, message: "internal error; the log has it under this id" }]);
    assert.match(id, /^[0-9a-f]{16}$/);
    assert.equal(headers.get("x-request-id"), id);
    assert.doesNotMatch(JSON.stringify([...headers]) + body, /secret|hunter2|kafka-1|\.ts|node:/);
    const line = lines.find((one) => one.includes(id)) ?? "";
    assert.match(line, /"event":"http\.failed"[\s\S]*ECONNREFUSED/);
  }
});
