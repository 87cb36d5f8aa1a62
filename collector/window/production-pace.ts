/**
 * # Production pace: how soon so many records could come
 *
 * As soon as they did in the fastest stretch of the last hour: of all stretches between two samples (samples.ts) in which at least
 * so many came, the one with the largest rate. Where the whole hour brought less, the rate of all of it counts. A burst that
 * is shorter than what is asked for is averaged with the time around it, as it would be again.
 */

import { readFloat64, readInt32 } from "./column.ts";
import { chunkAt, firstRun } from "./sample-blocks.ts";
import type { Samples } from "./samples.ts";

const HOUR_MS = 3_600_000;
/** Less has not seen enough to tell a pause from no production. */
const SPAN_MS_MIN = 300_000;

/** Ms; Infinity: none came. NaN: not watched for long enough. */
export function timeToProduceMs(
  { blocks, places, counts, baseMs }: Samples,
  topicPartition: number,
  { records, nowMs }: { readonly records: number; readonly nowMs: number },
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
  const all = (endOffsets[newest] as number) - (endOffsets[oldest] as number);
  let fastest = 0;
  if (all < records) fastest = all / spanMs;
  let from = newest;
  for (let to = newest; to > oldest; to -= 1) {
    while (from >= oldest && (endOffsets[to] as number) - (endOffsets[from] as number) < records) from -= 1;
    if (from < oldest) break;
    const stretchMs = (firstAnswered[to] as number) - (lastAsked[from] as number);
    const rate = ((endOffsets[to] as number) - (endOffsets[from] as number)) / stretchMs;
    if (rate > fastest) fastest = rate;
  }
  return records / fastest;
}
