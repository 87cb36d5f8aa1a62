/**
 * # Which partition of the offsets topic a group lives in
 *
 * `Utils.abs(groupId.hashCode()) % partitions` of apache/kafka, where abs of the smallest int is 0 and the hash is Java's, over
 * UTF-16 code units.
 */

export function logPartitionOf(group: string, logPartitions: number): number {
  const hash = javaHash(group);
  return hash === INT_MIN ? 0 : Math.abs(hash) % logPartitions;
}

const INT_MIN = -(2 ** 31);

function javaHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}
