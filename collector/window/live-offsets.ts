/**
 * # Live offsets: the committed offset of each group-partition, now
 *
 * Ours, beside the strict store: it follows tombstones, knows a present without commit times (OffsetFetch), and forgets what
 * is gone. A slot is held "live" while it has a committed offset or an owner.
 *
 *     committedOffset  NaN: none. Negative commits (-1, -2) count as none: they say nothing of what was read
 *     committedOrder   order of the newest commit seen; -1: only the baseline is known
 *     committedAtMs    the coordinator's clock, as the record carries it; NaN: not known
 */

import type { Column } from "./column.ts";
import { CHUNK_BITS, CHUNK_MASK, createFloat64Column, createInt32Column } from "./column.ts";
import type { GroupPartitions } from "./group-partitions.ts";
import { createNames } from "./names.ts";

export interface Owner {
  readonly owner: string;
  readonly clientId: string;
}

/** `gone`: older than the baseline, which does not know the partition any more. */
export type CommitTaken = typeof GONE | typeof FIRST | typeof SEEN;
export const GONE = 0;
/** No commit of this slot was seen in the log before. */
export const FIRST = 1;
export const SEEN = 2;

/** Only the verbs here write the columns. */
export interface LiveOffsets {
  readonly committedOffset: Column<Float64Array>;
  readonly committedOrder: Column<Float64Array>;
  readonly committedAtMs: Column<Float64Array>;
  /** Id of the owner in `ownerOf`, -1: nobody. */
  readonly ownerId: Column<Int32Array>;
  ownerOf(ownerId: number): Owner | undefined;
  /** A slot that was just made: its rows may hold what another left. */
  clear(slot: number): void;
  setBaseline(slot: number, offset: number): void;
  /**
   * One commit of the log. Numbers instead of an object: it is called millions of times a second. An old one, part of the
   * baseline, gives the present offset its time, but never another offset.
   */
  takeCommit(slot: number, offset: number, atMs: number, order: number, isOld: boolean): CommitTaken;
  setOwner(slot: number, owner: Owner | undefined): void;
  /** The committed offset is gone. */
  forget(slot: number): void;
  /** Lets go of a slot that has neither offset nor owner. */
  releaseIfEmpty(slot: number): void;
}

/** A host never holds it; a client id may. */
const SEPARATOR = "\0";

export function createLiveOffsets(table: GroupPartitions): LiveOffsets {
  const committedOffset = createFloat64Column(Number.NaN);
  const committedOrder = createFloat64Column(-1);
  const committedAtMs = createFloat64Column(Number.NaN);
  const ownerId = createInt32Column(-1);
  const owners = createNames();

  const setOwner = (slot: number, owner: Owner | undefined): void => {
    const before = ownerId.get(slot);
    ownerId.set(slot, owner === undefined ? -1 : owners.retain(`${owner.owner}${SEPARATOR}${owner.clientId}`));
    if (before >= 0) owners.release(before);
  };
  const clear = (slot: number): void => {
    committedOffset.set(slot, Number.NaN);
    committedOrder.set(slot, -1);
    committedAtMs.set(slot, Number.NaN);
    setOwner(slot, undefined);
  };

  return {
    committedOffset,
    committedOrder,
    committedAtMs,
    ownerId,
    ownerOf: (id) => {
      const both = owners.nameOf(id);
      const end = both?.indexOf(SEPARATOR) ?? -1;
      return both === undefined ? undefined : { owner: both.slice(0, end), clientId: both.slice(end + 1) };
    },
    clear,
    setBaseline: (slot, offset) => {
      // The log may have been cut and begun anew, with orders below those that were seen.
      committedOrder.set(slot, -1);
      if (committedOffset.get(slot) === offset) return;
      committedOffset.set(slot, offset < 0 ? Number.NaN : offset);
      committedAtMs.set(slot, Number.NaN);
    },
    takeCommit: (slot, offset, atMs, order, isOld) => {
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
        times[row] = atMs;
        orders[row] = order;
      }
      return newest < 0 ? FIRST : SEEN;
    },
    setOwner,
    forget: (slot) => {
      committedOffset.set(slot, Number.NaN);
      committedAtMs.set(slot, Number.NaN);
    },
    releaseIfEmpty: (slot) => {
      if (!Number.isNaN(committedOffset.get(slot)) || ownerId.get(slot) >= 0) return;
      clear(slot);
      table.release(slot, "live");
    },
  };
}
