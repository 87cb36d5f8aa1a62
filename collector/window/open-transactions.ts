/**
 * # Groups whose offsets wait in an open transaction, and since when
 *
 * Told whole for one partition of the offsets topic at a time: what it no longer names has ended.
 */

export interface OpenTransactions {
  /** Epoch ms of the coordinator's clock, of the oldest by group. */
  set(logPartition: number, sinceMsByGroup: ReadonlyMap<string, number>): void;
  /** Undefined where none of the group's offsets waits. */
  sinceMsOf(group: string): number | undefined;
}

export function createOpenTransactions(): OpenTransactions {
  const byLogPartition = new Map<number, ReadonlyMap<string, number>>();
  return {
    set: (logPartition, sinceMsByGroup) => {
      if (sinceMsByGroup.size > 0) byLogPartition.set(logPartition, sinceMsByGroup);
      else byLogPartition.delete(logPartition);
    },
    // A group lives in one partition, and few partitions have open transactions.
    sinceMsOf: (group) => {
      for (const groups of byLogPartition.values()) {
        const sinceMs = groups.get(group);
        if (sinceMs !== undefined) return sinceMs;
      }
      return undefined;
    },
  };
}
