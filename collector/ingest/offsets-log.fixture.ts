/**
 * # A log with an observer that writes down what it is told, and batches to feed it with
 */

import assert from "node:assert/strict";
import type { Observation, Observer } from "../model/observation.ts";
import {
  encodeBatch,
  encodeCommitKey,
  encodeCommitValue,
  encodeMarker,
  type RecordFixture,
} from "../protocol/record-batch.fixture.ts";
import { createIngest, type Ingest, type IngestOptions } from "./ingest.ts";
import type { OffsetsLog } from "./offsets-log.ts";

export const AT_MS = 1_700_000_000_000;

export interface Bench {
  readonly lines: string[];
  readonly observations: Observation[];
  readonly ingest: Ingest;
  readonly log: OffsetsLog;
  /** The observer forgets all handles and gives others. */
  renumber(): void;
  readonly handlesMade: () => number;
}

/** Writes down what the observer is told: one line a commit, all other observations as they are. */
export function bench(options: Partial<IngestOptions> = {}): Bench {
  const lines: string[] = [];
  const observations: Observation[] = [];
  let names: string[] = [];
  let epoch = 1;
  let made = 0;
  const observer: Observer = {
    get handlesEpoch() {
      return epoch;
    },
    handleOf(group, topic, partition) {
      made++;
      const name = `${group} ${topic}/${partition}`;
      if (!names.includes(name)) names.push(name);
      return names.indexOf(name);
    },
    findHandle(group, topic, partition) {
      const handle = names.indexOf(`${group} ${topic}/${partition}`);
      return handle < 0 ? undefined : handle;
    },
    commit(handle, committedOffset, committedAtMs, order, logPartition, decidedOrder) {
      const decided = decidedOrder === order ? "" : `, decided at ${decidedOrder}`;
      lines.push(
        `${order}: ${names[handle]} = ${committedOffset} at +${committedAtMs - AT_MS} in ${logPartition}${decided}`,
      );
    },
    observe(observation) {
      observations.push(observation);
      const { kind } = observation;
      if (kind === "offset-tombstone") lines.push(`${observation.order}: ${names[observation.handle]} removed`);
    },
  };
  const ingest = createIngest({ observer, ...options });
  return {
    lines,
    observations,
    ingest,
    log: ingest.openLog(26),
    renumber() {
      epoch++;
      names = ["other", ...names.toReversed()];
    },
    handlesMade: () => made,
  };
}

export function commit(partition: number, committedOffset: number, group = "g"): RecordFixture {
  return {
    key: encodeCommitKey({ group, topic: "t", partition }),
    value: encodeCommitValue({ committedOffset, committedAtMs: AT_MS + committedOffset }),
  };
}

export function tombstone(partition: number): RecordFixture {
  return { key: encodeCommitKey({ group: "g", topic: "t", partition }), value: undefined };
}

export const plain = (baseOffset: number, ...records: readonly RecordFixture[]) => encodeBatch({ baseOffset, records });
export const open = (baseOffset: number, producerId: bigint, ...records: readonly RecordFixture[]) =>
  encodeBatch({ baseOffset, records, producerId, transactional: true });
export const end = encodeMarker;

export function assertConserved({ ingest: { counts }, log }: Bench): void {
  const outcomes =
    counts.commits +
    counts.pending_commits +
    counts.offset_tombstones +
    counts.group_metadata +
    counts.group_tombstones +
    counts.group_state +
    counts.markers +
    counts.below_position +
    counts.unknown_type +
    counts.malformed_key +
    counts.malformed_value +
    counts.unknown_value_version +
    counts.offset_out_of_range +
    counts.excluded;
  assert.equal(counts.records, outcomes);
  const ended =
    counts.transaction_committed +
    counts.transaction_aborted +
    counts.transaction_replaced +
    counts.transaction_forgotten +
    counts.transaction_given_up;
  assert.equal(counts.pending_commits, ended + log.pendingCommits);
}
