/**
 * # A stretch of a simulated world, recorded as all three stores would have it
 *
 * The world's lines are judged by the player of traces, as `tidemark replay` does; each tick becomes points by the shipper's encoder and
 * an exposition by the collector's own renderer. Nothing is invented in between, and the stores have to show the same.
 */

import { createObjectives } from "../../../collector/evaluate/objectives.ts";
import { liveGroupNames, takeSnapshot } from "../../../collector/evaluate/snapshot.ts";
import { renderLagSeries } from "../../../collector/http/lag-series.ts";
import { groupEvaluationsOf, type Snapshot } from "../../../collector/model/snapshot.ts";
import { createTracePlayer } from "../../../collector/trace/player.ts";
import { readLine } from "../../../collector/trace/read-line.ts";
import { matchesName } from "../../../runtime/name-pattern.ts";
import { createEventWatch } from "../../../shipper/encode/events.ts";
import { pointsOf } from "../../../shipper/encode/points.ts";
import { createThinning } from "../../../shipper/encode/thinning.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import { createCluster } from "../../../simulator/cluster/create-cluster.ts";
import { createTracedWorld } from "../../../simulator/trace/traced-world.ts";
import { randomOf } from "../../../simulator/world/random.ts";
import type { Scenario } from "../../../simulator/world/specs.ts";

export const TICK_MS = 10_000;
/** Before the stretch begins, so that windows are full and rates known. */
const RUN_UP_MS = 600_000;
const STEP_MS = 60_000;
const RULES = { minimumComplete: 0, allowedLag: 0 };
const APPENDS_MAX = 50_000;

const objectiveMsOf = createObjectives(
  [
    { groups: "nightly-*", timeLagMs: 1_800_000 },
    { groups: "*-archive", timeLagMs: 120_000 },
    { groups: "*", timeLagMs: 60_000 },
  ],
  matchesName,
);

export interface Stretch {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly fromMs: number;
  /** The scenario's faults count from here. */
  readonly toMs: number;
}

export interface RecordedTick {
  readonly atMs: number;
  readonly points: readonly Point[];
  /** Prometheus text without times. */
  readonly exposition: string;
}

/** Ticks from `fromMs` to `toMs`, each handed on at once: hours of them are more than memory should hold. */
export function recordStretch({ scenario, seed, fromMs, toMs }: Stretch, onTick: (tick: RecordedTick) => void): void {
  const header = { trace: 1, cluster: scenario.cluster, interval_ms: TICK_MS } as const;
  const thinning = createThinning(new Set(["all"]));
  const events = createEventWatch();
  const player = createTracePlayer({
    header: { ...header, log_partitions: scenario.offsetsPartitions },
    strict: {
      store: { intervals: 10, minDistanceMs: 0, expireGroupMs: 604_800_000 },
      rules: RULES,
      offsetRefreshMs: TICK_MS,
    },
    onTick: ({ at }) => {
      const { state, verdicts } = player;
      const options = { state, verdicts, nowMs: at, allowedLag: RULES.allowedLag, objectiveMsOf };
      const snapshot = takeSnapshot(options, liveGroupNames(state));
      const points = [...pointsOf({ at, evaluations: [...groupEvaluationsOf(snapshot)] }, thinning, events)];
      if (at >= fromMs && at <= toMs) onTick({ atMs: at, points, exposition: expositionOf(snapshot) });
    },
  });
  const { advance } = createTracedWorld({
    scenario,
    seed,
    cluster: createCluster({
      clusterId: "recorded",
      version: "4.1",
      brokers: Array.from({ length: scenario.brokers }, (_, index) => index + 1),
      offsetsPartitions: scenario.offsetsPartitions,
      random: randomOf(seed, "cluster"),
      appendsMax: APPENDS_MAX,
    }),
    startMs: fromMs - RUN_UP_MS,
    liveMs: toMs,
    pollEveryMs: TICK_MS,
    intervalMs: TICK_MS,
    write: (line) => {
      const read = readLine(line);
      if (read.kind !== "line") throw new TypeError(`no trace has this line: ${JSON.stringify(line)}`);
      player.line(read.line);
    },
  });
  for (let nowMs = fromMs - RUN_UP_MS; nowMs < toMs; ) {
    nowMs = Math.min(nowMs + STEP_MS, toMs);
    advance(nowMs);
  }
  player.flush();
}

function expositionOf(snapshot: Snapshot): string {
  return [...renderLagSeries([snapshot])]
    .flat()
    .map((chunk) => Buffer.from(chunk).toString("utf8"))
    .join("");
}
