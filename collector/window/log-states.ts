/**
 * # Log states: how far each partition of the offsets topic is read
 *
 * What a group's numbers are worth depends on its partition of `__consumer_offsets`: not yet replayed means warming, not
 * answering means stale. Neither is ever OK.
 */

import type { UnavailableReason } from "../model/observation.ts";

export interface LogState {
  readonly baselineOrder: number;
  readonly replayed: boolean;
  readonly backfilled: boolean;
  /** 0 to 1. */
  readonly progress: number;
  readonly unavailable: UnavailableReason | undefined;
}

const UNKNOWN: LogState = { baselineOrder: 0, replayed: false, backfilled: false, progress: 0, unavailable: undefined };

export interface LogStates {
  /** -1, where the partition is not known: as the slowest of all. */
  of(logPartition: number): LogState;
  /** First order that is not part of the baselines; for the hot path. */
  baselineOrderOf(logPartition: number): number;
  /** What is not told of yet is unread. */
  setPartitions(logPartitions: number): boolean;
  progress(logPartition: number, state: Omit<LogState, "unavailable">, logPartitions: number): boolean;
  unavailable(logPartition: number, reason: UnavailableReason): boolean;
  summary(): LogSummary;
}

export interface LogSummary {
  /** Partitions that the topic has, as far as is known. */
  readonly partitions: number;
  readonly replayed: number;
  readonly unavailable: number;
  /** Every partition is read from its start. */
  readonly backfilled: boolean;
  /** Mean progress of the replays, 0 to 1; 1 where there is nothing to replay. */
  readonly progress: number;
}

export function createLogStates(): LogStates {
  const states: LogState[] = [];
  const baselineOrders: number[] = [];
  let partitions = 0;
  const set = (logPartition: number, state: LogState): boolean => {
    const before = states[logPartition];
    states[logPartition] = state;
    baselineOrders[logPartition] = state.baselineOrder;
    partitions = Math.max(partitions, logPartition + 1);
    return (
      before?.replayed !== state.replayed ||
      before.backfilled !== state.backfilled ||
      before.unavailable !== state.unavailable
    );
  };
  const setPartitions = (logPartitions: number): boolean => {
    const isNews = logPartitions > partitions;
    partitions = Math.max(partitions, logPartitions);
    return isNews;
  };
  const all = (): readonly LogState[] => Array.from({ length: partitions }, (_, index) => states[index] ?? UNKNOWN);
  return {
    of: (logPartition) => (logPartition < 0 ? slowestOf(all()) : (states[logPartition] ?? UNKNOWN)),
    baselineOrderOf: (logPartition) => baselineOrders[logPartition] ?? 0,
    setPartitions,
    progress: (logPartition, state, logPartitions) => {
      setPartitions(logPartitions);
      return set(logPartition, { ...state, unavailable: undefined });
    },
    unavailable: (logPartition, reason) =>
      set(logPartition, { ...(states[logPartition] ?? UNKNOWN), unavailable: reason }),
    summary: () => {
      const known = all();
      return {
        partitions,
        replayed: known.filter((state) => state.replayed).length,
        backfilled: known.every((state) => state.backfilled),
        unavailable: known.filter((state) => state.unavailable !== undefined).length,
        progress:
          partitions === 0
            ? 1
            : known.reduce((sum, state) => sum + (state.replayed ? 1 : state.progress), 0) / partitions,
      };
    },
  };
}

function slowestOf(states: readonly LogState[]): LogState {
  return {
    baselineOrder: 0,
    replayed: states.every(({ replayed }) => replayed),
    backfilled: states.every(({ backfilled }) => backfilled),
    progress: states.reduce((least, { progress }) => Math.min(least, progress), 1),
    unavailable: states.find(({ unavailable }) => unavailable !== undefined)?.unavailable,
  };
}
