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
import type { LabelledSlice } from "./labelled-slices.ts";
import { groupSeries, labelledSlices, NO_LABEL, rowSeries, topicRuns } from "./labelled-slices.ts";
import type { SeriesPlan } from "./series-budget.ts";
import { EVERYTHING, GROUP_ONLY, WITH_PARTITIONS } from "./series-budget.ts";

export function metricName(kind: "group" | "partition", field: string): string {
  return `tidemark_${kind}_${field}`;
}

const GROUP_LABELS = { cluster: "cluster", group: "group" } as const;

/** All lag series of these clusters, in chunks; one family after another, as the format wants it. */
export function* renderLagSeries(
  snapshots: readonly Snapshot[],
  plan: Pick<SeriesPlan, "detailOf"> = EVERYTHING,
  out: Exposition = createExposition(),
): Generator<readonly Uint8Array[]> {
  const labelled = yield* labelledSlices(snapshots, GROUP_LABELS, plan);
  for (const field of NUMBER_FIELDS) {
    out.family({ name: metricName("group", field), help: GROUP_FIELDS[field].sentence, type: "gauge" });
    for (const one of labelled) yield* groupSeries(out, one, numberOf(one, field));
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

/** Series at most: of a group, and of each of its partitions (its numbers, and its status where it is not OK). */
export const LAG_SERIES = {
  group: WORD_FIELDS.reduce((sum, { words }) => sum + (words?.length ?? 1), NUMBER_FIELDS.length),
  partition: PARTITION_NUMBERS.length + 1,
} as const;

function numberOf({ snapshot }: LabelledSlice, field: GroupField): (index: number) => number {
  return (index) => {
    const value = snapshot.groups[index]?.[field];
    return typeof value === "number" ? value : Number.NaN;
  };
}

function* groupWords(
  out: Exposition,
  { snapshot, labels, details }: LabelledSlice,
  { field, words }: (typeof WORD_FIELDS)[number],
): Generator<readonly Uint8Array[]> {
  const closed = words?.map((word) => ({ word, label: labelBytes(field, word, "next") }));
  for (const [index, group] of snapshot.groups.entries()) {
    const value = group[field];
    if (typeof value !== "string" || (details[index] ?? 0) < GROUP_ONLY) continue;
    for (const { word, label } of closed ?? [{ word: value, label: labelBytes(field, value, "next") }]) {
      out.series([labels[index] ?? NO_LABEL, label], word === value ? 1 : 0);
    }
    if (out.isChunkFull()) yield out.take();
  }
}

function partitionNumbers(
  out: Exposition,
  slice: LabelledSlice,
  field: (typeof PARTITION_NUMBERS)[number],
): Generator<readonly Uint8Array[]> {
  const { rows } = slice.snapshot;
  return rowSeries(out, slice, (row) => {
    const { lag, committedOffset } = offsetsAt(rows, row);
    return field === "lag" ? lag : committedOffset;
  });
}

const OK = PARTITION_STATUSES.indexOf("OK");

function* partitionStatuses(out: Exposition, slice: LabelledSlice): Generator<readonly Uint8Array[]> {
  const { rows } = slice.snapshot;
  const words = PARTITION_STATUSES.map((word) => labelBytes("status", word, "next"));
  for (const { labels, first, end } of topicRuns(slice, WITH_PARTITIONS)) {
    for (let row = first; row < end; row += 1) {
      const status = rows.status[row] ?? OK;
      if (status === OK) continue;
      out.partitionSeries([...labels, words[status] ?? NO_LABEL], rows.partition[row] ?? 0, 1);
    }
    if (out.isChunkFull()) yield out.take();
  }
}
