/**
 * # An evaluation: one group, judged at one tick
 *
 * The shape of a line of the feed and of an answer of `/v4`; names are those of fields.ts. Where the rows themselves are
 * given, `partitions` holds them and its length is the count that `fields.ts` calls `partitions`; a summary carries the
 * count. Offsets are JSON numbers: `z.int` refuses what `JSON.parse` has rounded, since that lands at 2^53 or beyond.
 */

import { z } from "zod";
import { ReasonWord } from "./reason.ts";
import { BurrowGroupStatus, BurrowPartitionStatus, GroupStatus, PartitionStatus } from "./status.ts";
import { TimeLagMethod } from "./time-lag.ts";

/** Present where commits carry no times of their own: each was made between two polls. */
export const CommitTimes = z.enum(["inferred"]);

const count = z.int().nonnegative();
const seconds = z.number().nonnegative();
const ratio = z.number().min(0).max(1);
const perSecond = z.number().nonnegative();

const timeLagShape = {
  lag_seconds: seconds.optional(),
  lag_seconds_lower: seconds.optional(),
  lag_seconds_upper: seconds.optional(),
  lag_seconds_method: TimeLagMethod.optional(),
};

export const PartitionEvaluation = z
  .object({
    topic: z.string(),
    partition: count,
    status: PartitionStatus,
    status_code: z.int().optional(),
    burrow_status: BurrowPartitionStatus.optional(),
    burrow_status_code: z.int().optional(),
    reason: ReasonWord.optional(),
    reason_seconds: seconds.optional(),
    lag: count.optional(),
    committed_offset: z.int().optional(),
    share_start_offset: count.optional(),
    end_offset: count.optional(),
    start_offset: count.optional(),
    stable_offset: count.optional(),
    open_transaction_seconds: seconds.optional(),
    end_offset_age_seconds: seconds.optional(),
    ...timeLagShape,
    lost_records: count.optional(),
    loss_seconds: seconds.optional(),
    produced_per_second: perSecond.optional(),
    committed_per_second: perSecond.optional(),
    commit_age_seconds: seconds.optional(),
    commit_age_seconds_upper: seconds.optional(),
    commit_interval_seconds: seconds.optional(),
    /** 95 of 100 commits of the window came sooner after the one before. */
    commit_interval_p95_seconds: seconds.optional(),
    complete: ratio.optional(),
    owner: z.string().optional(),
    client_id: z.string().optional(),
  })
  .readonly();
export type PartitionEvaluation = z.output<typeof PartitionEvaluation>;

const summaryShape = {
  cluster: z.string(),
  group: z.string(),
  /** Grid time of the tick whose verdict this is, epoch ms. */
  at: count,
  status: GroupStatus,
  status_code: z.int().optional(),
  burrow_status: BurrowGroupStatus.optional(),
  burrow_status_code: z.int().optional(),
  /** Of the partition that explains the status best; the one that is longest unknown. */
  reason: ReasonWord.optional(),
  reason_seconds: seconds.optional(),
  lag: count.optional(),
  lag_max: count.optional(),
  committed_offset: z.int().optional(),
  ...timeLagShape,
  lost_records: count.optional(),
  loss_seconds: seconds.optional(),
  partitions_bad: count,
  partitions_stale: count,
  partitions_without_commit: count,
  complete: ratio,
  members: count.optional(),
  state: z.string().optional(),
  type: z.string().optional(),
  generation: z.int().optional(),
  rebalances: count.optional(),
  recent_rebalances: count.optional(),
  produced_per_second: perSecond.optional(),
  committed_per_second: perSecond.optional(),
  commit_age_seconds: seconds.optional(),
  commit_age_seconds_upper: seconds.optional(),
  commit_times: CommitTimes.optional(),
  commit_interval_seconds: seconds.optional(),
  objective_seconds: seconds.optional(),
  objective_met: z.literal([0, 1]).optional(),
  pending_transaction_seconds: seconds.optional(),
};

/** A group without its rows: what a list shows. */
export const GroupSummary = z.object({ ...summaryShape, partitions: count }).readonly();
export type GroupSummary = z.output<typeof GroupSummary>;

/** A group with a row per partition, sorted by topic, then partition. */
export const GroupEvaluation = z
  .object({ ...summaryShape, partitions: z.array(PartitionEvaluation).readonly() })
  .readonly();
export type GroupEvaluation = z.output<typeof GroupEvaluation>;
