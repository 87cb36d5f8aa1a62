/**
 * # Our status: the verdict, unless something is not known
 *
 * What is not known comes first and is never OK. Then the strict verdict; where the strict rules have no window, the lag
 * alone decides: none is OK. Some, with the whole log read and nothing committed for long, means that nobody commits any more;
 * after a commit of late it means that the window was lost (a group that turned into one of another protocol, a topic made
 * again) and is filling. A window that no tick has judged yet is no verdict: a lag is then neither well nor bad.
 */

import type { UnavailableReason } from "../model/observation.ts";
import type { Reason } from "../model/reason.ts";
import { PARTITION_STATUSES } from "../model/snapshot.ts";
import type { BurrowPartitionStatus, GroupStatus, PartitionStatus } from "../model/status.ts";
import type { LogState } from "../window/log-states.ts";

/** Position of each word in PARTITION_STATUSES, for columns. */
export function codeOf(status: PartitionStatus): number {
  return PARTITION_STATUSES.indexOf(status);
}

/** A group that commits at all, and whose window was lost, has a window again by then. */
const REFILL_MS_MAX = 600_000;

export interface KnownOfPartition {
  readonly log: LogState;
  /** Why the coordinator does not tell of this group; undefined where it does. */
  readonly group: UnavailableReason | undefined;
  /** Why the end offset is old; undefined where it is not. */
  readonly leader: UnavailableReason | "old" | undefined;
  /** The newest commit cannot be read. */
  readonly isUnreadable: boolean;
  /** The strict verdict; "due" where no tick has seen the window yet, undefined where there is none. */
  readonly verdict: BurrowPartitionStatus | "due" | undefined;
  /** NaN: not known. */
  readonly lag: number;
  readonly hasCommit: boolean;
  /** The group's windows were lost, and this one is not yet long enough for a pause to mean something. */
  readonly isRefilling: boolean;
  /** NaN: not known. */
  readonly commitAgeMs: number;
  readonly allowedLag: number;
}

export interface JudgedPartition {
  readonly status: PartitionStatus;
  readonly reason: Reason | undefined;
}

const OF_COORDINATOR: Readonly<Record<UnavailableReason, Reason>> = {
  "no-leader": "coordinator_missing",
  "broker-unreachable": "coordinator_unreachable",
  error: "coordinator_error",
  unauthorised: "offsets_topic_denied",
};
const OF_LEADER: Readonly<Record<UnavailableReason | "old", Reason>> = {
  "no-leader": "leader_missing",
  "broker-unreachable": "leader_unreachable",
  error: "leader_error",
  unauthorised: "topic_denied",
  old: "end_offset_old",
};

export function judgedPartition(known: KnownOfPartition): JudgedPartition {
  const { log, group, leader, isUnreadable } = known;
  const untold = log.unavailable ?? group;
  if (log.isBurrow && untold !== undefined)
    return { status: untold === "unauthorised" ? untold : "stale", reason: "burrow_silent" };
  if (log.unavailable === "unauthorised") return { status: "unauthorised", reason: "offsets_topic_denied" };
  if (group === "unauthorised") return { status: "unauthorised", reason: "group_denied" };
  if (leader === "unauthorised") return { status: "unauthorised", reason: "topic_denied" };
  if (log.unavailable !== undefined) return { status: "stale", reason: OF_COORDINATOR[log.unavailable] };
  if (group !== undefined) return { status: "stale", reason: OF_COORDINATOR[group] };
  if (leader !== undefined) return { status: "stale", reason: OF_LEADER[leader] };
  if (isUnreadable) return { status: "stale", reason: "offset_unreadable" };
  if (!log.replayed) return { status: "warming", reason: "replay" };
  return judgedByVerdict(known);
}

/** All is known but, maybe, the window. */
function judgedByVerdict(known: KnownOfPartition): JudgedPartition {
  const { log, verdict, lag, hasCommit, isRefilling, commitAgeMs, allowedLag } = known;
  // The window of an offset that was taken back is judged on until its group is gone; there is nothing left to be late with.
  if (!hasCommit) return { status: "OK", reason: undefined };
  const isPause = isRefilling && verdict === "STOP";
  if (verdict !== undefined && verdict !== "due" && !isPause) return { status: verdict, reason: undefined };
  if (lag <= allowedLag) return { status: "OK", reason: undefined };
  if (Number.isNaN(lag)) return { status: "stale", reason: "end_offset_unknown" };
  if (verdict === "due") return { status: "warming", reason: "first_verdict" };
  if (!log.backfilled) return { status: "warming", reason: "replay" };
  if (isRefilling || commitAgeMs < REFILL_MS_MAX) return { status: "warming", reason: "window_refilling" };
  return { status: "STOP", reason: undefined };
}

/** Whatever is known to be bad wins; then what is not known; OK only where there are partitions and every one is. */
export function groupStatus(partitions: ReadonlySet<PartitionStatus>): GroupStatus {
  if (partitions.has("STOP") || partitions.has("STALL") || partitions.has("REWIND")) return "ERR";
  if (partitions.has("WARN")) return "WARN";
  if (partitions.has("unauthorised")) return "unauthorised";
  if (partitions.has("stale")) return "stale";
  if (partitions.has("warming")) return "warming";
  if (partitions.has("unknown") || partitions.size === 0) return "unknown";
  return "OK";
}
