/**
 * # What is known now: the page's port to the collector
 *
 * Implemented by the wiring of the process that serves the page. All three answer from memory.
 */

import type { GroupEvaluation, GroupSummary } from "../collector/model/evaluation.ts";

export interface ClusterState {
  readonly cluster: string;
  readonly state: "ok" | "warming" | "stale" | "unreachable";
  /** While warming: how much of the offsets topic is replayed, 0 to 1. */
  readonly progress?: number;
  /** Why it is not ok, in words. */
  readonly reason?: string;
  /** How many groups and topics the configuration leaves out; absent: none. */
  readonly excluded?: { readonly groups: number; readonly topics: number };
  /** Grid time of the newest tick, epoch ms; absent before the first. */
  readonly lastTickAtMs?: number;
  /** How often a tick is due; TICK_INTERVAL_MS where it is not given. */
  readonly tickIntervalMs?: number;
}

export const TICK_INTERVAL_MS = 10_000;

export interface LiveState {
  clusters(): readonly ClusterState[];
  /** As of the newest tick; undefined for a cluster that is not configured. */
  groups(cluster: string): Promise<readonly GroupSummary[]> | undefined;
  /** Undefined where there is no such cluster or group. */
  group(cluster: string, group: string): GroupEvaluation | undefined;
}
