/**
 * For tests: a world whose topics lose their oldest records, watched as a collector would: end offsets every two seconds, log
 * starts every minute. What is said of each group-partition is noted, and beside it every move of a log start, so that in the
 * end the time is known at which each record was deleted.
 */

import { BURROW_RULES_DEFAULTS } from "../../collector/evaluate/burrow.ts";
import { createVerdicts } from "../../collector/evaluate/judge.ts";
import { liveGroupNames, takeSnapshot } from "../../collector/evaluate/snapshot.ts";
import { configOf } from "../../collector/kafka/config-poll.ts";
import type { Watermarks } from "../../collector/model/observation.ts";
import { groupEvaluationsOf } from "../../collector/model/snapshot.ts";
import { BURROW_STORE_DEFAULTS } from "../../collector/window/burrow-store.ts";
import type { ClusterState } from "../../collector/window/cluster-state.ts";
import { createClusterState } from "../../collector/window/cluster-state.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import type { WorldEvents } from "../../simulator/world/events.ts";
import { randomOf } from "../../simulator/world/random.ts";
import type { Scenario } from "../../simulator/world/specs.ts";
import { createWorld } from "../../simulator/world/world.ts";

export const START_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 500;
const END_EVERY_MS = 2_000;
const START_EVERY_MS = 60_000;

export interface LossWatchOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly lengthMs: number;
  readonly lookEveryMs: number;
  /** After each step: somebody else may delete records. */
  readonly onStep?: (cluster: Cluster, nowMs: number) => void;
}

/** What was said of a group-partition at one moment. */
export interface Said {
  readonly atMs: number;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly committedOffset: number;
  readonly lag: number;
  readonly lost: number;
  /** Undefined: nothing. */
  readonly lossSeconds: number | undefined;
}

export interface Watched {
  readonly said: readonly Said[];
  /** When the record went, epoch ms, at most STEP_MS too late; undefined: it is still there. */
  deletedAtMs(topic: string, partition: number, offset: number): number | undefined;
}

interface Move {
  readonly atMs: number;
  readonly startOffset: number;
}

export function watchLosses({ scenario, seed, lengthMs, lookEveryMs, onStep }: LossWatchOptions): Watched {
  const clock = { nowMs: START_MS };
  const moves = new Map<string, Move[]>();
  const cluster = withMovesNoted(clusterOf(scenario, seed), moves, clock);
  const nowS = () => Math.floor(clock.nowMs / 1_000);
  const state = createClusterState({ cluster: scenario.cluster, burrow: BURROW_STORE_DEFAULTS, nowS });
  const verdicts = createVerdicts(state, BURROW_RULES_DEFAULTS);
  const listeners = [commitsTo(state, cluster)];
  const world = createWorld({ scenario, seed, cluster, startMs: START_MS, liveMs: START_MS, listeners });
  tellCluster(state, cluster, scenario.offsetsPartitions);
  const said: Said[] = [];
  for (; clock.nowMs <= START_MS + lengthMs; clock.nowMs += STEP_MS) {
    const { nowMs } = clock;
    world.advance(nowMs);
    onStep?.(cluster, nowMs);
    const sinceMs = nowMs - START_MS;
    if (sinceMs % END_EVERY_MS === 0) tellOffsets(state, cluster, { which: "end", atMs: nowMs });
    if (sinceMs % START_EVERY_MS === 0) tellOffsets(state, cluster, { which: "start", atMs: nowMs });
    if (sinceMs % lookEveryMs !== 0) continue;
    verdicts.judge(nowMs, nowMs);
    const snapshot = takeSnapshot({ state, verdicts, nowMs, allowedLag: 0 }, liveGroupNames(state));
    for (const { group, partitions } of groupEvaluationsOf(snapshot))
      for (const { topic, partition, committed_offset: committedOffset = -1, lag = 0, ...row } of partitions) {
        const [lost, lossSeconds] = [row.lost_records ?? 0, row.loss_seconds];
        said.push({ atMs: nowMs, group, topic, partition, committedOffset, lag, lost, lossSeconds });
      }
  }
  const deletedAtMs: Watched["deletedAtMs"] = (topic, partition, offset) =>
    moves.get(`${topic}/${partition}`)?.find(({ startOffset }) => startOffset > offset)?.atMs;
  return { said, deletedAtMs };
}

function clusterOf({ brokers, offsetsPartitions }: Scenario, seed: number): Cluster {
  return createCluster({
    clusterId: "losses",
    version: "4.1",
    brokers: Array.from({ length: brokers }, (_, index) => index + 1),
    offsetsPartitions,
    random: randomOf(seed, "cluster"),
  });
}

function commitsTo(state: ClusterState, cluster: Cluster): WorldEvents {
  return {
    commit: ({ group, offsets, atMs, order }) => {
      const log = cluster.logPartitionOf(group);
      for (const [index, { topic, partition, committedOffset }] of offsets.entries()) {
        const handle = state.handleOf(group, topic, partition);
        state.commit(handle, committedOffset, atMs, order + index, log, order + index);
      }
    },
    tombstones() {},
    group() {},
    topic() {},
    deploy() {},
    began() {},
    ended() {},
  };
}

const topicsOf = (cluster: Cluster) => [...cluster.topics()].filter(({ isInternal }) => !isInternal);

/** What a collector asks once. */
function tellCluster(state: ClusterState, cluster: Cluster, logPartitions: number): void {
  const topics = topicsOf(cluster).map(({ name: topic, partitions }) => ({ topic, topicId: undefined, partitions }));
  state.observe({ kind: "topics", topics });
  const configs = topicsOf(cluster).flatMap(({ name, configs: told }) => configOf(name, told) ?? []);
  state.observe({ kind: "topic-configs", topics: configs });
  state.observe({ kind: "log-partitions", logPartitions });
  const read = { baselineOrder: 0, replayed: true, backfilled: true, progress: 1, atMs: START_MS };
  for (let logPartition = 0; logPartition < logPartitions; logPartition += 1)
    state.observe({ kind: "log-progress", logPartition, logPartitions, ...read });
}

function tellOffsets(
  state: ClusterState,
  cluster: Cluster,
  { which, atMs }: { readonly which: "end" | "start"; readonly atMs: number },
): void {
  const topics = topicsOf(cluster);
  const rows = topics.flatMap(({ name, partitions }, index) =>
    Array.from({ length: partitions }, (_, partition) => ({ name, index, partition })),
  );
  const answer: Watermarks = {
    kind: "watermarks",
    which,
    atMs,
    answeredAtMs: atMs,
    topics: topics.map(({ name }) => name),
    topicIndex: Int32Array.from(rows, ({ index }) => index),
    partitions: Int32Array.from(rows, ({ partition }) => partition),
    offsets: Float64Array.from(rows, ({ name, partition }) => {
      const view = cluster.partition(name, partition);
      return (which === "end" ? view?.endOffset : view?.startOffset) ?? Number.NaN;
    }),
    unavailable: new Map(),
  };
  state.observe(answer);
}

/** Each move of a log start, at the end of its step. */
function withMovesNoted(cluster: Cluster, moves: Map<string, Move[]>, clock: { readonly nowMs: number }): Cluster {
  return {
    ...cluster,
    advanceStart: (topic, partition, startOffset) => {
      cluster.advanceStart(topic, partition, startOffset);
      const key = `${topic}/${partition}`;
      const of = moves.get(key) ?? [];
      moves.set(key, of);
      of.push({ atMs: clock.nowMs, startOffset });
    },
  };
}
