/**
 * # A window that somebody else keeps
 *
 * An existing Burrow tells its windows as they are, lags included: judged are those, and not what became of its commits here.
 */

import type { Observation } from "../model/observation.ts";
import { openRing } from "./burrow-store.ts";
import type { ClusterState } from "./cluster-state.ts";
import { clearRing, createWindow, restoreCommit } from "./rings.ts";

const MS_PER_SECOND = 1_000;

/** Of more commits than a window holds, the newest count. */
export function takeWindow(
  { burrow, offsets }: ClusterState,
  { handle, commits }: Extract<Observation, { kind: "window" }>,
): boolean {
  const { rings, ringBySlot, table, lastCommitMs } = burrow;
  const kept = commits.slice(-rings.intervals);
  const newest = kept.at(-1);
  const known = ringBySlot.get(handle);
  if (newest === undefined && known < 0) return false;
  const ring = known < 0 ? openRing(burrow, handle) : known;
  clearRing(rings, ring);
  const window = createWindow(rings.intervals);
  kept.forEach((commit, i) => {
    window.offsets[i] = commit.committedOffset;
    window.orders[i] = commit.order;
    window.timestampsMs[i] = commit.committedAtMs;
    window.observedAtS[i] = Math.floor(commit.observedAtMs / MS_PER_SECOND);
    window.lags[i] = commit.lag ?? Number.NaN;
    restoreCommit(rings, ring, window, i);
  });
  if (newest === undefined) return true;
  const groupId = table.groupIdOf(handle);
  lastCommitMs.set(groupId, Math.max(lastCommitMs.get(groupId), newest.committedAtMs));
  const isShown = offsets.committedOffset.get(handle) === newest.committedOffset;
  if (isShown && Number.isNaN(offsets.committedAtMs.get(handle))) offsets.setTime(handle, newest.committedAtMs);
  return true;
}
