/**
 * # Why a status is not a verdict, and what is odd about a number
 *
 * Beside `warming`, `stale`, `unauthorised` and `unknown` the word says why; beside a verdict it says what to know about it. The
 * coordinator of a group is the leader of its partition of the offsets topic; the leader is that of the partition that is read.
 */

import { z } from "zod";

export const REASON_SENTENCES = {
  replay: "The offsets topic is being replayed, or polled for the first times.",
  first_verdict: "The next tick judges it for the first time.",
  window_refilling: "Its window is new, or was lost, and fills with its commits.",
  coordinator_missing: "The group's partition of the offsets topic has no leader.",
  coordinator_unreachable: "The group's coordinator does not answer.",
  coordinator_error: "The group's coordinator answers with an error.",
  leader_missing: "The partition has no leader.",
  leader_unreachable: "The partition's leader does not answer.",
  leader_error: "The partition's leader answers with an error.",
  end_offset_old: "The end offset is older than its poll should let it become.",
  end_offset_unknown: "The end offset was never told.",
  offset_unreadable: "The newest commit holds a number beyond 2^53; the one before it is shown.",
  offsets_topic_denied: "We may not read the offsets topic; `source: polling` does without it.",
  burrow_silent: "The Burrow that it is learnt from does not tell of it.",
  topic_denied: "We may not describe the topic.",
  group_denied: "We may not describe the group.",
  ahead: "The committed offset is beyond the end of the log: truncated, made again, or set by hand.",
  transaction_residue: "What is left to read are markers of transactions, which no consumer sees.",
  committed_negative: "The group committed -1 or -2, which says nothing of what was read.",
  no_commit: "Somebody owns the partition, but nobody has committed an offset for it.",
  share_group: "Members of a share group acknowledge in any order: no rule tells whether it does well.",
  no_partitions: "The group has members, but neither offsets nor partitions to judge by.",
  commits_polled:
    "Commits are polled: one that leaves the offset as it was is not seen, and a stalled consumer looks like a stopped one.",
  burrow_only:
    "Learnt from a Burrow alone: where the log starts, what retention takes, states and members are not known.",
} as const;

export type Reason = keyof typeof REASON_SENTENCES;

/** Position in this list, plus one, is the number in `Rows.reason`; 0 there means none. */
export const REASONS = Object.keys(REASON_SENTENCES) as readonly Reason[];

export const ReasonWord = z.enum(REASONS);
