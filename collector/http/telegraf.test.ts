/** Telegraf's burrow input against our /v3, over sockets: what it makes of our answers, and where it gets none. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttpServer } from "../../runtime/http/server.ts";
import { createLogger } from "../../runtime/logger.ts";
import { secretOf } from "../../runtime/secret.ts";
import { gather } from "./telegraf.fixture.ts";
import { createV3Handler } from "./v3.ts";
import { commitTo, NOW_MS, setTopics, watchedCluster } from "./watched.fixture.ts";

const GROUPS = 300;

function watched() {
  const prod = watchedCluster("prod:eu");
  setTopics(prod.state, { orders: [100, 200], "pay.ments": [50] });
  for (let i = 0; i < GROUPS; i += 1)
    commitTo(prod.state, { group: `g@${i}`, topic: "orders", partition: i % 2, offset: 90 });
  commitTo(prod.state, { group: "two", topic: "orders", partition: 0, offset: 70 });
  commitTo(prod.state, { group: "two", topic: "orders", partition: 1, offset: 150, ageMs: 4_000 });
  return [prod.view, watchedCluster("cold", { replayed: false }).view];
}

async function gathered(
  views: Parameters<typeof createV3Handler>[0],
  { token, password }: { readonly token?: string; readonly password?: string } = {},
) {
  const access = { token: token === undefined ? undefined : secretOf(token), insecure: false };
  const listen = { host: "127.0.0.1", port: 0 };
  const handlers = [createV3Handler(views)];
  await using server = await startHttpServer({ listen, access, handlers, logger: createLogger("silent") });
  return await gather(server.address.port, password);
}

test("it reads every group and topic; a cluster that is warming makes no point", async () => {
  const seen = await gathered(watched(), { token: "s3cret", password: "s3cret" });
  assert.deepEqual(seen.errors, ["wrong response: 503", "wrong response: 503"]);
  assert.equal(seen.requests, 1 + 2 * 2 + 2 + GROUPS + 1);
  assert.equal(seen.groups.size, GROUPS + 1);
  assert.equal(seen.partitions, (GROUPS + 1) * 2);
  assert.deepEqual(seen.topics.get("prod:eu orders"), [100, 200]);
  assert.deepEqual(seen.topics.get("prod:eu pay.ments"), [50]);
  assert.deepEqual(seen.groups.get("prod:eu two"), {
    status: "ERR",
    status_code: 4,
    partition_count: 2,
    total_lag: 80,
    lag: 50,
    offset: 220,
    timestamp: NOW_MS - 4_000,
  });
});

test("names that it escapes twice get 404, as from Burrow, and the others their points", async () => {
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: [100] });
  for (const group of ["a b", "a/b", "100%", "é", "plain", "a:b@c", "$&+="])
    commitTo(state, { group, topic: "t", offset: 90 });
  const seen = await gathered([view]);
  assert.deepEqual(seen.errors, new Array(4).fill("wrong response: 404"));
  assert.deepEqual([...seen.groups.keys()].toSorted(), ["c $&+=", "c a:b@c", "c plain"]);
});

test("without the token it gathers nothing, and is told why once", async () => {
  const seen = await gathered(watched(), { token: "s3cret", password: "wrong" });
  assert.deepEqual([seen.requests, seen.errors, seen.groups.size], [1, ["wrong response: 401"], 0]);
});
