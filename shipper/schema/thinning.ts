/**
 * # Thinning: which points of partitions a sink is to get
 *
 *     all         every one
 *     unhealthy   of partitions that are neither OK nor warming, and of topics that are read badly
 *     changed     where an exact field differs from the last one kept, and each at least every FULL_EVERY_MS
 *
 * Sinks differ in it and share one spool, so a point carries which ways keep it: decided where the whole tick is at hand,
 * applied on the way out.
 */

export const PARTITION_POINTS = ["all", "unhealthy", "changed"] as const;
export type PartitionPoints = (typeof PARTITION_POINTS)[number];

/** A silence longer than this is a partition that is gone. */
export const FULL_EVERY_MS = 300_000;

/** A number with a bit for each way that leaves something out. */
export const KEPT_BY: Readonly<Record<Exclude<PartitionPoints, "all">, number>> = { unhealthy: 1, changed: 2 };

/** A point that says nothing of it is kept by each. */
export function isKept({ keptBy }: { readonly keptBy?: number }, by: PartitionPoints): boolean {
  return by === "all" || keptBy === undefined || (keptBy & KEPT_BY[by]) !== 0;
}
