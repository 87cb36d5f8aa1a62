/**
 * # Which timestamps to ask for next
 *
 * The age of a record that was there before we were is found by asking leaders "which is the first record not older than x":
 * first for the oldest of all, then where the record would be if all were evenly spread, then by halves. A bracket is narrow
 * enough at a twentieth of the record's age, or at the distance of two samples, and six rounds are enough. One question a
 * partition and round, as the protocol wants it; its answer serves every group there.
 */

import type { RecordTimeQuestion } from "../model/observation.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import { readFloat64, readInt32 } from "../window/column.ts";
import type { RecordBracket } from "../window/record-times.ts";
import { bracketRecord, createRecordBracket } from "../window/record-times.ts";
import type { Seeker } from "../window/seekers.ts";

const ROUNDS_MAX = 6;
const AGE_PER_WIDTH = 20;
const WIDTH_MS_MIN = 2_000;
/** A leader may have been away: some more rounds after this time. */
const AGAIN_MS = 600_000;
/** A group that commits soon needs no questions: its next offset is among the samples. */
const PATIENCE_MS = 10_000;
/** Nobody has read of it for so long: it is not behind the samples any more. */
const FORGOTTEN_MS = 60_000;
/** Older than all records: answers with the first one. */
const OLDEST_MS = 0;

/** At most `questionsMax`; those left over come first next time. */
export function planRecordTimes(
  state: ClusterState,
  { nowMs, questionsMax }: { readonly nowMs: number; readonly questionsMax: number },
): readonly RecordTimeQuestion[] {
  const { seekers } = state;
  const questions = new Map<number, RecordTimeQuestion>();
  for (const [slot, seeker] of [...seekers]) {
    if (questions.size >= questionsMax) break;
    if (nowMs - seeker.wantedMs > FORGOTTEN_MS) seekers.delete(slot);
    else if (isDue(seeker, nowMs) && !questions.has(seeker.topicPartition)) {
      const question = nextQuestion(state, seeker, nowMs);
      seeker.askedMs = nowMs;
      seeker.rounds = question === undefined ? ROUNDS_MAX : seeker.rounds + 1;
      if (question === undefined) continue;
      questions.set(seeker.topicPartition, question);
      // To the end of the line.
      seekers.delete(slot);
      seekers.set(slot, seeker);
    }
  }
  return [...questions.values()];
}

function isDue({ sinceMs, rounds, askedMs }: Seeker, nowMs: number): boolean {
  if (nowMs - sinceMs < PATIENCE_MS) return false;
  return rounds < ROUNDS_MAX || nowMs - askedMs >= AGAIN_MS;
}

function nextQuestion(state: ClusterState, seeker: Seeker, nowMs: number): RecordTimeQuestion | undefined {
  const timestampMs = nextTimestampMs(state, seeker, nowMs);
  return timestampMs === undefined ? undefined : questionOf(state, seeker.topicPartition, timestampMs);
}

function questionOf(
  { table: { topicPartitions } }: ClusterState,
  topicPartition: number,
  timestampMs: number,
): RecordTimeQuestion | undefined {
  const topic = topicPartitions.topics.nameOf(topicPartitions.topicIdOf(topicPartition));
  if (topic === undefined) return undefined;
  return { topic, partition: topicPartitions.partitionOf(topicPartition), timestampMs };
}

const bracket = createRecordBracket();

/** Undefined where the bracket is narrow enough, or where answers contradict each other. */
function nextTimestampMs(state: ClusterState, seeker: Seeker, nowMs: number): number | undefined {
  const { topicPartition, offset, rounds } = seeker;
  const { watermarks, recordTimes } = state;
  const era = readInt32(watermarks.samples.eras, topicPartition);
  if (!bracketRecord(recordTimes, { topicPartition, era, offset }, bracket)) return undefined;
  if (Number.isNaN(bracket.afterMs)) return OLDEST_MS;
  if (Number.isNaN(bracket.byMs)) {
    bracket.byMs = nowMs;
    bracket.byOffset = readFloat64(watermarks.endOffset, topicPartition);
  }
  const widthMs = bracket.byMs - bracket.afterMs;
  const enoughMs = Math.max(WIDTH_MS_MIN, (nowMs - bracket.byMs) / AGE_PER_WIDTH);
  if (widthMs <= enoughMs) return undefined;
  const side = SIDES[rounds];
  if (side === undefined) return Math.round((bracket.afterMs + bracket.byMs) / 2);
  return Math.round(besideEstimateMs(bracket, { offset, side, enoughMs }));
}

/**
 * By round: at the estimate, or beside it on this side; the others halve. An answer just before the record leaves a wide rest
 * after it, which a question on the other side takes away.
 */
const SIDES: readonly (number | undefined)[] = [undefined, 0, undefined, 1, -1, undefined];

function besideEstimateMs(
  { afterMs, byMs, afterOffset, byOffset }: RecordBracket,
  { offset, side, enoughMs }: { readonly offset: number; readonly side: number; readonly enoughMs: number },
): number {
  const widthMs = byMs - afterMs;
  // Half a record before it: where records are evenly spread, the first one from there on is the one.
  const share = byOffset > afterOffset ? (offset - 0.5 - afterOffset) / (byOffset - afterOffset) : 0.5;
  const recordMs = byOffset > afterOffset ? widthMs / (byOffset - afterOffset) : 0;
  const besideMs = side * Math.max(enoughMs / 2, recordMs);
  const edgeMs = Math.min(enoughMs, recordMs, widthMs) / 4;
  return Math.min(byMs - edgeMs, Math.max(afterMs + edgeMs, afterMs + widthMs * share + besideMs));
}
