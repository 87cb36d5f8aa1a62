/** The plan: its order, what it passes over, and that it neither depends on the order of demands nor flaps. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Demands, GroupDemand, SeriesPlan } from "./series-budget.ts";
import { createTroubleMemory, planSeries, TROUBLE_MS } from "./series-budget.ts";

function planOf(demands: Demands): SeriesPlan {
  const steps = planSeries(demands);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

function demand(group: string, partitionSeries: number, isTroubled = false): GroupDemand {
  return { cluster: "c", group, isTroubled, groupSeries: 10, partitionSeries };
}

const TOPICS = [
  { cluster: "c", topic: "x", series: 20 },
  { cluster: "c", topic: "y", series: 20 },
];
/** 30 of groups, 100 + 50 + 60 of partitions, 40 of topics: 280. */
const GROUPS = [demand("a", 100), demand("b", 50, true), demand("z", 60)];

const rows = [
  { name: "where all fits, all is shown", max: 280, details: [2, 2, 2], topics: [true, true], left: [] },
  { name: "one less, and the first healthy group still fits", max: 279, details: [2, 2, 1], topics: [true, true] },
  { name: "a large healthy group is passed over, not the small one after it", max: 219, details: [1, 2, 2] },
  { name: "topics come before the partitions of healthy groups", max: 120, details: [1, 2, 1], topics: [true, true] },
  { name: "and after those of groups in trouble", max: 100, details: [1, 2, 1], topics: [true, false] },
  { name: "groups stay when all partitions are gone", max: 30, details: [1, 1, 1], topics: [false, false] },
  { name: "the last group that is left is one in trouble", max: 10, details: [0, 1, 0], topics: [false, false] },
  { name: "nothing at all", max: 9, details: [0, 0, 0], topics: [false, false] },
] as const;

for (const { name, max, details, ...more } of rows) {
  test(name, () => {
    const plan = planOf({ groups: GROUPS, topics: TOPICS, seriesMax: max });
    assert.deepEqual(
      GROUPS.map(({ group }) => plan.detailOf("c", group)),
      details,
    );
    if ("topics" in more)
      assert.deepEqual(
        TOPICS.map(({ topic }) => plan.hasTopic("c", topic)),
        more.topics,
      );
    const shown =
      GROUPS.reduce((sum, one) => sum + ([0, 10, 10 + one.partitionSeries][plan.detailOf("c", one.group)] ?? 0), 0) +
      TOPICS.reduce((sum, { topic, series }) => sum + (plan.hasTopic("c", topic) ? series : 0), 0);
    const left = plan.leftOut.reduce((sum, { series }) => sum + series, 0);
    assert.equal(shown + left, 280);
    assert.ok(shown <= max);
  });
}

test("the same groups give the same plan, in whatever order they come", () => {
  const demands = fc.uniqueArray(
    fc.record({
      cluster: fc.constantFrom("a", "a1", "b"),
      group: fc.string({ maxLength: 3 }),
      isTroubled: fc.boolean(),
      groupSeries: fc.constant(10),
      partitionSeries: fc.integer({ min: 0, max: 50 }),
    }),
    { selector: ({ cluster, group }) => JSON.stringify([cluster, group]) },
  );
  const shuffled = demands.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, fc.integer({ min: 0, max: 600 }), ([some, other], seriesMax) => {
      const [one, two] = [some, other].map((groups) => planOf({ groups, topics: [], seriesMax }));
      for (const { cluster, group } of some) assert.equal(one?.detailOf(cluster, group), two?.detailOf(cluster, group));
    }),
  );
});

test("who was in trouble is so for a quarter of an hour more, and then no longer", () => {
  const { isTroubled } = createTroubleMemory();
  const at = (status: "OK" | "WARN" | "ERR" | "warming", nowMs: number) =>
    isTroubled({ cluster: "c", group: "g", status, nowMs });
  assert.equal(at("OK", 0), false);
  assert.equal(at("WARN", 1_000), true);
  assert.equal(at("OK", 1_000 + TROUBLE_MS - 1), true);
  assert.equal(at("OK", 1_000 + TROUBLE_MS), false);
  assert.equal(at("warming", 2 * TROUBLE_MS), false);
  assert.equal(at("ERR", 2 * TROUBLE_MS), true);
  assert.equal(isTroubled({ cluster: "c", group: "other", status: "OK", nowMs: 2 * TROUBLE_MS }), false);
});

test("a group that flaps leaves the plan as it is", () => {
  const { isTroubled } = createTroubleMemory();
  const plans = new Set<string>();
  for (let tick = 0; tick < 400; tick += 1) {
    const groups = ["a", "b", "z"].map((group) => {
      const status = group === "z" && tick % 2 === 0 ? "WARN" : "OK";
      return demand(group, 50, isTroubled({ cluster: "c", group, status, nowMs: tick * 10_000 }));
    });
    const plan = planOf({ groups, topics: [], seriesMax: 140 });
    plans.add(groups.map(({ group }) => plan.detailOf("c", group)).join());
  }
  assert.deepEqual([...plans], ["2,1,2"]);
});
