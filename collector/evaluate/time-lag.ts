/**
 * # The time lag of each row, and of a group
 *
 *   nothing committed, or what is committed is not known now     not known, and why
 *   nothing between the committed and the end offset             caught up; not known where the end offset is old
 *   else, of the record at max(committed, log start)             when it became readable, and between which bounds
 *
 * Where retention has overtaken a group, the oldest record that is left is the one it has to read next: its age is the floor
 * of what the group is behind, and what is lost is a number of its own. A record that is known to be unread keeps its age
 * though its leader is away, because T does not change.
 */

import type { Reason } from "../model/reason.ts";
import { REASONS } from "../model/reason.ts";
import type { Rows } from "../model/snapshot.ts";
import { timeLagAt } from "../model/snapshot.ts";
import type { TimeLag, TimeLagCode } from "../model/time-lag.ts";
import { largestTimeLag, TIME_LAG_CODES } from "../model/time-lag.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import { readFloat64, readInt32 } from "../window/column.ts";
import type { Basis, RecordOf } from "../window/readable-times.ts";
import { BY_OLDEST, BY_WATERMARKS, readableTime, UNSEEN } from "../window/readable-times.ts";
import { bracketRecord, createRecordBracket } from "../window/record-times.ts";
import { seek } from "../window/seekers.ts";
import type { WritableRows } from "./snapshot-rows.ts";

const CODE = Object.fromEntries(TIME_LAG_CODES.map((code, index) => [code, index])) as Readonly<
  Record<TimeLagCode, number>
>;
const CODE_OF_BASIS: Readonly<Record<Basis, number>> = {
  [UNSEEN]: CODE.unseen,
  [BY_WATERMARKS]: CODE.watermarks,
  [BY_OLDEST]: CODE.lower_bound,
};

/** Position plus one in REASONS, as in `Rows.reason`. */
const reasonCode = (reason: Reason): number => REASONS.indexOf(reason) + 1;
const RESIDUE = reasonCode("transaction_residue");
const UNREADABLE = reasonCode("offset_unreadable");

export interface TimeLagRow extends Omit<RecordOf, "offset"> {
  /** What a group has committed is known as of now; else why not. */
  readonly commits: "told" | "warming" | "stale";
  readonly nowMs: number;
  /** The end offset is as new as its poll makes it. */
  readonly isEndFresh: boolean;
}

/** After offsets, status and reason of the row. */
export function fillTimeLag(state: ClusterState, rows: WritableRows, row: number, one: TimeLagRow): void {
  const committed = rows.committedOffset[row] as number;
  const start = rows.startOffset[row] as number;
  // Compared, not Math.max: an unknown start (NaN) must not make the offset unknown.
  const isOvertaken = start > committed;
  const offset = isOvertaken ? start : committed;
  const isLeft = offset < (rows.endOffset[row] as number);
  const found = state.readable.found;
  let code: number;
  if (one.commits !== "told") code = CODE[one.commits];
  else if (Number.isNaN(committed)) code = CODE["no-commit"];
  else if (rows.reason[row] === UNREADABLE) code = CODE.stale;
  else if (!isLeft || rows.reason[row] === RESIDUE) code = caughtUp(state, rows, row, one);
  else {
    const { slot, topicPartition } = one;
    const basis = readableTime(state.readable, state.watermarks.samples, { slot, topicPartition, offset });
    code = basis === BY_OLDEST ? byTimestamps(state, { ...one, offset }) : CODE_OF_BASIS[basis];
    rows.readableAfterMs[row] = found.afterMs;
    rows.readableAtMs[row] = found.estimateMs;
    rows.readableByMs[row] = found.byMs;
  }
  rows.timeLag[row] = code;
}

/**
 * Older than all samples: what record timestamps say, where somebody has asked for them, and by when we have seen that it is
 * there. A timestamp after that time is of a clock that is ahead, and counts for nothing.
 */
function byTimestamps(
  state: ClusterState,
  sought: Omit<TimeLagRow, "commits" | "isEndFresh"> & { readonly offset: number },
): number {
  const {
    readable: { found },
    watermarks: { samples },
  } = state;
  seek(state.seekers, sought);
  const { topicPartition, offset } = sought;
  const era = readInt32(samples.eras, topicPartition);
  const isSound = bracketRecord(state.recordTimes, { topicPartition, era, offset }, bracket);
  if (!isSound || !(bracket.afterMs <= found.byMs)) return CODE.lower_bound;
  if (bracket.byMs < found.byMs) found.byMs = bracket.byMs;
  if ((found.byMs - bracket.afterMs) * WIDTHS_PER_AGE > sought.nowMs - bracket.afterMs) return CODE.lower_bound;
  found.afterMs = bracket.afterMs;
  found.estimateMs =
    bracket.estimateMs <= found.byMs ? bracket.estimateMs : Math.round((found.afterMs + found.byMs) / 2);
  return CODE.timestamps;
}

const bracket = createRecordBracket();
/** The first answers bound a record by the whole log: the middle of it would be no estimate. */
const WIDTHS_PER_AGE = 2;

/** Whatever is readable now was not yet when the end offset was asked for. */
function caughtUp({ watermarks }: ClusterState, rows: WritableRows, row: number, one: TimeLagRow): number {
  if (!one.isEndFresh || Number.isNaN(rows.endOffset[row] as number)) return CODE.stale;
  rows.readableAfterMs[row] = readFloat64(watermarks.endAtMs, one.topicPartition);
  return CODE.caught_up;
}

/** A partition of which nothing is known may be the one that is furthest behind. */
const ANYTHING: TimeLag = { kind: "at-least", lowerMs: 0 };

/** Of rows `first` to before `end`; undefined where none is known. */
export function timeLagOfRows(
  rows: Rows,
  { first, end, nowMs }: { readonly first: number; readonly end: number; readonly nowMs: number },
): TimeLag | undefined {
  // Most groups have nothing left to read on most of their partitions: of those only the oldest question counts.
  const some: TimeLag[] = [];
  let caughtUpRow = -1;
  let isUnknown = false;
  for (let row = first; row < end; row += 1) {
    const code = rows.timeLag[row] as number;
    if (code < CODE.caught_up) isUnknown ||= code !== CODE["no-commit"];
    else if (code > CODE.caught_up) some.push(timeLagAt(rows, { row, nowMs }));
    else if (
      code === CODE.caught_up &&
      !((rows.readableAfterMs[caughtUpRow] ?? Number.POSITIVE_INFINITY) <= (rows.readableAfterMs[row] as number))
    )
      caughtUpRow = row;
  }
  if (caughtUpRow >= 0) some.push(timeLagAt(rows, { row: caughtUpRow, nowMs }));
  if (isUnknown && some.length > 0) some.push(ANYTHING);
  return largestTimeLag(some);
}
