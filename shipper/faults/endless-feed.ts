/**
 * # A feed that any process can check
 *
 * Tick n is a function of n, without end, so that whoever reads the history later knows what it must hold. The cursor is
 * the number of ticks read.
 */

import type { GroupEvaluation, PartitionEvaluation } from "../../collector/model/evaluation.ts";
import type { Feed, Tick } from "../../collector/model/feed.ts";
import type { SinksConfig } from "../config.ts";

/** The one sink of these tests: every point of every tick, and nothing expires. */
export const SINKS: SinksConfig = {
  local: {
    type: "sqlite",
    retention: 1e12,
    bytes_max: 2 ** 30,
    from: "oldest",
    partition_points: "all",
    kinds: [],
    clusters: [],
    groups: [],
  },
};

export const GROUPS = 8;
export const PARTITIONS = 5;
export const INTERVAL_MS = 1_000;
/** Far enough ahead that no retention reaches it, and before 2100, where the window of Elasticsearch ends. */
export const START_MS = Date.UTC(2099, 0, 1);
/** A group and a group_topic point per group, its partitions, and the partitions of the one topic. */
export const POINTS_PER_TICK = GROUPS * (2 + PARTITIONS) + PARTITIONS;

export function lagOf(tick: number, group: number): number {
  return ((tick * 7_919 + group * 104_729) % 100_003) * PARTITIONS;
}

function evaluationOf(tick: number, group: number): GroupEvaluation {
  const rows = Array.from(
    { length: PARTITIONS },
    (_, partition): PartitionEvaluation => ({
      topic: "orders",
      partition,
      status: "STALL",
      lag: lagOf(tick, group) / PARTITIONS,
      committed_offset: tick * 10,
      end_offset: tick * 11,
    }),
  );
  const counts = { partitions_bad: PARTITIONS, partitions_stale: 0, partitions_without_commit: 0, complete: 1 };
  const at = START_MS + tick * INTERVAL_MS;
  return { cluster: "c", group: `g${group}`, at, status: "ERR", lag: lagOf(tick, group), ...counts, partitions: rows };
}

function tickOf(tick: number): Tick {
  const evaluations = Array.from({ length: GROUPS }, (_, group) => evaluationOf(tick, group));
  return { at: START_MS + tick * INTERVAL_MS, evaluations };
}

export interface EndlessFeedOptions {
  /** Where it ends after all: then it waits for the stop. */
  readonly ticksEnd: number;
  readonly ticksPerRead: number;
  /** Called with each cursor that a reader goes on from: what lies before it is durable, or should be. */
  readonly acknowledged: (cursor: number) => void;
}

export function createEndlessFeed({ ticksEnd, ticksPerRead, acknowledged }: EndlessFeedOptions): Feed {
  return {
    read: async (cursor, waitMs, signal) => {
      const from = Number(cursor);
      // A look back at the tick before does not wait for more.
      if (waitMs > 0) acknowledged(from);
      const until = Math.min(ticksEnd, from + ticksPerRead);
      if (from >= until) {
        // One that was told to stop before it asked must not wait for ever.
        signal.throwIfAborted();
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        signal.throwIfAborted();
      }
      const ticks = Array.from({ length: until - from }, (_, index) => tickOf(from + index));
      return { kind: "ticks", ticks, cursor: String(until) };
    },
  };
}
