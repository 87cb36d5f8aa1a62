/** Faults of the wire on a script: begun and ended at their times, and refused by name where a line is wrong. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createFaults } from "../wire/faults.ts";
import { readScenario } from "./format.ts";
import { createWirePlayer } from "./wire-script.ts";

const FILE = `
brokers: 2
topics:
  orders: { partitions: 2, produce: { kind: constant, per_second: 1 } }
groups:
  billing: { topics: [orders], capacity_per_second: 5 }
faults:
  - { at: 10s, for: 5s, every: 60s, fault: "wire:broker-down", broker: 2 }
  - { at: 1s, for: 2s, fault: "wire:slow", broker: 1, amount: 300 }
  - { at: 1s, for: 2s, fault: "wire:deny-topic", topic: orders }
  - { at: 1s, for: 2s, fault: stop-group, group: billing }
`;

test("a script's faults of the wire are on at their times, and come again", () => {
  const { wire, faults: ofTheWorld } = readScenario("f.yaml", FILE);
  assert.equal(ofTheWorld.length, 1);
  const faults = createFaults();
  const play = createWirePlayer(wire, faults);
  const isDown = () => faults.find("broker-down", ({ broker }) => broker === 2) !== undefined;
  const seen = [0, 9_999, 10_000, 14_999, 15_000, 69_999, 70_000, 75_000].map((elapsedMs) => {
    play(elapsedMs);
    return isDown();
  });
  assert.deepEqual(seen, [false, false, true, true, false, false, true, false]);
  play(1_500);
  assert.equal(faults.find("slow", () => true)?.delayMs, 300);
  assert.equal(faults.find("deny-topic", () => true)?.topic, "orders");
});

const BAD: readonly (readonly [string, string, RegExp])[] = [
  ["a broker that is not there", FILE.replace("broker: 2", "broker: 7"), /faults\[0\]: there is no broker 7/],
  ["no broker", FILE.replace(", broker: 2", ""), /faults\[0\]: wire:broker-down needs a broker/],
  ["no end", FILE.replace("for: 5s, ", ""), /faults\[0\]: wire:broker-down needs `for`/],
  ["an unknown fault of the wire", FILE.replace("wire:slow", "wire:slo"), /wire:slow/],
];
for (const [what, text, says] of BAD) {
  test(`${what} is refused by name`, () => assert.throws(() => readScenario("f.yaml", text), says));
}
