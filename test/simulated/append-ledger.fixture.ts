/**
 * For tests: every append to a simulated cluster written down beside it, retention or not, and what is true of an offset.
 *
 * The cluster forgets what its log no longer holds; a collector that has not heard of it yet still speaks of that record.
 */

import type { AppendIndex } from "../../simulator/cluster/append-index.ts";
import { appendedAtMs, createAppendIndex, forgetFrom, noteAppend } from "../../simulator/cluster/append-index.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";

export interface AppendLedger {
  /** The same cluster; changes must go through this one. */
  readonly cluster: Cluster;
  /** When the record at an offset was appended, whether the log still holds it or not. */
  appendedAtMs(topic: string, partition: number, offset: number): number | undefined;
  /** Age of the oldest record at or after the committed offset that is there to be read; 0 where there is none. */
  timeLagMs(topic: string, partition: number, at: { readonly committed: number; readonly nowMs: number }): number;
}

interface PartitionLedger {
  readonly appends: AppendIndex;
  /** Ends of transactions, which no consumer sees; ascending. */
  readonly markers: number[];
}

export function createAppendLedger(real: Cluster): AppendLedger {
  const ledgers = new Map<string, PartitionLedger>();
  const endOf = (topic: string, partition: number): number => real.partition(topic, partition)?.endOffset ?? 0;
  const ledgerOf = (topic: string, partition: number): PartitionLedger => {
    const key = `${partition} ${topic}`;
    const known = ledgers.get(key) ?? { appends: createAppendIndex(), markers: [] };
    ledgers.set(key, known);
    return known;
  };
  const append: Cluster["append"] = (topic, partition, records, atMs) => {
    if (records > 0) noteAppend(ledgerOf(topic, partition).appends, endOf(topic, partition), atMs);
    real.append(topic, partition, records, atMs);
  };
  const endTransaction: Cluster["endTransaction"] = (topic, partition, producerId, outcome, atMs) => {
    const { appends, markers } = ledgerOf(topic, partition);
    noteAppend(appends, endOf(topic, partition), atMs);
    markers.push(endOf(topic, partition));
    real.endTransaction(topic, partition, producerId, outcome, atMs);
  };
  const truncate: Cluster["truncate"] = (topic, partition, endOffset) => {
    real.truncate(topic, partition, endOffset);
    const { appends, markers } = ledgerOf(topic, partition);
    forgetFrom(appends, endOffset);
    while ((markers.at(-1) ?? -1) >= endOffset) markers.pop();
  };
  const createTopic: Cluster["createTopic"] = (spec, atMs) => {
    for (let partition = 0; partition < spec.partitions; partition += 1) ledgers.delete(`${partition} ${spec.topic}`);
    real.createTopic(spec, atMs);
  };
  const timeOf = (topic: string, partition: number, offset: number): number | undefined =>
    appendedAtMs(ledgerOf(topic, partition).appends, offset);
  return {
    cluster: { ...real, append, endTransaction, truncate, createTopic },
    appendedAtMs: timeOf,
    timeLagMs: (topic, partition, { committed, nowMs }) => {
      const view = real.partition(topic, partition);
      const first = Math.max(committed, view?.startOffset ?? 0);
      const end = view?.endOffset ?? 0;
      if (first >= end || isMarkersOnly(ledgerOf(topic, partition).markers, { first, end })) return 0;
      return nowMs - (timeOf(topic, partition, first) ?? Number.NaN);
    },
  };
}

/** Whether each of the offsets from `first` to before `end` is a marker. */
function isMarkersOnly(
  markers: readonly number[],
  { first, end }: { readonly first: number; readonly end: number },
): boolean {
  return markers.at(first - end) === first;
}
