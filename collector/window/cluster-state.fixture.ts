/** For tests: observations of one group `g` on one topic `t`, in short, and what is shown after them. */

import type { MemberDescription, Observation, UnavailableReason, Watermarks } from "../model/observation.ts";
import { BURROW_STORE_DEFAULTS } from "./burrow-store.ts";
import type { ClusterState } from "./cluster-state.ts";
import { createClusterState } from "./cluster-state.ts";
import { liveSlotsOf } from "./live-slots.ts";

export const LOG = 3;
export const BASELINE = 100;
export const NOW_S = 1_700_000_000;
export const AT_MS = NOW_S * 1000 - 5_000;

export function stateWithTopic(partitions = 2): ClusterState {
  const state = createClusterState({ cluster: "c", burrow: BURROW_STORE_DEFAULTS, nowS: () => NOW_S });
  state.observe({ kind: "topics", topics: [{ topic: "t", topicId: "id-1", partitions }] });
  state.observe(progress());
  return state;
}

export function progress(more: Partial<Extract<Observation, { kind: "log-progress" }>> = {}): Observation {
  const read = { baselineOrder: BASELINE, replayed: true, backfilled: false, progress: 1, atMs: AT_MS };
  return { kind: "log-progress", logPartition: LOG, logPartitions: 50, ...read, ...more };
}

export function watermarks(
  which: Watermarks["which"],
  rows: readonly (readonly [partition: number, offset: number | UnavailableReason])[],
): Observation {
  const failed = rows.flatMap(([, one], i) => (typeof one === "string" ? [[i, one] as const] : []));
  return {
    kind: "watermarks",
    which,
    atMs: AT_MS,
    answeredAtMs: AT_MS,
    topics: ["t"],
    topicIndex: new Int32Array(rows.length),
    partitions: Int32Array.from(rows, ([partition]) => partition),
    offsets: Float64Array.from(rows, ([, one]) => (typeof one === "string" ? Number.NaN : one)),
    unavailable: new Map(failed),
  };
}

export function baseline(offsets: readonly (readonly [partition: number, committedOffset: number])[]): Observation {
  return {
    kind: "baseline",
    group: "g",
    logPartition: LOG,
    offsets: offsets.map(([partition, committedOffset]) => ({ topic: "t", partition, committedOffset })),
  };
}

export interface CommitRow {
  readonly offset: number;
  readonly order: number;
  readonly decided?: number;
  readonly partition?: number;
  readonly group?: string;
}

export function commit(
  state: ClusterState,
  { offset, order, decided = order, partition = 0, group = "g" }: CommitRow,
): void {
  state.commit(state.handleOf(group, "t", partition), offset, AT_MS + order, order, LOG, decided);
}

export function tombstone(state: ClusterState, order: number, partition = 0): void {
  state.observe({ kind: "offset-tombstone", handle: state.handleOf("g", "t", partition), logPartition: LOG, order });
}

export function members(more: Partial<Extract<Observation, { kind: "members" }>>): Observation {
  const empty = { protocolType: "consumer", state: "Stable", type: "classic", generation: 1, members: [] };
  return { kind: "members", group: "g", ...empty, order: undefined, logPartition: undefined, atMs: AT_MS, ...more };
}

export function member(clientId: string, partitions: readonly number[]): MemberDescription {
  return { memberId: clientId, clientId, clientHost: `/${clientId}`, partitions: [{ topic: "t", partitions }] };
}

export function groups(...names: readonly string[]): Observation {
  return {
    kind: "groups",
    groups: names.map((group) => ({ group, protocolType: "consumer", state: "Empty", type: "classic" })),
  };
}

/** What is shown of a group's partitions: committed offset, time after AT_MS, owner. */
export function shown(state: ClusterState, group = "g") {
  return liveSlotsOf(state.table, group).flatMap((slot) => {
    const { committedOffset, committedAtMs, ownerId, ownerOf } = state.offsets;
    const [offset, atMs] = [committedOffset.get(slot), committedAtMs.get(slot) - AT_MS];
    const owner = ownerOf(ownerId.get(slot))?.clientId;
    if (Number.isNaN(offset) && owner === undefined) return [];
    return [[state.table.partitionOf(slot), offset, atMs, owner]];
  });
}

export function windowOf(state: ClusterState, group = "g", partition = 0): number {
  const slot = state.table.find({ group, topic: "t", partition });
  return slot !== undefined && state.burrow.ringBySlot.get(slot) >= 0 ? 1 : 0;
}
