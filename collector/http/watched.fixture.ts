/** A cluster for the tests of the interfaces: state, verdicts and a view of them, with a clock that the test turns. */

import { BURROW_RULES_DEFAULTS, createBurrowJudge } from "../evaluate/burrow.ts";
import { createVerdicts } from "../evaluate/judge.ts";
import type { Observation } from "../model/observation.ts";
import { BURROW_STORE_DEFAULTS } from "../window/burrow-store.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import { createClusterState } from "../window/cluster-state.ts";
import type { ClusterView, Reach } from "./cluster-view.ts";
import { createClusterView } from "./cluster-view.ts";

export const NOW_MS = 1_795_188_996_000;
export const AT = NOW_MS - 6_000;

/** Names that break what does not encode, quote or escape them. */
export const HOSTILE_NAMES = [
  "a b",
  "a/b",
  "100%",
  "%2F",
  'q"u\\o',
  "new\nline",
  "🌊 é",
  "<&>\u2028",
  "__proto__",
  "?x=1#y",
  "..",
];

export interface WatchedFixture {
  readonly state: ClusterState;
  readonly view: ClusterView;
  readonly clock: { nowMs: number; reach: Reach };
}

export function watchedCluster(cluster: string, { replayed = true } = {}): WatchedFixture {
  const clock = { nowMs: NOW_MS, reach: { kind: "reachable" } as Reach };
  const nowS = () => Math.floor(clock.nowMs / 1000);
  const state = createClusterState({ cluster, burrow: BURROW_STORE_DEFAULTS, nowS });
  const view = createClusterView({
    state,
    verdicts: createVerdicts(state, BURROW_RULES_DEFAULTS),
    judge: createBurrowJudge(state.burrow),
    reach: () => clock.reach,
    nowMs: () => clock.nowMs,
    servers: ["b1:9092"],
    offsetRefreshMs: 10_000,
  });
  state.observe(progressOf(replayed));
  return { state, view, clock };
}

export function progressOf(replayed: boolean): Observation {
  const read = { baselineOrder: 0, backfilled: replayed, progress: replayed ? 1 : 0.5, atMs: NOW_MS };
  return { kind: "log-progress", logPartition: 0, logPartitions: 1, replayed, ...read };
}

/** End offsets of all partitions of these topics; the list of topics is replaced. */
export function setTopics(state: ClusterState, ends: Readonly<Record<string, readonly number[]>>): void {
  const topics = Object.entries(ends);
  state.observe({
    kind: "topics",
    topics: topics.map(([topic, of]) => ({ topic, topicId: topic, partitions: of.length })),
  });
  for (const which of ["end", "start"] as const) {
    state.observe({
      kind: "watermarks",
      which,
      atMs: NOW_MS - 500,
      answeredAtMs: NOW_MS - 490,
      topics: topics.map(([topic]) => topic),
      topicIndex: Int32Array.from(topics.flatMap(([, of], index) => of.map(() => index))),
      partitions: Int32Array.from(topics.flatMap(([, of]) => of.map((_, partition) => partition))),
      offsets: Float64Array.from(topics.flatMap(([, of]) => of.map((end) => (which === "end" ? end : 0)))),
      unavailable: new Map(),
    });
  }
}

export interface CommitFixture {
  readonly group: string;
  readonly topic: string;
  readonly partition?: number;
  readonly offset: number;
  readonly ageMs?: number;
  readonly order?: number;
}

export function commitTo(
  state: ClusterState,
  { group, topic, partition = 0, offset, ageMs = 5_000, order = 1 }: CommitFixture,
): void {
  state.commit(state.handleOf(group, topic, partition), offset, NOW_MS - ageMs, order, 0, order);
}

export function ownBy(
  state: ClusterState,
  group: string,
  { topic, partition }: { topic: string; partition: number },
): void {
  const member = {
    memberId: "m",
    clientId: "client-1",
    clientHost: "/10.0.0.1",
    partitions: [{ topic, partitions: [partition] }],
  };
  const words = { protocolType: "consumer", state: "Stable", type: "classic", generation: 3 };
  state.observe({
    kind: "members",
    group,
    ...words,
    members: [member],
    order: undefined,
    logPartition: undefined,
    atMs: 0,
  });
}
