/**
 * # What became of batches, records and pending commits
 *
 *   records         = commits + pending_commits + offset_tombstones + group_metadata + group_tombstones + group_state + markers
 *                     + below_position + unknown_type + malformed_key + malformed_value + unknown_value_version
 *                     + offset_out_of_range + no_room + excluded
 *   pending_commits = transaction_committed + transaction_aborted + transaction_replaced + transaction_forgotten
 *                     + transaction_given_up + those still held
 * A batch that cannot be read counts once in `batches` and once by its fault. The names are what people see in metrics.
 */

import type { CommitRead } from "../protocol/offsets-topic/commit-value.ts";
import type { BatchFault } from "../protocol/record-batch.ts";

export type IngestCounts = ReturnType<typeof createIngestCounts>;
export type IngestCount = keyof IngestCounts;

export function createIngestCounts() {
  return {
    batches: 0,
    batch_crc: 0,
    /** Message sets of Kafka before 0.11. */
    batch_format: 0,
    batch_codec: 0,
    batch_too_large: 0,
    batch_corrupt: 0,
    /** No next batch could be found in what a broker sent. */
    response_unreadable: 0,
    /** Complete batches came that end below the position asked for: one offset was stepped over. */
    position_stuck: 0,

    records: 0,
    commits: 0,
    pending_commits: 0,
    offset_tombstones: 0,
    group_metadata: 0,
    group_tombstones: 0,
    /** State of groups of other protocols than the classic one. */
    group_state: 0,
    markers: 0,
    below_position: 0,
    unknown_type: 0,
    malformed_key: 0,
    malformed_value: 0,
    unknown_value_version: 0,
    offset_out_of_range: 0,
    /** Commits of group-partitions that are not kept, since there are as many as may be. */
    no_room: 0,
    /** Commits of groups and topics that are left out by the configuration. */
    excluded: 0,

    transaction_committed: 0,
    transaction_aborted: 0,
    /** A later commit of the same transaction took its place. */
    transaction_replaced: 0,
    /** A tombstone took the key, or nothing is kept of it any more. */
    transaction_forgotten: 0,
    /** The limit was reached, and its transaction was the oldest. */
    transaction_given_up: 0,

    /** Commits of a group whose name is not UTF-8, when it is first seen: its bytes are escaped in what is shown. */
    name_not_utf8: 0,
    /** Members whose assignment could not be read; they are shown without partitions. */
    malformed_assignment: 0,
    /** Names of touched groups that did not fit the list. */
    touched_group_dropped: 0,
  };
}

export const COUNT_OF_FAULT: Readonly<Record<BatchFault, IngestCount>> = {
  crc: "batch_crc",
  format: "batch_format",
  codec: "batch_codec",
  "too-large": "batch_too_large",
  corrupt: "batch_corrupt",
};

export const COUNT_OF_REFUSAL: Readonly<Record<Exclude<CommitRead, "commit">, IngestCount>> = {
  malformed: "malformed_value",
  "unknown-version": "unknown_value_version",
  "out-of-range": "offset_out_of_range",
};
