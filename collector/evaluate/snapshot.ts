/**
 * # Taking a snapshot: live numbers, last verdicts, as columns
 *
 * Committed offsets are those of this moment, end offsets those of the last poll, verdicts those of the last tick. One
 * pass over the slots; nothing is kept, so a snapshot can be taken of one group as well as of all.
 */

import type { GroupSummary } from "../model/evaluation.ts";
import { shortestFloat32 } from "../model/float32.ts";
import type { Snapshot } from "../model/snapshot.ts";
import {
  BURROW_PARTITION_STATUSES,
  known,
  lagOf,
  lostRecordsOf,
  NO_BURROW_STATUS,
  PARTITION_STATUSES,
} from "../model/snapshot.ts";
import type { BurrowPartitionStatus, PartitionStatus } from "../model/status.ts";
import { statusCode } from "../model/status.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import { liveSlotsOf } from "../window/live-slots.ts";
import type { LogState } from "../window/log-states.ts";
import { completeOf } from "./burrow.ts";
import type { Verdicts } from "./judge.ts";
import { codeOf, groupStatus, partitionStatus } from "./live-status.ts";
import type { WritableRows } from "./snapshot-rows.ts";
import { allocateRows, topicIndexer } from "./snapshot-rows.ts";

/** End offsets older than this are stale though nothing has failed: the poll itself does not get through. */
const END_AGE_MS_MAX = 15_000;
const MS_PER_SECOND = 1_000;

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

export interface SnapshotOptions {
  readonly state: ClusterState;
  readonly verdicts: Verdicts;
  readonly nowMs: number;
  readonly allowedLag: number;
}

/** Names of all groups that are shown: those with partitions or members, sorted. */
export function liveGroupNames(state: ClusterState): readonly string[] {
  const { table, groups } = state;
  const names = new Set<string>();
  for (let slot = 0; slot < table.slotLimit(); slot += 1) {
    if (!isShown(state, slot)) continue;
    const name = table.groups.nameOf(table.groupIdOf(slot));
    if (name !== undefined) names.add(name);
  }
  for (const name of groups.names()) if ((groups.get(name)?.members ?? 0) > 0) names.add(name);
  return [...names].toSorted();
}

export function takeSnapshot(options: SnapshotOptions, groups: readonly string[]): Snapshot {
  const { state, verdicts, nowMs } = options;
  const slots = groups.map((group) => liveSlotsOf(state.table, group).filter((slot) => isShown(state, slot)));
  const rows = allocateRows(slots.reduce((sum, list) => sum + list.length, 0));
  const indexOfTopic = topicIndexer(rows, state.table.topicPartitions.topics);
  const rowStart = new Int32Array(groups.length + 1);
  const summaries: GroupSummary[] = [];
  let row = 0;
  groups.forEach((group, index) => {
    const first = row;
    const log = state.logs.of(state.logPartitionOf(group));
    for (const slot of slots[index] ?? []) fillRow({ ...options, rows, log, indexOfTopic }, { slot, row: row++ });
    rowStart[index + 1] = row;
    summaries.push(summaryOf(options, { group, log, rows, first, end: row }));
  });
  return { cluster: state.cluster, at: verdicts.at(), readAtMs: nowMs, groups: summaries, rowStart, rows };
}

/** A slot that was made for an old commit of something that is gone has neither offset nor owner, and is not shown. */
function isShown({ table, offsets }: ClusterState, slot: number): boolean {
  if (!table.holds(slot, "live")) return false;
  return !Number.isNaN(offsets.committedOffset.get(slot)) || offsets.ownerId.get(slot) >= 0;
}

interface Filling extends SnapshotOptions {
  readonly rows: WritableRows;
  readonly log: LogState;
  readonly indexOfTopic: (topicId: number) => number;
}

function fillRow(filling: Filling, { slot, row }: { slot: number; row: number }): void {
  const { state, rows, nowMs, log, allowedLag } = filling;
  const { table, watermarks, offsets, burrow } = state;
  const topicPartition = table.topicPartitionOf(slot);
  const committedOffset = offsets.committedOffset.get(slot);
  const endOffset = watermarks.endOffset.get(topicPartition);
  const startOffset = watermarks.startOffset.get(topicPartition);
  const unavailable = unavailableOf(state, topicPartition, nowMs);
  const hasWindow = burrow.ringBySlot.get(slot) >= 0;
  // Verdicts on a log that is half read are not even Burrow's.
  const verdict = log.replayed && hasWindow ? (BY_CODE[state.burrowCodes.get(slot)] ?? "due") : undefined;
  const lag = lagOf({ committedOffset, endOffset, startOffset });
  const hasCommit = !Number.isNaN(committedOffset);
  const status = partitionStatus({ log, unavailable, verdict, lag, hasCommit, allowedLag });
  rows.topicIndex[row] = filling.indexOfTopic(table.topicIdOf(slot));
  rows.partition[row] = table.partitionOf(slot);
  rows.status[row] = codeOf(status);
  rows.burrowStatus[row] =
    verdict === undefined || verdict === "due" ? NO_BURROW_STATUS : BURROW_PARTITION_STATUSES.indexOf(verdict);
  rows.committedOffset[row] = committedOffset;
  rows.endOffset[row] = endOffset;
  rows.startOffset[row] = startOffset;
  rows.committedAtMs[row] = offsets.committedAtMs.get(slot);
  rows.endOffsetAgeMs[row] = unavailable === undefined ? Number.NaN : nowMs - watermarks.endAtMs.get(topicPartition);
  rows.complete[row] = hasWindow ? completeOf(burrow, slot) : 0;
  rows.ownerIndex[row] = ownerIndex(state, rows, slot);
}

function unavailableOf(
  { watermarks }: ClusterState,
  topicPartition: number,
  nowMs: number,
): "stale" | "unauthorised" | undefined {
  const reason = watermarks.unavailable(topicPartition);
  if (reason !== undefined) return reason === "unauthorised" ? "unauthorised" : "stale";
  return nowMs - watermarks.endAtMs.get(topicPartition) > END_AGE_MS_MAX ? "stale" : undefined;
}

function ownerIndex({ offsets }: ClusterState, rows: WritableRows, slot: number): number {
  const id = offsets.ownerId.get(slot);
  if (id < 0) return -1;
  const seen = rows.ownerIndexById.get(id);
  if (seen !== undefined) return seen;
  const owner = offsets.ownerOf(id);
  if (owner === undefined) return -1;
  rows.owners.push(owner);
  rows.ownerIndexById.set(id, rows.owners.length - 1);
  return rows.owners.length - 1;
}

interface Summarised {
  readonly group: string;
  readonly log: LogState;
  readonly rows: WritableRows;
  readonly first: number;
  readonly end: number;
}

function summaryOf({ state, verdicts, nowMs }: SnapshotOptions, summarised: Summarised): GroupSummary {
  const { group, log, first, end } = summarised;
  const sums = sumsOf(summarised);
  const facts = state.groups.get(group);
  const status = end > first ? groupStatus(sums.statuses) : groupStatus(new Set([statusWithoutRows(log)]));
  // Until the log is read to its start, a group that the strict rules do not know is not yet NOTFOUND.
  const isJudged = log.replayed && (log.backfilled || verdicts.totals(group) !== undefined);
  const burrowStatus = isJudged && verdicts.at() > 0 ? verdicts.groupStatus(group) : undefined;
  return {
    cluster: state.cluster,
    group,
    at: verdicts.at(),
    status,
    ...known("status_code", statusCode(status)),
    ...known("burrow_status", burrowStatus),
    ...known("burrow_status_code", burrowStatus === undefined ? undefined : statusCode(burrowStatus)),
    ...known("lag", sums.lag),
    ...known("lag_max", sums.lagMax),
    ...known("lost_records", sums.lost),
    partitions: end - first,
    partitions_bad: sums.bad,
    partitions_stale: sums.stale,
    partitions_without_commit: sums.withoutCommit,
    complete: shortestFloat32(verdicts.totals(group)?.complete ?? 0),
    ...known("members", facts?.members),
    ...known("state", facts?.state),
    ...known("type", facts?.type),
    ...known("generation", facts?.generation),
    ...known("commit_age_seconds", Math.max(0, nowMs - sums.committedAtMs) / MS_PER_SECOND),
  };
}

function statusWithoutRows(log: LogState): PartitionStatus {
  return partitionStatus({ log, unavailable: undefined, verdict: undefined, lag: 0, hasCommit: false, allowedLag: 0 });
}

function sumsOf({ rows, first, end }: Summarised) {
  const statuses = new Set<PartitionStatus>();
  const sums = {
    lag: Number.NaN,
    lagMax: Number.NaN,
    lost: Number.NaN,
    committedAtMs: Number.NaN,
    bad: 0,
    stale: 0,
    withoutCommit: 0,
  };
  for (let row = first; row < end; row += 1) {
    const status = PARTITION_STATUSES[rows.status[row] ?? 0] ?? "OK";
    statuses.add(status);
    if (status === "stale" || status === "unauthorised") sums.stale += 1;
    else if (status !== "OK" && status !== "warming") sums.bad += 1;
    const committedOffset = rows.committedOffset[row] ?? Number.NaN;
    const startOffset = rows.startOffset[row] ?? Number.NaN;
    if (Number.isNaN(committedOffset)) {
      sums.withoutCommit += 1;
      continue;
    }
    const lag = lagOf({ committedOffset, startOffset, endOffset: rows.endOffset[row] ?? Number.NaN });
    sums.lag = plus(sums.lag, lag);
    sums.lagMax = most(sums.lagMax, lag);
    sums.lost = plus(sums.lost, lostRecordsOf({ committedOffset, startOffset }));
    sums.committedAtMs = most(sums.committedAtMs, rows.committedAtMs[row] ?? Number.NaN);
  }
  return { ...sums, statuses };
}

/** Sum of what is known: NaN only where nothing is. */
function plus(sum: number, value: number): number {
  if (Number.isNaN(value)) return sum;
  return Number.isNaN(sum) ? value : sum + value;
}

function most(largest: number, value: number): number {
  return Number.isNaN(value) || value <= largest ? largest : value;
}
