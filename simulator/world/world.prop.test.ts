/** A world is the same however it is advanced, loses no record, and tells the true age of what waits. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WORLD_FAULTS } from "./faults.ts";
import type { Production } from "./specs.ts";
import { faultOn, MINUTE_MS, play, SECOND_MS, START_MS, smallScenario } from "./world.fixture.ts";

const LENGTH_MS = 3 * MINUTE_MS;

const production: fc.Arbitrary<Production> = fc.oneof(
  fc.record({ kind: fc.constant("constant" as const), perSecond: fc.double({ min: 0.1, max: 200, noNaN: true }) }),
  fc.constant({ kind: "bursty", perSecond: 5, burstPerSecond: 300, burstMs: 9_000, everyMs: 40_000 } as const),
  fc.constant({ kind: "diurnal", perSecond: 50, swing: 1, periodMs: 120_000 } as const),
  fc.constant({ kind: "batch", records: 900, everyMs: 45_000 } as const),
);
const scenario = fc
  .record({
    production,
    kind: fc.constantFrom("classic" as const, "consumer" as const, "simple" as const),
    members: fc.integer({ min: 1, max: 5 }),
    capacityPerSecond: fc.integer({ min: 1, max: 100 }),
    delayMs: fc.constantFrom(0, 4_000),
    isTransactional: fc.boolean(),
    faults: fc.array(fc.constantFrom(...WORLD_FAULTS.keys()), { maxLength: 3 }),
  })
  .map(({ production: made, faults, ...group }) =>
    smallScenario({
      topic: { production: made },
      group,
      faults: faults.map((name, index) => ({ ...faultOn(name), atMs: (20 + 25 * index) * SECOND_MS, forMs: 20_000 })),
    }),
  );

test("the same seed gives the same trace, however it is advanced", () => {
  const slices = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(scenario, slices, fc.integer(), (one, steps, seed) => {
      const whole = play(one, seed);
      whole.advance(START_MS + LENGTH_MS);
      const sliced = play(one, seed);
      let nowMs = START_MS;
      for (const step of steps) {
        nowMs = Math.min(nowMs + step, START_MS + LENGTH_MS);
        sliced.advance(nowMs);
      }
      sliced.advance(START_MS + LENGTH_MS);
      assert.deepEqual(sliced.lines, whole.lines);
    }),
    { numRuns: 40 },
  );
});

test("lines come in the order of their times", () => {
  fc.assert(
    fc.property(scenario, (one) => {
      const { advance, lines } = play(one);
      advance(START_MS + LENGTH_MS);
      assert.ok(lines.length > 0);
      for (const [index, { t }] of lines.entries()) assert.ok(t >= (lines[index - 1]?.t ?? 0));
    }),
    { numRuns: 40 },
  );
});

/** What moves offsets by hand counts records twice or not at all. */
const MOVING = ["rewind", "skip-ahead", "truncate", "delete-topic", "recreate-topic", "open-transaction"];

test("what was produced was read, is lost, or waits", () => {
  const quiet = scenario.filter(({ faults }) => faults.every((one) => !MOVING.includes(one.fault)));
  fc.assert(
    fc.property(quiet, (one) => {
      const { world, advance } = play(one);
      advance(START_MS + LENGTH_MS);
      const group = world.groups.get("g");
      assert.ok(group !== undefined);
      const { read, lost } = group.consumed();
      const waiting = group
        .held()
        .map(
          ({ topic, partition, position }) => (world.cluster.partition(topic, partition)?.endOffset ?? 0) - position,
        );
      assert.equal(read + lost + waiting.reduce((sum, records) => sum + records, 0), world.topics.get("t")?.produced());
    }),
    { numRuns: 60 },
  );
});

test("the true time lag is the age of the record at the committed offset", () => {
  fc.assert(
    fc.property(scenario, (one) => {
      const { world, advance } = play(one);
      const nowMs = START_MS + LENGTH_MS;
      advance(nowMs);
      for (const { topic, partition, committedOffset } of world.cluster.committedOffsets("g")) {
        const lagMs = world.truth.timeLagMs({ group: "g", topic, partition }, nowMs);
        const view = world.cluster.partition(topic, partition);
        if (view === undefined || lagMs === undefined) continue;
        if (committedOffset >= view.endOffset) {
          assert.equal(lagMs, 0);
          continue;
        }
        // The record that was appended so long ago is the one at the offset, and none before it was appended later.
        const at = world.cluster.offsetForTime(topic, partition, nowMs - lagMs);
        assert.equal(at?.timestampMs, nowMs - lagMs);
        assert.ok(at.offset <= Math.max(committedOffset, view.startOffset));
      }
    }),
    { numRuns: 60 },
  );
});
