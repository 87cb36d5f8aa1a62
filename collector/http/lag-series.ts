/**
 * # The lag series: a snapshot as Prometheus families
 *
 * Names are derived from the field table, `tidemark_<kind>_<field>`. Per partition only lag, committed offset, and the status
 * where it is not OK; everything of a group. Texts are one-hot: one series a word. Rendering yields between chunks, so that
 * a large scrape does not hold up the rest.
 */

import { GROUP_FIELDS, PARTITION_FIELDS } from "../model/fields.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { offsetsAt, PARTITION_STATUSES } from "../model/snapshot.ts";
import { BurrowGroupStatus, GroupStatus } from "../model/status.ts";
import type { Exposition } from "./exposition.ts";
import { createExposition, labelBytes } from "./exposition.ts";

export function metricName(kind: "group" | "partition", field: string): string {
  return `tidemark_${kind}_${field}`;
}

/** All lag series of these clusters, in chunks; one family after another, as the format wants it. */
export function* renderLagSeries(snapshots: readonly Snapshot[]): Generator<readonly Uint8Array[]> {
  const out = createExposition();
  const labelled = snapshots.map((snapshot): Labelled => ({ snapshot, labels: groupLabels(snapshot) }));
  for (const field of NUMBER_FIELDS) {
    out.family({ name: metricName("group", field), help: GROUP_FIELDS[field].sentence, type: "gauge" });
    for (const one of labelled) yield* groupNumbers(out, one, field);
  }
  for (const { field, words } of WORD_FIELDS) {
    out.family({ name: metricName("group", field), help: GROUP_FIELDS[field].sentence, type: "gauge" });
    for (const one of labelled) yield* groupWords(out, one, { field, words });
  }
  for (const field of PARTITION_NUMBERS) {
    out.family({ name: metricName("partition", field), help: PARTITION_FIELDS[field].sentence, type: "gauge" });
    for (const one of labelled) yield* partitionNumbers(out, one, field);
  }
  out.family({ name: metricName("partition", "status"), help: PARTITION_FIELDS.status.sentence, type: "gauge" });
  for (const one of labelled) yield* partitionStatuses(out, one);
  yield out.take();
}

const PARTITION_NUMBERS = ["lag", "committed_offset"] as const;

type GroupField = keyof typeof GROUP_FIELDS;

const NUMBER_FIELDS = (Object.keys(GROUP_FIELDS) as GroupField[]).filter((field) =>
  ["integer", "number"].includes(GROUP_FIELDS[field].type),
);

/** Undefined words: there is no closed list, so only the present one is a series. */
const WORD_FIELDS: readonly { readonly field: GroupField; readonly words: readonly string[] | undefined }[] = [
  { field: "status", words: GroupStatus.options },
  { field: "burrow_status", words: BurrowGroupStatus.options },
  { field: "reason", words: undefined },
  { field: "state", words: undefined },
  { field: "type", words: undefined },
  { field: "commit_times", words: undefined },
];

interface Labelled {
  readonly snapshot: Snapshot;
  /** `cluster` and `group` of each group: the same bytes in every family. */
  readonly labels: readonly Uint8Array[];
}

function groupLabels({ cluster, groups }: Snapshot): readonly Uint8Array[] {
  const clusterLabel = labelBytes("cluster", cluster, "first");
  return groups.map(({ group }) => Buffer.concat([clusterLabel, labelBytes("group", group, "next")]));
}

function* groupNumbers(
  out: Exposition,
  { snapshot, labels }: Labelled,
  field: GroupField,
): Generator<readonly Uint8Array[]> {
  for (const [index, group] of snapshot.groups.entries()) {
    const value = group[field];
    if (typeof value === "number") out.series([labels[index] ?? NO_LABEL], value);
    if (out.isChunkFull()) yield out.take();
  }
}

const NO_LABEL = new Uint8Array();

function* groupWords(
  out: Exposition,
  { snapshot, labels }: Labelled,
  { field, words }: (typeof WORD_FIELDS)[number],
): Generator<readonly Uint8Array[]> {
  const closed = words?.map((word) => ({ word, label: labelBytes(field, word, "next") }));
  for (const [index, group] of snapshot.groups.entries()) {
    const value = group[field];
    if (typeof value !== "string") continue;
    for (const { word, label } of closed ?? [{ word: value, label: labelBytes(field, value, "next") }]) {
      out.series([labels[index] ?? NO_LABEL, label], word === value ? 1 : 0);
    }
    if (out.isChunkFull()) yield out.take();
  }
}

/** The labels of each row up to its partition: the same bytes for all partitions of a group and topic. */
function* rowLabels({ snapshot, labels }: Labelled): Generator<{ labels: Uint8Array; first: number; end: number }> {
  const { groups, rowStart, rows } = snapshot;
  const topicLabels = rows.topics.map((topic) => labelBytes("topic", topic, "next"));
  for (let index = 0; index < groups.length; index += 1) {
    const groupEnd = rowStart[index + 1] ?? 0;
    for (let first = rowStart[index] ?? 0; first < groupEnd; ) {
      const topic = rows.topicIndex[first] ?? 0;
      let end = first + 1;
      while (end < groupEnd && rows.topicIndex[end] === topic) end += 1;
      yield { labels: Buffer.concat([labels[index] ?? NO_LABEL, topicLabels[topic] ?? NO_LABEL]), first, end };
      first = end;
    }
  }
}

function* partitionNumbers(
  out: Exposition,
  labelled: Labelled,
  field: (typeof PARTITION_NUMBERS)[number],
): Generator<readonly Uint8Array[]> {
  const { rows } = labelled.snapshot;
  for (const { labels, first, end } of rowLabels(labelled)) {
    for (let row = first; row < end; row += 1) {
      const { lag, committedOffset } = offsetsAt(rows, row);
      out.partitionSeries(labels, rows.partition[row] ?? 0, field === "lag" ? lag : committedOffset);
    }
    if (out.isChunkFull()) yield out.take();
  }
}

const OK = PARTITION_STATUSES.indexOf("OK");

function* partitionStatuses(out: Exposition, labelled: Labelled): Generator<readonly Uint8Array[]> {
  const { rows } = labelled.snapshot;
  const words = PARTITION_STATUSES.map((word) => labelBytes("status", word, "next"));
  for (const { labels, first, end } of rowLabels(labelled)) {
    for (let row = first; row < end; row += 1) {
      const status = rows.status[row] ?? OK;
      if (status === OK) continue;
      const withStatus = Buffer.concat([labels, words[status] ?? NO_LABEL]);
      out.partitionSeries(withStatus, rows.partition[row] ?? 0, 1);
    }
    if (out.isChunkFull()) yield out.take();
  }
}
