/**
 * # Slices with their labels: what every set of series is written from
 *
 * The labels of a group are the same bytes in every family of a set, and those of a group and topic for all its partitions: they
 * are made once per slice, or once per group and topic.
 */

import type { Rows, Snapshot } from "../model/snapshot.ts";
import type { Exposition } from "./exposition.ts";
import { labelBytes } from "./exposition.ts";
import type { Detail, SeriesPlan } from "./series-budget.ts";
import { GROUP_ONLY, WITH_PARTITIONS } from "./series-budget.ts";

export interface LabelledSlice {
  readonly snapshot: Snapshot;
  /** Of each group: its labels, and how much of it is shown. */
  readonly labels: readonly Uint8Array[];
  readonly details: readonly Detail[];
}

/** What a set calls a cluster and a group; the cluster is left out where it says nothing. */
export interface GroupLabelNames {
  readonly cluster: string | undefined;
  readonly group: string;
}

/** Yields no bytes, so that others may run between two slices. */
export function* labelledSlices(
  snapshots: readonly Snapshot[],
  names: GroupLabelNames,
  { detailOf }: Pick<SeriesPlan, "detailOf">,
): Generator<readonly Uint8Array[], readonly LabelledSlice[]> {
  const slices: LabelledSlice[] = [];
  for (const snapshot of snapshots) {
    const { cluster, groups } = snapshot;
    const before = names.cluster === undefined ? undefined : labelBytes(names.cluster, cluster, "first");
    slices.push({
      snapshot,
      labels: groups.map(({ group }) =>
        before === undefined
          ? labelBytes(names.group, group, "first")
          : Buffer.concat([before, labelBytes(names.group, group, "next")]),
      ),
      details: groups.map(({ group }) => detailOf(cluster, group)),
    });
    yield [];
  }
  return slices;
}

/** Rows of one group and topic, `first` to before `end`, with their labels. */
export interface TopicRun {
  readonly labels: readonly Uint8Array[];
  readonly first: number;
  readonly end: number;
}

/** All runs of the groups of which at least so much is shown. */
export function* topicRuns({ snapshot, labels, details }: LabelledSlice, least: Detail): Generator<TopicRun> {
  const { groups, rowStart, rows } = snapshot;
  const topicLabels = rows.topics.map((topic) => labelBytes("topic", topic, "next"));
  for (let index = 0; index < groups.length; index += 1) {
    if ((details[index] ?? 0) < least) continue;
    const groupEnd = rowStart[index + 1] ?? 0;
    for (let first = rowStart[index] ?? 0; first < groupEnd; ) {
      const end = endOfRun(rows, first, groupEnd);
      const topic = topicLabels[rows.topicIndex[first] ?? 0] ?? NO_LABEL;
      yield { labels: [Buffer.concat([labels[index] ?? NO_LABEL, topic])], first, end };
      first = end;
    }
  }
}

/** One past the last row with the topic of row `first`. */
export function endOfRun(rows: Rows, first: number, groupEnd: number): number {
  const topic = rows.topicIndex[first];
  let end = first + 1;
  while (end < groupEnd && rows.topicIndex[end] === topic) end += 1;
  return end;
}

export const NO_LABEL = new Uint8Array();

/** A series per group that is shown at all; NaN: none. */
export function* groupSeries(
  out: Exposition,
  { snapshot, labels, details }: LabelledSlice,
  valueAt: (index: number) => number,
): Generator<readonly Uint8Array[]> {
  for (let index = 0; index < snapshot.groups.length; index += 1) {
    if ((details[index] ?? 0) >= GROUP_ONLY) out.series([labels[index] ?? NO_LABEL], valueAt(index));
    if (out.isChunkFull()) yield out.take();
  }
}

/** A series per partition of the groups that are shown with theirs; NaN: none. */
export function* rowSeries(
  out: Exposition,
  slice: LabelledSlice,
  valueAt: (row: number) => number,
): Generator<readonly Uint8Array[]> {
  const { rows } = slice.snapshot;
  for (const { labels, first, end } of topicRuns(slice, WITH_PARTITIONS)) {
    for (let row = first; row < end; row += 1) out.partitionSeries(labels, rows.partition[row] ?? 0, valueAt(row));
    if (out.isChunkFull()) yield out.take();
  }
}

/** A series per group and topic, of groups that are shown at all: the sum of what is known, none where nothing is. */
export function* topicSums(
  out: Exposition,
  slice: LabelledSlice,
  valueAt: (row: number) => number,
): Generator<readonly Uint8Array[]> {
  for (const { labels, first, end } of topicRuns(slice, GROUP_ONLY)) {
    out.series(labels, sumOf(first, end, valueAt));
    if (out.isChunkFull()) yield out.take();
  }
}

/** NaN where nothing is known. */
export function sumOf(first: number, end: number, valueAt: (row: number) => number): number {
  let sum = Number.NaN;
  for (let row = first; row < end; row += 1) {
    const value = valueAt(row);
    if (!Number.isNaN(value)) sum = Number.isNaN(sum) ? value : sum + value;
  }
  return sum;
}
