/**
 * # What going back to a deploy means
 *
 *     again   := max(0, now - then)                          records that would be read a second time
 *     taken   := max(0, min(now, log start) - then)          of them, those that retention has deleted
 *     skipped := max(0, then - now)                          records that would never be read
 *
 * `then` is the committed offset at the deploy, `now` that of this moment. PURE.
 */

import type { Deploy } from "../../collector/model/deploy.ts";
import type { GroupEvaluation, PartitionEvaluation } from "../../collector/model/evaluation.ts";

export interface RollbackOfPartition {
  readonly topic: string;
  readonly partition: number;
  readonly then: number;
  /** Undefined: none is known now. */
  readonly now: number | undefined;
  readonly again: number | undefined;
  /** Undefined where the start of the log, or `now`, is not known. */
  readonly taken: number | undefined;
  readonly skipped: number | undefined;
  /** The log ends before: the topic was made again, or cut. */
  readonly isBeyondEnd: boolean;
}

export interface Rollback {
  readonly partitions: readonly RollbackOfPartition[];
  /** The group has them now, and the deploy does not: they stay as they are. */
  readonly untouched: readonly { readonly topic: string; readonly partition: number }[];
}

export function rollbackTo(deploy: Deploy, { partitions }: GroupEvaluation): Rollback {
  const rows = new Map(partitions.map((row) => [keyOf(row), row]));
  const known = new Set(deploy.offsets.map(keyOf));
  return {
    partitions: deploy.offsets.map((offset) => {
      const { topic, partition, committed_offset: then } = offset;
      return { topic, partition, ...moveOf(then, rows.get(keyOf(offset))) };
    }),
    untouched: partitions.filter((row) => !known.has(keyOf(row))).map(({ topic, partition }) => ({ topic, partition })),
  };
}

function keyOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${partition}/${topic}`;
}

function moveOf(then: number, row: PartitionEvaluation | undefined): Omit<RollbackOfPartition, "partition" | "topic"> {
  const { committed_offset, start_offset: start, end_offset: end } = row ?? {};
  const now = committed_offset !== undefined && committed_offset >= 0 ? committed_offset : undefined;
  const isBeyondEnd = end !== undefined && then > end;
  if (now === undefined) return { then, now, again: undefined, taken: undefined, skipped: undefined, isBeyondEnd };
  return {
    ...{ then, now, isBeyondEnd },
    again: Math.max(0, now - then),
    taken: start === undefined ? undefined : Math.max(0, Math.min(now, start) - then),
    skipped: Math.max(0, then - now),
  };
}
