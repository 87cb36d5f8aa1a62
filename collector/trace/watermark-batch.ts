/**
 * # Watermark lines of one moment, as the two answers they came from
 *
 * A leader answers for many partitions at once; a trace has a line for each. What stands together becomes one observation of
 * the log starts and one of the high watermarks again.
 */

import type { UnavailableReason, Watermarks } from "../model/observation.ts";

export interface WatermarkBatch {
  /** `startOffset` undefined: the line does not have it. */
  add(topic: string, partition: number, offsets: { readonly end: number; readonly start: number | undefined }): void;
  addUnavailable(topic: string, partition: number, reason: UnavailableReason): void;
  /** The observations of what was added, starts first, and empties the batch. */
  drain(atMs: number): readonly Watermarks[];
}

interface Columns {
  readonly topicIndex: number[];
  readonly partitions: number[];
  readonly offsets: number[];
}

export function createWatermarkBatch(): WatermarkBatch {
  let topics: string[] = [];
  let indexes = new Map<string, number>();
  let [starts, ends] = [emptyColumns(), emptyColumns()];
  let unavailable = new Map<number, UnavailableReason>();

  const indexOf = (topic: string): number => {
    const known = indexes.get(topic);
    if (known !== undefined) return known;
    indexes.set(topic, topics.length);
    return topics.push(topic) - 1;
  };

  return {
    add: (topic, partition, { end, start }) => {
      const index = indexOf(topic);
      push(ends, index, { partition, offset: end });
      if (start !== undefined) push(starts, index, { partition, offset: start });
    },
    addUnavailable: (topic, partition, reason) => {
      unavailable.set(ends.offsets.length, reason);
      push(ends, indexOf(topic), { partition, offset: Number.NaN });
    },
    drain: (atMs) => {
      // A line has one time; the leader looked at it, or just before.
      const shared = { kind: "watermarks", atMs, answeredAtMs: atMs, topics } as const;
      const answers: readonly Watermarks[] = [
        { ...shared, which: "start", ...typed(starts), unavailable: new Map() },
        { ...shared, which: "end", ...typed(ends), unavailable },
      ];
      [topics, indexes, unavailable] = [[], new Map(), new Map()];
      [starts, ends] = [emptyColumns(), emptyColumns()];
      return answers.filter(({ offsets }) => offsets.length > 0);
    },
  };
}

function emptyColumns(): Columns {
  return { topicIndex: [], partitions: [], offsets: [] };
}

function push(
  columns: Columns,
  topicIndex: number,
  { partition, offset }: { partition: number; offset: number },
): void {
  columns.topicIndex.push(topicIndex);
  columns.partitions.push(partition);
  columns.offsets.push(offset);
}

function typed({ topicIndex, partitions, offsets }: Columns) {
  return {
    topicIndex: Int32Array.from(topicIndex),
    partitions: Int32Array.from(partitions),
    offsets: Float64Array.from(offsets),
  };
}
