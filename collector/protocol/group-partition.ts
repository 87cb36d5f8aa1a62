/**
 * # Where a group lives
 *
 * A group's records are in one partition of `__consumer_offsets`, and the leader of that partition is its coordinator:
 * `Utils.abs(groupId.hashCode()) % numPartitions` (`Utils.java`, `GroupMetadataManager.scala` of apache/kafka).
 */

/** `String.hashCode` of Java: over UTF-16 code units, so that a character outside the basic plane counts twice. */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}

/** Partition of the offsets topic, which has `logPartitions` of them, that holds `group`. */
export function groupPartition(group: string, logPartitions: number): number {
  const hash = javaHashCode(group);
  // Kafka's abs gives 0 for the one int that has no positive counterpart.
  return hash === -(2 ** 31) ? 0 : Math.abs(hash) % logPartitions;
}
