/**
 * # Taking a snapshot: live numbers, last verdicts, as columns
 *
 * Committed offsets are those of this moment, end offsets those of the last poll, verdicts those of the last tick. One
 * pass over the slots; nothing is kept, so a snapshot can be taken of one group as well as of all.
 */

import type { GroupSummary } from "../model/evaluation.ts";
import { shortestFloat32 } from "../model/float32.ts";
import type { Reason } from "../model/reason.ts";
import { REASONS } from "../model/reason.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { offsetsAt, PARTITION_STATUSES, secondsSince } from "../model/snapshot.ts";
import type { GroupStatus, PartitionStatus } from "../model/status.ts";
import { statusCode } from "../model/status.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import type { KnownOfGroup } from "./fill-rows.ts";
import { fillRows, fillShareRows } from "./fill-rows.ts";
import type { Verdicts } from "./judge.ts";
import type { JudgedPartition } from "./live-status.ts";
import { groupStatus, judgedPartition } from "./live-status.ts";
import type { ObjectiveMsOf } from "./objectives.ts";
import type { WritableRows } from "./snapshot-rows.ts";
import { allocateRows, topicIndexer } from "./snapshot-rows.ts";
import type { Writable } from "./summary-figures.ts";
import { put, putFigures } from "./summary-figures.ts";

export interface SnapshotOptions {
  readonly state: ClusterState;
  readonly verdicts: Verdicts;
  readonly nowMs: number;
  readonly allowedLag: number;
  /** None where it is not given. */
  readonly objectiveMsOf?: ObjectiveMsOf;
}

/** Names of all groups that are shown: those with partitions or members, sorted. */
export function liveGroupNames(state: ClusterState): readonly string[] {
  const { table, groups } = state;
  const names: string[] = [];
  for (let groupId = 0; groupId < table.groups.idLimit(); groupId += 1) {
    const name = table.groups.nameOf(groupId);
    if (name !== undefined && isLiveGroup(state, name)) names.push(name);
  }
  for (const name of groups.names())
    if (table.groups.find(name) === undefined && hasMembers(state, name)) names.push(name);
  return names.toSorted();
}

/** Slices of the groups, of about `rowsMax` rows each; a group is never cut. */
export function* sliced(
  { table }: ClusterState,
  groups: readonly string[],
  rowsMax: number,
): Generator<readonly string[]> {
  let slice: string[] = [];
  let rows = 0;
  for (const group of groups) {
    slice.push(group);
    for (const groupTopic of table.groupTopics.ofGroup(table.groups.find(group) ?? -1))
      rows += table.groupTopics.slotsOf(groupTopic).length;
    if (rows < rowsMax) continue;
    yield slice;
    slice = [];
    rows = 0;
  }
  if (slice.length > 0) yield slice;
}

export function isLiveGroup(state: ClusterState, group: string): boolean {
  const groupId = state.table.groups.find(group);
  return hasMembers(state, group) || (groupId !== undefined && hasShownSlot(state, groupId));
}

function hasMembers({ groups }: ClusterState, group: string): boolean {
  return (groups.get(group)?.members ?? 0) > 0;
}

function hasShownSlot(state: ClusterState, groupId: number): boolean {
  const { groupTopics } = state.table;
  return groupTopics
    .ofGroup(groupId)
    .some((groupTopic) => groupTopics.slotsOf(groupTopic).some((slot) => isShown(state, slot)));
}

export function takeSnapshot(options: SnapshotOptions, groups: readonly string[]): Snapshot {
  const { state, verdicts, nowMs } = options;
  const slots: number[] = [];
  const rowStart = new Int32Array(groups.length + 1);
  groups.forEach((group, index) => {
    addShownSlots(state, group, slots);
    rowStart[index + 1] = slots.length;
  });
  const rows = allocateRows(slots.length, state.logs.isPolled());
  const indexOfTopic = topicIndexer(rows, state.table.topicPartitions.topics);
  const summaries = groups.map((group, index): GroupSummary => {
    const [first, end] = [rowStart[index] ?? 0, rowStart[index + 1] ?? 0];
    const known = knownOf(state, group);
    const filling = { ...options, rows, known, slots, indexOfTopic };
    fillRows(filling, { first, end });
    if (state.groups.get(group)?.type === "share") fillShareRows(filling, { first, end });
    return summaryOf(options, { group, known, rows, first, end });
  });
  return { cluster: state.cluster, at: verdicts.at(), readAtMs: nowMs, groups: summaries, rowStart, rows };
}

function knownOf(state: ClusterState, group: string): KnownOfGroup {
  const log = state.logs.of(state.logPartitionOf(group));
  return { log, unavailable: state.groups.unavailableOf(group), hasMembers: hasMembers(state, group) };
}

/** By topic, then partition. */
function addShownSlots(state: ClusterState, group: string, slots: number[]): void {
  const { groups, groupTopics } = state.table;
  const groupId = groups.find(group);
  if (groupId === undefined) return;
  for (const groupTopic of groupTopics.ofGroup(groupId))
    for (const slot of groupTopics.slotsOf(groupTopic)) if (isShown(state, slot)) slots.push(slot);
}

/** A slot that was made for an old commit of something that is gone has neither offset nor owner, and is not shown. */
function isShown({ table, offsets }: ClusterState, slot: number): boolean {
  return offsets.isKnown(slot) && table.holds(slot, "live");
}

interface Summarised {
  readonly group: string;
  readonly known: KnownOfGroup;
  readonly rows: WritableRows;
  readonly first: number;
  readonly end: number;
}

function summaryOf({ state, verdicts, nowMs, objectiveMsOf }: SnapshotOptions, summarised: Summarised): GroupSummary {
  const { group, known, first, end } = summarised;
  const { log } = known;
  const sums = sumsOf(summarised);
  const facts = state.groups.get(group);
  const status = groupStatus(sums.statuses);
  // Until the log is read to its start, a group that the strict rules do not know is not yet NOTFOUND.
  const isJudged = log.replayed && (log.backfilled || verdicts.totals(group) !== undefined);
  const summary: Writable<GroupSummary> = {
    cluster: state.cluster,
    group,
    at: verdicts.at(),
    status,
    partitions: end - first,
    partitions_bad: sums.bad,
    partitions_stale: sums.stale,
    partitions_without_commit: sums.withoutCommit,
    complete: shortestFloat32(verdicts.totals(group)?.complete ?? 0),
  };
  put(summary, "status_code", statusCode(status));
  if (isJudged && verdicts.at() > 0) {
    summary.burrow_status = verdicts.groupStatus(group);
    put(summary, "burrow_status_code", statusCode(summary.burrow_status));
  }
  const reason = reasonOf(sums.reasons, status);
  put(summary, "reason", reason?.reason);
  put(summary, "reason_seconds", secondsSince(nowMs, reason?.sinceMs ?? Number.NaN));
  put(summary, "lag", sums.lag);
  put(summary, "lag_max", sums.lagMax);
  if (Number.isSafeInteger(sums.committedOffset)) summary.committed_offset = sums.committedOffset;
  putFigures(summary, { rows: summarised.rows, first, end, nowMs, objectiveMs: objectiveMsOf?.(group) });
  put(summary, "lost_records", sums.lost);
  put(summary, "members", facts?.members);
  put(summary, "state", facts?.state);
  put(summary, "type", facts?.type);
  put(summary, "generation", facts?.generation);
  put(summary, "rebalances", facts?.rebalances);
  put(summary, "recent_rebalances", state.groups.recentRebalances(group, nowMs - log.clockDifferenceMs));
  const pendingSinceMs = (state.openTransactions.sinceMsOf(group) ?? Number.NaN) + log.clockDifferenceMs;
  put(summary, "pending_transaction_seconds", secondsSince(nowMs, pendingSinceMs));
  put(summary, "commit_age_seconds", secondsSince(nowMs, sums.committedAtMs));
  put(summary, "commit_age_seconds_upper", secondsSince(nowMs, sums.committedAfterMs));
  if (log.isPolled) summary.commit_times = "inferred";
  return summary;
}

function sumsOf(summarised: Summarised) {
  const { rows, first, end } = summarised;
  const statuses = new Set<PartitionStatus>();
  const reasons = new Map<PartitionStatus, WhyOfRows>();
  const sums = {
    lag: Number.NaN,
    lagMax: Number.NaN,
    lost: Number.NaN,
    committedOffset: Number.NaN,
    committedAtMs: Number.NaN,
    committedAfterMs: Number.NaN,
    bad: 0,
    stale: 0,
    withoutCommit: 0,
  };
  if (first === end) addGroupWithoutRows(summarised.known, { statuses, reasons });
  for (let row = first; row < end; row += 1) {
    const status = PARTITION_STATUSES[rows.status[row] ?? 0] ?? "OK";
    statuses.add(status);
    if (rows.reason[row] !== 0) addReason(reasons, status, { rows, row });
    if (status === "stale" || status === "unauthorised") sums.stale += 1;
    else if (status !== "OK" && status !== "warming" && status !== "unknown") sums.bad += 1;
    if (Number.isNaN(rows.committedOffset[row] ?? Number.NaN)) {
      sums.withoutCommit += 1;
      continue;
    }
    const { lag, lost, committedOffset } = offsetsAt(rows, row);
    sums.lag = plus(sums.lag, lag);
    sums.committedOffset = plus(sums.committedOffset, committedOffset);
    sums.lagMax = most(sums.lagMax, lag);
    sums.lost = plus(sums.lost, lost);
    sums.committedAtMs = most(sums.committedAtMs, rows.committedAtMs[row] ?? Number.NaN);
    sums.committedAfterMs = most(sums.committedAfterMs, rows.committedAfterMs?.[row] ?? Number.NaN);
  }
  return { ...sums, statuses, reasons };
}

interface WhyOfRows {
  /** Position in REASONS plus one: the list is in the order in which they explain most. */
  readonly code: number;
  /** The earliest, NaN: not known. */
  readonly sinceMs: number;
}

type Reasons = Map<PartitionStatus, WhyOfRows>;

function addReason(
  reasons: Reasons,
  status: PartitionStatus,
  { rows, row }: { readonly rows: WritableRows; readonly row: number },
): void {
  const code = rows.reason[row] ?? 0;
  const sinceMs = rows.reasonSinceMs[row] ?? Number.NaN;
  const before = reasons.get(status);
  if (before === undefined || code < before.code) reasons.set(status, { code, sinceMs });
  else if (code === before.code && sinceMs < before.sinceMs) reasons.set(status, { code, sinceMs });
}

/** Members without partitions, such as the workers of Connect: once its log is read, there is nothing to judge. */
function addGroupWithoutRows(
  { log, unavailable }: KnownOfGroup,
  { statuses, reasons }: { readonly statuses: Set<PartitionStatus>; readonly reasons: Reasons },
): void {
  const group = unavailable?.reason;
  const judged = judgedPartition({ ...NOTHING_COMMITTED, log, group });
  const { status, reason = "no_partitions" }: JudgedPartition =
    judged.status === "OK" ? { status: "unknown", reason: "no_partitions" } : judged;
  statuses.add(status);
  reasons.set(status, { code: 1 + REASONS.indexOf(reason), sinceMs: unavailable?.sinceMs ?? log.sinceMs });
}

const NOTHING_COMMITTED = {
  leader: undefined,
  isUnreadable: false,
  isRefilling: false,
  verdict: undefined,
  lag: Number.NaN,
  hasCommit: false,
  commitAgeMs: Number.NaN,
  allowedLag: 0,
} as const;

/** Of the partitions that make the status what it is; beside a verdict also what is odd about the others. */
function reasonOf(reasons: Reasons, status: GroupStatus): { reason: Reason | undefined; sinceMs: number } | undefined {
  const isUnknown = status === "warming" || status === "stale" || status === "unauthorised" || status === "unknown";
  const some = isUnknown ? [reasons.get(status)] : [...reasons.values()];
  const first = some.reduce(
    (least, one) => (one !== undefined && !(least && least.code <= one.code) ? one : least),
    undefined,
  );
  return first === undefined ? undefined : { reason: REASONS[first.code - 1], sinceMs: first.sinceMs };
}

/** Sum of what is known: NaN only where nothing is. */
function plus(sum: number, value: number): number {
  if (Number.isNaN(value)) return sum;
  return Number.isNaN(sum) ? value : sum + value;
}

function most(largest: number, value: number): number {
  return Number.isNaN(value) || value <= largest ? largest : value;
}
