/**
 * # Our status: the verdict, unless something is not known
 *
 * What is not known comes first and is never OK. Then the strict verdict; where the strict rules have no window, the lag
 * alone decides: none is OK; some, with the whole log read, means that nobody has committed for longer than groups are kept.
 * A window that no tick has judged yet is no verdict: a lag is then neither well nor bad.
 */

import { PARTITION_STATUSES } from "../model/snapshot.ts";
import type { BurrowPartitionStatus, GroupStatus, PartitionStatus } from "../model/status.ts";
import type { LogState } from "../window/log-states.ts";

/** Position of each word in PARTITION_STATUSES, for columns. */
export function codeOf(status: PartitionStatus): number {
  return PARTITION_STATUSES.indexOf(status);
}

export interface KnownOfPartition {
  readonly log: LogState;
  /** Why the end offset is old; undefined where it is not. */
  readonly unavailable: "stale" | "unauthorised" | undefined;
  /** The strict verdict; "due" where no tick has seen the window yet, undefined where there is none. */
  readonly verdict: BurrowPartitionStatus | "due" | undefined;
  /** NaN: not known. */
  readonly lag: number;
  readonly hasCommit: boolean;
  readonly allowedLag: number;
}

export function partitionStatus(known: KnownOfPartition): PartitionStatus {
  const { log, unavailable, verdict, lag, hasCommit, allowedLag } = known;
  if (log.unavailable === "unauthorised" || unavailable === "unauthorised") return "unauthorised";
  if (log.unavailable !== undefined || unavailable !== undefined) return "stale";
  if (!log.replayed) return "warming";
  if (verdict !== undefined && verdict !== "due") return verdict;
  if (!hasCommit) return "OK";
  if (Number.isNaN(lag)) return "stale";
  if (lag <= allowedLag) return "OK";
  return verdict === undefined && log.backfilled ? "STOP" : "warming";
}

/** Whatever is known to be bad wins; then what is not known; OK only where every partition is. */
export function groupStatus(partitions: ReadonlySet<PartitionStatus>): GroupStatus {
  if (partitions.has("STOP") || partitions.has("STALL") || partitions.has("REWIND")) return "ERR";
  if (partitions.has("WARN")) return "WARN";
  if (partitions.has("unauthorised")) return "unauthorised";
  if (partitions.has("stale")) return "stale";
  if (partitions.has("warming")) return "warming";
  return "OK";
}
