/** Deploys over HTTP: who may record one, what is kept of the group, and what is refused in which words. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { HttpHandler } from "../../runtime/http/answer.ts";
import { createLogger } from "../../runtime/logger.ts";
import { openDeploys } from "../deploys/deploy-file.ts";
import { ask, textOf } from "./ask.fixture.ts";
import { createDeploysHandler } from "./deploys.ts";
import { groupIdOf } from "./group-id.ts";
import { AT, commitTo, HOSTILE_NAMES, NOW_MS, ownBy, setTopics, watchedCluster } from "./watched.fixture.ts";

const JSON_TYPE = { "content-type": "application/json" };

async function deploysOf(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-deploys-"));
  t.after(() => rm(folder, { recursive: true }));
  const deploys = openDeploys(join(folder, "deploys.json"), { logger: createLogger("silent"), untoldSinceMs: 0 });
  const watched = watchedCluster("c");
  setTopics(watched.state, { t: [100, 100, 100], u: [5] });
  watched.view.verdicts.judge(AT, NOW_MS);
  return { ...watched, deploys, handler: createDeploysHandler({ clusters: [watched.view], deploys, hasToken: true }) };
}

interface Posting {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function post(handler: HttpHandler, url: string, { body = '{"name":"n"}', headers = JSON_TYPE }: Posting = {}) {
  const bytes = Buffer.from(body);
  const read = async (bytesMax: number) => (bytes.length > bytesMax ? undefined : bytes);
  return answered(await ask(handler, url, { method: "POST", headers, body: read }));
}

const get = async (handler: HttpHandler, url: string) => answered(await ask(handler, url));

async function answered(answer: Awaited<ReturnType<HttpHandler>>) {
  assert.ok(answer !== undefined);
  return { status: answer.status, body: JSON.parse(await textOf(answer)) };
}

const GROUP = "/v4/clusters/c/groups/g/deploys";

test("a deploy keeps each committed offset of its moment, and stays as it was", async (t) => {
  const { handler, state } = await deploysOf(t);
  commitTo(state, { group: "g", topic: "t", partition: 1, offset: 40 });
  commitTo(state, { group: "g", topic: "u", offset: 5 });
  ownBy(state, "g", { topic: "t", partition: 2 });
  const made = await post(handler, GROUP, { body: '{"name":"checkout","version":"1.4.2"}' });
  const expected = {
    id: String(NOW_MS),
    cluster: "c",
    group: "g",
    name: "checkout",
    version: "1.4.2",
    at: NOW_MS,
    offsets: [
      { topic: "t", partition: 1, committed_offset: 40 },
      { topic: "u", partition: 0, committed_offset: 5 },
    ],
    unknown: [{ topic: "t", partition: 2, status: made.body.unknown[0]?.status }],
  };
  assert.deepEqual(made, { status: 201, body: expected });
  commitTo(state, { group: "g", topic: "t", partition: 1, offset: 90, order: 2, ageMs: 1_000 });
  assert.deepEqual((await get(handler, `${GROUP}/${NOW_MS}`)).body, expected);
  const { body } = await get(handler, GROUP);
  const listed = { id: String(NOW_MS), name: "checkout", version: "1.4.2", at: NOW_MS, partitions: 2, unknown: 1 };
  assert.deepEqual(body, { deploys: [listed] });
});

test("an offset that nobody can confirm is no place to go back to; one whose end is not known is", async (t) => {
  const { handler, state } = await deploysOf(t);
  commitTo(state, { group: "g", topic: "t", offset: 40 });
  commitTo(state, { group: "g", topic: "without-end", offset: 41 });
  const before = await post(handler, GROUP);
  assert.deepEqual([before.status, before.body.offsets.length, before.body.unknown], [201, 2, []]);
  state.observe({ kind: "log-unavailable", logPartition: 0, reason: "broker-unreachable", atMs: NOW_MS });
  const after = await post(handler, GROUP);
  assert.deepEqual([after.status, after.body.message], [503, 'no committed offset of "g" is known right now']);
});

test("hostile names are recorded and found", async (t) => {
  const { handler, state } = await deploysOf(t);
  for (const group of HOSTILE_NAMES) {
    commitTo(state, { group, topic: "t", offset: 40 });
    const url = `/v4/clusters/c/groups/${encodeURIComponent(group)}/deploys`;
    const made = await post(handler, url, { body: JSON.stringify({ name: group }) });
    assert.deepEqual([made.status, made.body.group, made.body.name], [201, group, group]);
    assert.deepEqual((await get(handler, `${url}/${made.body.id}`)).body, made.body);
  }
});

const refusals: readonly (Posting & { readonly status: number; readonly says: RegExp })[] = [
  { body: "{", status: 400, says: /body is not/ },
  { body: '{"name":""}', status: 400, says: /name/ },
  { body: '{"version":"1"}', status: 400, says: /name/ },
  { body: '{"name":"n","offsets":[]}', status: 400, says: /offsets/ },
  { body: JSON.stringify({ name: "n".repeat(201) }), status: 400, says: /name/ },
  { body: JSON.stringify({ name: "n".repeat(5_000) }), status: 413, says: /4096 bytes/ },
  { headers: {}, status: 415, says: /application\/json/ },
  { headers: { "content-type": "text/plain" }, status: 415, says: /application\/json/ },
  { headers: { "content-type": "application/jsonp" }, status: 415, says: /application\/json/ },
];
for (const { status, says, ...posting } of refusals) {
  test(`${JSON.stringify(posting).slice(0, 60)} is ${status}`, async (t) => {
    const { handler, state } = await deploysOf(t);
    commitTo(state, { group: "g", topic: "t", offset: 40 });
    const answer = await post(handler, GROUP, posting);
    assert.deepEqual([answer.status, answer.body.error], [status, true]);
    assert.match(answer.body.message, says);
    assert.deepEqual((await get(handler, GROUP)).body, { deploys: [] });
  });
}

test("without a token to show nobody records, and whoever may look, looks", async (t) => {
  const { view, state, deploys } = await deploysOf(t);
  commitTo(state, { group: "g", topic: "t", offset: 40 });
  const handler = createDeploysHandler({ clusters: [view], deploys, hasToken: false });
  const answer = await post(handler, GROUP);
  assert.deepEqual(
    [answer.status, answer.body.message],
    [403, "recording a deploy needs a token: set collector.token_file"],
  );
  assert.equal((await get(handler, GROUP)).status, 200);
});

test("unknown groups, clusters, deploys and methods are told apart", async (t) => {
  const { handler, view } = await deploysOf(t);
  assert.deepEqual((await post(handler, "/v4/clusters/c/groups/none/deploys")).status, 404);
  assert.deepEqual((await get(handler, "/v4/clusters/none/groups/g/deploys")).status, 404);
  assert.deepEqual((await get(handler, `${GROUP}/7`)).status, 404);
  assert.equal((await ask(handler, GROUP, { method: "DELETE" }))?.status, 405);
  assert.equal(await ask(handler, "/v4/clusters/c/groups/g"), undefined);
  assert.equal(await ask(handler, `${GROUP}/7/more`), undefined);
  const nowhere = createDeploysHandler({
    clusters: [view],
    deploys: { kind: "none", reason: "no disk" },
    hasToken: true,
  });
  const answer = await get(nowhere, GROUP);
  assert.deepEqual([answer.status, answer.body.message], [503, "no disk"]);
});

test("while the log is replayed nobody knows where a group is", async (t) => {
  const { deploys } = await deploysOf(t);
  const { view } = watchedCluster("c", { replayed: false });
  const handler = createDeploysHandler({ clusters: [view], deploys, hasToken: true });
  const answer = await post(handler, GROUP);
  assert.equal(answer.status, 503);
  assert.match(answer.body.message, /^no group "g" is known yet; the cluster is warming$/);
});

test("a group whose name no path carries is named by its id", async (t) => {
  const { handler, state } = await deploysOf(t);
  commitTo(state, { group: "..", topic: "t", offset: 7 });
  const url = (id: string) => `/v4/clusters/c/groups/-/deploys?id=${id}`;
  const made = await post(handler, url(groupIdOf("..")));
  assert.deepEqual([made.status, made.body.group], [201, ".."]);
  assert.equal((await get(handler, url(groupIdOf("..")))).body.deploys.length, 1);
  assert.equal((await post(handler, url("0123456789abcdef"))).status, 404);
});
