/** A Burrow that is slow, busy, gone, begun anew, or not the one that was meant: nothing is lost by it, and nothing made up. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { consumerList } from "../../collector/window/burrow-reads.ts";
import { watchedBurrow as begin } from "./watched-burrow.ts";

test("told to come back later, a round is cut and goes on with those that it had left out", async () => {
  await using one = await begin({ atOnce: 1 });
  one.burrow.setEnds("t", [10]);
  const groups = ["a", "b", "c", "d"];
  for (const group of groups) one.commit(group, 1);
  await one.round();
  for (const group of groups) one.commit(group, 2);
  let left = 2;
  one.burrow.fault = (path) => {
    if (!/\/consumer\/./.test(path)) return undefined;
    left -= 1;
    return left < 0 ? { status: 429, headers: { "retry-after": "7" } } : undefined;
  };
  assert.deepEqual(await one.round(), { kind: "told", isWhole: false, retryAfterMs: 7_000 });
  assert.deepEqual(
    groups.map((group) => one.offset(group)),
    [2, 2, 1, 1],
  );
  assert.ok(groups.every((group) => !one.isStale(group)));
  left = 2;
  await one.round();
  assert.deepEqual(
    groups.map((group) => one.offset(group)),
    [2, 2, 2, 2],
  );
  for (const group of groups) assert.equal(one.isStale(group), false);
});

test("a group that is not answered in time is stale after two rounds, the others go on, and it comes back", async () => {
  await using one = await begin({ timeoutMs: 200 });
  one.burrow.setEnds("t", [10]);
  for (const group of ["slow", "well"]) one.commit(group, 1);
  await one.round();
  one.burrow.fault = (path) => (path.endsWith("/consumer/slow") ? "hang" : undefined);
  for (const group of ["slow", "well"]) one.commit(group, 2);
  await one.round();
  assert.deepEqual([one.isStale("slow"), one.offset("well")], [false, 2]);
  await one.round();
  assert.deepEqual([one.isStale("slow"), one.isStale("well")], [true, false]);
  one.burrow.fault = () => undefined;
  await one.round();
  assert.deepEqual([one.isStale("slow"), one.offset("slow")], [false, 2]);
});

test("a Burrow that begins anew takes nothing away, and what it replays is older than what is known", async () => {
  await using one = await begin();
  one.burrow.setEnds("t", [100]);
  const groups = ["a", "b", "c", "d", "e"];
  for (const group of groups) for (const offset of [10, 20]) one.commit(group, offset);
  await one.round();
  one.burrow.forgetAll();
  const away = await one.round();
  assert.equal(away.kind, "away");
  assert.deepEqual(
    groups.map((group) => one.offset(group)),
    [20, 20, 20, 20, 20],
  );
  one.burrow.setEnds("t", [100]);
  for (const group of groups) one.commit(group, 10, { agoMs: 60_000 });
  assert.equal((await one.round()).kind, "told");
  assert.deepEqual(
    groups.map((group) => one.offset(group)),
    [20, 20, 20, 20, 20],
  );
  for (const group of groups) one.commit(group, 30);
  await one.round();
  assert.deepEqual(
    groups.map((group) => one.offset(group)),
    [30, 30, 30, 30, 30],
  );
});

test("what a replay has not come to yet is kept: partitions, topics of a group, groups; for ten minutes", async () => {
  await using one = await begin();
  const topics = ["t", "u"];
  for (const topic of topics) one.burrow.setEnds(topic, [100, 100]);
  const all = ["whole", "late"].flatMap((group) =>
    topics.flatMap((topic) => [0, 1].map((partition) => ({ group, topic, partition, offset: 20 }))),
  );
  for (const commit of all) one.burrow.commit({ ...commit, atMs: one.clock.ms });
  await one.round();
  const present = () =>
    all.map(({ group, topic, partition }) => one.state.offsets.committedOffset.get(one.place(group, partition, topic)));
  one.burrow.forgetAll();
  for (const topic of topics) one.burrow.setEnds(topic, [100, 100]);
  one.burrow.commit({ group: "whole", topic: "t", partition: 0, offset: 20, atMs: one.clock.ms - 10_000 });
  for (let round = 0; round < 4; round += 1) await one.round();
  assert.deepEqual(
    present(),
    Array.from(all, () => 20),
  );
  assert.deepEqual([one.isStale("whole"), one.isStale("late")], [false, true]);
  for (let round = 0; round < 60; round += 1) await one.round();
  assert.deepEqual(
    present().filter((offset) => !Number.isNaN(offset)),
    [20],
    "but no longer",
  );
});

test("groups that are not watched any more are no Burrow that begins anew", async () => {
  const watched = new Set(["a", "b", "c", "d", "e"]);
  const excluded = { groups: 0, topics: 0 };
  const isGroup = (group: string) => watched.has(group);
  await using one = await begin({ names: { names: { isGroup, isTopic: () => true, excluded } } });
  one.burrow.setEnds("t", [10]);
  const groups = [...watched];
  for (const group of groups) one.commit(group, 5);
  await one.round();
  for (const group of ["a", "b", "c"]) watched.delete(group);
  for (let round = 0; round < 2; round += 1) assert.equal((await one.round()).kind, "told");
  assert.deepEqual(
    groups.map((group) => one.offset(group)),
    [Number.NaN, Number.NaN, Number.NaN, 5, 5],
  );
  assert.equal(excluded.groups, 3);
});

test("an older window that stays is believed in the end: a clock may have been put back", async () => {
  await using one = await begin();
  one.burrow.setEnds("t", [100]);
  one.commit("g", 50);
  await one.round();
  one.burrow.deleteGroup("g");
  one.commit("g", 60, { agoMs: 30_000 });
  for (let round = 0; round < 60; round += 1) await one.round();
  assert.equal(one.offset("g"), 50);
  await one.round();
  assert.equal(one.offset("g"), 60);
});

test("a commit that Burrow has merged into the one before is a commit", async () => {
  await using one = await begin();
  one.burrow.setEnds("t", [100]);
  one.commit("g", 10);
  await one.round();
  const at = one.clock.ms - 1_000;
  one.burrow.deleteGroup("g");
  one.burrow.commit({ group: "g", topic: "t", partition: 0, offset: 15, atMs: at });
  await one.round();
  assert.equal(one.offset("g"), 15);
  assert.deepEqual(
    one.window("g")?.map(({ offset }) => offset),
    [15],
  );
});

test("a cluster that Burrow does not know is said with those that it knows", async () => {
  await using one = await begin({ cluster: "other" });
  const outcome = await one.round();
  assert.deepEqual(outcome, {
    kind: "away",
    reason: "unauthorised",
    why: "Burrow knows no cluster other; it knows: prod",
  });
});

test("answers that are none are told apart: refused, not JSON, cut off, redirected", async () => {
  await using one = await begin();
  for (const [fault, reason] of [
    [{ status: 401 }, "unauthorised"],
    [{ status: 200, body: "<html>", headers: { "content-type": "application/json" } }, "error"],
    [{ status: 200, body: '{"module":null}', headers: { "content-type": "application/json" } }, "error"],
    [{ status: 502 }, "error"],
    [{ status: 301, headers: { location: "http://elsewhere/" } }, "error"],
    ["drop", "broker-unreachable"],
  ] as const) {
    one.burrow.fault = () => fault;
    const outcome = await one.round();
    assert.equal(outcome.kind === "away" ? outcome.reason : outcome.kind, reason, JSON.stringify(fault));
  }
});

test("no more requests are under way than are allowed", async () => {
  await using one = await begin({ atOnce: 3, timeoutMs: 100 });
  one.burrow.setEnds("t", [10]);
  for (let i = 0; i < 7; i += 1) one.commit(`g-${i}`, 5);
  one.burrow.fault = (path) => (path.includes("/consumer/") ? "hang" : undefined);
  await one.round();
  assert.equal(one.burrow.atOnceMax, 3);
  assert.equal(one.burrow.asked.length, 2 * (3 + 1 + 7), "the first round asks twice");
});

test("the group by which Burrow tells of itself is none", async () => {
  await using one = await begin();
  one.burrow.setEnds("t", [10]);
  one.burrow.setEnds("__consumer_offsets", [10]);
  const [topic, atMs] = ["__consumer_offsets", one.clock.ms];
  one.burrow.commit({ group: "burrow-reader", topic, partition: 0, offset: 9, atMs });
  one.commit("burrow-is-a-name", 5);
  await one.round();
  assert.deepEqual(consumerList(one.state.burrow), ["burrow-is-a-name"]);
});

test("an offset that JSON cannot tell exactly is refused, and what was known stays to be seen", async () => {
  await using one = await begin();
  one.burrow.setEnds("t", [10]);
  one.commit("g", 5);
  await one.round();
  one.commit("g", 2 ** 60);
  await one.round();
  assert.deepEqual([one.offset("g"), one.rounds.counts.offset_out_of_range], [5, 1]);
});
