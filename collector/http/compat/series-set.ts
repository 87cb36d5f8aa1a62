/**
 * # A set of series: metrics under another tool's names
 *
 * Each family has the name, the labels and the type that the tool gives it, and its help. Values are ours where the tool's are a
 * sentinel or a known mistake; docs/metrics.md says which.
 */

import type { Snapshot } from "../../model/snapshot.ts";
import { offsetsAt } from "../../model/snapshot.ts";
import type { ClusterView } from "../cluster-view.ts";
import type { Exposition } from "../exposition.ts";
import type { SeriesPlan } from "../series-budget.ts";

/** Series at most of each of these. */
export interface SeriesRates {
  readonly group: number;
  readonly groupTopic: number;
  readonly partition: number;
  readonly topic: number;
  readonly topicPartition: number;
}

/** What one scrape is rendered from. */
export interface Reading {
  readonly clusters: readonly ClusterView[];
  readonly snapshots: readonly Snapshot[];
}

export interface SeriesSet {
  readonly rates: SeriesRates;
  /** Reads what it needs beside the snapshots; others may run at each `yield`. */
  prepare(reading: Reading): Generator<void, Prepared>;
}

/** A set with what it shows: a plan is made between the two steps. */
export interface Prepared {
  /** Groups by rules of its own, with their partitions; of those that a snapshot has too, the greater number counts. */
  readonly groups: readonly GroupRows[];
  /** In chunks, one family after another; others may run between them. */
  render(out: Exposition, plan: SeriesPlan): Generator<readonly Uint8Array[]>;
}

export interface GroupRows {
  readonly cluster: string;
  readonly group: string;
  readonly rows: number;
}

/**
 * Up to the end of the log from the committed offset, records that are deleted included, as other tools count; NaN: not known. Our
 * own lag begins at the log start.
 */
export function lagToEndAt({ rows }: Snapshot, row: number): number {
  const { lag, lost } = offsetsAt(rows, row);
  return lost > 0 ? lag + lost : lag;
}

export function committedOffsetAt({ rows }: Snapshot, row: number): number {
  return offsetsAt(rows, row).committedOffset;
}
