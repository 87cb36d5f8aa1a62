/**
 * # Live offsets: the committed offset of each group-partition, now
 *
 * Ours, beside the strict store: it follows tombstones, knows a present without commit times (OffsetFetch), and forgets what
 * is gone. A slot is held "live" while it has a committed offset or an owner.
 *
 *     committedOffset  NaN: none. Negative commits (-1, -2) count as none: they say nothing of what was read
 *     mark             what is odd about the newest commit: MARK_NEGATIVE, MARK_UNREADABLE (the offset is then the one before)
 *     committedOrder   order of the newest commit seen; -1: only the baseline is known
 *     committedAtMs    the coordinator's clock, as the record carries it; NaN: not known
 *     committedAfterMs where commits are polled: it was made after that, and `committedAtMs` is when it was seen; else NaN
 */

import type { Column } from "./column.ts";
import {
  CHUNK_BITS,
  CHUNK_MASK,
  createFloat64Column,
  createInt32Column,
  createUint8Column,
  readFloat64,
  readUint8,
} from "./column.ts";
import type { GroupPartitions } from "./group-partitions.ts";
import type { Lookback } from "./lookback.ts";
import { createLookback } from "./lookback.ts";
import { createNames } from "./names.ts";

export interface Owner {
  readonly owner: string;
  readonly clientId: string;
  /** Absent where who knew it did not say. */
  readonly memberId?: string;
}

/** `gone`: older than the baseline, which does not know the partition any more. */
export type CommitTaken = typeof GONE | typeof FIRST | typeof SEEN;
export const GONE = 0;
/** No commit of this slot was seen in the log before. */
export const FIRST = 1;
export const SEEN = 2;

export const MARK_NEGATIVE = 1;
export const MARK_UNREADABLE = 2;

/** Only the verbs here write the columns. */
export interface LiveOffsets {
  readonly committedOffset: Column<Float64Array>;
  /** The committed offsets of about a minute ago. */
  readonly past: Lookback;
  readonly committedOrder: Column<Float64Array>;
  readonly committedAtMs: Column<Float64Array>;
  readonly committedAfterMs: Column<Float64Array>;
  /** Id of the owner in `ownerOf`, -1: nobody. */
  readonly ownerId: Column<Int32Array>;
  /** 0: nothing is odd. */
  readonly mark: Column<Uint8Array>;
  /** Lags of a share group's slots, where its coordinator gives them; written by share-offsets.ts. */
  readonly shareLags: Map<number, number>;
  ownerOf(ownerId: number): Owner | undefined;
  /** A slot that was just made: its rows may hold what another left. */
  clear(slot: number): void;
  /** An offset of NaN is one that cannot be read. */
  setBaseline(slot: number, offset: number): void;
  /**
   * One commit of the log. Numbers instead of an object: it is called millions of times a second. An old one, part of the
   * baseline, gives the present offset its time, but never another offset.
   */
  takeCommit(slot: number, offset: number, atMs: number, order: number, isOld: boolean): CommitTaken;
  /** A commit that cannot be read; as `takeCommit`. */
  refuseCommit(slot: number, atMs: number, order: number): void;
  /** The newest commit was made after this time. */
  setBound(slot: number, afterMs: number): void;
  /** The present offset is that of a commit of which more is known. */
  setTime(slot: number, atMs: number): void;
  setOwner(slot: number, owner: Owner | undefined): void;
  /** The committed offset is gone. */
  forget(slot: number): void;
  /** There is something to show: an offset, an owner, or a commit that is odd. */
  isKnown(slot: number): boolean;
  /** Lets go of a slot of which nothing is known. */
  releaseIfEmpty(slot: number): void;
}

/** `owner NUL length-of-client-id NUL client-id member-id`: a host never holds NUL; the others may. */
const SEPARATOR = "\0";

function createOwners() {
  const owners = createNames();
  return {
    release: owners.release,
    retain: ({ owner, clientId, memberId = "" }: Owner): number =>
      owners.retain([owner, clientId.length, `${clientId}${memberId}`].join(SEPARATOR)),
    ownerOf: (id: number): Owner | undefined => {
      const text = owners.nameOf(id);
      if (text === undefined) return undefined;
      const end = text.indexOf(SEPARATOR);
      const start = text.indexOf(SEPARATOR, end + 1) + 1;
      const clientEnd = start + Number(text.slice(end + 1, start - 1));
      const owner = { owner: text.slice(0, end), clientId: text.slice(start, clientEnd) };
      return clientEnd === text.length ? owner : { ...owner, memberId: text.slice(clientEnd) };
    },
  };
}

export function createLiveOffsets(table: GroupPartitions): LiveOffsets {
  const shareLags = new Map<number, number>();
  const committedOffset = createFloat64Column(Number.NaN);
  const committedOrder = createFloat64Column(-1);
  const committedAtMs = createFloat64Column(Number.NaN);
  const committedAfterMs = createFloat64Column(Number.NaN);
  const ownerId = createInt32Column(-1);
  const mark = createUint8Column();
  const owners = createOwners();
  const past = createLookback(committedOffset);

  /** Nearly always there is nothing to do, and not even a column. */
  const setMark = (slot: number, value: number): void => {
    if (value !== 0 || readUint8(mark, slot) !== 0) mark.set(slot, value);
  };
  const setBound = boundSetter(committedAfterMs);
  const isKnown = (slot: number): boolean =>
    !Number.isNaN(committedOffset.get(slot)) || ownerId.get(slot) >= 0 || mark.get(slot) !== 0;
  const setOwner = (slot: number, owner: Owner | undefined): void => {
    const before = ownerId.get(slot);
    ownerId.set(slot, owner === undefined ? -1 : owners.retain(owner));
    if (before >= 0) owners.release(before);
  };
  const clear = (slot: number): void => {
    committedOffset.set(slot, Number.NaN);
    committedOrder.set(slot, -1);
    committedAtMs.set(slot, Number.NaN);
    setBound(slot, Number.NaN);
    past.forget(slot);
    setMark(slot, 0);
    shareLags.delete(slot);
    setOwner(slot, undefined);
  };

  return {
    committedOffset,
    past,
    committedOrder,
    committedAtMs,
    committedAfterMs,
    ownerId,
    shareLags,
    mark,
    ownerOf: owners.ownerOf,
    clear,
    setBaseline: baselineSetter({ committedOffset, committedOrder, committedAtMs }, setMark, setBound),
    takeCommit: commitTaker({ committedOffset, committedOrder, committedAtMs }, setMark),
    refuseCommit: commitRefuser({ committedOrder, committedAtMs }, setMark),
    setBound,
    setTime: (slot, atMs) => committedAtMs.set(slot, atMs),
    setOwner,
    forget: (slot) => {
      committedOffset.set(slot, Number.NaN);
      committedAtMs.set(slot, Number.NaN);
      setBound(slot, Number.NaN);
      setMark(slot, 0);
    },
    isKnown,
    releaseIfEmpty: (slot) => {
      if (isKnown(slot)) return;
      clear(slot);
      table.release(slot, "live");
    },
  };
}

type Times = Pick<LiveOffsets, "committedOffset" | "committedOrder" | "committedAtMs">;

function boundSetter(committedAfterMs: LiveOffsets["committedAfterMs"]): LiveOffsets["setBound"] {
  return (slot, afterMs) => {
    if (Number.isNaN(afterMs) && Number.isNaN(readFloat64(committedAfterMs, slot))) return;
    committedAfterMs.set(slot, afterMs);
  };
}

function baselineSetter(
  { committedOffset, committedOrder, committedAtMs }: Times,
  setMark: (slot: number, mark: number) => void,
  setBound: LiveOffsets["setBound"],
): LiveOffsets["setBaseline"] {
  return (slot, offset) => {
    // The log may have been cut and begun anew, with orders below those that were seen.
    committedOrder.set(slot, -1);
    setMark(slot, Number.isNaN(offset) ? MARK_UNREADABLE : 0);
    if (Number.isNaN(offset) || committedOffset.get(slot) === offset) return;
    committedOffset.set(slot, offset < 0 ? Number.NaN : offset);
    committedAtMs.set(slot, Number.NaN);
    setBound(slot, Number.NaN);
  };
}

function commitRefuser(
  { committedOrder, committedAtMs }: Pick<Times, "committedOrder" | "committedAtMs">,
  setMark: (slot: number, mark: number) => void,
): LiveOffsets["refuseCommit"] {
  return (slot, atMs, order) => {
    if (order <= committedOrder.get(slot)) return;
    setMark(slot, MARK_UNREADABLE);
    committedAtMs.set(slot, atMs);
    committedOrder.set(slot, order);
  };
}

function commitTaker(
  { committedOffset, committedOrder, committedAtMs }: Times,
  setMark: (slot: number, mark: number) => void,
): LiveOffsets["takeCommit"] {
  return (slot, offset, atMs, order, isOld) => {
    const chunk = slot >> CHUNK_BITS;
    const row = slot & CHUNK_MASK;
    const offsets = committedOffset.chunks[chunk];
    const orders = committedOrder.chunks[chunk];
    const times = committedAtMs.chunks[chunk];
    if (offsets === undefined || orders === undefined || times === undefined) return GONE;
    if (isOld && Number.isNaN(offsets[row])) return GONE;
    const newest = orders[row] as number;
    if (order > newest) {
      if (!isOld) offsets[row] = offset < 0 ? Number.NaN : offset;
      if (!isOld) setMark(slot, offset < 0 ? MARK_NEGATIVE : 0);
      times[row] = atMs;
      orders[row] = order;
    }
    return newest < 0 ? FIRST : SEEN;
  };
}
