/** Scenario files: what is wrong is named; what comes with Tidemark can be played. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { builtInScenario } from "./built-in.ts";
import { readScenario } from "./format.ts";
import { END_MS, LIVE_MS, playScenario } from "./scenario.fixture.ts";

const GOOD = `
topics:
  orders: { partitions: 6, produce: { kind: constant, per_second: 100 }, retention: 1h }
groups:
  billing: { topics: [orders], capacity_per_second: 200, commit_every: 1s }
faults:
  - { at: 20s, for: 40s, fault: slow-consumer, group: billing, amount: 0.2 }
`;

test("a file is a world", () => {
  const scenario = readScenario("shop.yaml", GOOD);
  assert.equal(scenario.groups[0]?.commitEveryMs, 1_000);
  const { world, lines } = playScenario(scenario);
  assert.equal(world.truth.conditions()[0]?.cause, "slow-consumer");
  assert.ok(lines.length > 100);
});

test("the example is a world that can be played", () => {
  const file = new URL("../../examples/scenarios/shop.yaml", import.meta.url);
  const scenario = readScenario("shop.yaml", readFileSync(file, "utf8"));
  assert.equal(scenario.wire.length, 1);
  assert.equal(playScenario(scenario).world.groups.size, 2);
});

const BAD: readonly (readonly [string, string, RegExp])[] = [
  ["an unknown fault", GOOD.replace("slow-consumer", "slow-consumr"), /faults.*fault.*slow-consumer.*rewind/s],
  ["an unknown key", GOOD.replace("capacity_per_second", "capacity_per_secnd"), /capacity_per_second/],
  ["a topic that is not there", GOOD.replace("[orders]", "[order]"), /groups\.billing: there is no topic "order"/],
  [
    "a group that is not there",
    GOOD.replace("group: billing", "group: biling"),
    /faults\[0\]: there is no group "biling"/,
  ],
  ["a fault without its group", GOOD.replace("group: billing, ", ""), /faults\[0\]: slow-consumer needs a group/],
  ["a duration without its unit", GOOD.replace("20s", "20"), /faults.*at/s],
];

for (const [what, text, says] of BAD) {
  test(`${what} is refused by name`, () => {
    assert.throws(() => readScenario("shop.yaml", text), says);
  });
}

test("the demonstration plays each of its eight incidents in the first minute, and again later", () => {
  const scenario = builtInScenario("demo");
  assert.ok(scenario !== undefined && scenario.groups.length === 20);
  const { world } = playScenario(scenario);
  const causes = (fromMs: number, untilMs: number) =>
    new Set(
      world.truth
        .conditions()
        .filter((one) => one.fromMs >= fromMs && one.fromMs < untilMs && one.cause !== "catching-up")
        .map((one) => one.cause),
    );
  const eight = [...causes(LIVE_MS - 60_000, LIVE_MS + 20_000)];
  assert.equal(eight.length, 8);
  assert.deepEqual([...causes(LIVE_MS + 60_000, END_MS)].sort(), eight.sort());
});
