/**
 * # The truth: what is the matter with whom, since when, and how old what waits really is
 */

import type { Cluster } from "../cluster/cluster.ts";
import type { Condition, WorldEvents } from "./events.ts";

export interface PastCondition extends Condition {
  /** Undefined while it lasts. */
  readonly untilMs: number | undefined;
}

export interface Truth {
  /** That hold at this moment, in the order in which they began. */
  conditionsAt(ms: number): readonly PastCondition[];
  /** The newest CONDITIONS_MAX, in the order in which they began. */
  conditions(): readonly PastCondition[];
  /**
   * True time lag of a committed offset, ms: how long ago the record at it was appended; 0 where it is at the end. Undefined
   * where the group has committed nothing there. What retention has taken counts from the log start.
   */
  timeLagMs(
    of: { readonly group: string; readonly topic: string; readonly partition: number },
    nowMs: number,
  ): number | undefined;
}

export const CONDITIONS_MAX = 100_000;

export interface TruthKeeper extends Truth {
  readonly listener: Pick<WorldEvents, "began" | "ended">;
}

export function createTruth(cluster: Cluster): TruthKeeper {
  let kept: { readonly condition: Condition; untilMs: number | undefined }[] = [];
  const past = ({ condition, untilMs }: (typeof kept)[number]): PastCondition => ({ ...condition, untilMs });
  return {
    conditionsAt: (ms) =>
      kept
        .filter(({ condition, untilMs }) => condition.fromMs <= ms && (untilMs === undefined || untilMs > ms))
        .map(past),
    conditions: () => kept.map(past),
    timeLagMs: ({ group, topic, partition }, nowMs) => {
      const offsets = cluster.committedOffsets(group);
      const committed = offsets.find((one) => one.topic === topic && one.partition === partition)?.committedOffset;
      const view = cluster.partition(topic, partition);
      if (committed === undefined || view === undefined) return undefined;
      if (committed >= view.endOffset) return 0;
      const appendedMs = cluster.appendedAtMs(topic, partition, Math.max(committed, view.startOffset));
      return appendedMs === undefined ? undefined : nowMs - appendedMs;
    },
    listener: {
      began: (condition) => {
        kept.push({ condition, untilMs: undefined });
        if (kept.length > CONDITIONS_MAX) kept = kept.slice(CONDITIONS_MAX >> 1);
      },
      ended: (condition, untilMs) => {
        const entry = kept.findLast((one) => one.condition === condition);
        if (entry !== undefined) entry.untilMs = untilMs;
      },
    },
  };
}
