/**
 * # One partition of `__consumer_offsets`, turned into observations
 *
 * Bytes as a fetch gives them go in; commits, tombstones and group metadata come out in the order of their records. What a
 * transaction commits waits for its marker (pending-transactions.ts) and comes out with the order of its own record, which may
 * then be lower than one already seen, and with that of the marker which decided it. What cannot be read is counted by reason and stepped over;
 * one bad record never stops the log.
 */

import type { Observer } from "../model/observation.ts";
import { EXCLUDED, NO_ROOM } from "../model/observation.ts";
import { isEscaped } from "../protocol/name-text.ts";
import { type Commit, readCommit } from "../protocol/offsets-topic/commit-value.ts";
import { decodeKey } from "../protocol/offsets-topic/key.ts";
import {
  type BatchWalker,
  closeBatches,
  createBatchWalker,
  markerOf,
  nextBatch,
  nextRecord,
  openBatches,
  producerIdOf,
} from "../protocol/record-batch.ts";
import { applyGroupRecord } from "./group-record.ts";
import type { IngestCounts } from "./ingest-counts.ts";
import { COUNT_OF_FAULT, COUNT_OF_REFUSAL } from "./ingest-counts.ts";
import { type KeyIndex, NO_HANDLE } from "./key-index.ts";
import { createPendingTransactions, type OlderTransaction, type PendingTransaction } from "./pending-transactions.ts";
import type { TouchedGroups } from "./touched-groups.ts";
import {
  createSinceBegin,
  endTransaction,
  type TransactionEnds,
  takeKeyBack,
  takeOverTransactions,
} from "./transaction-end.ts";

export interface LogReader {
  /**
   * Takes `records`, batches as fetched at `position`, the last of them maybe incomplete; records below `position` are skipped.
   * Gives the position to fetch next, at least `position`. Keeps nothing of the buffer.
   */
  apply(records: Buffer, position: number): number;
  /**
   * Where reading would have to begin again for nothing to be missed: a transaction that is open has commits before `position`,
   * which count when its marker comes.
   */
  resumeOf(position: number): number;
  /** Transactions that are open where this reader has ended, for the reader of what comes after. */
  handOver(): readonly OlderTransaction[];
  /**
   * Takes those over that were open where this reader began. To be called once, with none where nothing older is read: what has
   * ended here until then is remembered for it.
   */
  takeOver(older: readonly OlderTransaction[]): void;
  /** Newest time of a commit, by the coordinator's clock, since this was asked before; undefined where none came. */
  takeNewestCommitAtMs(): number | undefined;
}

export interface OffsetsLog extends LogReader {
  /** The transaction that has been open longest: one that hangs is a group that stands still. */
  oldestPending(): PendingTransaction | undefined;
  readonly pendingCommits: number;
}

export interface OffsetsLogOptions {
  readonly logPartition: number;
  readonly observer: Observer;
  /** Added to; may be shared. */
  readonly counts: IngestCounts;
  /** One for all partitions of a cluster. */
  readonly keyIndex: KeyIndex;
  readonly touched: TouchedGroups;
  readonly pendingCommitsMax: number;
}

/** A key begins with its type. */
const TYPE_BYTES = 2;

interface Log extends OffsetsLogOptions, TransactionEnds {
  readonly walker: BatchWalker;
  readonly commit: Commit;
  /** `pending.changes` that the observer knows of. */
  pendingTold: number;
  newestCommitAtMs: number;
  /** The observer's epoch that the handles of `pending` are of. */
  handlesEpoch: number;
}

export function createOffsetsLog(options: OffsetsLogOptions): OffsetsLog {
  const log: Log = {
    ...options,
    walker: createBatchWalker(),
    commit: { committedOffset: 0, committedAtMs: 0 },
    pending: createPendingTransactions(options.pendingCommitsMax),
    pendingTold: 0,
    newestCommitAtMs: Number.NEGATIVE_INFINITY,
    sinceBegin: createSinceBegin(),
    handlesEpoch: options.observer.handlesEpoch,
  };
  return {
    apply: (records, position) => apply(log, records, position),
    resumeOf: (position) => Math.min(position, log.pending.oldest()?.firstOrder ?? position),
    handOver: () => {
      useHandles(log);
      return log.pending.drain();
    },
    takeOver: (older) => {
      useHandles(log);
      takeOverTransactions(log, older);
      tellPending(log);
    },
    takeNewestCommitAtMs: () => {
      const newestMs = log.newestCommitAtMs;
      log.newestCommitAtMs = Number.NEGATIVE_INFINITY;
      return newestMs === Number.NEGATIVE_INFINITY ? undefined : newestMs;
    },
    oldestPending: () => log.pending.oldest(),
    get pendingCommits() {
      return log.pending.commits;
    },
  };
}

function apply(log: Log, records: Buffer, position: number): number {
  const { walker, counts } = log;
  let next = position;
  // A faulty batch's own word for its end counts only where no batch behind it says better.
  let guess = position;
  openBatches(walker, records);
  let step = nextBatch(walker);
  const isEmpty = step === "end";
  for (; step !== "end" && step !== "unreadable"; step = nextBatch(walker)) {
    counts.batches++;
    if (step === "batch") {
      if (walker.nextOffset > position) applyBatch(log, position);
      next = Math.max(next, walker.nextOffset);
      guess = next;
    } else {
      counts[COUNT_OF_FAULT[step]]++;
      guess = Math.max(next, walker.nextOffset);
    }
  }
  closeBatches(walker);
  tellPending(log);
  if (step === "unreadable") counts.response_unreadable++;
  if (guess > position || isEmpty) return guess;
  // The same request would bring the same bytes for ever.
  counts.position_stuck++;
  return position + 1;
}

/** Once for many batches: most transactions open and end within them. */
function tellPending(log: Log): void {
  useHandles(log);
  const { pending, observer, logPartition } = log;
  if (pending.changes === log.pendingTold) return;
  log.pendingTold = pending.changes;
  observer.observe({ kind: "open-transactions", logPartition, sinceMs: pending.sinceMsByHandle() });
}

function applyBatch(log: Log, position: number): void {
  const { walker, counts } = log;
  useHandles(log);
  let step = nextRecord(walker);
  for (; step === "record"; step = nextRecord(walker)) {
    counts.records++;
    if (walker.offset < position) counts.below_position++;
    else if (walker.control) applyMarker(log);
    else applyRecord(log);
  }
  if (step === "corrupt") counts.batch_corrupt++;
}

function applyRecord(log: Log): void {
  const { walker, counts } = log;
  if (walker.keyEnd - walker.keyStart < TYPE_BYTES) {
    counts.malformed_key++;
    return;
  }
  const type = walker.view.getInt16(walker.keyStart);
  if (type === 0 || type === 1) {
    if (walker.hasValue) applyCommit(log);
    else applyTombstone(log);
  } else {
    applyGroupRecord(log);
    useHandles(log);
  }
}

function applyCommit(log: Log): void {
  const { walker, counts, commit } = log;
  const read = readCommit(walker.view, walker.valueStart, walker.valueEnd, commit);
  if (read !== "commit") {
    counts[COUNT_OF_REFUSAL[read]]++;
    // One in a transaction may yet be aborted.
    if (read === "out-of-range" && !walker.transactional) tellRefused(log);
    return;
  }
  const handle = handleOfKey(log);
  if (handle === NO_HANDLE) {
    counts.malformed_key++;
  } else if (handle === NO_ROOM) {
    counts.no_room++;
  } else if (handle === EXCLUDED) {
    counts.excluded++;
  } else if (walker.transactional) {
    holdCommit(log, handle);
  } else {
    counts.commits++;
    const { committedOffset, committedAtMs } = commit;
    if (committedAtMs > log.newestCommitAtMs) log.newestCommitAtMs = committedAtMs;
    log.observer.commit(handle, committedOffset, committedAtMs, walker.offset, log.logPartition, walker.offset);
  }
}

function tellRefused(log: Log): void {
  const { walker, commit, observer, logPartition } = log;
  const handle = handleOfKey(log);
  if (handle < 0) return;
  const { committedAtMs } = commit;
  observer.observe({ kind: "offset-refused", handle, committedAtMs, logPartition, order: walker.offset });
}

/** Also within a transaction a tombstone counts at once, as it does at the coordinator. */
function applyTombstone(log: Log): void {
  const { walker, counts, logPartition } = log;
  const handle = knownHandleOfKey(log);
  if (handle === NO_HANDLE) {
    counts.malformed_key++;
    return;
  }
  counts.offset_tombstones++;
  takeKeyBack(log, handle, walker.bytes.subarray(walker.keyStart + TYPE_BYTES, walker.keyEnd));
  if (handle < 0) return;
  log.observer.observe({ kind: "offset-tombstone", handle, logPartition, order: walker.offset });
  useHandles(log);
}

function holdCommit(log: Log, handle: number): void {
  const { walker, counts, commit } = log;
  counts.pending_commits++;
  const key = Buffer.from(walker.bytes.subarray(walker.keyStart + TYPE_BYTES, walker.keyEnd));
  const { committedOffset, committedAtMs } = commit;
  const held = { handle, key, committedOffset, committedAtMs, order: walker.offset };
  const { givenUp, replaced } = log.pending.add(producerIdOf(walker), held);
  counts.transaction_given_up += givenUp;
  counts.transaction_replaced += replaced;
}

function applyMarker(log: Log): void {
  const { walker, counts } = log;
  counts.markers++;
  const { kind } = markerOf(walker);
  if (kind === "other") return;
  endTransaction(log, producerIdOf(walker), { isCommit: kind === "COMMIT", order: walker.offset });
}

/** Of the record at hand; NO_HANDLE where its key makes no sense. */
function handleOfKey(log: Log): number {
  const { walker, keyIndex } = log;
  const known = keyIndex.find(walker.view, walker.keyStart + TYPE_BYTES, walker.keyEnd);
  if (known !== NO_HANDLE) return known;
  const handle = newHandle(log, walker.bytes, walker.keyStart);
  useHandles(log);
  if (handle !== NO_HANDLE) keyIndex.add(walker.bytes.subarray(walker.keyStart + TYPE_BYTES, walker.keyEnd), handle);
  return handle;
}

/** The same for a key that nothing is to be kept for: NO_ROOM where nobody knows it. */
function knownHandleOfKey({ walker, keyIndex, observer }: Log): number {
  const known = keyIndex.find(walker.view, walker.keyStart + TYPE_BYTES, walker.keyEnd);
  if (known !== NO_HANDLE) return known;
  const key = decodeKey(walker.bytes, { start: walker.keyStart, end: walker.keyEnd });
  if (key.kind === "malformed" || key.value.kind !== "offset-commit" || key.value.partition < 0) return NO_HANDLE;
  return observer.findHandle(key.value.group, key.value.topic, key.value.partition) ?? NO_ROOM;
}

function newHandle({ walker, observer, counts }: Log, bytes: Buffer, start: number): number {
  const key = decodeKey(bytes, { start, end: walker.keyEnd });
  if (key.kind === "malformed" || key.value.kind !== "offset-commit" || key.value.partition < 0) return NO_HANDLE;
  if (isEscaped(key.value.group)) counts.name_not_utf8++;
  return observer.handleOf(key.value.group, key.value.topic, key.value.partition);
}

/** After any call that may have changed what handles mean. */
function useHandles(log: Log): void {
  const { observer, keyIndex, pending } = log;
  if (observer.handlesEpoch === log.handlesEpoch) {
    keyIndex.useEpoch(log.handlesEpoch);
    return;
  }
  log.handlesEpoch = observer.handlesEpoch;
  keyIndex.useEpoch(log.handlesEpoch);
  log.counts.transaction_forgotten += pending.rehandle((key) => rehandled(log, key));
}

/** The key was understood when it was held, and is now. */
function rehandled({ observer }: Log, keyAfterType: Buffer): number {
  const key = decodeKey(Buffer.concat([OFFSET_COMMIT_TYPE, keyAfterType]));
  if (key.kind === "malformed" || key.value.kind !== "offset-commit") return NO_HANDLE;
  return observer.handleOf(key.value.group, key.value.topic, key.value.partition);
}

const OFFSET_COMMIT_TYPE = Buffer.from([0, 1]);
