/** What may be done to the interfaces by whoever can reach them: over sockets, byte by byte where a client library would be too kind. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { Config } from "../../cli/config.ts";
import { createDeploysHandler } from "../../collector/http/deploys.ts";
import { groupIdOf } from "../../collector/http/group-id.ts";
import { createMetricsHandler } from "../../collector/http/metrics.ts";
import { createV3Handler } from "../../collector/http/v3.ts";
import { commitTo } from "../../collector/http/watched.fixture.ts";
import type { HttpHandler } from "../../runtime/http/answer.ts";
import { jsonAnswer } from "../../runtime/http/answer.ts";
import { accessProblem, isLoopback } from "../../runtime/http/listen.ts";
import { secretOf } from "../../runtime/secret.ts";
import { get, OPEN, raw, requestOf, serving } from "./raw-http.fixture.ts";
import { v4HandlerOf, watched } from "./watched-api.fixture.ts";

function served() {
  const one = watched();
  const clusters = [one.view];
  const own = async () => "";
  const handlers: readonly HttpHandler[] = [
    createMetricsHandler({ clusters, own }),
    createDeploysHandler({ clusters, deploys: { kind: "none", reason: "no disk" }, hasToken: false }),
    v4HandlerOf(clusters),
    createV3Handler(clusters),
  ];
  return { ...one, handlers };
}

const echo: HttpHandler = async ({ path }) => jsonAnswer(200, path);
const GROUPS = "/v4/clusters/c/groups";

test("H2: a long URL, many headers and bodies that belong nowhere are refused, and the next request is answered", async () => {
  await using server = await serving(served().handlers);
  const { port } = server.address;
  const long = (length: number) => `/${"a".repeat(length - 1)}`;
  const headers = (count: number, value: string) =>
    Array.from({ length: count }, (_, at) => `x-${at}: ${value}\r\n`).join("");
  const post = `/v3/admin/loglevel`;
  const rows: readonly (readonly [what: string, bytes: string, status: number])[] = [
    ["a URL of 8 KiB", requestOf("GET", long(8_192)), 404],
    ["one more", requestOf("GET", long(8_193)), 414],
    ["a URL of 64 KiB", requestOf("GET", long(65_536)), 431],
    ["90 headers", requestOf("GET", "/v4/clusters", `${headers(90, "a")}\r\n`), 200],
    ["101 headers", requestOf("GET", "/v4/clusters", `${headers(101, "a")}\r\n`), 431],
    ["headers of 15 KiB", requestOf("GET", "/v4/clusters", `${headers(15, "a".repeat(1_000))}\r\n`), 200],
    ["headers of 17 KiB", requestOf("GET", "/v4/clusters", `${headers(17, "a".repeat(1_000))}\r\n`), 431],
    ["headers of 64 KiB", requestOf("GET", "/v4/clusters", `${headers(64, "a".repeat(1_000))}\r\n`), 431],
    ["a body with GET", requestOf("GET", "/v4/clusters", "content-length: 2\r\n\r\n{}"), 413],
    ["a body in pieces with GET", requestOf("GET", "/v4/clusters", "transfer-encoding: chunked\r\n\r\n0\r\n\r\n"), 413],
    ["a body with DELETE", requestOf("DELETE", "/v3/kafka/c/consumer/g", "content-length: 2\r\n\r\n{}"), 413],
    ["a body that is never sent", requestOf("POST", post, "content-length: 1000000000\r\n\r\n"), 403],
    ["what is no HTTP", "\u0016\u0003\u0001\u0002\r\n\r\n", 400],
  ];
  for (const [what, bytes, status] of rows) {
    const told = (await raw(port, bytes)).status;
    // Beyond what is read at all the connection may be cut before the answer has come.
    if (!(bytes.length > 2 * 16_384 && Number.isNaN(told))) assert.equal(told, status, what);
  }

  const access = { token: secretOf("t"), insecure: false };
  const writes = { hasToken: true, setLogLevel: () => assert.fail("nothing was asked for") };
  const { settings } = v3Settings();
  await using writable = await serving([createV3Handler([], { settings, writes })], { access });
  const large = `authorization: Bearer t\r\ncontent-length: 5000\r\n\r\n${" ".repeat(5_000)}`;
  assert.equal((await raw(writable.address.port, requestOf("POST", post, large))).status, 413);
});

function v3Settings(levels: string[] = []) {
  return {
    settings: {
      listen: { host: "127.0.0.1", port: 8_000 },
      logLevel: () => levels.at(-1) ?? "info",
      window: 10,
      minDistanceMs: 0,
      expireGroupMs: 1,
      clientOf: () => undefined,
    },
    writes: { hasToken: true, setLogLevel: (level: string) => void levels.push(level) },
  };
}

const anyName = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom("/", ".", "%", "2", "F", "e", "\0", "\\", "?", "#", " ", "\r", "\n", "+", ":", ";"),
    maxLength: 12,
  }),
);

test("H3: any name is decoded exactly once, or named by its id; what is malformed is 400", async () => {
  const { state, handlers } = served();
  await using plain = await serving([echo]);
  const { port } = plain.address;
  await fc.assert(
    fc.asyncProperty(anyName, async (name) => {
      const { status, body } = await get(port, `/x/${encodeURIComponent(name.toWellFormed())}/y`);
      assert.deepEqual([status, JSON.parse(body)], [200, ["x", name.toWellFormed(), "y"]]);
    }),
    { numRuns: 200 },
  );
  for (const [path, segments] of [
    ["/a%252Fb", ["a%2Fb"]],
    ["/%2e%2e%2fb", ["../b"]],
    ["/x/../y", ["x", "..", "y"]],
    ["/x%00y", ["x\0y"]],
    ["//x", ["", "x"]],
  ] as const)
    assert.deepEqual(JSON.parse((await get(port, path)).body), segments, path);
  for (const path of ["/%", "/%zz", "/%c3%28", "/%ff"]) assert.equal((await get(port, path)).status, 400, path);

  await using server = await serving(handlers);
  for (const name of ["", ".", "..", "n".repeat(32_000), "a/b", "%2F"]) {
    commitTo(state, { group: name, topic: "t", offset: 7 });
    for (const path of [`${GROUPS}/-?id=${groupIdOf(name)}`, `/v3/kafka/c/consumer/-/lag?id=${groupIdOf(name)}`]) {
      const { status, body } = await get(server.address.port, path);
      const { group, status: judged } = JSON.parse(body);
      assert.deepEqual([status, group ?? judged.group], [200, name], path);
    }
  }
});

test("H4: no path leads to a file", async () => {
  await using server = await serving(served().handlers);
  const climbs = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..\\",
    "..%5c",
    "....//",
    "%252e%252e%252f",
    "..;/",
    ".%00./",
  ];
  const files = ["etc/passwd", "package.json", "proc/self/environ"];
  const paths = climbs.flatMap((climb) =>
    files.flatMap((file) =>
      ["/", "/v4/", "/v3/kafka/", "/assets/", "/metrics/"].map((at) => `${at}${climb.repeat(6)}${file}`),
    ),
  );
  for (const path of [
    ...paths,
    "/etc/passwd",
    "file:///etc/passwd",
    "/package.json",
    "/.git/config",
    "/tidemark.yaml",
  ]) {
    const { status, body } = await get(server.address.port, path);
    assert.equal(status, 404, path);
    assert.doesNotMatch(body, /root:|"dependencies"|PATH=/);
  }
});

test("H5: only loopback opens without a token, and who has not the whole token learns nothing but that", async () => {
  const token = secretOf("s3cret");
  const rows: readonly (readonly [host: string, isOpen: boolean])[] = [
    ["127.0.0.1", true],
    ["127.9.9.9", true],
    ["::1", true],
    ["localhost", true],
    ["0.0.0.0", false],
    ["::", false],
    ["10.0.0.1", false],
    ["127.0.0.1.example.com", false],
    ["example.com", false],
  ];
  for (const [host, isOpen] of rows) {
    const problem = (access: Parameters<typeof accessProblem>[1]) => accessProblem({ host, port: 8_000 }, access);
    assert.equal(problem(OPEN) === undefined, isOpen, host);
    assert.deepEqual(
      [problem({ token, insecure: false }), problem({ token: undefined, insecure: true })],
      [undefined, undefined],
    );
  }
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  const refused = [
    "",
    "Bearer",
    "Bearer s3cre",
    "Bearer s3crett",
    "Bearer S3CRET",
    "s3cret",
    basic("s3cret"),
    basic("s3cret:"),
    "Digest s3cret",
  ];
  for (const host of ["127.0.0.1", "0.0.0.0"]) {
    await using server = await serving(served().handlers, {
      listen: { host, port: 0 },
      access: { token, insecure: false },
    });
    const asked = (authorization: string) =>
      get(server.address.port, "/v4/clusters", `authorization: ${authorization}\r\n`);
    for (const authorization of ["Bearer s3cret", "bearer s3cret", basic("anybody:s3cret"), basic(":s3cret")])
      assert.equal((await asked(authorization)).status, 200, authorization);
    const told = await Promise.all([
      ...refused.map(asked),
      get(server.address.port, "/v4/clusters"),
      get(server.address.port, "/no/such"),
    ]);
    assert.deepEqual(
      [...new Set(told.map(({ status, body }) => `${status} ${body}`))],
      ['401 {"error":true,"message":"a token is needed"}'],
    );
  }
});

test("H6: where nothing is said loopback alone is opened, by us and by the compose file", () => {
  const { collector, shipper } = Config.parse({});
  for (const { listen, insecure } of [collector, shipper])
    assert.deepEqual([isLoopback(listen.host), insecure], [true, false]);
  const compose = parse(readFileSync(join(import.meta.dirname, "../../docker-compose.yml"), "utf8"));
  const services = Object.entries<{ ports?: readonly string[]; network_mode?: string }>(compose.services);
  const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`));
  assert.ok(published.length > 0);
  assert.deepEqual(
    published.filter((port) => !/^\S+ 127\.0\.0\.1:\d+:\d+$/.test(port)),
    [],
  );
  assert.deepEqual(
    services.filter(([, { network_mode: mode }]) => mode === "host"),
    [],
  );
});

test("H7: no answer lets a page of another site read it, and none of its requests writes", async () => {
  const levels: string[] = [];
  const { settings, writes } = v3Settings(levels);
  const { handlers, view } = served();
  await using server = await serving([createV3Handler([view], { settings, writes }), ...handlers]);
  const { port } = server.address;
  const origin = "origin: https://evil.example\r\n";
  const preflight = `${origin}access-control-request-method: DELETE\r\n\r\n`;
  const answers = await Promise.all([
    ...["/v3/kafka", GROUPS, "/metrics", "/no/such"].map((path) => get(port, path, origin)),
    ...["/v3/kafka/c/consumer/g", GROUPS, "/metrics"].map((path) => raw(port, requestOf("OPTIONS", path, preflight))),
  ]);
  for (const { headers } of answers)
    assert.deepEqual(
      [...headers.keys()].filter((name) => name.startsWith("access-control")),
      [],
    );
  const post = `${origin}content-type: text/plain\r\ncontent-length: 17\r\n\r\n{"level":"trace"}`;
  assert.equal((await raw(port, requestOf("POST", "/v3/admin/loglevel", post))).status, 403);
  assert.equal((await raw(port, requestOf("DELETE", "/v3/kafka/c/consumer/g", `${origin}\r\n`))).status, 403);
  assert.deepEqual(levels, []);
  assert.equal((await get(port, "/v3/kafka/c/consumer/g/lag")).status, 200);
});
