/**
 * # A snapshot: all groups of one cluster at one moment, rows by column
 *
 * 200,000 rows as objects would cost more than judging them; so rows stay in typed arrays and become objects one group at
 * a time, where somebody reads them. NaN and -1 stand for "not known" in here only; outside, what is not known is absent.
 */

import type { GroupEvaluation, GroupSummary, PartitionEvaluation } from "./evaluation.ts";
import { shortestFloat32 } from "./float32.ts";
import { REASONS } from "./reason.ts";
import type { BurrowPartitionStatus, PartitionStatus } from "./status.ts";
import { statusCode } from "./status.ts";
import type { TimeLag } from "./time-lag.ts";
import { TIME_LAG_CODES, timeLagFields, timeLagOf } from "./time-lag.ts";

/** Position in this list is the number in `Rows.status`. */
export const PARTITION_STATUSES: readonly PartitionStatus[] = [
  "OK",
  "WARN",
  "STOP",
  "STALL",
  "REWIND",
  "warming",
  "stale",
  "unauthorised",
  "unknown",
];

/** Position in this list is the number in `Rows.burrowStatus`; 255 there means none. */
export const BURROW_PARTITION_STATUSES: readonly BurrowPartitionStatus[] = ["OK", "WARN", "STOP", "STALL", "REWIND"];
export const NO_BURROW_STATUS = 255;

/** Entry i of each array is row i; rows of a group are consecutive, by topic, then partition. */
export interface Rows {
  readonly count: number;
  readonly topics: readonly string[];
  /** Index into `topics`. */
  readonly topicIndex: Int32Array;
  readonly partition: Int32Array;
  readonly status: Uint8Array;
  readonly burrowStatus: Uint8Array;
  /** Position in REASONS plus one; 0: none. */
  readonly reason: Uint8Array;
  /** Epoch ms since when nobody knows, NaN: not known, or somebody does. */
  readonly reasonSinceMs: Float64Array;
  /** NaN: no commit. Of a share group: where the partition starts for it. */
  readonly committedOffset: Float64Array;
  /** NaN: not known. */
  readonly endOffset: Float64Array;
  readonly startOffset: Float64Array;
  /** Epoch ms of the newest commit, NaN: not known. */
  readonly committedAtMs: Float64Array;
  /** Where commits are polled: the newest one was made after that, epoch ms; NaN: not known. */
  readonly committedAfterMs: Float64Array | undefined;
  /** Age of the end offset where its broker does not answer, ms; NaN where it does. */
  readonly endOffsetAgeMs: Float64Array;
  /** Position in TIME_LAG_CODES. */
  readonly timeLag: Uint8Array;
  /** When the record at the committed offset became readable, and the bounds of it, epoch ms; NaN: not known, or no such record. */
  readonly readableAfterMs: Float64Array;
  readonly readableAtMs: Float64Array;
  readonly readableByMs: Float64Array;
  /** The oldest record not yet read is not deleted before, epoch ms; NaN: not known, or nothing threatens it. */
  readonly lossAtMs: Float64Array;
  /** Records per second over about a minute, in thousandths; NaN: not known. */
  readonly committedPerSecond: Float64Array;
  readonly producedPerSecond: Float64Array;
  /** Usual time from one commit to the next, ms; NaN: not known. */
  readonly commitIntervalMs: Float64Array;
  readonly commitIntervalP95Ms: Float64Array;
  /** 0 to 1, NaN: not known. */
  readonly complete: Float64Array;
  readonly owners: readonly RowOwner[];
  /** Index into `owners`, -1: nobody. */
  readonly ownerIndex: Int32Array;
  /** By row, those of share groups alone: the lag that their coordinator gives, NaN: none. Else it follows from the offsets. */
  readonly shareLags: ReadonlyMap<number, number>;
  /** By row, those alone where one transaction was open whenever the last stable offset was asked for, twice or more. */
  readonly openTransactions: ReadonlyMap<number, RowTransaction>;
}

export interface RowOwner {
  readonly owner: string;
  readonly clientId: string;
  /** Not in the feed: it changes at each start of a member, and no field shows it. */
  readonly memberId?: string;
}

export interface RowTransaction {
  readonly stableOffset: number;
  /** It was open for at least so long when it was last asked for, ms. */
  readonly openMs: number;
}

export interface Snapshot {
  readonly cluster: string;
  /** Grid time of the tick whose verdicts these are, epoch ms. */
  readonly at: number;
  /** When the numbers were read, epoch ms; ages count from it. */
  readonly readAtMs: number;
  readonly groups: readonly GroupSummary[];
  /** Rows of group g: from rowStart[g] to rowStart[g + 1]. */
  readonly rowStart: Int32Array;
  readonly rows: Rows;
}

/**
 * Lag in records; NaN where it is not known. A negative committed offset (-1 latest, -2 earliest: clients do commit them)
 * says nothing of what was read, so it gives no lag.
 */
export function lagOf(offsets: { committedOffset: number; endOffset: number; startOffset: number }): number {
  const { committedOffset, endOffset, startOffset } = offsets;
  if (committedOffset < 0) return Number.NaN;
  // Compared, not Math.max: an unknown start (NaN) must not make the lag unknown.
  if (startOffset > committedOffset) return Math.max(0, endOffset - startOffset);
  return Math.max(0, endOffset - committedOffset);
}

/** Records that retention deleted unread: log-start minus committed where that is positive. NaN where either is not known. */
export function lostRecordsOf(offsets: { committedOffset: number; startOffset: number }): number {
  if (Number.isNaN(offsets.startOffset) || !(offsets.committedOffset >= 0)) return Number.NaN;
  return offsets.startOffset > offsets.committedOffset ? offsets.startOffset - offsets.committedOffset : 0;
}

export function timeLagAt(rows: Rows, { row, nowMs }: { readonly row: number; readonly nowMs: number }): TimeLag {
  const code = TIME_LAG_CODES[rows.timeLag[row] ?? 0] ?? "unseen";
  const afterMs = rows.readableAfterMs[row] ?? Number.NaN;
  const atMs = rows.readableAtMs[row] ?? Number.NaN;
  const byMs = rows.readableByMs[row] ?? Number.NaN;
  return timeLagOf({ code, afterMs, atMs, byMs }, nowMs);
}

/** What is said of a row's offsets; NaN where it is not known. */
export interface RowOffsets {
  readonly lag: number;
  readonly lost: number;
  readonly committedOffset: number;
  readonly shareStartOffset: number;
}

export function offsetsAt(rows: Rows, row: number): RowOffsets {
  const committedOffset = rows.committedOffset[row] ?? Number.NaN;
  const endOffset = rows.endOffset[row] ?? Number.NaN;
  const startOffset = rows.startOffset[row] ?? Number.NaN;
  const shareLag = rows.shareLags.size === 0 ? undefined : rows.shareLags.get(row);
  if (shareLag !== undefined)
    return { lag: shareLag, lost: Number.NaN, committedOffset: Number.NaN, shareStartOffset: committedOffset };
  const lag = lagOf({ committedOffset, endOffset, startOffset });
  return { lag, lost: lostRecordsOf({ committedOffset, startOffset }), committedOffset, shareStartOffset: Number.NaN };
}

export function groupEvaluationAt(snapshot: Snapshot, index: number): GroupEvaluation | undefined {
  const summary = snapshot.groups[index];
  if (summary === undefined) return undefined;
  const partitions: PartitionEvaluation[] = [];
  const end = snapshot.rowStart[index + 1] ?? 0;
  for (let row = snapshot.rowStart[index] ?? 0; row < end; row += 1)
    partitions.push(partitionEvaluationAt(snapshot, row));
  return { ...summary, partitions };
}

export function* groupEvaluationsOf(snapshot: Snapshot): Generator<GroupEvaluation> {
  for (let index = 0; index < snapshot.groups.length; index += 1) {
    const evaluation = groupEvaluationAt(snapshot, index);
    if (evaluation !== undefined) yield evaluation;
  }
}

const MS_PER_SECOND = 1_000;

function partitionEvaluationAt({ rows, readAtMs }: Snapshot, row: number): PartitionEvaluation {
  const status = PARTITION_STATUSES[rows.status[row] ?? 0] ?? "OK";
  const burrowStatus = BURROW_PARTITION_STATUSES[rows.burrowStatus[row] ?? NO_BURROW_STATUS];
  const { lag, lost, committedOffset, shareStartOffset } = offsetsAt(rows, row);
  const owner = rows.owners[rows.ownerIndex[row] ?? -1];
  const transaction = rows.openTransactions.size === 0 ? undefined : rows.openTransactions.get(row);
  return {
    topic: rows.topics[rows.topicIndex[row] ?? 0] ?? "",
    partition: rows.partition[row] ?? 0,
    status,
    ...known("status_code", statusCode(status)),
    ...known("burrow_status", burrowStatus),
    ...known("burrow_status_code", burrowStatus === undefined ? undefined : statusCode(burrowStatus)),
    ...known("reason", REASONS[(rows.reason[row] ?? 0) - 1]),
    ...known("reason_seconds", secondsSince(readAtMs, rows.reasonSinceMs[row] ?? Number.NaN)),
    ...known("lag", lag),
    ...known("committed_offset", committedOffset),
    ...known("share_start_offset", shareStartOffset),
    ...known("end_offset", rows.endOffset[row]),
    ...known("start_offset", rows.startOffset[row]),
    ...known("stable_offset", transaction?.stableOffset),
    ...known("open_transaction_seconds", (transaction?.openMs ?? Number.NaN) / MS_PER_SECOND),
    ...known("end_offset_age_seconds", (rows.endOffsetAgeMs[row] ?? Number.NaN) / MS_PER_SECOND),
    ...timeLagFields(timeLagAt(rows, { row, nowMs: readAtMs })),
    ...known("committed_per_second", rows.committedPerSecond[row]),
    ...known("produced_per_second", rows.producedPerSecond[row]),
    ...known("lost_records", lost),
    ...known("loss_seconds", secondsUntil(readAtMs, rows.lossAtMs[row] ?? Number.NaN)),
    ...known("commit_age_seconds", secondsSince(readAtMs, rows.committedAtMs[row] ?? Number.NaN)),
    ...known("commit_age_seconds_upper", secondsSince(readAtMs, rows.committedAfterMs?.[row] ?? Number.NaN)),
    ...known("commit_interval_seconds", (rows.commitIntervalMs[row] ?? Number.NaN) / MS_PER_SECOND),
    ...known("commit_interval_p95_seconds", (rows.commitIntervalP95Ms[row] ?? Number.NaN) / MS_PER_SECOND),
    ...known("complete", shortestFloat32(rows.complete[row] ?? Number.NaN)),
    ...known("owner", owner?.owner),
    ...known("client_id", owner?.clientId),
  };
}

/** NaN where that is not known; never negative. */
export function secondsSince(nowMs: number, thenMs: number): number {
  return Math.max(0, nowMs - thenMs) / MS_PER_SECOND;
}

/** NaN where that is not known; never negative. */
export function secondsUntil(nowMs: number, thenMs: number): number {
  return Math.max(0, thenMs - nowMs) / MS_PER_SECOND;
}

/** The member, or nothing where the value is not known. */
export function known<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [key in Name]?: Value } {
  if (value === undefined || Number.isNaN(value)) return {};
  return { [name]: value } as { readonly [key in Name]?: Value };
}
