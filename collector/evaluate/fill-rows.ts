/**
 * # Filling the rows of a group
 *
 * The hot part of a snapshot: it runs over every group-partition at once, so columns are read by kind and nothing is made
 * per row.
 */

import { BURROW_PARTITION_STATUSES, lagOf, NO_BURROW_STATUS } from "../model/snapshot.ts";
import type { BurrowPartitionStatus } from "../model/status.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import { readFloat64, readInt32, readUint8 } from "../window/column.ts";
import type { LogState } from "../window/log-states.ts";
import { completeOf } from "./burrow.ts";
import { codeOf, partitionStatus } from "./live-status.ts";
import type { WritableRows } from "./snapshot-rows.ts";

/** End offsets older than this are stale though nothing has failed: the poll itself does not get through. */
const END_AGE_MS_MAX = 15_000;

/** Strict statuses by Burrow's number. */
const BY_CODE: readonly (BurrowPartitionStatus | undefined)[] = [
  undefined,
  "OK",
  "WARN",
  undefined,
  "STOP",
  "STALL",
  "REWIND",
];
const BURROW_STATUS_BY_CODE = Uint8Array.from(BY_CODE, (verdict) =>
  verdict === undefined ? NO_BURROW_STATUS : BURROW_PARTITION_STATUSES.indexOf(verdict),
);

export interface Filling {
  readonly state: ClusterState;
  readonly rows: WritableRows;
  /** The slot of each row. */
  readonly slots: readonly number[];
  /** Of the group whose rows are filled. */
  readonly log: LogState;
  readonly nowMs: number;
  readonly allowedLag: number;
  readonly indexOfTopic: (topicId: number) => number;
}

/** Fills the rows of one group, from `first` to before `end`. */
export function fillRows(filling: Filling, { first, end }: { first: number; end: number }): void {
  for (let row = first; row < end; row += 1) {
    fillNames(filling, row);
    fillNumbers(filling, row);
    fillStatus(filling, row);
  }
}

function fillNames({ state, rows, slots, indexOfTopic }: Filling, row: number): void {
  const slot = slots[row] ?? -1;
  rows.topicIndex[row] = indexOfTopic(state.table.topicIdOf(slot));
  rows.partition[row] = state.table.partitionOf(slot);
  rows.ownerIndex[row] = ownerIndex(state, rows, readInt32(state.offsets.ownerId, slot));
}

function fillNumbers({ state, rows, slots }: Filling, row: number): void {
  const { table, watermarks, offsets } = state;
  const slot = slots[row] ?? -1;
  const topicPartition = readInt32(table.topicPartitionBySlot, slot);
  rows.committedOffset[row] = readFloat64(offsets.committedOffset, slot);
  rows.committedAtMs[row] = readFloat64(offsets.committedAtMs, slot);
  rows.endOffset[row] = readFloat64(watermarks.endOffset, topicPartition);
  rows.startOffset[row] = readFloat64(watermarks.startOffset, topicPartition);
}

function fillStatus({ state, rows, slots, log, nowMs, allowedLag }: Filling, row: number): void {
  const { table, watermarks, burrow } = state;
  const slot = slots[row] ?? -1;
  const topicPartition = readInt32(table.topicPartitionBySlot, slot);
  const endAtMs = readFloat64(watermarks.endAtMs, topicPartition);
  const reason = watermarks.unavailable(topicPartition);
  const unavailable =
    reason === "unauthorised" ? reason : reason !== undefined || nowMs - endAtMs > END_AGE_MS_MAX ? "stale" : undefined;
  const hasWindow = readInt32(burrow.ringBySlot, slot) >= 0;
  // Verdicts on a log that is half read are not even Burrow's.
  const code = log.replayed && hasWindow ? readUint8(state.burrowCodes, slot) : 0;
  const verdict = BY_CODE[code] ?? (hasWindow ? "due" : undefined);
  const committedOffset = rows.committedOffset[row] ?? Number.NaN;
  const endOffset = rows.endOffset[row] ?? Number.NaN;
  const lag = lagOf({ committedOffset, endOffset, startOffset: rows.startOffset[row] ?? Number.NaN });
  const hasCommit = !Number.isNaN(committedOffset);
  rows.status[row] = codeOf(partitionStatus({ log, unavailable, verdict, lag, hasCommit, allowedLag }));
  rows.burrowStatus[row] = BURROW_STATUS_BY_CODE[code] ?? NO_BURROW_STATUS;
  rows.endOffsetAgeMs[row] = unavailable === undefined ? Number.NaN : nowMs - endAtMs;
  rows.complete[row] = hasWindow ? completeOf(burrow, slot) : 0;
}

function ownerIndex({ offsets }: ClusterState, rows: WritableRows, id: number): number {
  if (id < 0) return -1;
  const seen = rows.ownerIndexById.get(id);
  if (seen !== undefined) return seen;
  const owner = offsets.ownerOf(id);
  if (owner === undefined) return -1;
  rows.owners.push(owner);
  rows.ownerIndexById.set(id, rows.owners.length - 1);
  return rows.owners.length - 1;
}
