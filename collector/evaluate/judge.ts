/**
 * # Judging all groups of a cluster: one tick
 *
 * The strict rules over every group that Burrow would know, into columns that the answers read. Fetching a group for its
 * verdict is also what expires it, as in Burrow.
 */

import type { BurrowGroupStatus } from "../model/status.ts";
import { fetchGroupId, groupIds } from "../window/burrow-reads.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import type { BurrowRules } from "./burrow.ts";
import { createBurrowJudge } from "./burrow.ts";
import type { BurrowGroupTotals } from "./burrow-group.ts";
import { judgeGroup } from "./burrow-group.ts";

export interface Verdicts {
  /** Grid time of the last tick, epoch ms; 0 before the first. */
  at(): number;
  /** The strict verdict of the last tick; NOTFOUND where Burrow would not know the group. */
  groupStatus(group: string): BurrowGroupStatus;
  totals(group: string): BurrowGroupTotals | undefined;
  /** Judges everything at `nowMs`, as the tick of grid time `at`. */
  judge(at: number, nowMs: number): void;
}

const MS_PER_SECOND = 1_000;

export function createVerdicts(state: ClusterState, rules: BurrowRules): Verdicts {
  const judge = createBurrowJudge(state.burrow, rules);
  const { groups } = state.table;
  let totals: ReadonlyMap<string, BurrowGroupTotals> = new Map();
  let judgedAt = 0;
  return {
    at: () => judgedAt,
    groupStatus: (group) => totals.get(group)?.status ?? "NOTFOUND",
    totals: (group) => totals.get(group),
    judge: (at, nowMs) => {
      const nowS = Math.floor(nowMs / MS_PER_SECOND);
      state.logs.clocks.adopt();
      const fresh = new Map<string, BurrowGroupTotals>();
      for (const id of groupIds(state.burrow)) {
        const group = groups.nameOf(id);
        if (group === undefined || fetchGroupId(state.burrow, group, nowS) === undefined) continue;
        fresh.set(group, judgeGroup(judge, id, { nowS, codes: state.burrow.codes }));
        const differenceMs = state.logs.clocks.differenceMs(state.logPartitionOf(group));
        if (differenceMs === 0) continue;
        // Its coordinator stamps commits with another clock: ours is judged as of that clock's now.
        const itsNowS = Math.floor((nowMs - differenceMs) / MS_PER_SECOND);
        judgeGroup(judge, id, { nowS: itsNowS, codes: state.ownClockCodes });
      }
      state.watermarks.remember(nowMs);
      state.offsets.past.remember(nowMs);
      state.cadence.learn();
      totals = fresh;
      judgedAt = at;
      state.touch();
    },
  };
}

/** The grid time of a tick: `floor(now / interval) * interval`. */
export function gridTimeMs(nowMs: number, intervalMs: number): number {
  return Math.floor(nowMs / intervalMs) * intervalMs;
}
