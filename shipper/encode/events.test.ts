/** What two ticks tell between them, and what they do not: a start, a restart, a cluster that is away, ticks read again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { GroupEvaluation, PartitionEvaluation } from "../../collector/model/evaluation.ts";
import type { PointOf } from "../schema/point.ts";
import { createEventWatch, EVENTS_MAX } from "./events.ts";

const TICK_MS = 10_000;

type Rest = Partial<Omit<GroupEvaluation, "group" | "partitions">>;

/** A group whose topic t has these committed offsets, by partition. */
function group(name: string, offsets: readonly number[], rest: Rest = {}): GroupEvaluation {
  const { status = "OK" } = rest;
  const partitions = offsets.map(
    (offset, partition): PartitionEvaluation => ({
      topic: "t",
      partition,
      status: status === "warming" || status === "stale" ? status : "OK",
      committed_offset: offset,
    }),
  );
  const counts = { partitions_bad: 0, partitions_stale: 0, partitions_without_commit: 0, complete: 1 };
  return { cluster: "c", group: name, at: 0, status: "OK", ...counts, ...rest, partitions };
}

type Step = readonly GroupEvaluation[] | "new run";

/** What each tick tells; the first at 0. */
function told(
  steps: readonly Step[],
  watch = createEventWatch(),
  firstMs = 0,
): readonly (readonly PointOf<"event">[])[] {
  let atMs = firstMs;
  return steps.flatMap((step) => {
    if (step === "new run") {
      watch.newRun();
      return [];
    }
    const tick = watch.begin(atMs);
    atMs += TICK_MS;
    for (const evaluation of step) tick.see(evaluation);
    return [tick.end()];
  });
}

const shown = ({ dimensions: { group: name, event }, fields: { text } }: PointOf<"event">): string =>
  `${event} ${name}: ${text}`;

const two = [group("a", [5]), group("b", [5])];
const empty = (offset: number): GroupEvaluation => group("a", [offset], { state: "Empty", generation: 4, members: 0 });

const rows: readonly { readonly name: string; readonly steps: readonly Step[]; readonly want: readonly string[][] }[] =
  [
    { name: "the first tick tells nothing of its groups", steps: [two, two], want: [[], []] },
    {
      name: "a group that comes, and one that goes",
      steps: [two, [group("b", [5]), group("c", [5])]],
      want: [[], ["appeared c: the group appeared", "vanished a: the group is no longer there"]],
    },
    {
      name: "one that is back has appeared",
      steps: [two, [two[0] ?? empty(1)], two],
      want: [[], ["vanished b: the group is no longer there"], ["appeared b: the group appeared"]],
    },
    { name: "a tick without any group of the cluster is no end of them", steps: [two, [], two], want: [[], [], []] },
    {
      name: "a cluster that is away: its groups are stale, and come back",
      steps: [two, two.map((one) => ({ ...one, status: "stale" as const })), two],
      want: [[], [], []],
    },
    {
      name: "groups that show up while logs are replayed are not new",
      steps: [
        [group("a", [5], { status: "warming" })],
        [...two, group("c", [1], { status: "warming" })],
        [...two, group("c", [1]), group("d", [1])],
        two,
      ],
      want: [[], [], [], ["vanished c: the group is no longer there", "vanished d: the group is no longer there"]],
    },
    {
      name: "a restart of the collector: it is told, and its replay neither brings nor ends a group",
      steps: [two, "new run", [group("b", [2], { status: "warming" })], two, [...two, group("c", [0])]],
      want: [[], ["restart : the collector was started anew"], [], ["appeared c: the group appeared"]],
    },
    {
      name: "what was reset while the collector was restarted is told when its rows are judged again",
      steps: [two, "new run", [group("a", [3], { status: "warming" })], [group("a", [3]), group("b", [5])]],
      want: [
        [],
        ["restart : the collector was started anew"],
        ["reset a: t: offsets moved back by 2 in 1 partition (0: 5 -> 3)"],
      ],
    },
    {
      name: "a rewind, the first partitions by name",
      steps: [[group("a", [9, 9, 9, 9, 9])], [group("a", [1, 2, 9, 4, 5])]],
      want: [
        [],
        ["reset a: t: offsets moved back by 24 in 4 partitions (0: 9 -> 1, 1: 9 -> 2, 3: 9 -> 4, and 1 more)"],
      ],
    },
    {
      name: "offsets that are read on are no reset",
      steps: [[group("a", [1])], [group("a", [99_999])]],
      want: [[], []],
    },
    {
      name: "moved on while there has been no member: a tool did it",
      steps: [[empty(1)], [empty(1)], [empty(50)]],
      want: [[], [], ["reset a: t: offsets moved forward by 49 in 1 partition (0: 1 -> 50)"]],
    },
    {
      name: "the last commit of a member that left is no reset",
      steps: [[group("a", [1], { state: "Stable", generation: 4 })], [empty(1)], [empty(50)]],
      want: [[], [], []],
    },
    {
      name: "a reader without membership moves on in an Empty group that never had a generation",
      steps: [1, 2, 3, 4].map((offset) => [group("a", [offset], { state: "Empty" })]),
      want: [[], [], [], []],
    },
    {
      name: "a rebalance, by its count; one pair is one",
      steps: [
        [group("a", [1], { generation: 7, rebalances: 2, members: 2 })],
        [group("a", [1], { generation: 8, rebalances: 3, members: 3 })],
        [group("a", [1], { generation: 9, rebalances: 3, members: 3 })],
      ],
      want: [[], ["rebalance a: generation 7 -> 8, 3 members"], []],
    },
    {
      name: "the last member that leaves makes a generation and no rebalance",
      steps: [[group("a", [1], { generation: 7, members: 1 })], [group("a", [1], { generation: 8, members: 0 })]],
      want: [[], []],
    },
    {
      name: "a count that began anew is no rebalance, a generation that moved meanwhile is",
      steps: [
        [
          group("a", [1], { generation: 7, rebalances: 9, members: 1 }),
          group("b", [1], { generation: 7, rebalances: 9, members: 1 }),
        ],
        "new run",
        [
          group("a", [1], { generation: 7, rebalances: 0, members: 1 }),
          group("b", [1], { generation: 11, rebalances: 0, members: 1 }),
        ],
      ],
      want: [[], ["restart : the collector was started anew", "rebalance b: generation 7 -> 11, 1 member"]],
    },
    {
      name: "what is not known for a while is compared with what was known last",
      steps: [
        [group("a", [9], { generation: 7, members: 1 })],
        [group("a", [], {})],
        [group("a", [9], { generation: 8, members: 1 })],
      ],
      want: [[], [], ["rebalance a: generation 7 -> 8, 1 member"]],
    },
  ];

for (const { name, steps, want } of rows) {
  test(name, () => {
    assert.deepEqual(
      told(steps).map((tick) => tick.map(shown)),
      want,
    );
  });
}

test("an event says its kind, its topic and its direction in its tags", () => {
  const [, events = []] = told([[group("a", [9])], [group("a", [1])]]);
  assert.deepEqual(
    events.map(({ fields }) => fields.tags),
    ["reset,t,back"],
  );
});

test("of one tick so many are told, and the others are counted", () => {
  const watch = createEventWatch();
  const many = Array.from({ length: EVENTS_MAX + 7 }, (_, index) => group(`g${index}`, [1]));
  const [, , events = []] = told([[group("a", [1])], [group("a", [1])], [...many, group("a", [1])]], watch);
  assert.deepEqual([events.length, watch.dropped()], [EVENTS_MAX, 7]);
});

const anyGroup = fc
  .record({
    name: fc.constantFrom("a", "b", "c"),
    offsets: fc.array(fc.nat({ max: 5 }), { maxLength: 3 }),
    generation: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
    state: fc.constantFrom("Empty", "Stable"),
    status: fc.constantFrom("OK", "warming", "stale") as fc.Arbitrary<"OK" | "warming" | "stale">,
  })
  .map(({ name, offsets, generation, state, status }) =>
    group(name, offsets, { state, status, ...(generation === undefined ? {} : { generation }) }),
  );
const anyTick = fc.uniqueArray(anyGroup, { selector: ({ group: name }) => name });
const anySteps = fc.array(fc.oneof({ weight: 9, arbitrary: anyTick }, fc.constant("new run" as const)), {
  maxLength: 8,
});

test("a second shipper of the same ticks, and ticks that are read again, give the same points", () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const first = createEventWatch();
      const ending = [...steps, []];
      assert.deepEqual(told(ending), told(ending, first));
      const ticks = steps.filter((step) => step !== "new run");
      assert.deepEqual(told(ticks, first), told(ticks), "the watch that has seen them, against a new one");
    }),
    { numRuns: 2_000 },
  );
});

test("no tick has two events of the same identity", () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      for (const events of told(steps)) {
        const names = new Set(events.map(({ dimensions }) => JSON.stringify(dimensions)));
        assert.equal(names.size, events.length);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a watch that begins with the last tick before goes on as one that saw all of them, but for who was Empty", () => {
  const stable = fc.array(fc.array(fc.nat({ max: 5 }), { minLength: 2, maxLength: 2 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(stable, (offsets) => {
      const ticks = offsets.map((one) => [group("a", one, { generation: one[0] ?? 0, members: 1 })]);
      const all = told(ticks).at(-1);
      const last = told(ticks.slice(-2), createEventWatch(), (ticks.length - 2) * TICK_MS).at(-1);
      assert.deepEqual(last, all);
    }),
  );
});
