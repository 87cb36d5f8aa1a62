/**
 * # Polled offsets: what has changed from one poll of a group to the next
 *
 * OffsetFetch tells what a group has committed, and neither when nor how often. Of each group-partition the last answer is
 * remembered, and the next one held against it:
 *
 *     another offset, or the first one       a commit, made after the poll before was sent and before this one was answered
 *     the same                               nothing: it may have been committed again any number of times, or never
 *     none any more                          it was taken back
 *     a group that was never asked for       its present (a baseline): nobody knows since when
 *
 * The newest of several commits between two polls is all that is seen of them. What cannot be remembered is not told either:
 * it would look new at each poll.
 */

import type { Observer } from "../model/observation.ts";
import { createIngestCounts, type IngestCounts } from "./ingest-counts.ts";

export interface PolledOffset {
  readonly topic: string;
  readonly partition: number;
  /** Negative: none. NaN: outside ±(2^53-1). */
  readonly committedOffset: number;
}

/** All committed offsets of one group, as its coordinator gave them. */
export interface PolledGroup {
  readonly group: string;
  /** Stands for its coordinator. */
  readonly logPartition: number;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
  /** Above those of all answers before. */
  readonly order: number;
  readonly offsets: readonly PolledOffset[];
}

export interface PolledOffsets {
  take(answer: PolledGroup): void;
  /** Its coordinator knows the group no more. */
  end(group: string, order: number): void;
  /** The observer was told that nothing is known of the group: its next answer ends that. */
  silence(group: string): void;
  has(group: string): boolean;
  readonly counts: Readonly<IngestCounts>;
}

export interface PolledOffsetsOptions {
  readonly observer: Observer;
  /** Group-partitions that are remembered. */
  readonly partitionsMax: number;
}

interface Remembered {
  logPartition: number;
  /** When the last poll that was answered had been sent. */
  askedAtMs: number;
  isSilent: boolean;
  partitions: number;
  readonly topics: Map<string, Map<number, number>>;
}

interface Polled extends PolledOffsetsOptions {
  readonly groups: Map<string, Remembered>;
  readonly counts: IngestCounts;
  partitions: number;
}

export function createPolledOffsets(options: PolledOffsetsOptions): PolledOffsets {
  const polled: Polled = { ...options, groups: new Map(), counts: createIngestCounts(), partitions: 0 };
  const { groups, counts } = polled;
  return {
    counts,
    has: (group) => groups.has(group),
    silence: (group) => {
      const known = groups.get(group);
      if (known !== undefined) known.isSilent = true;
    },
    take: (answer) => {
      const before = groups.get(answer.group);
      if (before === undefined) takeFirst(polled, answer);
      else takeNext(polled, before, answer);
    },
    end: (group, order) => {
      const before = groups.get(group);
      if (before !== undefined) takeEnd(polled, before, { group, order });
    },
  };
}

/** A coordinator that is asked for the first time says what is, and nobody knows since when. */
function takeFirst(polled: Polled, { group, logPartition, askedAtMs, offsets }: PolledGroup): void {
  const remembered: Remembered = { logPartition, askedAtMs, isSilent: false, partitions: 0, topics: new Map() };
  polled.groups.set(group, remembered);
  const known = offsets.filter((one) => !(one.committedOffset < 0) && remember(polled, remembered, one));
  polled.observer.observe({ kind: "baseline", group, logPartition, offsets: known });
}

function takeNext(polled: Polled, before: Remembered, answer: PolledGroup): void {
  const { group, logPartition, askedAtMs, offsets } = answer;
  const handles: number[] = [];
  let seen = 0;
  for (const one of offsets) {
    if (one.committedOffset < 0) continue;
    if (!Object.is(rememberedOf(before, one), one.committedOffset))
      takeChange(polled, before, { one, answer, handles });
    if (rememberedOf(before, one) !== undefined) seen += 1;
  }
  // Commits first: the bounds are of the newest.
  if (handles.length > 0) polled.observer.observe({ kind: "commit-bounds", handles, afterMs: before.askedAtMs });
  if (seen < before.partitions) takeAbsent(polled, before, answer);
  if (before.isSilent || before.logPartition !== logPartition) {
    const known = offsets.filter((one) => rememberedOf(before, one) !== undefined);
    polled.observer.observe({ kind: "baseline", group, logPartition, isLate: true, offsets: known });
  }
  Object.assign(before, { logPartition, askedAtMs, isSilent: false });
}

interface Change {
  readonly one: PolledOffset;
  readonly answer: PolledGroup;
  /** Takes the handles of what was committed. */
  readonly handles: number[];
}

function takeChange(polled: Polled, before: Remembered, { one, answer, handles }: Change): void {
  const { observer, counts } = polled;
  const { group, logPartition, answeredAtMs, order } = answer;
  const handle = observer.handleOf(group, one.topic, one.partition);
  counts.records += 1;
  if (handle < 0 || !remember(polled, before, one)) {
    counts.no_room += 1;
    return;
  }
  if (Number.isNaN(one.committedOffset)) {
    counts.offset_out_of_range += 1;
    handles.push(handle);
    observer.observe({ kind: "offset-refused", handle, committedAtMs: answeredAtMs, logPartition, order });
    return;
  }
  counts.commits += 1;
  observer.commit(handle, one.committedOffset, answeredAtMs, order, logPartition, order);
  handles.push(handle);
}

/** What was there a poll ago, and is not in this answer. */
function takeAbsent(polled: Polled, before: Remembered, { group, order, offsets }: PolledGroup): void {
  const present = Map.groupBy(
    offsets.filter(({ committedOffset }) => !(committedOffset < 0)),
    ({ topic }) => topic,
  );
  for (const [topic, partitions] of before.topics) {
    const here = new Set(present.get(topic)?.map(({ partition }) => partition));
    for (const partition of partitions.keys())
      if (!here.has(partition)) takeBack(polled, before, { group, topic, partition, order });
  }
}

interface Place {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly order: number;
}

function takeBack(polled: Polled, before: Remembered, { group, topic, partition, order }: Place): void {
  const { observer, counts } = polled;
  forget(polled, before, { topic, partition });
  const handle = observer.findHandle(group, topic, partition);
  if (handle === undefined) return;
  counts.records += 1;
  counts.offset_tombstones += 1;
  observer.observe({ kind: "offset-tombstone", handle, logPartition: before.logPartition, order });
}

function takeEnd(polled: Polled, before: Remembered, { group, order }: Pick<Place, "group" | "order">): void {
  for (const [topic, partitions] of before.topics)
    for (const partition of [...partitions.keys()]) takeBack(polled, before, { group, topic, partition, order });
  polled.groups.delete(group);
  polled.counts.records += 1;
  polled.counts.group_tombstones += 1;
  polled.observer.observe({ kind: "group-tombstone", group, logPartition: before.logPartition, order });
}

function rememberedOf({ topics }: Remembered, { topic, partition }: PolledOffset): number | undefined {
  return topics.get(topic)?.get(partition);
}

/** False where there is no room. */
function remember(polled: Polled, group: Remembered, { topic, partition, committedOffset }: PolledOffset): boolean {
  const known = group.topics.get(topic);
  if (known?.has(partition) !== true) {
    if (polled.partitions >= polled.partitionsMax) return false;
    polled.partitions += 1;
    group.partitions += 1;
  }
  if (known === undefined) group.topics.set(topic, new Map([[partition, committedOffset]]));
  else known.set(partition, committedOffset);
  return true;
}

function forget(polled: Polled, group: Remembered, { topic, partition }: Pick<Place, "topic" | "partition">): void {
  const known = group.topics.get(topic);
  if (known?.delete(partition) !== true) return;
  polled.partitions -= 1;
  group.partitions -= 1;
  if (known.size === 0) group.topics.delete(topic);
}
