/**
 * # How old what is known of a cluster is
 */

import type { ClusterState } from "./live-state.ts";
import { TICK_INTERVAL_MS } from "./live-state.ts";

/** Ticks missed before the page calls what it shows old. */
const TICKS_MISSED = 3;

export function tickAgeMs({ lastTickAtMs }: ClusterState, nowMs: number): number | undefined {
  return lastTickAtMs === undefined ? undefined : nowMs - lastTickAtMs;
}

export function isOld(cluster: ClusterState, nowMs: number): boolean {
  const intervalMs = cluster.tickIntervalMs ?? TICK_INTERVAL_MS;
  return (tickAgeMs(cluster, nowMs) ?? 0) > TICKS_MISSED * intervalMs;
}

/** The verdicts shown for this cluster are those of now. */
export function isCurrent(cluster: ClusterState, nowMs: number): boolean {
  switch (cluster.state) {
    case "ok":
    case "warming":
      return !isOld(cluster, nowMs);
    case "stale":
    case "unreachable":
      return false;
  }
}
