/** /v3/config and /v3/admin against what Burrow v1.9.5 answered, character by character but for names and host; writes; ids. */

import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import type { HttpRequest } from "../../runtime/http/answer.ts";
import { ask, textOf } from "./ask.fixture.ts";
import { groupIdOf } from "./group-id.ts";
import type { V3Options } from "./v3.ts";
import { createV3Handler } from "./v3.ts";
import type { V3LogLevel } from "./v3-writes.ts";
import { commitTo, setTopics, watchedCluster } from "./watched.fixture.ts";

const CLUSTER = "testcluster";

function served({ hasToken = true } = {}) {
  const levels: V3LogLevel[] = [];
  const { state, view } = watchedCluster(CLUSTER);
  setTopics(state, { t: [100], u: [100] });
  commitTo(state, { group: "g", topic: "t", offset: 90 });
  commitTo(state, { group: "g", topic: "u", offset: 80 });
  const options: V3Options = {
    settings: {
      listen: { host: "::", port: 8000 },
      logLevel: () => levels.at(-1) ?? "info",
      window: 10,
      minDistanceMs: 0,
      expireGroupMs: 604_800_000,
      clientOf: () => ({
        tls: { ca_file: "ca.pem" },
        sasl: { username: "me" },
        offsetsTopic: "__consumer_offsets",
      }),
    },
    writes: { hasToken, setLogLevel: (level) => void levels.push(level) },
  };
  return { handler: createV3Handler([view], options), levels, state };
}

type More = Partial<Pick<HttpRequest, "method" | "headers" | "body">>;

async function said(handler: ReturnType<typeof createV3Handler>, url: string, more: More = {}) {
  const answer = await ask(handler, url, more);
  assert.ok(answer !== undefined, url);
  const text = await textOf(answer);
  return { status: answer.status, text: text.replace(`"host":"${hostname()}"`, '"host":"h"'), headers: answer.headers };
}

const request = (url: string): string => `"request":{"url":"${url}","host":"h"}`;
const PROFILE =
  '"client-profile":{"name":"","client-id":"tidemark","kafka-version":"","tls":{"name":"","noverify":false,"certfile":"","keyfile":"","cafile":"ca.pem"},"sasl":{"name":"","handshake-first":true,"username":"me"}}';
const CLUSTER_MODULE = `"module":{"class-name":"kafka","servers":["b1:9092"],${PROFILE},"topic-refresh":60,"offset-refresh":10}`;
const ok = (message: string) => `{"error":false,"message":"${message}",`;
const list = (section: string, modules: string) =>
  `${ok("module list returned")}${request(`/v3/config/${section}`)},"coordinator":"${section}","modules":[${modules}]}`;
const detail = (section: string, module: string, name = "default") =>
  `${ok(`${section} module detail returned`)}${module},${request(`/v3/config/${section}/${name}`)}}`;
const missing = (section: string) =>
  `{"error":true,"message":"${section} module not found",${request(`/v3/config/${section}/nope`)}}`;

const bodies: readonly (readonly [path: string, status: number, body: string])[] = [
  [
    "/v3/config",
    200,
    `${ok("main config returned")}${request("/v3/config")},"general":{"pidfile":"","stdout-logfile":"","access-control-allow-origin":""},"logging":{"filename":"","max-size":0,"max-backups":0,"max-age":0,"use-local-time":false,"use-compression":false,"level":"info"},"zookeeper":{"servers":null,"timeout":0,"root-path":""},"httpserver":{"default":{"address":"[::]:8000","tls":"","timeout":300}}}`,
  ],
  ["/v3/config/storage", 200, list("storage", '"default"')],
  ["/v3/config/evaluator", 200, list("evaluator", '"default"')],
  ["/v3/config/cluster", 200, list("cluster", `"${CLUSTER}"`)],
  ["/v3/config/consumer", 200, list("consumer", `"${CLUSTER}"`)],
  ["/v3/config/notifier", 200, list("notifier", "")],
  [
    "/v3/config/storage/default",
    200,
    detail(
      "storage",
      '"module":{"class-name":"inmemory","intervals":10,"min-distance":0,"group-allowlist":"","expire-group":604800}',
    ),
  ],
  ["/v3/config/evaluator/default", 200, detail("evaluator", '"module":{"class-name":"caching","expire-cache":10}')],
  ["/v3/config/cluster/testcluster", 200, detail("cluster", CLUSTER_MODULE, CLUSTER)],
  [
    "/v3/config/consumer/testcluster",
    200,
    detail(
      "consumer",
      `"module":{"class-name":"kafka","cluster":"testcluster","servers":["b1:9092"],"group-allowlist":"","zookeeper-path":"","zookeeper-timeout":0,${PROFILE},"offsets-topic":"__consumer_offsets","start-latest":false}`,
      CLUSTER,
    ),
  ],
  ["/v3/config/storage/nope", 404, missing("storage")],
  ["/v3/config/evaluator/nope", 404, missing("evaluator")],
  ["/v3/config/cluster/nope", 404, missing("cluster")],
  ["/v3/config/consumer/nope", 404, missing("consumer")],
  ["/v3/config/notifier/nope", 404, missing("notifier")],
  ["/v3/admin/loglevel", 200, `${ok("log level returned")}"level":"info",${request("/v3/admin/loglevel")}}`],
];
for (const [path, status, text] of bodies) {
  test(`GET ${path} answers as Burrow does`, async () => {
    const answer = await said(served().handler, path);
    assert.deepEqual([answer.status, answer.text], [status, text]);
  });
}

const post = (text: string): More => ({
  method: "POST",
  body: async (bytesMax) => (text.length > bytesMax ? undefined : Buffer.from(text)),
});

const LOG_LEVEL = "/v3/admin/loglevel";
const levels: readonly (readonly [body: string, status: number, message: string, set: readonly string[]])[] = [
  ['{"level":"debug"}', 200, "set log level", ["debug"]],
  ['{"level":"WARNING"}', 200, "set log level", ["warn"]],
  ['{"level":"trace"}', 200, "set log level", ["trace"]],
  ['{"level":"fatal"}', 200, "set log level", ["fatal"]],
  ['{"level":"loud"}', 404, "unknown log level", []],
  ["{}", 404, "unknown log level", []],
  ["null", 404, "unknown log level", []],
  ['{"level":7}', 400, "could not decode message body", []],
  ["[]", 400, "could not decode message body", []],
  ["", 400, "could not decode message body", []],
  [" ".repeat(5_000), 413, "the body has more than 4096 bytes", []],
];
for (const [body, status, message, set] of levels) {
  test(`a log level of ${body.slice(0, 20)} is ${status}`, async () => {
    const { handler, levels: were } = served();
    const answer = await said(handler, LOG_LEVEL, post(body));
    const error = status !== 200;
    assert.equal(answer.text, `{"error":${error},"message":"${message}",${request(LOG_LEVEL)}}`);
    assert.deepEqual([answer.status, were], [status, set]);
    assert.match((await said(handler, LOG_LEVEL)).text, new RegExp(`"level":"${set[0] ?? "info"}"`));
  });
}

const GROUP = `/v3/kafka/${CLUSTER}/consumer/g`;
const removed = (url: string) => `${ok("consumer group removed")}${request(url)}}`;

test("a group that is deleted is NOTFOUND until it commits again; 200 whether there was one or not", async () => {
  const { handler, state } = served();
  for (const url of [GROUP, GROUP, `/v3/kafka/${CLUSTER}/consumer/none`, "/v3/kafka/none/consumer/g"]) {
    const answer = await said(handler, url, { method: "DELETE" });
    assert.deepEqual([answer.status, answer.text], [200, removed(url)]);
  }
  assert.equal((await said(handler, `${GROUP}/lag`)).status, 404);
  assert.match((await said(handler, `/v3/kafka/${CLUSTER}/consumer`)).text, /"consumers":\[\]/);
  commitTo(state, { group: "g", topic: "t", offset: 91, order: 9 });
  assert.equal((await said(handler, `${GROUP}/lag`)).status, 200);
});

test("a topic of a group is deleted alone", async () => {
  const { handler } = served();
  const answer = await said(handler, `${GROUP}/topic/u`, { method: "DELETE" });
  assert.deepEqual([answer.status, answer.text], [200, removed(`${GROUP}/topic/u`)]);
  const { topics } = JSON.parse((await said(handler, GROUP)).text);
  assert.deepEqual(Object.keys(topics), ["t"]);
});

const writes: readonly (readonly [url: string, more: More])[] = [
  [GROUP, { method: "DELETE" }],
  [`${GROUP}/topic/t`, { method: "DELETE" }],
  [LOG_LEVEL, post('{"level":"debug"}')],
];
for (const [url, more] of writes) {
  test(`${more.method} ${url} needs a token, and no page of another site`, async () => {
    const open = served({ hasToken: false });
    const answer = await said(open.handler, url, more);
    assert.equal(answer.status, 403);
    assert.match(answer.text, /"error":true,"message":"writing needs a token: set collector.token_file"/);
    const { handler, levels: were } = served();
    const from = (origin: string) => said(handler, url, { ...more, headers: { origin, host: "tidemark:8000" } });
    assert.equal((await from("https://evil.example")).status, 403);
    assert.equal((await from("null")).status, 403);
    assert.deepEqual([open.levels, were], [[], []]);
    assert.equal((await said(handler, `${GROUP}/lag`)).status, 200);
    assert.equal((await from("http://tidemark:8000")).status, 200);
  });
}

test("OPTIONS says which methods a path has", async () => {
  const { handler } = served();
  const allowed = async (url: string) => (await said(handler, url, { method: "OPTIONS" })).headers?.["allow"];
  assert.equal(await allowed("/v3/kafka"), "GET, HEAD, OPTIONS");
  assert.equal(await allowed(GROUP), "GET, HEAD, DELETE, OPTIONS");
  assert.equal(await allowed(LOG_LEVEL), "GET, HEAD, POST, OPTIONS");
  assert.equal((await said(handler, "/v3/nope", { method: "OPTIONS" })).status, 404);
});

test("a group whose name no URL carries is reached by its id", async () => {
  const { handler, state } = served();
  for (const [at, group] of ["", ".", "..", "n".repeat(32_000)].entries()) {
    commitTo(state, { group, topic: "t", offset: 10 + at });
    const by = (what: string) => said(handler, `/v3/kafka/${CLUSTER}/consumer/-${what}?id=${groupIdOf(group)}`);
    const { status } = JSON.parse((await by("/lag")).text);
    assert.deepEqual([status.group, status.partitions[0].end.offset], [group, 10 + at]);
    assert.equal((await by("")).status, 200);
  }
  const unknown = await said(handler, `/v3/kafka/${CLUSTER}/consumer/g/lag?id=0123456789abcdef`);
  assert.deepEqual([unknown.status, JSON.parse(unknown.text).message], [404, "cluster or consumer not found"]);
});
