/** # A small cluster for tests, always the same, and its log in short */

import assert from "node:assert/strict";
import { type Cluster, type MemberSpec, OFFSETS_TOPIC } from "./cluster.ts";
import type { ClusterOptions } from "./cluster-state.ts";
import { createCluster } from "./create-cluster.ts";
import { attributesOf, nextOffsetOf, producerIdOf, recordsOf } from "./offsets-log/batch-reader.ts";
import { LENGTH_AT } from "./offsets-log/record-batch.ts";

export const AT_MS = 1_700_000_000_000;

export function createTestCluster(options: Partial<ClusterOptions> = {}): Cluster {
  let last = 0;
  // Weyl's sequence: spread out, and the same every time.
  const random = () => {
    last = (last + 0.618_033_988_749_895) % 1;
    return last;
  };
  return createCluster({
    clusterId: "test",
    version: "4.1",
    brokers: [1, 2, 3],
    offsetsPartitions: 2,
    random,
    ...options,
  });
}

export function memberOf(memberId: string, topic: string, partitions: readonly number[]): MemberSpec {
  return {
    memberId,
    instanceId: undefined,
    clientId: `client-of-${memberId}`,
    clientHost: "/10.0.0.1",
    partitions: partitions.length === 0 ? [] : [{ topic, partitions }],
  };
}

/** A line a batch: the types of its records, `-` before a tombstone, and what it is besides. */
export function logLines(cluster: Cluster, group: string): readonly string[] {
  const logPartition = cluster.logPartitionOf(group);
  const lines: string[] = [];
  for (let position = cluster.partition(OFFSETS_TOPIC, logPartition)?.startOffset ?? 0; ; ) {
    const slice = cluster.readLog(logPartition, position, 1);
    assert.ok(slice !== "out-of-range");
    if (slice.bytes.length === 0) return lines;
    const batch = Buffer.from(slice.bytes);
    assert.equal(batch.readInt32BE(LENGTH_AT) + 12, batch.length);
    const records = recordsOf(batch);
    assert.ok(records !== "opaque");
    const isControl = (attributesOf(batch) & 0x20) !== 0;
    const types = records.map(({ key, value }) => `${value === undefined ? "-" : ""}${key.readInt16BE(0)}`);
    const marker = records[0]?.key.readInt16BE(2) === 1 ? "COMMIT" : "ABORT";
    const producer = producerIdOf(batch) < 0n ? "" : ` of ${producerIdOf(batch)}`;
    lines.push((isControl ? marker : types.join(" ")) + producer);
    position = nextOffsetOf(batch);
  }
}

/** With a topic t of four partitions. */
export function withTopic(options: Partial<ClusterOptions> = {}): Cluster {
  const cluster = createTestCluster(options);
  cluster.createTopic({ topic: "t", partitions: 4 }, AT_MS);
  return cluster;
}

/** The first segment of the group's partition of the log. */
export function logBytesOf(cluster: Cluster, group: string): Buffer {
  const slice = cluster.readLog(cluster.logPartitionOf(group), 0, 1e6);
  assert.ok(slice !== "out-of-range");
  return Buffer.from(slice.bytes);
}

export const commitOf = (partition: number, committedOffset: number) => ({ topic: "t", partition, committedOffset });
/** Each member owns one partition, its own number. */
export const classic = (...ids: readonly string[]) => ({
  type: "classic" as const,
  members: ids.map((id, i) => memberOf(id, "t", [i])),
});
export const consumer = (...ids: readonly string[]) => ({ ...classic(...ids), type: "consumer" as const });
