/**
 * # Windows that were lost though their group goes on
 *
 * A group that turns into one of another protocol is ended by a tombstone and begun anew, and a log that was cut begins its
 * orders anew: the strict rules then drop what they had, though nothing happened to the group's offsets. A window of one or two
 * commits spans no time, so that any pause looks like a stop to them; for a while nothing is made of that.
 */

import { createFloat64Column } from "./column.ts";

/** A group that commits at all has a window again by then. */
const REFILL_MS_MAX = 600_000;
/** With so many commits a pause is held against two intervals at least. */
export const REFILLED_COMMITS = 3;

export interface LostWindows {
  lose(groupId: number): void;
  /** When they were lost, epoch ms; NaN where they were not, or long ago. */
  sinceMs(groupId: number, nowMs: number): number;
  /** The id stands for another group. */
  forget(groupId: number): void;
}

export function createLostWindows(nowS: () => number): LostWindows {
  const lostAtS = createFloat64Column(Number.NaN);
  return {
    lose: (groupId) => lostAtS.set(groupId, nowS()),
    sinceMs: (groupId, nowMs) => {
      const lostAtMs = lostAtS.get(groupId) * 1_000;
      return nowMs - lostAtMs < REFILL_MS_MAX ? lostAtMs : Number.NaN;
    },
    forget: (groupId) => {
      if (!Number.isNaN(lostAtS.get(groupId))) lostAtS.set(groupId, Number.NaN);
    },
  };
}
