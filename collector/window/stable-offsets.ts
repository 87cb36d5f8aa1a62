/**
 * # Last stable offsets, and what they say of transactions
 *
 * Readers of committed records get no further than to the first record of the oldest open transaction, which is the last stable
 * offset. Where none is open it is the high watermark. It is asked for after the high watermark was, so below that it can only
 * lie by a transaction; and while it stays there, it is the same one.
 */

import type { Column } from "./column.ts";
import { createFloat64Column, createUint8Column, readUint8 } from "./column.ts";

/** The oldest that was open when it was last asked for. */
export interface OpenTransaction {
  readonly stableOffset: number;
  /** When it was seen first, and when last, epoch ms. */
  readonly sinceMs: number;
  readonly seenMs: number;
}

/** By topic partition. */
export interface StableOffsets {
  /** NaN where it was never answered. */
  readonly stableOffset: Column<Float64Array>;
  /** 1: a transaction was seen open here once, so that markers of transactions are among the offsets. */
  readonly hasMarkers: Column<Uint8Array>;
  readonly openTransactions: ReadonlyMap<number, OpenTransaction>;
  /** Of an answer to a question that was asked after `endOffset` was told; false where it says nothing new. */
  set(
    topicPartition: number,
    answer: { readonly offset: number; readonly endOffset: number; readonly askedAtMs: number },
  ): boolean;
  forget(topicPartition: number): void;
}

export function createStableOffsets(): StableOffsets {
  const stableOffset = createFloat64Column(Number.NaN);
  const hasMarkers = createUint8Column();
  const openTransactions = new Map<number, OpenTransaction>();
  return {
    stableOffset,
    hasMarkers,
    openTransactions,
    set: (id, { offset, endOffset, askedAtMs }) => {
      const isOther = stableOffset.get(id) !== offset;
      stableOffset.set(id, offset);
      if (!(offset < endOffset)) return openTransactions.delete(id) || isOther;
      hasMarkers.set(id, 1);
      const before = openTransactions.get(id);
      const sinceMs = before?.stableOffset === offset ? before.sinceMs : askedAtMs;
      openTransactions.set(id, { stableOffset: offset, sinceMs, seenMs: askedAtMs });
      return true;
    },
    forget: (id) => {
      stableOffset.set(id, Number.NaN);
      if (readUint8(hasMarkers, id) !== 0) hasMarkers.set(id, 0);
      openTransactions.delete(id);
    },
  };
}
