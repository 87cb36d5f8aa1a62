/** /v4: pages of what is long, and groups by their ids. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpHandler } from "../../runtime/http/answer.ts";
import { ask, textOf } from "./ask.fixture.ts";
import { groupIdOf } from "./group-id.ts";
import { createV4Handler } from "./v4.ts";
import { commitTo, setTopics, watchedCluster } from "./watched.fixture.ts";

const FEED = { read: async () => assert.fail("the feed is not asked") };

async function json(handler: HttpHandler, url: string) {
  const answer = await ask(handler, url);
  assert.ok(answer !== undefined, url);
  return { status: answer.status, body: JSON.parse(await textOf(answer)) };
}

test("a group whose name no URL carries is reached by its id", async () => {
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: [100] });
  const handler = createV4Handler({ clusters: [view], feed: FEED });
  for (const group of ["", ".", "..", "n".repeat(32_000)]) {
    commitTo(state, { group, topic: "t", offset: 10 });
    const answer = await ask(handler, `/v4/clusters/c/groups/-?id=${groupIdOf(group)}`);
    assert.deepEqual([answer?.status, JSON.parse(String(answer?.body)).group], [200, group]);
  }
  assert.equal((await ask(handler, "/v4/clusters/c/groups/-?id=0123456789abcdef"))?.status, 404);
});

test("pages of any size hold every partition of a group exactly once, in its order", async () => {
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: new Array(7).fill(100), "t.x y": [100, 100], u: [100] });
  for (const [topic, partitions] of [
    ["t", 7],
    ["t.x y", 2],
    ["u", 1],
  ] as const)
    for (let partition = 0; partition < partitions; partition += 1)
      commitTo(state, { group: "g", topic, partition, offset: 9 });
  const handler = createV4Handler({ clusters: [view], feed: FEED });
  const url = "/v4/clusters/c/groups/g";
  const whole = (await json(handler, url)).body;
  assert.equal(whole.partitions.length, 10);
  for (const limit of [1, 3, 10]) {
    const seen: unknown[] = [];
    for (let cursor = ""; ; ) {
      const { body } = await json(handler, `${url}?limit=${limit}${cursor}`);
      seen.push(...body.partitions);
      if (body.next === undefined) break;
      cursor = `&cursor=${encodeURIComponent(body.next)}`;
    }
    assert.deepEqual(seen, whole.partitions);
  }
});

test("a list goes on behind a name that is empty, too long for a URL, or looks like a cursor's id", async () => {
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: [100] });
  const groups = ["", "#a", "#b", "a", "é".repeat(2_000), "z"];
  for (const group of groups) commitTo(state, { group, topic: "t", offset: 9 });
  const handler = createV4Handler({ clusters: [view], feed: FEED });
  const seen: string[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await json(handler, `/v4/clusters/c/groups?limit=1${cursor}`);
    seen.push(...body.groups.map(({ group }: { readonly group: string }) => group));
    if (body.next === undefined) break;
    assert.ok(body.next !== "" && encodeURIComponent(body.next).length <= 1_024);
    cursor = `&cursor=${encodeURIComponent(body.next)}`;
  }
  assert.deepEqual(seen, groups.toSorted());
  assert.equal((await json(handler, "/v4/clusters/c/groups?cursor=%230123456789abcdef")).status, 400);
});
