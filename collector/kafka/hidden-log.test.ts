/** A new cluster and one that hides its offsets topic look the same until there are groups. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../runtime/clock.ts";
import { createLogger } from "../../runtime/logger.ts";
import type { Observation, Observer } from "../model/observation.ts";
import { watchingHiddenLog } from "./hidden-log.ts";

const listed: Observation = {
  kind: "groups",
  groups: [{ group: "g", state: "Stable", type: "classic", protocolType: "consumer" }],
};
const none: Observation = { kind: "groups", groups: [] };
const metadata = (logPartitions: number): Observation => ({ kind: "log-partitions", logPartitions });

const rows: readonly { readonly name: string; readonly told: readonly Observation[]; readonly want: number }[] = [
  { name: "a new cluster has neither groups nor the topic", told: [none, metadata(0)], want: 0 },
  { name: "groups, and metadata after them without the topic", told: [listed, metadata(0)], want: 1 },
  { name: "metadata that is older than the groups says nothing", told: [metadata(0), listed], want: 0 },
  { name: "a topic that is there is not hidden", told: [listed, metadata(50)], want: 0 },
  { name: "a topic that was there is not hidden either", told: [metadata(50), listed, metadata(0)], want: 0 },
  { name: "groups that are gone again", told: [listed, none, metadata(0)], want: 0 },
];
for (const { name, told, want } of rows)
  test(name, () => {
    const passed: Observation[] = [];
    const observer: Observer = {
      handlesEpoch: 0,
      handleOf: () => 0,
      findHandle: () => undefined,
      commit: () => undefined,
      observe: (observation) => void passed.push(observation),
    };
    const watching = watchingHiddenLog(observer, systemClock, createLogger("silent"));
    for (const one of told) watching.observe(one);
    const away = passed.filter(({ kind }) => kind === "log-unavailable");
    assert.equal(away.length, want);
    assert.deepEqual(
      passed.filter(({ kind }) => kind !== "log-unavailable"),
      told,
    );
  });
