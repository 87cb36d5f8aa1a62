/**
 * # The words for a status, and Burrow's numbers for them
 *
 * Burrow's words are never respelled (core/protocol/evaluator.go of linkedin/Burrow v1.9.5). Four words are ours and have
 * no number, because a number would be read as a verdict: `warming` (not enough of the offsets topic is replayed to judge),
 * `stale` (the broker that would know is away), `unauthorised` (it refuses us), `unknown` (nothing tells how far it has read: no
 * offsets, or a kind of group whose progress its broker does not give). None of them is ever shown as OK.
 */

import { z } from "zod";

export const GroupStatus = z.enum(["OK", "WARN", "ERR", "warming", "stale", "unauthorised", "unknown"]);
export type GroupStatus = z.output<typeof GroupStatus>;

export const PartitionStatus = z.enum([
  "OK",
  "WARN",
  "STOP",
  "STALL",
  "REWIND",
  "warming",
  "stale",
  "unauthorised",
  "unknown",
]);
export type PartitionStatus = z.output<typeof PartitionStatus>;

/** The statuses in which a rule has found something. */
export const PARTITION_TROUBLES = ["WARN", "STOP", "STALL", "REWIND"] as const satisfies readonly PartitionStatus[];

/** The strict verdict on a group, as Burrow gives it. */
export const BurrowGroupStatus = z.enum(["NOTFOUND", "OK", "WARN", "ERR"]);
export type BurrowGroupStatus = z.output<typeof BurrowGroupStatus>;

/** The strict verdict on a partition, as Burrow gives it. */
export const BurrowPartitionStatus = z.enum(["OK", "WARN", "STOP", "STALL", "REWIND"]);
export type BurrowPartitionStatus = z.output<typeof BurrowPartitionStatus>;

type AnyStatus = GroupStatus | PartitionStatus | BurrowGroupStatus;

/** Burrow's number for a status; undefined for the words that have none. */
export function statusCode(status: AnyStatus): number | undefined {
  switch (status) {
    case "NOTFOUND":
      return 0;
    case "OK":
      return 1;
    case "WARN":
      return 2;
    case "ERR":
      return 3;
    case "STOP":
      return 4;
    case "STALL":
      return 5;
    case "REWIND":
      return 6;
    case "warming":
    case "stale":
    case "unauthorised":
    case "unknown":
      return undefined;
  }
}

/** Sorting key, worst first: what is lost or stuck, then what is not known, then what is well. */
export function severityRank(status: AnyStatus): number {
  switch (status) {
    case "ERR":
    case "STOP":
    case "STALL":
    case "REWIND":
      return 0;
    case "WARN":
      return 1;
    case "unauthorised":
      return 2;
    case "stale":
      return 3;
    case "warming":
      return 4;
    case "unknown":
      return 5;
    case "NOTFOUND":
      return 6;
    case "OK":
      return 7;
  }
}
