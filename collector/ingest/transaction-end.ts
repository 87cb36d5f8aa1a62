/**
 * # How transactions end, also those that began before this reader
 *
 * A COMMIT gives a transaction's offsets to their groups, an ABORT drops them, a tombstone takes its key out. Of a log that is
 * read in two parts, the newer one first, the newer part sees ends of transactions whose commits are in the older one: it
 * remembers how each producer first ended and which keys were taken back, until the older part hands over what was open at its
 * end.
 */

import type { Observer } from "../model/observation.ts";
import type { IngestCounts } from "./ingest-counts.ts";
import type { OlderTransaction, PendingCommit, PendingTransactions } from "./pending-transactions.ts";

/** Producers, and keys, that are remembered; of more, nothing is taken over. */
const REMEMBERED_MAX = 100_000;

export interface TransactionEnd {
  readonly isCommit: boolean;
  /** Of the marker. */
  readonly order: number;
}

export interface SinceBegin {
  readonly firstEnds: Map<bigint, TransactionEnd>;
  /** Keys after their type, one character a byte. */
  readonly takenBack: Set<string>;
}

export interface TransactionEnds {
  readonly logPartition: number;
  readonly observer: Observer;
  readonly counts: IngestCounts;
  readonly pending: PendingTransactions;
  /** Undefined once what is older is taken over. */
  sinceBegin: SinceBegin | undefined;
}

export function createSinceBegin(): SinceBegin {
  return { firstEnds: new Map(), takenBack: new Set() };
}

export function endTransaction(log: TransactionEnds, producerId: bigint, end: TransactionEnd): void {
  const firstEnds = log.sinceBegin?.firstEnds;
  if (firstEnds !== undefined && firstEnds.size < REMEMBERED_MAX && !firstEnds.has(producerId))
    firstEnds.set(producerId, end);
  decide(log, log.pending.take(producerId), end);
}

/** Takes a key out of all transactions, those that are not taken over yet included. */
export function takeKeyBack(log: TransactionEnds, handle: number, keyAfterType: Buffer): void {
  const takenBack = log.sinceBegin?.takenBack;
  if (takenBack !== undefined && takenBack.size < REMEMBERED_MAX) takenBack.add(keyAfterType.toString("latin1"));
  if (handle >= 0) log.counts.transaction_forgotten += log.pending.forget(handle);
}

function decide(log: TransactionEnds, ended: readonly PendingCommit[], end: TransactionEnd): void {
  const { counts, observer, logPartition } = log;
  if (!end.isCommit) {
    counts.transaction_aborted += ended.length;
    return;
  }
  counts.transaction_committed += ended.length;
  for (const { handle, committedOffset, committedAtMs, order } of ended)
    observer.commit(handle, committedOffset, committedAtMs, order, logPartition, end.order);
}

/** A producer's first end here is that of what it had open. Without one that is open still. */
export function takeOverTransactions(log: TransactionEnds, older: readonly OlderTransaction[]): void {
  const { counts, pending, sinceBegin = createSinceBegin() } = log;
  const { firstEnds, takenBack } = sinceBegin;
  log.sinceBegin = undefined;
  const isForgotten = firstEnds.size >= REMEMBERED_MAX || takenBack.size >= REMEMBERED_MAX;
  // Each goes before all that are there: the oldest last.
  for (const transaction of older.toReversed()) {
    const commits = transaction.commits.filter(({ key }) => !takenBack.has(key.toString("latin1")));
    counts.transaction_forgotten += transaction.commits.length - commits.length;
    const end = firstEnds.get(transaction.producerId);
    if (isForgotten) {
      // It may have ended: open for ever would be worse than not known.
      counts.transaction_given_up += commits.length;
    } else if (end !== undefined) {
      decide(log, commits, end);
    } else if (commits.length > 0) {
      const { givenUp, replaced } = pending.adopt({ ...transaction, commits });
      counts.transaction_given_up += givenUp;
      counts.transaction_replaced += replaced;
    }
  }
}
