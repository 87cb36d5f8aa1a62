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
import { countOf } from "../window/rings.ts";
import { completeness } from "./burrow.ts";
import type { KnownOfPartition } from "./live-status.ts";
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

const STATUS_BY_CODE = Uint8Array.from(BY_CODE, (verdict) => codeOf(verdict ?? "warming"));

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
  fillTopics(filling, { first, end });
  for (let row = first; row < end; row += 1) {
    const slot = filling.slots[row] ?? -1;
    const topicPartition = readInt32(filling.state.table.topicPartitionBySlot, slot);
    fillNumbers(filling, row, { slot, topicPartition });
    fillStatus(filling, row, { slot, topicPartition });
  }
}

/** Rows of a topic are consecutive: its index is looked up once. */
function fillTopics(
  { state, rows, slots, indexOfTopic }: Filling,
  { first, end }: { first: number; end: number },
): void {
  const { table } = state;
  let groupTopic = -1;
  let topicIndex = -1;
  for (let row = first; row < end; row += 1) {
    const slot = slots[row] ?? -1;
    const now = table.groupTopicOf(slot);
    if (now !== groupTopic) topicIndex = indexOfTopic(table.topicIdOf(slot));
    groupTopic = now;
    rows.topicIndex[row] = topicIndex;
  }
}

interface Ids {
  readonly slot: number;
  readonly topicPartition: number;
}

function fillNumbers({ state, rows }: Filling, row: number, { slot, topicPartition }: Ids): void {
  const { table, watermarks, offsets } = state;
  const ownerId = readInt32(offsets.ownerId, slot);
  rows.partition[row] = table.topicPartitions.partitionOf(topicPartition);
  rows.ownerIndex[row] = ownerId < 0 ? -1 : ownerIndex(state, rows, ownerId);
  rows.committedOffset[row] = readFloat64(offsets.committedOffset, slot);
  rows.committedAtMs[row] = readFloat64(offsets.committedAtMs, slot);
  rows.endOffset[row] = readFloat64(watermarks.endOffset, topicPartition);
  rows.startOffset[row] = readFloat64(watermarks.startOffset, topicPartition);
}

function fillStatus(filling: Filling, row: number, { slot, topicPartition }: Ids): void {
  const { state, rows, log, nowMs } = filling;
  const { watermarks, burrow } = state;
  const endAtMs = readFloat64(watermarks.endAtMs, topicPartition);
  const reason = watermarks.unavailable(topicPartition);
  const unavailable =
    reason === "unauthorised" ? reason : reason !== undefined || nowMs - endAtMs > END_AGE_MS_MAX ? "stale" : undefined;
  const ring = readInt32(burrow.ringBySlot, slot);
  const hasWindow = ring >= 0;
  // Verdicts on a log that is half read are not even Burrow's.
  const code = log.replayed && hasWindow ? readUint8(state.burrowCodes, slot) : 0;
  const isPlain = code > 0 && log.unavailable === undefined && unavailable === undefined;
  rows.status[row] = isPlain ? (STATUS_BY_CODE[code] ?? 0) : statusOf(filling, row, { code, hasWindow, unavailable });
  rows.burrowStatus[row] = BURROW_STATUS_BY_CODE[code] ?? NO_BURROW_STATUS;
  rows.endOffsetAgeMs[row] = unavailable === undefined ? Number.NaN : nowMs - endAtMs;
  rows.complete[row] = hasWindow ? completeness(countOf(burrow.rings, ring), burrow.options.intervals) : 0;
}

/** The rule in full, for what is not simply the verdict. */
function statusOf(
  { rows, log, allowedLag }: Filling,
  row: number,
  { code, hasWindow, unavailable }: Pick<KnownOfPartition, "unavailable"> & { code: number; hasWindow: boolean },
): number {
  const verdict = BY_CODE[code] ?? (hasWindow ? "due" : undefined);
  const committedOffset = rows.committedOffset[row] ?? Number.NaN;
  const endOffset = rows.endOffset[row] ?? Number.NaN;
  const lag = lagOf({ committedOffset, endOffset, startOffset: rows.startOffset[row] ?? Number.NaN });
  const hasCommit = !Number.isNaN(committedOffset);
  return codeOf(partitionStatus({ log, unavailable, verdict, lag, hasCommit, allowedLag }));
}

function ownerIndex({ offsets }: ClusterState, rows: WritableRows, id: number): number {
  const seen = rows.ownerIndexById.get(id);
  if (seen !== undefined) return seen;
  const owner = offsets.ownerOf(id);
  if (owner === undefined) return -1;
  rows.owners.push(owner);
  rows.ownerIndexById.set(id, rows.owners.length - 1);
  return rows.owners.length - 1;
}
