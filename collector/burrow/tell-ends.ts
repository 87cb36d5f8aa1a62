/**
 * # Telling topics and their end offsets
 */

import type { Observer, Watermarks } from "../model/observation.ts";
import type { EndsOfTopic } from "./told-ends.ts";

/** All topics, Burrow knows no ids of them; of their ends those that are known, and that `told` has not said already. */
export function tellEnds(
  observer: Observer,
  all: readonly EndsOfTopic[],
  asked: { readonly leaderAskedMs: number; readonly askedAtMs: number; readonly answeredAtMs: number },
  told: readonly EndsOfTopic[] = [],
): void {
  const topics = all.map(({ topic, partitions }) => ({ topic, topicId: undefined, partitions }));
  observer.observe({ kind: "topics", topics });
  const before = new Map(told.map(({ topic, ends }) => [topic, ends]));
  const rows = all.flatMap(({ ends }, index) =>
    ends.flatMap((offset, partition) => {
      const isNews = !Number.isNaN(offset) && before.get(all[index]?.topic ?? "")?.[partition] !== offset;
      return isNews ? [{ index, partition, offset }] : [];
    }),
  );
  if (rows.length === 0) return;
  const watermarks: Watermarks = {
    kind: "watermarks",
    which: "end",
    atMs: asked.askedAtMs,
    answeredAtMs: asked.answeredAtMs,
    leaderAskedMs: asked.leaderAskedMs,
    topics: all.map(({ topic }) => topic),
    topicIndex: Int32Array.from(rows, ({ index }) => index),
    partitions: Int32Array.from(rows, ({ partition }) => partition),
    offsets: Float64Array.from(rows, ({ offset }) => offset),
    unavailable: new Map(),
  };
  observer.observe(watermarks);
}
