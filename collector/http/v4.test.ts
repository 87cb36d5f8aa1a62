/** /v4: the list with its filters and pages, one group, the feed, and names over a socket. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { GroupEvaluation, GroupSummary } from "../model/evaluation.ts";
import type { Feed, Tick } from "../model/feed.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { groupEvaluationsOf } from "../model/snapshot.ts";
import type { GroupStatus } from "../model/status.ts";
import { ask, overSocket, textOf } from "./ask.fixture.ts";
import { createV4Handler } from "./v4.ts";
import {
  AT,
  commitTo,
  HOSTILE_NAMES,
  NOW_MS,
  ownBy,
  progressOf,
  setTopics,
  watchedCluster,
} from "./watched.fixture.ts";

/** A feed that gives a tick an answer and keeps the newest `ticksKept`; its cursors are "r." and how many were read. */
function feedOf({ ticksKept = 10 } = {}): Feed & { append(at: number, snapshots: readonly Snapshot[]): void } {
  const ticks: Tick[] = [];
  return {
    append: (at, snapshots) =>
      ticks.push({ at, evaluations: snapshots.flatMap((one) => [...groupEvaluationsOf(one)]) }),
    read: async (cursor) => {
      const oldest = Math.max(0, ticks.length - ticksKept);
      const read = cursor === "" ? oldest : Number(cursor.replace(/^r\./, ""));
      if (!(read >= oldest)) return { kind: "gone", oldest: `r.${oldest}`, ticksGone: Math.max(0, oldest - read) || 0 };
      const fresh = ticks.slice(read, read + 1);
      return { kind: "ticks", ticks: fresh, cursor: `r.${read + fresh.length}` };
    },
  };
}

/** Three groups: one behind, one well, one on a topic of its own. */
function threeGroups() {
  const one = watchedCluster("c");
  setTopics(one.state, { t: [100], "u/v": [100] });
  commitTo(one.state, { group: "behind", topic: "t", offset: 60 });
  commitTo(one.state, { group: "well", topic: "t", offset: 100 });
  commitTo(one.state, { group: "other", topic: "u/v", offset: 100 });
  one.view.verdicts.judge(AT, NOW_MS);
  return { ...one, handler: createV4Handler({ clusters: [one.view], feed: feedOf() }) };
}

async function json(handler: ReturnType<typeof createV4Handler>, url: string) {
  const answer = await ask(handler, url);
  assert.ok(answer !== undefined, url);
  return { status: answer.status, body: JSON.parse(await textOf(answer)) };
}

const filters: readonly (readonly [query: string, groups: readonly string[]])[] = [
  ["", ["behind", "other", "well"]],
  ["?status=ERR", ["behind"]],
  ["?status=OK", ["other", "well"]],
  ["?status=warming", []],
  ["?topic=t", ["behind", "well"]],
  ["?topic=u%2Fv", ["other"]],
  ["?topic=nope", []],
  ["?status=OK&topic=t", ["well"]],
  ["?cursor=other", ["well"]],
  ["?cursor=nobody", ["other", "well"]],
  ["?limit=2", ["behind", "other"]],
  ["?limit=1&status=OK&cursor=other", ["well"]],
];
for (const [query, want] of filters) {
  test(`groups${query || " without a filter"}`, async () => {
    const { status, body } = await json(threeGroups().handler, `/v4/clusters/c/groups${query}`);
    assert.equal(status, 200);
    assert.equal(body.at, AT);
    assert.deepEqual(
      body.groups.map((one: GroupSummary) => GroupSummary.parse(one).group),
      want,
    );
  });
}

test("pages of any size hold every group exactly once, and the last one has no next", async () => {
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: [100] });
  const names = [...HOSTILE_NAMES, ...Array.from({ length: 20 }, (_, i) => `g-${i}`)];
  for (const group of names) commitTo(state, { group, topic: "t", offset: 1 });
  const handler = createV4Handler({ clusters: [view], feed: feedOf() });
  for (const limit of [1, 7, names.length, names.length + 1]) {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await json(handler, `/v4/clusters/c/groups?limit=${limit}${query}`);
      assert.ok(body.groups.length <= limit);
      seen.push(...body.groups.map(({ group }: GroupSummary) => group));
      cursor = body.next;
    } while (cursor !== undefined);
    assert.deepEqual(seen, names.toSorted());
  }
});

test("a page that ends with the last group has no next", async () => {
  const { body } = await json(threeGroups().handler, "/v4/clusters/c/groups?limit=3");
  assert.equal("next" in body, false);
  const two = await json(threeGroups().handler, "/v4/clusters/c/groups?limit=2");
  assert.equal(two.body.next, "other");
});

const problems: readonly (readonly [url: string, status: number, message: RegExp])[] = [
  [
    "/v4/clusters/c/groups?status=BAD",
    400,
    /^status "BAD" is not one of OK, WARN, ERR, warming, stale, unauthorised, unknown$/,
  ],
  ["/v4/clusters/c/groups?limit=0", 400, /^limit is not a whole number from 1 to 10000$/],
  ["/v4/clusters/c/groups?limit=10001", 400, /^limit/],
  ["/v4/clusters/c/groups?limit=1.5", 400, /^limit/],
  ["/v4/clusters/c/groups?limit=", 400, /^limit/],
  ["/v4/clusters/c/groups?limit=many", 400, /^limit/],
  ["/v4/clusters/nope/groups", 404, /^no cluster "nope" is configured$/],
  ["/v4/clusters/c/groups/nope", 404, /^no group "nope"$/],
  ["/v4/evaluations?wait=soon", 400, /^wait is not a number of seconds$/],
  ["/v4/evaluations?wait=-1", 400, /^wait/],
];
for (const [url, status, message] of problems) {
  test(`${url} is ${status} and says why`, async () => {
    const answer = await json(threeGroups().handler, url);
    assert.deepEqual([answer.status, answer.body.error], [status, true]);
    assert.match(answer.body.message, message);
  });
}

test("other methods are refused, other paths are left to others", async () => {
  const { handler } = threeGroups();
  assert.equal((await ask(handler, "/v4/clusters/c/groups", { method: "DELETE" }))?.status, 405);
  for (const path of ["/v3/kafka", "/v4", "/v4/clusters/c", "/v4/clusters/c/topics", "/v4/clusters/c/groups/g/more"])
    assert.equal(await ask(handler, path), undefined);
});

test("one group has a row per partition, of this moment", async () => {
  const { handler, state } = threeGroups();
  ownBy(state, "behind", { topic: "t", partition: 0 });
  commitTo(state, { group: "behind", topic: "t", offset: 75, order: 2, ageMs: 1_000 });
  const { body } = await json(handler, "/v4/clusters/c/groups/behind");
  const { status, lag, members, partitions, at } = GroupEvaluation.parse(body);
  assert.deepEqual([status, lag, members, at], ["ERR", 25, 1, AT]);
  assert.deepEqual(
    partitions.map((one) => [
      one.topic,
      one.partition,
      one.committed_offset,
      one.lag,
      one.owner,
      one.commit_age_seconds,
    ]),
    [["t", 0, 75, 25, "/10.0.0.1", 1]],
  );
});

test("an unknown group of a cluster that is warming may only not be known yet", async () => {
  const { view } = watchedCluster("c", { replayed: false });
  const { status, body } = await json(createV4Handler({ clusters: [view], feed: feedOf() }), "/v4/clusters/c/groups/g");
  assert.equal(status, 404);
  assert.match(body.message, /the cluster is warming, so it may only not be known yet$/);
});

test("the clusters say what their numbers are worth", async () => {
  const [ok, cold, away] = [watchedCluster("ok"), watchedCluster("cold", { replayed: false }), watchedCluster("away")];
  const [stale, refused] = [watchedCluster("stale"), watchedCluster("refused")];
  const due = watchedCluster("due");
  for (const { view } of [ok, stale, refused]) view.verdicts.judge(AT, NOW_MS);
  away.clock.reach = { kind: "unreachable", reason: "connection refused", sinceMs: AT };
  stale.state.observe({ kind: "log-unavailable", logPartition: 0, reason: "no-leader", atMs: NOW_MS });
  refused.state.observe({ kind: "log-unavailable", logPartition: 0, reason: "unauthorised", atMs: NOW_MS });
  const clusters = [ok, cold, away, stale, refused, due].map(({ view }) => view);
  const { body } = await json(createV4Handler({ clusters, feed: feedOf() }), "/v4/clusters");
  assert.deepEqual(body, {
    clusters: [
      { cluster: "ok", condition: "ok", at: AT },
      {
        cluster: "cold",
        condition: "warming",
        progress: 0.5,
        reason: "0 of 1 partitions of the offsets topic are replayed",
      },
      { cluster: "away", condition: "unreachable", reason: "connection refused" },
      { cluster: "stale", condition: "stale", reason: "1 of 1 partitions of the offsets topic do not answer", at: AT },
      {
        cluster: "refused",
        condition: "stale",
        reason: "we may not read the offsets topic; `source: polling` does without it",
        at: AT,
      },
      { cluster: "due", condition: "warming", progress: 1, reason: "the first tick is due" },
    ],
  });
});

test("a warming cluster lists its groups as warming, never as OK", async () => {
  const { state, view } = watchedCluster("c", { replayed: false });
  setTopics(state, { t: [100] });
  commitTo(state, { group: "g", topic: "t", offset: 100 });
  const handler = createV4Handler({ clusters: [view], feed: feedOf() });
  const statusNow = async (): Promise<GroupStatus> =>
    (await json(handler, "/v4/clusters/c/groups")).body.groups[0].status;
  assert.equal(await statusNow(), "warming");
  state.observe(progressOf(true));
  assert.equal(await statusNow(), "OK");
});

test("the feed is a group-tick a line, then the cursor to go on from", async () => {
  const { view } = threeGroups();
  const feed = feedOf();
  const append = (i: number): void => {
    view.verdicts.judge(AT + i * 10_000, NOW_MS);
    feed.append(AT + i * 10_000, [view.snapshot()]);
  };
  append(1);
  append(2);
  const handler = createV4Handler({ clusters: [view], feed });
  const read = async (after: string) => {
    const answer = await ask(handler, `/v4/evaluations?after=${encodeURIComponent(after)}`);
    assert.ok(answer !== undefined);
    assert.deepEqual([answer.status, answer.contentType], [200, "application/x-ndjson"]);
    const lines = (await textOf(answer)).split("\n");
    assert.equal(lines.pop(), "", "the last line ends, too");
    const { cursor, ...nothing } = JSON.parse(lines.pop() ?? "");
    assert.deepEqual(nothing, {});
    return { evaluations: lines.map((line) => GroupEvaluation.parse(JSON.parse(line))), cursor };
  };
  const ticksOf = (evaluations: readonly GroupEvaluation[]) =>
    evaluations.map(({ group, at }) => [group, (at - AT) / 10_000]);
  const tick = (i: number) => ["behind", "other", "well"].map((group) => [group, i]);
  const first = await read("");
  assert.deepEqual(ticksOf(first.evaluations), tick(1));
  assert.equal(first.evaluations[0]?.partitions[0]?.lag, 40);
  const second = await read(first.cursor);
  assert.deepEqual(ticksOf(second.evaluations), tick(2));
  assert.deepEqual(await read(second.cursor), { evaluations: [], cursor: second.cursor });
});

test("a cursor that is too old is 410 with the oldest one and how many ticks are gone", async () => {
  const { view } = threeGroups();
  const feed = feedOf({ ticksKept: 1 });
  for (let i = 1; i <= 3; i += 1) feed.append(AT + i, [view.snapshot()]);
  const handler = createV4Handler({ clusters: [view], feed });
  const { status, body } = await json(handler, "/v4/evaluations?after=r.1");
  assert.deepEqual([status, body], [410, { oldest: "r.2", ticks_gone: 1 }]);
  assert.equal((await json(handler, "/v4/evaluations?after=another.1")).status, 410);
  assert.equal((await ask(handler, `/v4/evaluations?after=${body.oldest}`))?.status, 200);
});

test("every legal name is reached by its percent-encoding, and comes back from the list, the group and the feed", async () => {
  const { state, view } = watchedCluster("c/l %");
  setTopics(state, { t: [100] });
  for (const [i, group] of HOSTILE_NAMES.entries()) commitTo(state, { group, topic: "t", offset: i });
  const feed = feedOf();
  feed.append(AT, [view.snapshot()]);
  await overSocket([createV4Handler({ clusters: [view], feed })], async (get) => {
    const base = `/v4/clusters/${encodeURIComponent("c/l %")}/groups`;
    const list = JSON.parse((await get(base)).text);
    assert.deepEqual(
      list.groups.map(({ group }: GroupSummary) => group),
      HOSTILE_NAMES.toSorted(),
    );
    for (const [i, group] of HOSTILE_NAMES.entries()) {
      const { status, text } = await get(`${base}/${encodeURIComponent(group)}`);
      const body = JSON.parse(text);
      assert.deepEqual(
        [status, body.cluster, body.group, body.partitions[0].committed_offset],
        [200, "c/l %", group, i],
      );
    }
    const lines = (await get("/v4/evaluations")).text.trimEnd().split("\n").slice(0, -1);
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).group),
      HOSTILE_NAMES.toSorted(),
    );
  });
});
