/**
 * # Production pace: how soon so many records could come
 *
 * As soon as they did in the fastest stretch of the last hour: of all stretches between two samples (samples.ts) in which at least
 * so many came, or which are half an hour long, the one with the largest rate. A burst that is shorter is averaged with the time
 * around it, as it would be again. What would take longer than half an hour, comes from then on as fast as in the fastest hour
 * of the days before (log-starts.ts). Whoever has watched for less than an hour takes that for the hour.
 */

import { readFloat64, readInt32 } from "./column.ts";
import { chunkAt, firstRun } from "./sample-blocks.ts";
import type { Samples } from "./samples.ts";

const HOUR_MS = 3_600_000;
/** Less has not seen enough to tell a pause from no production. */
const SPAN_MS_MIN = 300_000;

/** Records per ms in about the last hour; NaN: not watched for so long. */
export function hourlyPace({ blocks, places, counts, baseMs }: Samples, topicPartition: number, nowMs: number): number {
  const place = readInt32(places, topicPartition);
  const count = place < 0 ? 0 : counts.get(topicPartition);
  if (count === 0) return Number.NaN;
  const { endOffsets, lastAsked } = chunkAt(blocks, place);
  const first = firstRun(place);
  const newest = first + count - 1;
  const beforeMs = nowMs - HOUR_MS - readFloat64(baseMs, topicPartition);
  let run = newest;
  while (run >= first && (lastAsked[run] as number) > beforeMs) run -= 1;
  if (run < first) return Number.NaN;
  const records = (endOffsets[newest] as number) - (endOffsets[run] as number);
  return records / ((lastAsked[newest] as number) - (lastAsked[run] as number));
}

/** Ms; Infinity: none came. NaN: not watched for long enough. */
export function timeToProduceMs(
  { blocks, places, counts, baseMs }: Samples,
  topicPartition: number,
  { records, nowMs, peakPerMs }: { readonly records: number; readonly nowMs: number; readonly peakPerMs: number },
): number {
  const place = readInt32(places, topicPartition);
  const count = place < 0 ? 0 : counts.get(topicPartition);
  if (count === 0) return Number.NaN;
  const { endOffsets, firstAnswered, lastAsked } = chunkAt(blocks, place);
  const first = firstRun(place);
  const newest = first + count - 1;
  const sinceMs = nowMs - HOUR_MS - readFloat64(baseMs, topicPartition);
  let oldest = newest;
  while (oldest > first && (lastAsked[oldest - 1] as number) >= sinceMs) oldest -= 1;
  const spanMs = (lastAsked[newest] as number) - Math.max(sinceMs, firstAnswered[oldest] as number);
  if (!(spanMs >= SPAN_MS_MIN)) return Number.NaN;
  const halfMs = spanMs / 2;
  let fastest = 0;
  let from = newest - 1;
  for (let to = newest; to > oldest; to -= 1) {
    if (from >= to) from = to - 1;
    let came = (endOffsets[to] as number) - (endOffsets[from] as number);
    let tookMs = (firstAnswered[to] as number) - (lastAsked[from] as number);
    while (came < records && tookMs < halfMs && from > oldest) {
      from -= 1;
      came = (endOffsets[to] as number) - (endOffsets[from] as number);
      tookMs = (firstAnswered[to] as number) - (lastAsked[from] as number);
    }
    if (came < records && tookMs < halfMs) break;
    if (came / tookMs > fastest) fastest = came / tookMs;
  }
  const leftMs = records / fastest;
  if (!(leftMs > halfMs && peakPerMs > fastest)) return leftMs;
  return halfMs + (records - fastest * halfMs) / peakPerMs;
}
