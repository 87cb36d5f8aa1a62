/** For tests: a cluster of one topic `t`, observations of a group `g` in short, and what a snapshot says of it. */

import assert from "node:assert/strict";
import { GroupEvaluation } from "../model/evaluation.ts";
import type { MemberDescription, Observation, UnavailableReason } from "../model/observation.ts";
import { groupEvaluationAt } from "../model/snapshot.ts";
import { BURROW_STORE_DEFAULTS } from "../window/burrow-store.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import { createClusterState } from "../window/cluster-state.ts";
import { BURROW_RULES_DEFAULTS } from "./burrow.ts";
import type { Verdicts } from "./judge.ts";
import { createVerdicts } from "./judge.ts";
import { liveGroupNames, takeSnapshot } from "./snapshot.ts";

export const NOW_MS = 1_700_000_000_000;
export const AT = NOW_MS - 5_000;
export const LOG = 0;

export interface Watched {
  readonly state: ClusterState;
  readonly verdicts: Verdicts;
}

export function watched(log: Partial<Extract<Observation, { kind: "log-progress" }>> = {}): Watched {
  const state = createClusterState({ cluster: "c", burrow: BURROW_STORE_DEFAULTS, nowS: () => NOW_MS / 1000 });
  state.observe({ kind: "topics", topics: [{ topic: "t", topicId: "id", partitions: 3 }] });
  const read = { baselineOrder: 0, replayed: true, backfilled: true, progress: 1, atMs: NOW_MS };
  state.observe({ kind: "log-progress", logPartition: LOG, logPartitions: 1, ...read, ...log });
  return { state, verdicts: createVerdicts(state, BURROW_RULES_DEFAULTS) };
}

export function offsets(
  { state }: Watched,
  which: "end" | "start",
  { values, atMs = NOW_MS - 1_000 }: { values: readonly (number | UnavailableReason)[]; atMs?: number },
): void {
  state.observe({
    kind: "watermarks",
    which,
    atMs,
    answeredAtMs: atMs,
    topics: ["t"],
    topicIndex: new Int32Array(values.length),
    partitions: Int32Array.from(values, (_, i) => i),
    offsets: Float64Array.from(values, (value) => (typeof value === "string" ? Number.NaN : value)),
    unavailable: new Map(values.flatMap((value, i) => (typeof value === "string" ? [[i, value] as const] : []))),
  });
}

export function commit(
  { state }: Watched,
  partition: number,
  { offset, order, ageMs }: { offset: number; order: number; ageMs: number },
): void {
  state.commit(state.handleOf("g", "t", partition), offset, NOW_MS - ageMs, order, LOG, order);
}

export function members({ state }: Watched, list: readonly MemberDescription[]): void {
  const words = { protocolType: "consumer", state: "Stable", type: "classic", generation: 4 };
  state.observe({
    kind: "members",
    group: "g",
    ...words,
    members: list,
    order: undefined,
    logPartition: undefined,
    atMs: 0,
  });
}

export const owner = (partitions: readonly number[]): MemberDescription => ({
  memberId: "m",
  clientId: "client",
  clientHost: "/10.0.0.1",
  partitions: [{ topic: "t", partitions }],
});

export function snapshotOf({ state, verdicts }: Watched, nowMs = NOW_MS) {
  return takeSnapshot({ state, verdicts, nowMs, allowedLag: 0 }, liveGroupNames(state));
}

export function groupOf(one: Watched, nowMs = NOW_MS): GroupEvaluation {
  const evaluation = groupEvaluationAt(snapshotOf(one, nowMs), 0);
  assert.ok(evaluation !== undefined);
  assert.deepEqual(GroupEvaluation.parse(evaluation), evaluation, "it is what the contract says");
  return evaluation;
}
