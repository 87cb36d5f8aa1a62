/**
 * # Partition list: ids sorted by the partition they stand for
 *
 * A sorted list costs 8 bytes an entry whatever the partition numbers are; an array indexed by partition would be as long
 * as the largest number a client has sent.
 */

/** Index of `partition` in `ids`; where it is missing, `-1 - index` of where it belongs. */
export function searchPartition(
  ids: readonly number[],
  partition: number,
  partitionOf: (id: number) => number,
): number {
  let low = 0;
  let high = ids.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = partitionOf(ids[middle] ?? 0);
    if (found === partition) return middle;
    if (found < partition) low = middle + 1;
    else high = middle - 1;
  }
  return -1 - low;
}
