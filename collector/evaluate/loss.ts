/**
 * # Data loss: when may the oldest record that a group has not read be deleted, if it reads nothing more?
 *
 * Not before `lossAtMs`, the earliest of what threatens it, under the conditions named here. A record goes with its segment, so
 * the truth is later, by up to a segment and the time between two looks of the broker.
 *
 *     records are lost already, and some are left to read     now
 *     limit in time     T + retention.ms                      T: readable after that, at the earliest (time-lag.ts). Holds where
 *                                                             records carry the time of their append, or a later one
 *     limit in bytes    when the log ends `kept` records      `kept`: as many stayed when others went (log-starts.ts). Holds while
 *                       behind it                             records get no larger, and production no faster than in the
 *                                                             fastest stretch of the last hour, and later on than in the
 *                                                             fastest hour of the days before (production-pace.ts)
 *     deleted otherwise, twice in the last two hours          as by bytes
 *
 * Where something applies of which nothing is known, nothing is said: a date that is too late would be worse than none. Of a
 * topic without limits nothing is said either: who deletes there by request does so behind the readers, as Kafka Streams does
 * with its repartition topics.
 */

import type { Rows } from "../model/snapshot.ts";
import { TIME_LAG_CODES } from "../model/time-lag.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import { readFloat64 } from "../window/column.ts";
import { isDeletedOtherwise, recordsKept } from "../window/log-starts.ts";
import { timeToProduceMs } from "../window/production-pace.ts";
import type { WritableRows } from "./snapshot-rows.ts";

const UNSEEN = TIME_LAG_CODES.indexOf("unseen");
const CAUGHT_UP = TIME_LAG_CODES.indexOf("caught_up");

/** After offsets and time lag of the row. */
export function fillLoss(
  state: ClusterState,
  rows: WritableRows,
  row: number,
  { topicPartition, nowMs }: { readonly topicPartition: number; readonly nowMs: number },
): void {
  const code = rows.timeLag[row] as number;
  if (code <= CAUGHT_UP && code !== UNSEEN) return;
  const committedOffset = rows.committedOffset[row] as number;
  const isOvertaken = (rows.startOffset[row] as number) > committedOffset;
  // Whole milliseconds, and never later.
  if ((rows.endOffset[row] as number) > committedOffset)
    rows.lossAtMs[row] = isOvertaken ? nowMs : Math.floor(lossAtMs(state, rows, row, { topicPartition, nowMs }));
}

/** NaN: not known, or nothing threatens it. */
function lossAtMs(
  { table, topics, watermarks }: ClusterState,
  rows: WritableRows,
  row: number,
  { topicPartition, nowMs }: { readonly topicPartition: number; readonly nowMs: number },
): number {
  const { configs } = topics;
  const { starts, samples } = watermarks;
  const topicId = table.topicPartitions.topicIdOf(topicPartition);
  const limitMs = readFloat64(configs.retentionMs, topicId);
  const limitBytes = readFloat64(configs.retentionBytes, topicId);
  const byTimeMs = limitMs < UNLIMITED ? (rows.readableAfterMs[row] as number) + limitMs : limitMs;
  const isLimited = limitBytes < UNLIMITED;
  // NaN goes through: what is not known makes the whole not known.
  if (!isLimited && !(limitMs < UNLIMITED && isDeletedOtherwise(starts, topicPartition, nowMs)))
    return finite(Math.min(byTimeMs, limitBytes));
  const segmentBytes = readFloat64(configs.segmentBytes, topicId);
  const kept = recordsKept(starts, topicPartition, { limitBytes, segmentBytes });
  const records = (rows.committedOffset[row] as number) + kept - (rows.endOffset[row] as number);
  const endAtMs = readFloat64(watermarks.endAtMs, topicPartition);
  const peakPerMs = readFloat64(starts.peakPerMs, topicPartition);
  const left = records > 0 ? timeToProduceMs(samples, topicPartition, { records, nowMs, peakPerMs }) : 0;
  return finite(Math.min(byTimeMs, Number.isNaN(records) ? Number.NaN : endAtMs + left));
}

const UNLIMITED = Number.POSITIVE_INFINITY;

function finite(ms: number): number {
  return Number.isFinite(ms) ? ms : Number.NaN;
}

/** Of rows `first` to before `end`, the least that is known; NaN where none is. */
export function lossAtMsOfRows(
  { lossAtMs: column }: Rows,
  { first, end }: { readonly first: number; readonly end: number },
): number {
  let least = Number.NaN;
  for (let row = first; row < end; row += 1) {
    const one = column[row] as number;
    if (!(one >= least)) least = Number.isNaN(one) ? least : one;
  }
  return least;
}
