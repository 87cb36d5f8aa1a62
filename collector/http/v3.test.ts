/** /v3 against what Burrow v1.9.5 answered, character by character but for the host. */

import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import { ask, overSocket, textOf } from "./ask.fixture.ts";
import { burrowJson } from "./burrow-json.ts";
import { createV3Handler } from "./v3.ts";
import { commitTo, HOSTILE_NAMES, NOW_MS, ownBy, progressOf, setTopics, watchedCluster } from "./watched.fixture.ts";

const CLUSTER = "testcluster";

/** The cluster of Burrow's own samples: topic multi of three partitions, group g3 with one commit on its second. */
function burrowsSample() {
  const one = watchedCluster(CLUSTER);
  setTopics(one.state, { testtopic: [100], multi: [100, 100, 100] });
  one.clock.nowMs = NOW_MS;
  commitTo(one.state, { group: "g3", topic: "multi", partition: 1, offset: 90 });
  ownBy(one.state, "g3", { topic: "multi", partition: 1 });
  return one;
}

const request = (url: string): string => `"request":{"url":"${url}","host":"h"}}`;

const SAMPLE = '{"offset":90,"timestamp":1795188991000,"observedAt":1795188996000,"lag":10}';
const EMPTY = (partition: number): string =>
  `{"topic":"multi","partition":${partition},"owner":"","client_id":"","status":"OK","start":null,"end":null,"current_lag":0,"complete":0}`;
const BAD = `{"topic":"multi","partition":1,"owner":"/10.0.0.1","client_id":"client-1","status":"STOP","start":${SAMPLE},"end":${SAMPLE},"current_lag":10,"complete":0.1}`;
const NULLS = new Array(9).fill("null").join(",");
const status = (partitions: string): string =>
  `{"error":false,"message":"consumer status returned","status":{"cluster":"testcluster","group":"g3","status":"ERR","complete":0,"partitions":[${partitions}],"partition_count":3,"maxlag":${BAD},"totallag":10},`;
const notFound = (cluster: string, group: string): string =>
  `{"error":false,"message":"consumer status returned","status":{"cluster":"${cluster}","group":"${group}","status":"NOTFOUND","complete":1,"partitions":[],"partition_count":0,"maxlag":null,"totallag":0},`;
const error = (message: string): string => `{"error":true,"message":"${message}",`;

const bodies: readonly (readonly [path: string, status: number, body: string])[] = [
  ["/v3/kafka", 200, '{"error":false,"message":"cluster list returned","clusters":["testcluster"],'],
  [
    "/v3/kafka/testcluster",
    200,
    '{"error":false,"message":"cluster module detail returned","module":{"class-name":"kafka","servers":["b1:9092"],"client-profile":{"name":"","client-id":"tidemark","kafka-version":"","tls":null,"sasl":null},"topic-refresh":60,"offset-refresh":10},',
  ],
  ["/v3/kafka/nope", 404, error("cluster module not found")],
  [
    "/v3/kafka/testcluster/topic",
    200,
    '{"error":false,"message":"topic list returned","topics":["testtopic","multi"],',
  ],
  ["/v3/kafka/nope/topic", 404, error("cluster not found")],
  [
    "/v3/kafka/testcluster/topic/multi",
    200,
    '{"error":false,"message":"topic offsets returned","offsets":[100,100,100],',
  ],
  ["/v3/kafka/testcluster/topic/nope", 404, error("cluster or topic not found")],
  ["/v3/kafka/nope/topic/multi", 404, error("cluster or topic not found")],
  [
    "/v3/kafka/testcluster/topic/multi/consumers",
    200,
    '{"error":false,"message":"consumers of topic returned","consumers":["g3"],',
  ],
  [
    "/v3/kafka/testcluster/topic/nope/consumers",
    200,
    '{"error":false,"message":"consumers of topic returned","consumers":[],',
  ],
  ["/v3/kafka/nope/topic/multi/consumers", 404, error("cluster not found")],
  ["/v3/kafka/testcluster/consumer", 200, '{"error":false,"message":"consumer list returned","consumers":["g3"],'],
  ["/v3/kafka/nope/consumer", 404, error("cluster not found")],
  [
    "/v3/kafka/testcluster/consumer/g3",
    200,
    `{"error":false,"message":"consumer detail returned","topics":{"multi":[{"offsets":[],"owner":"","client_id":"","current-lag":0},{"offsets":[${NULLS},${SAMPLE}],"owner":"/10.0.0.1","client_id":"client-1","current-lag":10},{"offsets":[],"owner":"","client_id":"","current-lag":0}]},`,
  ],
  ["/v3/kafka/testcluster/consumer/nope", 404, error("cluster or consumer not found")],
  ["/v3/kafka/nope/consumer/g3", 404, error("cluster or consumer not found")],
  ["/v3/kafka/testcluster/consumer/g3/status", 200, status(BAD)],
  ["/v3/kafka/testcluster/consumer/g3/lag", 200, status([EMPTY(0), BAD, EMPTY(2)].join(","))],
  ["/v3/kafka/testcluster/consumer/nope/status", 404, notFound("testcluster", "nope")],
  ["/v3/kafka/testcluster/consumer/nope/lag", 404, notFound("testcluster", "nope")],
  ["/v3/kafka/nope/consumer/nope/lag", 404, notFound("nope", "nope")],
];
for (const [path, code, body] of bodies) {
  test(`GET ${path} answers as Burrow does`, async () => {
    const answer = await ask(createV3Handler([burrowsSample().view]), path);
    assert.ok(answer !== undefined);
    assert.equal((await textOf(answer)).replace(`"host":"${hostname()}"`, '"host":"h"'), body + request(path));
    assert.deepEqual([answer.status, answer.contentType], [code, "application/json"]);
  });
}

const UNKNOWN = '{"error":true,"message":"invalid request type","result":{}}\n';
const plain: readonly (readonly [method: "GET" | "POST" | "DELETE", path: string, status: number, text: string])[] = [
  ["GET", "/burrow/admin", 200, "GOOD"],
  ["GET", "/burrow/admin/ready", 200, "READY"],
  ["GET", "/burrow/nope", 404, UNKNOWN],
  ["GET", "/v3", 404, UNKNOWN],
  ["GET", "/v3/nope", 404, UNKNOWN],
  ["GET", "/v3/kafka/testcluster/nope", 404, UNKNOWN],
  ["GET", "/v3/kafka/testcluster/topic/multi/nope", 404, UNKNOWN],
  ["GET", "/v3/kafka/testcluster/consumer/g3/nope", 404, UNKNOWN],
  ["GET", "/v3/kafka/testcluster/consumer/g3/lag/more", 404, UNKNOWN],
  ["DELETE", "/v3/kafka/testcluster/consumer", 405, "Method Not Allowed"],
  ["GET", "/v3/kafka/testcluster/consumer/g3/topic/multi", 405, "Method Not Allowed"],
  ["GET", "/v3/kafka/testcluster/consumer/g3/topic", 404, UNKNOWN],
  ["GET", "/v3/kafka/testcluster/consumer/g3/topic/multi/more", 404, UNKNOWN],
  ["GET", "/v3/config/nope", 404, UNKNOWN],
  ["GET", "/v3/config/storage/default/more", 404, UNKNOWN],
  ["GET", "/v3/admin", 404, UNKNOWN],
  ["GET", "/v3/admin/loglevel/more", 404, UNKNOWN],
  ["DELETE", "/v3/admin/loglevel", 405, "Method Not Allowed"],
  ["POST", "/burrow/admin", 405, "Method Not Allowed"],
  ["POST", "/v3/kafka", 405, "Method Not Allowed"],
];
for (const [method, path, code, text] of plain) {
  test(`${method} ${path} is ${code} in plain text`, async () => {
    const answer = await ask(createV3Handler([burrowsSample().view]), path, { method });
    assert.deepEqual([answer?.status, answer?.contentType, answer?.body], [code, "text/plain; charset=utf-8", text]);
  });
}

test("what is not Burrow's path is left to others", async () => {
  assert.equal(await ask(createV3Handler([]), "/v4/clusters"), undefined);
});

test("while a cluster is warming it answers 503 with Burrow's error body, and the others answer", async () => {
  const [cold, warm] = [watchedCluster("cold", { replayed: false }), watchedCluster("warm")];
  const handler = createV3Handler([cold.view, warm.view]);
  for (const rest of ["consumer", "consumer/g/lag", "consumer/g/status", "consumer/g", "topic", "topic/t"]) {
    const answer = await ask(handler, `/v3/kafka/cold/${rest}`);
    assert.ok(answer !== undefined);
    const body = JSON.parse(await textOf(answer));
    assert.deepEqual([answer.status, body.error, body.request.url], [503, true, `/v3/kafka/cold/${rest}`]);
    assert.match(body.message, /^cluster is warming: 0 of 1 partitions/);
  }
  assert.equal((await ask(handler, "/v3/kafka/warm/consumer"))?.status, 200);
  assert.deepEqual((await ask(handler, "/burrow/admin/ready"))?.body, "STARTING");
  cold.state.observe(progressOf(true));
  assert.equal((await ask(handler, "/v3/kafka/cold/consumer"))?.status, 200);
  assert.deepEqual((await ask(handler, "/burrow/admin/ready"))?.body, "READY");
});

test("replayed is not enough: until older records are read a missing group is 503, not NOTFOUND", async () => {
  const { state, view } = watchedCluster("c", { replayed: false });
  state.observe({ ...progressOf(true), backfilled: false } as ReturnType<typeof progressOf>);
  assert.equal((await ask(createV3Handler([view]), "/v3/kafka/c/consumer/g/lag"))?.status, 503);
});

test("a cluster that has not told how many logs it has is warming", async () => {
  const { clock, view, state } = watchedCluster("c");
  clock.reach = { kind: "starting" };
  assert.equal((await ask(createV3Handler([view]), "/v3/kafka/c/consumer"))?.status, 503);
  clock.reach = { kind: "reachable" };
  state.observe({ kind: "log-partitions", logPartitions: 50 });
  assert.equal((await ask(createV3Handler([view]), "/v3/kafka/c/consumer"))?.status, 503);
});

test("a share is printed as Go prints a float32", async () => {
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: [100, 100, 100] });
  for (let i = 0; i < 10; i += 1)
    commitTo(state, { group: "g", topic: "t", offset: 50 + i, order: i, ageMs: 20_000 - i });
  for (const partition of [1, 2]) commitTo(state, { group: "g", topic: "t", partition, offset: 100, order: 20 });
  const answer = await ask(createV3Handler([view]), "/v3/kafka/c/consumer/g/status");
  assert.match(String(answer?.body), /"status":"ERR","complete":0\.33333334,/);
});

test("a commit that came late has no lag", async () => {
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: [100] });
  commitTo(state, { group: "g", topic: "t", offset: 90, order: 20 });
  commitTo(state, { group: "g", topic: "t", offset: 80, order: 10, ageMs: 9_000 });
  const answer = await ask(createV3Handler([view]), "/v3/kafka/c/consumer/g");
  assert.match(String(answer?.body), /"offset":80,"timestamp":\d+,"observedAt":\d+,"lag":null\},\{"offset":90,/);
});

test("JSON is escaped as Go's encoder does it", () => {
  assert.equal(burrowJson({ "<&>": "\u2028\u2029<é🌊\n" }), '{"\\u003c\\u0026\\u003e":"\\u2028\\u2029\\u003cé🌊\\n"}');
});

test("every legal name is reached by its percent-encoding, and comes back as it is", async () => {
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: [100] });
  for (const [i, group] of HOSTILE_NAMES.entries()) commitTo(state, { group, topic: "t", offset: i });
  await overSocket([createV3Handler([view])], async (get) => {
    const list = JSON.parse((await get("/v3/kafka/c/consumer")).text);
    assert.deepEqual(list.consumers.toSorted(), HOSTILE_NAMES.toSorted());
    for (const [i, group] of HOSTILE_NAMES.entries()) {
      const { status: code, text } = await get(`/v3/kafka/c/consumer/${encodeURIComponent(group)}/lag`);
      const body = JSON.parse(text);
      assert.deepEqual([code, body.status.group, body.status.partitions[0].end.offset], [200, group, i]);
      assert.doesNotMatch(text, /[<>&]/);
    }
  });
});
