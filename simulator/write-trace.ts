/**
 * # A world as a trace, with its truth
 *
 *   node simulator/write-trace.ts [--scenario NAME|FILE] [--seed 1] [--from 2026-01-01T00:00:00Z] [--hours 1] > FILE
 * Faults of a scenario count from `--from`; everything runs at its true pace.
 */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createCluster } from "./cluster/create-cluster.ts";
import { builtInScenario } from "./scenario/built-in.ts";
import { readScenario } from "./scenario/format.ts";
import type { TraceLine } from "./trace/line.ts";
import { createTracedWorld } from "./trace/traced-world.ts";
import { randomOf } from "./world/random.ts";

const HOUR_MS = 3_600_000;
const STEP_MS = 10_000;

const { values } = parseArgs({
  options: {
    scenario: { type: "string", default: "demo" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "2026-01-01T00:00:00Z" },
    hours: { type: "string", default: "1" },
  },
});

const scenario =
  builtInScenario(values.scenario) ?? readScenario(values.scenario, readFileSync(values.scenario, "utf8"));
const [seed, startMs, hours] = [Number(values.seed), Date.parse(values.from), Number(values.hours)];
if (!Number.isFinite(seed) || Number.isNaN(startMs) || !(hours > 0)) {
  throw new Error("--seed and --hours are numbers, --from is a time such as 2026-01-01T00:00:00Z");
}

const cluster = createCluster({
  clusterId: "simulated",
  version: "4.1",
  brokers: Array.from({ length: scenario.brokers }, (_, index) => index + 1),
  offsetsPartitions: scenario.offsetsPartitions,
  random: randomOf(seed, "cluster"),
});
// Whoever reads may have seen enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

let lines: string[] = [];
const write = (line: TraceLine): void => void lines.push(JSON.stringify(line));
const timing = { startMs, liveMs: startMs, pollEveryMs: STEP_MS, intervalMs: STEP_MS };
const { header, advance } = createTracedWorld({ scenario, seed, cluster, write, ...timing });
lines.unshift(JSON.stringify(header));

for (let nowMs = startMs; nowMs <= startMs + hours * HOUR_MS; nowMs += STEP_MS) {
  advance(nowMs);
  if (lines.length > 0 && !process.stdout.write(`${lines.join("\n")}\n`)) await once(process.stdout, "drain");
  lines = [];
}
