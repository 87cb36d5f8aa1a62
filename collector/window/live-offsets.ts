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

import { createFloat64Column, createInt32Column } from "./column.ts";
import type { GroupPartitions } from "./group-partitions.ts";
import { createNames } from "./names.ts";

interface Numbers {
  get(slot: number): number;
}

export interface Owner {
  readonly owner: string;
  readonly clientId: string;
}

export interface LiveOffsets {
  readonly committedOffset: Numbers;
  readonly committedOrder: Numbers;
  readonly committedAtMs: Numbers;
  /** Id of the owner in `ownerOf`, -1: nobody. */
  readonly ownerId: Numbers;
  ownerOf(ownerId: number): Owner | undefined;
  /** A slot that was just made: its rows may hold what another left. */
  clear(slot: number): void;
  setBaseline(slot: number, offset: number): void;
  setCommit(slot: number, commit: { readonly offset: number; readonly atMs: number; readonly order: number }): void;
  /** The time of the present commit, read from the log after the baseline gave its offset. */
  setTime(slot: number, commit: { readonly atMs: number; readonly order: number }): void;
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
    setCommit: (slot, { offset, atMs, order }) => {
      committedOffset.set(slot, offset < 0 ? Number.NaN : offset);
      committedAtMs.set(slot, atMs);
      committedOrder.set(slot, order);
    },
    setTime: (slot, { atMs, order }) => {
      committedAtMs.set(slot, atMs);
      committedOrder.set(slot, order);
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
