/**
 * # Log states: how far each partition of the offsets topic is read
 *
 * What a group's numbers are worth depends on its partition of `__consumer_offsets`: not yet replayed means warming, not
 * answering means stale. Neither is ever OK.
 */

import type { Observation, UnavailableReason } from "../model/observation.ts";
import type { CoordinatorClocks } from "./coordinator-clocks.ts";
import { createCoordinatorClocks } from "./coordinator-clocks.ts";

export interface LogState {
  readonly baselineOrder: number;
  readonly replayed: boolean;
  readonly backfilled: boolean;
  /** 0 to 1. */
  readonly progress: number;
  readonly unavailable: UnavailableReason | undefined;
  /** Its commits are seen by polls: each is known to lie between two of them. */
  readonly isPolled: boolean;
  /** An existing Burrow tells of it, and no broker. */
  readonly isBurrow: boolean;
  /** Since when it is unavailable, or being replayed, epoch ms; NaN where neither, or where it was never told of. */
  readonly sinceMs: number;
  /** What its coordinator's times are to be corrected by. */
  readonly clockDifferenceMs: number;
}

const UNKNOWN: LogState = {
  baselineOrder: 0,
  replayed: false,
  backfilled: false,
  progress: 0,
  unavailable: undefined,
  isPolled: false,
  isBurrow: false,
  sinceMs: Number.NaN,
  clockDifferenceMs: 0,
};

type Progress = Extract<Observation, { kind: "log-progress" }>;
type Unavailable = Extract<Observation, { kind: "log-unavailable" }>;

export interface LogStates {
  /** -1, where the partition is not known: as the slowest of all. */
  of(logPartition: number): LogState;
  /** First order that is not part of the baselines; for the hot path. */
  baselineOrderOf(logPartition: number): number;
  /** What is not told of yet is unread. */
  setPartitions(logPartitions: number): boolean;
  progress(progress: Progress): boolean;
  unavailable(unavailable: Unavailable): boolean;
  readonly clocks: CoordinatorClocks;
  /** Commits are polled; there is no offsets topic behind it. */
  isPolled(): boolean;
  summary(): LogSummary;
}

export interface LogSummary {
  /** Partitions that the topic has, as far as is known. */
  readonly partitions: number;
  readonly replayed: number;
  readonly unavailable: number;
  /** Of these, those that we may not read. */
  readonly refused: number;
  /** Every partition is read from its start. */
  readonly backfilled: boolean;
  /** Mean progress of the replays, 0 to 1; 1 where there is nothing to replay. */
  readonly progress: number;
}

export function createLogStates(): LogStates {
  const states: Omit<LogState, "clockDifferenceMs">[] = [];
  const baselineOrders: number[] = [];
  const clocks = createCoordinatorClocks();
  let partitions = 0;
  const set = (logPartition: number, state: Omit<LogState, "clockDifferenceMs">): boolean => {
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
  const stateOf = (logPartition: number): LogState => {
    const state = states[logPartition];
    return state === undefined ? UNKNOWN : { ...state, clockDifferenceMs: clocks.differenceMs(logPartition) };
  };
  const all = (): readonly LogState[] => Array.from({ length: partitions }, (_, index) => stateOf(index));
  return {
    clocks,
    isPolled: () => states.some((state) => state?.isPolled === true),
    of: (logPartition) => (logPartition < 0 ? slowestOf(all()) : stateOf(logPartition)),
    baselineOrderOf: (logPartition) => baselineOrders[logPartition] ?? 0,
    setPartitions,
    progress: ({ logPartition, logPartitions, atMs, isPolled = false, isBurrow = false, ...read }) => {
      const { replayed } = read;
      setPartitions(logPartitions);
      const before = states[logPartition];
      const isSame = before !== undefined && before.replayed === replayed && before.unavailable === undefined;
      const sinceMs = replayed ? Number.NaN : isSame ? before.sinceMs : atMs;
      const { baselineOrder, backfilled, progress } = read;
      const is = { isPolled, isBurrow, unavailable: undefined, sinceMs };
      return set(logPartition, { baselineOrder, replayed, backfilled, progress, ...is });
    },
    unavailable: ({ logPartition, reason, atMs }) => {
      const before = states[logPartition] ?? UNKNOWN;
      const sinceMs = before.unavailable === undefined ? atMs : before.sinceMs;
      return set(logPartition, { ...before, unavailable: reason, sinceMs });
    },
    summary: () => {
      const known = all();
      return {
        partitions,
        replayed: known.filter((state) => state.replayed).length,
        backfilled: known.every((state) => state.backfilled),
        unavailable: known.filter((state) => state.unavailable !== undefined).length,
        refused: known.filter((state) => state.unavailable === "unauthorised").length,
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
    isPolled: states.some(({ isPolled }) => isPolled),
    isBurrow: states.some(({ isBurrow }) => isBurrow),
    sinceMs: states.find(({ sinceMs }) => !Number.isNaN(sinceMs))?.sinceMs ?? Number.NaN,
    clockDifferenceMs: 0,
  };
}
