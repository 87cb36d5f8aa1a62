/** An existing Burrow as the source: its windows, ends and owners become ours. Round by round, on a stand-in. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { consumerList } from "../../collector/window/burrow-reads.ts";
import { watchedBurrow as begin } from "./watched-burrow.ts";

const HOSTILE = ["a b", "100%", "%2F", 'q"u\\o', "🌊 é", "<&>\u2028", "__proto__", "?x=1#y"];

test("a window is taken over as it is, lags and missing lags included, and judged by it", async () => {
  await using one = await begin();
  one.burrow.setEnds("t", [100]);
  for (const [i, lag] of [60, null, 60, 70].entries()) one.commit("g", 10 + i, { agoMs: 40_000 - i * 10_000, lag });
  assert.deepEqual(await one.round(), { kind: "told", isWhole: true });
  assert.deepEqual(
    one.window("g")?.map(({ offset, lag }) => [offset, lag]),
    [
      [10, 60],
      [11, undefined],
      [12, 60],
      [13, 70],
    ],
  );
  assert.deepEqual([one.verdict("g").status, one.verdict("g").totalLag], ["WARN", 87]);
  one.commit("g", 14, { lag: 5 });
  await one.round();
  assert.equal(one.verdict("g").status, "OK", "a lag that has fallen");
  assert.equal(one.state.offsets.committedAtMs.get(0), one.clock.ms - 1_000);
});

test("a silence is a STOP, one offset for ever a STALL, and what goes back a REWIND", async () => {
  await using one = await begin();
  one.burrow.setEnds("t", [1_000]);
  for (let round = 0; round < 12; round += 1) {
    if (round < 4) one.commit("stops", 100 + round);
    one.commit("stalls", 100);
    one.commit("rewinds", round === 6 ? 10 : 100 + (round > 6 ? 0 : round));
    await one.round();
  }
  const statuses = ["stops", "stalls", "rewinds"].map((group) => one.verdict(group).partitions[0]?.status);
  assert.deepEqual(statuses, ["STOP", "STALL", "REWIND"]);
  assert.equal(one.offset("rewinds"), 100);
});

test("a list of ends that leaves one out is not read by number", async () => {
  await using one = await begin();
  one.burrow.setEnds("t", [undefined, 50, 700]);
  one.commit("g", 40, { partition: 1 });
  one.commit("g", 700, { partition: 2 });
  await one.round();
  await one.round();
  assert.deepEqual([one.end(1), one.end(2)], [50, 700]);
  assert.equal(one.verdict("g").totalLag, 10);
  one.burrow.setEnds("t", [60, 50, 700]);
  await one.round();
  assert.deepEqual([one.end(0), one.end(1), one.end(2)], [60, 50, 700]);
});

test("partitions without a commit are there without one, and an owner alone is an owner", async () => {
  await using one = await begin();
  one.burrow.setEnds("t", [10, 10, 10]);
  one.commit("g", 5, { partition: 1 });
  one.burrow.own({ group: "g", topic: "t", partition: 2, owner: "/10.0.0.1" });
  await one.round();
  const { partitions, partitionCount } = one.verdict("g");
  assert.equal(partitionCount, 3);
  assert.deepEqual(
    partitions.map(({ complete, owner, start }) => [complete > 0, owner, start?.offset]),
    [
      [false, "", undefined],
      [true, "", 5],
      [true, "/10.0.0.1", undefined],
    ],
  );
  assert.deepEqual([one.offset("g", 0), one.offset("g", 1), one.offset("g", 2)], [Number.NaN, 5, Number.NaN]);
  assert.equal(one.state.groups.get("g")?.members, undefined, "how many members there are nobody has told");
});

test("a group that is listed and not found is gone at once, one that is not listed after two rounds", async () => {
  await using one = await begin();
  one.burrow.setEnds("t", [10]);
  for (const group of ["expires", "goes", "stays"]) one.commit(group, 5);
  await one.round();
  one.burrow.expire("expires");
  one.burrow.deleteGroup("goes");
  await one.round();
  assert.deepEqual([one.offset("expires"), one.offset("goes"), one.offset("stays")], [Number.NaN, 5, 5]);
  await one.round();
  assert.deepEqual([one.offset("goes"), one.offset("stays")], [Number.NaN, 5]);
  assert.deepEqual(consumerList(one.state.burrow), ["stays"]);
});

test("names are asked for as they are; one that no route leads to costs itself", async () => {
  await using one = await begin();
  one.burrow.setEnds("t", [10]);
  for (const group of [...HOSTILE, "a/b", ".."]) one.commit(group, 5);
  for (let round = 0; round < 3; round += 1) assert.equal((await one.round()).kind, "told");
  assert.deepEqual(
    HOSTILE.map((group) => one.offset(group)),
    HOSTILE.map(() => 5),
  );
  assert.deepEqual([one.offset("a/b"), one.offset("..")], [Number.NaN, Number.NaN]);
});
