/** The document is true: each path answers as it says, with nothing beside it, and what it refers to is there. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { z } from "zod";
import type { HttpAnswer } from "../../runtime/http/answer.ts";
import { createLogger } from "../../runtime/logger.ts";
import { openDeploys } from "../deploys/deploy-file.ts";
import { GroupEvaluation } from "../model/evaluation.ts";
import type { Feed } from "../model/feed.ts";
import { groupEvaluationsOf } from "../model/snapshot.ts";
import { ask, textOf } from "./ask.fixture.ts";
import { createDeploysHandler } from "./deploys.ts";
import { openApi } from "./openapi.ts";
import { createV4Handler } from "./v4.ts";
import * as answers from "./v4-answers.ts";
import { AT, commitTo, NOW_MS, setTopics, watchedCluster } from "./watched.fixture.ts";

const DOCUMENT = openApi("1.2.3") as {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses?: Readonly<Record<string, Answer>> }>>>
  >;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
};

interface Answer {
  readonly content?: Readonly<Record<string, { readonly schema?: { readonly $ref?: string } }>>;
}

const Anything = z.record(z.string(), z.unknown());
/** By the name in the document. */
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  Clusters: answers.ClustersAnswer,
  Groups: answers.GroupsAnswer,
  Group: answers.GroupAnswer,
  Deploys: answers.DeploysAnswer,
  Deploy: answers.DeployAnswer,
  Problem: answers.Problem,
  Gone: answers.GoneAnswer,
};

async function handlersOf(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-openapi-"));
  t.after(() => rm(folder, { recursive: true }));
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: [100] });
  commitTo(state, { group: "g", topic: "t", offset: 60 });
  view.verdicts.judge(AT, NOW_MS);
  const tick = { at: AT, evaluations: groupEvaluationsOf(view.snapshot()) };
  const feed: Feed = {
    read: async (cursor) =>
      cursor === "" ? { kind: "ticks", ticks: [tick], cursor: "r.1" } : { kind: "gone", oldest: "r.0", ticksGone: 0 },
  };
  const logger = createLogger("silent");
  const deploys = openDeploys(join(folder, "deploys.json"), { logger, untoldSinceMs: 0 });
  const handlers = [
    createDeploysHandler({ clusters: [view], deploys, hasToken: true }),
    createV4Handler({ clusters: [view], feed, version: "1.2.3" }),
  ];
  return async (url: string, more: Parameters<typeof ask>[2] = {}): Promise<HttpAnswer> => {
    for (const handler of handlers) {
      const answer = await ask(handler, url, more);
      if (answer !== undefined) return answer;
    }
    return assert.fail(`nobody answers ${url}`);
  };
}

const DEPLOYS = "/v4/clusters/{cluster}/groups/{group}/deploys";
const post = (body: string) => ({
  method: "POST" as const,
  headers: { "content-type": "application/json" },
  body: async () => Buffer.from(body),
});

interface Asked {
  readonly path: string;
  readonly query?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly more?: Parameters<typeof ask>[2];
  readonly status: number;
}

const asked: readonly Asked[] = [
  { path: "/v4/clusters", status: 200 },
  { path: "/v4/openapi.json", status: 200 },
  { path: "/v4/clusters/{cluster}/groups", status: 200 },
  { path: "/v4/clusters/{cluster}/groups", query: "?limit=0", status: 400 },
  { path: "/v4/clusters/{cluster}/groups", with: { cluster: "none" }, status: 404 },
  { path: "/v4/clusters/{cluster}/groups/{group}", status: 200 },
  { path: "/v4/clusters/{cluster}/groups/{group}", with: { group: "none" }, status: 404 },
  { path: "/v4/clusters/{cluster}/groups/{group}", query: "?cursor=x", status: 400 },
  { path: "/v4/evaluations", query: "?wait=x", status: 400 },
  { path: "/v4/evaluations", query: "?after=other.7", status: 410 },
  { path: DEPLOYS, more: post('{"name":"n","version":"1"}'), status: 201 },
  { path: DEPLOYS, more: post("{}"), status: 400 },
  { path: DEPLOYS, status: 200 },
  { path: `${DEPLOYS}/{id}`, with: { id: String(NOW_MS) }, status: 200 },
  { path: `${DEPLOYS}/{id}`, with: { id: "7" }, status: 404 },
];

test("each answer is what the document says, and nothing more", async (t) => {
  const request = await handlersOf(t);
  for (const { path, query = "", with: names = {}, more = {}, status } of asked) {
    const url = path.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? (name === "group" ? "g" : "c"));
    const answer = await request(`${url}${query}`, more);
    const what = `${more.method ?? "GET"} ${url}${query}`;
    assert.equal(answer.status, status, what);
    const said = DOCUMENT.paths[path]?.[(more.method ?? "GET").toLowerCase()]?.responses?.[String(status)];
    assert.ok(said?.content?.[answer.contentType] !== undefined, `${what} answers ${status}, which the document lacks`);
    const name = said.content[answer.contentType]?.schema?.$ref?.split("/").at(-1);
    const body: unknown = JSON.parse(await textOf(answer));
    const schema = name === undefined ? Anything : SCHEMAS[name];
    assert.deepEqual(schema?.parse(body), body, what);
  }
  const tried = new Set(asked.map(({ path }) => path));
  assert.deepEqual(
    Object.keys(DOCUMENT.paths).filter((path) => !tried.has(path)),
    [],
  );
});

test("every line of the feed has a schema", async (t) => {
  const request = await handlersOf(t);
  const lines = (await textOf(await request("/v4/evaluations")))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(GroupEvaluation.parse(lines[0]), lines[0]);
  assert.deepEqual(answers.CursorLine.parse(lines[1]), lines[1]);
});

test("what the document refers to is in it, and every schema is referred to or a part of one", () => {
  const text = JSON.stringify(DOCUMENT);
  const referred = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? "");
  assert.deepEqual(
    referred.filter((name) => DOCUMENT.components.schemas[name] === undefined),
    [],
  );
  assert.match(text, /Records not yet read, summed over the partitions/);
  assert.doesNotMatch(text, /readOnly/);
});

test("who has the newest answer is told so, until something is observed or judged", async () => {
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: [100] });
  commitTo(state, { group: "g", topic: "t", offset: 60 });
  view.verdicts.judge(AT, NOW_MS);
  const read = async () => assert.fail("the feed is not asked");
  const handler = createV4Handler({ clusters: [view], feed: { read } });
  for (const url of ["/v4/clusters/c/groups", "/v4/clusters/c/groups/g"]) {
    const statusWith = async (etag: string) =>
      (await ask(handler, url, { headers: { "if-none-match": etag } }))?.status;
    const etag = (await ask(handler, url))?.headers?.["etag"] ?? "";
    assert.match(etag, /^W\/"/);
    assert.deepEqual(
      [await statusWith(etag), await statusWith(`"x", ${etag}`), await statusWith("*")],
      [304, 304, 304],
    );
    assert.deepEqual([await statusWith('"x"'), await statusWith("")], [200, 200]);
    commitTo(state, { group: "g", topic: "t", offset: 61, order: state.changes(), ageMs: 1_000 });
    assert.equal(await statusWith(etag), 200);
    const after = (await ask(handler, url))?.headers?.["etag"] ?? "";
    view.verdicts.judge(AT + 10_000, NOW_MS);
    assert.equal(await statusWith(after), 200);
  }
});
