/**
 * # Groups whose offsets wait in an open transaction, and since when
 *
 * Told whole for one partition of the offsets topic at a time: what it no longer names has ended.
 */

import type { Observation } from "../model/observation.ts";
import type { ClusterState } from "./cluster-state.ts";

export interface OpenTransactions {
  /** Epoch ms of the coordinator's clock, of the oldest by group. */
  set(logPartition: number, sinceMsByGroup: ReadonlyMap<string, number>): void;
  /** Undefined where none of the group's offsets waits. */
  sinceMsOf(group: string): number | undefined;
}

export function createOpenTransactions(): OpenTransactions {
  const byLogPartition = new Map<number, ReadonlyMap<string, number>>();
  return {
    set: (logPartition, sinceMsByGroup) => {
      if (sinceMsByGroup.size > 0) byLogPartition.set(logPartition, sinceMsByGroup);
      else byLogPartition.delete(logPartition);
    },
    // A group lives in one partition, and few partitions have open transactions.
    sinceMsOf: (group) => {
      for (const groups of byLogPartition.values()) {
        const sinceMs = groups.get(group);
        if (sinceMs !== undefined) return sinceMs;
      }
      return undefined;
    },
  };
}

export function takeOpenTransactions(
  { table, openTransactions }: ClusterState,
  { logPartition, sinceMs }: Extract<Observation, { kind: "open-transactions" }>,
): boolean {
  const byGroup = new Map<string, number>();
  for (const [handle, since] of sinceMs) {
    const group = table.keyOf(handle)?.group;
    if (group !== undefined) byGroup.set(group, Math.min(since, byGroup.get(group) ?? since));
  }
  openTransactions.set(logPartition, byGroup);
  return true;
}
