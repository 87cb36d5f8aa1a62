/**
 * # A simulated world as points of history
 *
 * Judged by the code that runs live, and thinned as a sink that keeps partitions in trouble alone. Every group has one objective, which
 * a trace does not carry.
 */

import { Config } from "../../../cli/config.ts";
import { playPast } from "../../../cli/demo/past.ts";
import { strictOptions } from "../../../cli/run-replay.ts";
import type { GroupEvaluation } from "../../../collector/model/evaluation.ts";
import { groupEvaluationsOf, type Snapshot } from "../../../collector/model/snapshot.ts";
import { createEventWatch } from "../../../shipper/encode/events.ts";
import { pointsOf } from "../../../shipper/encode/points.ts";
import { createThinning } from "../../../shipper/encode/thinning.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import { createCluster } from "../../../simulator/cluster/create-cluster.ts";
import { randomOf } from "../../../simulator/world/random.ts";
import type { Scenario } from "../../../simulator/world/specs.ts";

const TICK_MS = 10_000;
const SEED = 11;
const OBJECTIVE_SECONDS = 30;

export interface PlayedTick {
  /** Epoch ms. */
  readonly atMs: number;
  readonly points: readonly Point[];
}

/** The oldest first. Times of faults count from `endMs`. */
export async function playedPoints(
  scenario: Scenario,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): Promise<readonly PlayedTick[]> {
  const events = createEventWatch();
  const thinning = createThinning(new Set(["unhealthy"]));
  const ticks: PlayedTick[] = [];
  const onTick = (snapshot: Snapshot): void => {
    const evaluations = [...groupEvaluationsOf(snapshot)].map(withObjective);
    const points = [...pointsOf({ at: snapshot.at, evaluations }, thinning, events)];
    ticks.push({ atMs: snapshot.at, points });
  };
  const cluster = createCluster({
    clusterId: "story",
    version: "4.1",
    brokers: [1, 2, 3],
    offsetsPartitions: scenario.offsetsPartitions,
    random: randomOf(SEED, "cluster"),
    appendsMax: 50_000,
  });
  const strict = { ...strictOptions(Config.parse({}).evaluate), offsetRefreshMs: TICK_MS };
  const played = { scenario, seed: SEED, cluster, startMs, liveMs: endMs, strict, onTick };
  await playPast(played, new AbortController().signal);
  return ticks;
}

function withObjective(evaluation: GroupEvaluation): GroupEvaluation {
  const { lag_seconds: lagSeconds } = evaluation;
  if (lagSeconds === undefined) return evaluation;
  const met = lagSeconds <= OBJECTIVE_SECONDS ? 1 : 0;
  return { ...evaluation, objective_seconds: OBJECTIVE_SECONDS, objective_met: met };
}
