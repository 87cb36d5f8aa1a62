/** Which changes of a configuration are told to need a restart, by the process that reads it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Config } from "./config.ts";
import { restartedBy } from "./restarted-by.ts";

const CLUSTER = { brokers: ["a:1"] };
const BEFORE = { clusters: { a: CLUSTER }, evaluate: { window: 10 }, sinks: { s: { type: "stdout" } } };
const [COLLECTOR, SHIPPER, ALL] = [
  { collector: true, shipper: false },
  { collector: false, shipper: true },
  { collector: true, shipper: true },
];

const rows: readonly (readonly [what: string, more: object, runs: typeof ALL, want: readonly string[]])[] = [
  ["nothing", {}, ALL, []],
  ["clusters and what they watch", { clusters: { b: { ...CLUSTER, groups: ["x"] } } }, ALL, []],
  [
    "defaults, objectives",
    { cluster_defaults: { topics: ["x"] }, objectives: [{ groups: "*", time_lag: "1m" }] },
    ALL,
    [],
  ],
  ["the time between ticks", { evaluate: { interval: "20s" } }, COLLECTOR, []],
  ["the log level", { log: { level: "debug" } }, SHIPPER, []],
  ["sinks", { sinks: {} }, SHIPPER, []],
  [
    "a window",
    { evaluate: { window: 12, burrow: { min_distance: "1s" } } },
    ALL,
    ["evaluate.window", "evaluate.burrow.min_distance"],
  ],
  ["where it listens", { collector: { listen: "127.0.0.1:9" } }, COLLECTOR, ["collector.listen.port"]],
  ["what another process reads", { collector: { listen: "127.0.0.1:9" } }, SHIPPER, []],
  ["what only a shipper reads", { shipper: { data_dir: "elsewhere" }, sinks: {} }, COLLECTOR, []],
  ["a new file for a token", { collector: { token_file: "t" } }, ALL, ["collector.token_file"]],
];
for (const [what, more, runs, want] of rows)
  test(`${what}: ${want.join(", ") || "none"}`, () => {
    const [before, wanted] = [Config.parse(BEFORE), Config.parse({ ...BEFORE, ...more })];
    assert.deepEqual(restartedBy({ before, wanted }, runs), want);
  });

test("while a trace is recorded the time between ticks stays: the trace says it in its head", () => {
  const collector = { record: { dir: "traces" } };
  const before = Config.parse({ ...BEFORE, collector });
  const wanted = Config.parse({ ...BEFORE, collector, evaluate: { interval: "20s" } });
  assert.deepEqual(restartedBy({ before, wanted }, ALL), ["evaluate.interval"]);
});
