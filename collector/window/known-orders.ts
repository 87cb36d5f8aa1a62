/**
 * # What restored windows already know
 *
 * The log is read again from before the moment a window was saved; what the window was offered then is passed over. Until a
 * log is read to where it was, and all that lay before is read too, each of its records asks here; from then on none does.
 */

import { createFloat64Column } from "./column.ts";

export interface KnownOrders {
  /** Its windows know what was decided from `from` to before `offered`. */
  restore(groupId: number, logPartition: number, known: { readonly from: number; readonly offered: number }): void;
  /** True where the group's windows know what was decided at this order of its log. */
  knows(groupId: number, logPartition: number, order: number): boolean;
  /** The id stands for another group, or its windows were dropped for good. */
  forget(groupId: number): void;
  /** Nothing that windows know will come again, or the log is another one. */
  close(logPartition: number): void;
}

export function createKnownOrders(): KnownOrders {
  const offered = createFloat64Column(-1);
  const fromByLog = new Map<number, number>();
  return {
    restore: (groupId, logPartition, known) => {
      offered.set(groupId, known.offered);
      fromByLog.set(logPartition, known.from);
    },
    knows: (groupId, logPartition, order) => {
      if (fromByLog.size === 0) return false;
      const from = fromByLog.get(logPartition);
      return from !== undefined && order >= from && order < offered.get(groupId);
    },
    forget: (groupId) => {
      if (offered.get(groupId) >= 0) offered.set(groupId, -1);
    },
    close: (logPartition) => void fromByLog.delete(logPartition),
  };
}
