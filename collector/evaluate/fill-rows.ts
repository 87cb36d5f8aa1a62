/**
 * # Filling the rows of a group
 *
 * The hot part of a snapshot: it runs over every group-partition at once, so columns are read by kind and nothing is made
 * per row.
 */

import type { Reason } from "../model/reason.ts";
import { REASONS } from "../model/reason.ts";
import { BURROW_PARTITION_STATUSES, lagOf, NO_BURROW_STATUS, PARTITION_STATUSES } from "../model/snapshot.ts";
import type { BurrowPartitionStatus, PartitionStatus } from "../model/status.ts";
import { PARTITION_TROUBLES } from "../model/status.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import { readFloat64, readInt32, readUint8 } from "../window/column.ts";
import type { GroupUnavailable } from "../window/live-groups.ts";
import { MARK_NEGATIVE, MARK_UNREADABLE } from "../window/live-offsets.ts";
import type { LogState } from "../window/log-states.ts";
import { rateOf } from "../window/lookback.ts";
import { REFILLED_COMMITS } from "../window/lost-windows.ts";
import { countOf } from "../window/rings.ts";
import { completeness } from "./burrow.ts";
import type { KnownOfPartition } from "./live-status.ts";
import { codeOf, judgedPartition } from "./live-status.ts";
import { fillLoss } from "./loss.ts";
import { isAhead, isTransactionResidue } from "./oddity.ts";
import type { WritableRows } from "./snapshot-rows.ts";
import { fillTimeLag } from "./time-lag.ts";

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

const BURROW_TROUBLES: ReadonlySet<PartitionStatus> = new Set(PARTITION_TROUBLES);
const OK_CODE = BY_CODE.indexOf("OK");
const STATUS_OK = codeOf("OK");

export interface KnownOfGroup {
  readonly log: LogState;
  readonly unavailable: GroupUnavailable | undefined;
  readonly hasMembers: boolean;
}

export interface Filling {
  readonly state: ClusterState;
  readonly rows: WritableRows;
  /** The slot of each row. */
  readonly slots: readonly number[];
  /** Of the group whose rows are filled. */
  readonly known: KnownOfGroup;
  readonly nowMs: number;
  readonly allowedLag: number;
  readonly indexOfTopic: (topicId: number) => number;
}

/** Fills the rows of one group, from `first` to before `end`. Those of a share group have no verdict: see fillShareRows. */
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

function fillNumbers({ state, rows, known }: Filling, row: number, { slot, topicPartition }: Ids): void {
  const { table, watermarks, offsets } = state;
  const ownerId = readInt32(offsets.ownerId, slot);
  rows.partition[row] = table.topicPartitions.partitionOf(topicPartition);
  rows.ownerIndex[row] = ownerId < 0 ? -1 : ownerIndex(state, rows, ownerId);
  rows.committedOffset[row] = readFloat64(offsets.committedOffset, slot);
  rows.committedAtMs[row] = readFloat64(offsets.committedAtMs, slot) + known.log.clockDifferenceMs;
  if (rows.committedAfterMs !== undefined) rows.committedAfterMs[row] = readFloat64(offsets.committedAfterMs, slot);
  rows.endOffset[row] = readFloat64(watermarks.endOffset, topicPartition);
  rows.startOffset[row] = readFloat64(watermarks.startOffset, topicPartition);
  if (watermarks.stable.openTransactions.size > 0) fillTransaction(state, rows, row, topicPartition);
}

/** One that was seen once may be of no length, or of a leader that did not know the high watermark yet. */
function fillTransaction({ watermarks }: ClusterState, rows: WritableRows, row: number, topicPartition: number): void {
  const open = watermarks.stable.openTransactions.get(topicPartition);
  if (open === undefined || open.seenMs === open.sinceMs) return;
  rows.openTransactions.set(row, { stableOffset: open.stableOffset, openMs: open.seenMs - open.sinceMs });
}

function fillStatus(filling: Filling, row: number, { slot, topicPartition }: Ids): void {
  const { state, rows, known, nowMs } = filling;
  const { watermarks, burrow, offsets } = state;
  const { log } = known;
  const endAtMs = readFloat64(watermarks.endAtMs, topicPartition);
  const isOld = nowMs - endAtMs > END_AGE_MS_MAX || isInDoubt(state, slot);
  const leader = watermarks.unavailable(topicPartition) ?? (isOld ? "old" : undefined);
  const ring = readInt32(burrow.ringBySlot, slot);
  const hasWindow = ring >= 0;
  // Verdicts on a log that is half read are not even Burrow's.
  const strict = log.replayed && hasWindow ? readUint8(burrow.codes, slot) : 0;
  const code = strict > 0 && log.clockDifferenceMs !== 0 ? readUint8(state.ownClockCodes, slot) : strict;
  const isTold = log.unavailable === undefined && known.unavailable === undefined && leader === undefined;
  const isWell = code === OK_CODE && !((rows.committedOffset[row] ?? 0) > (rows.endOffset[row] ?? 0));
  if (isWell && isTold && readUint8(offsets.mark, slot) === 0) rows.status[row] = STATUS_OK;
  else judgeRow(filling, row, { slot, topicPartition, code, hasWindow, leader });
  rows.burrowStatus[row] = BURROW_STATUS_BY_CODE[strict] ?? NO_BURROW_STATUS;
  const commits = !log.replayed ? "warming" : (log.unavailable ?? known.unavailable) ? "stale" : "told";
  fillTimeLag(state, rows, row, { slot, topicPartition, nowMs, commits, isEndFresh: leader === undefined });
  fillLoss(state, rows, row, { topicPartition, nowMs });
  fillRates(filling, row, { slot, topicPartition, isTold: commits === "told", isEndFresh: leader === undefined });
  rows.endOffsetAgeMs[row] = leader === undefined ? Number.NaN : nowMs - endAtMs;
  rows.complete[row] = hasWindow ? completeness(countOf(burrow.rings, ring), burrow.options.intervals) : 0;
}

/** Its end may be that of a topic which is gone. */
function isInDoubt({ topicsInDoubt, table }: ClusterState, slot: number): boolean {
  if (topicsInDoubt.isEmpty()) return false;
  const key = table.keyOf(slot);
  return key !== undefined && topicsInDoubt.has(key.topic, key.group);
}

function fillRates(
  { state: { watermarks, offsets, cadence }, rows, nowMs }: Filling,
  row: number,
  { slot, topicPartition, isTold, isEndFresh }: Ids & { readonly isTold: boolean; readonly isEndFresh: boolean },
): void {
  const { past } = offsets;
  const moved = {
    before: past.before(slot),
    now: rows.committedOffset[row] as number,
    spanMs: nowMs - past.atMs(slot),
  };
  rows.committedPerSecond[row] = isTold ? rateOf(moved) : Number.NaN;
  rows.producedPerSecond[row] = isEndFresh ? watermarks.producedPerSecond(topicPartition) : Number.NaN;
  rows.commitIntervalMs[row] = cadence.medianMs(slot);
  rows.commitIntervalP95Ms[row] = cadence.p95Ms(slot);
}

interface Judging extends Ids, Pick<KnownOfPartition, "leader"> {
  readonly code: number;
  readonly hasWindow: boolean;
}

/** The rule in full, for what is not simply well. */
function judgeRow(filling: Filling, row: number, judging: Judging): void {
  const { state, rows, known, nowMs, allowedLag } = filling;
  const { slot, code, hasWindow, leader, topicPartition } = judging;
  const committedOffset = rows.committedOffset[row] ?? Number.NaN;
  const endOffset = rows.endOffset[row] ?? Number.NaN;
  const mark = readUint8(state.offsets.mark, slot);
  const { status, reason } = judgedPartition({
    log: known.log,
    group: known.unavailable?.reason,
    leader,
    isUnreadable: mark === MARK_UNREADABLE,
    verdict: BY_CODE[code] ?? (hasWindow ? "due" : undefined),
    lag: lagOf({ committedOffset, endOffset, startOffset: rows.startOffset[row] ?? Number.NaN }),
    hasCommit: !Number.isNaN(committedOffset),
    isRefilling: isRefilling(filling, slot),
    commitAgeMs: nowMs - (rows.committedAtMs[row] ?? Number.NaN),
    allowedLag,
  });
  const odd = reason === undefined ? oddityOf(filling, row, { topicPartition, mark }) : undefined;
  rows.status[row] = odd === "transaction_residue" ? STATUS_OK : codeOf(status);
  rows.reason[row] = reasonCode(reason ?? odd ?? (BURROW_TROUBLES.has(status) ? asideOf(known.log) : undefined));
  if (reason !== undefined) rows.reasonSinceMs[row] = sinceMsOf(filling, reason, topicPartition);
}

/** What to know of a verdict that is made from less than all. */
function asideOf({ isPolled, isBurrow }: LogState): Reason | undefined {
  if (isBurrow) return "burrow_only";
  return isPolled ? "commits_polled" : undefined;
}

function isRefilling({ state, nowMs }: Filling, slot: number): boolean {
  const { lostWindows, table, burrow } = state;
  if (Number.isNaN(lostWindows.sinceMs(table.groupIdOf(slot), nowMs))) return false;
  const ring = readInt32(burrow.ringBySlot, slot);
  return ring < 0 || countOf(burrow.rings, ring) < REFILLED_COMMITS;
}

function oddityOf(
  { state, rows, known }: Filling,
  row: number,
  { topicPartition, mark }: { readonly topicPartition: number; readonly mark: number },
): Reason | undefined {
  const { watermarks } = state;
  const offsets = {
    committedOffset: rows.committedOffset[row] ?? Number.NaN,
    committedAtMs: rows.committedAtMs[row] ?? Number.NaN,
    endOffset: rows.endOffset[row] ?? Number.NaN,
    endAtMs: readFloat64(watermarks.endAtMs, topicPartition),
    stableOffset: readFloat64(watermarks.stable.stableOffset, topicPartition),
    hasMarkers: readUint8(watermarks.stable.hasMarkers, topicPartition) !== 0,
    endSinceMs: readFloat64(watermarks.endSinceMs, topicPartition),
    endOtherAtMs: readFloat64(watermarks.endOtherAtMs, topicPartition),
    hasMembers: known.hasMembers,
  };
  if (mark === MARK_NEGATIVE) return "committed_negative";
  if (Number.isNaN(offsets.committedOffset)) return "no_commit";
  if (isAhead(offsets)) return "ahead";
  return isTransactionResidue(offsets) ? "transaction_residue" : undefined;
}

/** Since when nobody knows; NaN where that is not known either. */
function sinceMsOf({ state, known }: Filling, reason: Reason, topicPartition: number): number {
  switch (reason) {
    case "leader_missing":
    case "leader_unreachable":
    case "leader_error":
    case "topic_denied":
    case "end_offset_old":
      return readFloat64(state.watermarks.endAtMs, topicPartition);
    case "coordinator_missing":
    case "coordinator_unreachable":
    case "coordinator_error":
    case "group_denied":
    case "burrow_silent":
      return known.unavailable?.sinceMs ?? known.log.sinceMs;
    case "offsets_topic_denied":
    case "replay":
      return known.log.sinceMs;
    case "first_verdict":
    case "window_refilling":
    case "end_offset_unknown":
    case "offset_unreadable":
    case "ahead":
    case "transaction_residue":
    case "committed_negative":
    case "no_commit":
    case "share_group":
    case "no_partitions":
    case "commits_polled":
    case "burrow_only":
      return Number.NaN;
  }
}

/** As in `Rows.reason`. */
function reasonCode(reason: Reason | undefined): number {
  return reason === undefined ? 0 : 1 + REASONS.indexOf(reason);
}

/**
 * Members of a share group read side by side and acknowledge in any order, so the rules about commits say nothing of it. Having
 * no lag is well; with one, or where the coordinator gives none, it is not known whether the group does well. Where a partition
 * starts for it says neither how old what is unread is, nor how fast it reads.
 */
export function fillShareRows(filling: Filling, { first, end }: { first: number; end: number }): void {
  const { state, rows, slots, known } = filling;
  for (let row = first; row < end; row += 1) {
    const lag = state.offsets.shareLags.get(slots[row] ?? -1) ?? Number.NaN;
    const status = PARTITION_STATUSES[rows.status[row] ?? 0] ?? "unknown";
    rows.shareLags.set(row, lag);
    rows.burrowStatus[row] = NO_BURROW_STATUS;
    rows.timeLag[row] = 0;
    rows.committedPerSecond[row] = Number.NaN;
    if (status === "stale" || status === "unauthorised" || !known.log.replayed) continue;
    rows.status[row] = lag === 0 ? STATUS_OK : codeOf("unknown");
    rows.reason[row] = lag === 0 ? 0 : reasonCode("share_group");
    rows.reasonSinceMs[row] = Number.NaN;
  }
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
