/** Empty columns of a snapshot, to be filled row by row, and the small tables they point into. */

import type { RowOwner, Rows, RowTransaction } from "../model/snapshot.ts";
import type { Names } from "../window/names.ts";

export interface WritableRows extends Rows {
  readonly shareLags: Map<number, number>;
  readonly openTransactions: Map<number, RowTransaction>;
  readonly topics: string[];
  readonly owners: RowOwner[];
  /** Owners of the state that are in `owners` already. */
  readonly ownerIndexById: Map<number, number>;
}

export function allocateRows(count: number, isPolled: boolean): WritableRows {
  return {
    count,
    topics: [],
    owners: [],
    ownerIndexById: new Map(),
    topicIndex: new Int32Array(count),
    partition: new Int32Array(count),
    status: new Uint8Array(count),
    burrowStatus: new Uint8Array(count),
    reason: new Uint8Array(count),
    reasonSinceMs: new Float64Array(count).fill(Number.NaN),
    committedOffset: new Float64Array(count),
    endOffset: new Float64Array(count),
    startOffset: new Float64Array(count),
    committedAtMs: new Float64Array(count),
    committedAfterMs: isPolled ? new Float64Array(count) : undefined,
    endOffsetAgeMs: new Float64Array(count),
    timeLag: new Uint8Array(count),
    readableAfterMs: new Float64Array(count).fill(Number.NaN),
    readableAtMs: new Float64Array(count).fill(Number.NaN),
    readableByMs: new Float64Array(count).fill(Number.NaN),
    lossAtMs: new Float64Array(count).fill(Number.NaN),
    committedPerSecond: new Float64Array(count),
    producedPerSecond: new Float64Array(count),
    commitIntervalMs: new Float64Array(count),
    commitIntervalP95Ms: new Float64Array(count),
    complete: new Float64Array(count),
    ownerIndex: new Int32Array(count),
    shareLags: new Map(),
    openTransactions: new Map(),
  };
}

/** The index of a topic in `rows.topics`; each topic gets one on first sight. */
export function topicIndexer(rows: WritableRows, topics: Names): (topicId: number) => number {
  const seen = new Map<number, number>();
  return (topicId) => {
    const known = seen.get(topicId);
    if (known !== undefined) return known;
    rows.topics.push(topics.nameOf(topicId) ?? "");
    seen.set(topicId, rows.topics.length - 1);
    return rows.topics.length - 1;
  };
}
