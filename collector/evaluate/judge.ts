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
  /** The same in steps of some milliseconds, between which others may run; `at` and groups' verdicts change with the last. */
  judging(at: number, nowMs: number): Generator<void, void>;
}

const MS_PER_SECOND = 1_000;
/** Of one step: a few milliseconds. */
const STEP_PARTITIONS = 20_000;

export function createVerdicts(state: ClusterState, rules: BurrowRules): Verdicts {
  const judge = createBurrowJudge(state.burrow, rules);
  const { groups } = state.table;
  let totals: ReadonlyMap<string, BurrowGroupTotals> = new Map();
  let judgedAt = 0;
  const judgeOne = (id: number, group: string, nowMs: number): BurrowGroupTotals => {
    const one = judgeGroup(judge, id, { nowS: Math.floor(nowMs / MS_PER_SECOND), codes: state.burrow.codes });
    const differenceMs = state.logs.clocks.differenceMs(state.logPartitionOf(group));
    if (differenceMs === 0) return one;
    // Its coordinator stamps commits with another clock: ours is judged as of that clock's now.
    const itsNowS = Math.floor((nowMs - differenceMs) / MS_PER_SECOND);
    judgeGroup(judge, id, { nowS: itsNowS, codes: state.ownClockCodes });
    return one;
  };
  const judging = function* (at: number, nowMs: number): Generator<void, void> {
    state.logs.clocks.adopt();
    const fresh = new Map<string, BurrowGroupTotals>();
    let partitions = 0;
    for (const id of groupIds(state.burrow)) {
      const group = groups.nameOf(id);
      const nowS = Math.floor(nowMs / MS_PER_SECOND);
      if (group === undefined || fetchGroupId(state.burrow, group, nowS) !== id) continue;
      const one = judgeOne(id, group, nowMs);
      fresh.set(group, one);
      partitions += one.partitions;
      if (partitions < STEP_PARTITIONS) continue;
      partitions = 0;
      yield;
    }
    state.watermarks.remember(nowMs);
    state.offsets.past.remember(nowMs);
    yield* state.cadence.learning();
    totals = fresh;
    judgedAt = at;
    state.touch();
  };
  return {
    at: () => judgedAt,
    groupStatus: (group) => totals.get(group)?.status ?? "NOTFOUND",
    totals: (group) => totals.get(group),
    judge: (at, nowMs) => {
      for (const _ of judging(at, nowMs));
    },
    judging,
  };
}

/** The grid time of a tick: `floor(now / interval) * interval`. */
export function gridTimeMs(nowMs: number, intervalMs: number): number {
  return Math.floor(nowMs / intervalMs) * intervalMs;
}
