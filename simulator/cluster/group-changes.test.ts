/** What each change of a group leaves behind: in the state, and in the records of the offsets topic. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AT_MS,
  classic,
  commitOf,
  consumer,
  type createTestCluster,
  logBytesOf,
  logLines,
  withTopic,
} from "./cluster.fixture.ts";
import type { Cluster } from "./cluster.ts";

const offsetsOf = (cluster: Cluster, group = "g") =>
  cluster.committedOffsets(group).map(({ partition, committedOffset }) => `${partition}=${committedOffset}`);
interface Row {
  readonly name: string;
  readonly options?: Parameters<typeof createTestCluster>[0];
  readonly changes: (cluster: Cluster) => void;
  readonly log: readonly string[];
  readonly offsets?: readonly string[];
  readonly group?: string | undefined;
}

const rows: readonly Row[] = [
  {
    name: "a group that only commits writes nothing but its commits, one batch each",
    changes(cluster) {
      cluster.commit({ group: "g", offsets: [commitOf(0, 5), commitOf(1, -2)], atMs: AT_MS });
      cluster.commit({ group: "g", offsets: [commitOf(0, 7)], atMs: AT_MS + 1 });
    },
    log: ["1 1", "1"],
    offsets: ["0=7", "1=-2"],
    group: "classic  Empty 0",
  },
  {
    name: "the first member of a new group finds an empty generation written, as 4.1 does",
    changes: (cluster) => cluster.rebalanced("g", classic("a", "b"), AT_MS),
    log: ["2", "2"],
    group: "classic consumer Stable 1",
  },
  {
    name: "up to 3.9 the first generation is the first record",
    options: { version: "3.9" },
    changes: (cluster) => cluster.rebalanced("g", classic("a"), AT_MS),
    log: ["2"],
    group: "classic consumer Stable 1",
  },
  {
    name: "while members join nothing is written and the generation stays",
    changes(cluster) {
      cluster.rebalanced("g", classic("a"), AT_MS);
      cluster.rebalancing("g");
    },
    log: ["2", "2"],
    group: "classic consumer PreparingRebalance 1",
  },
  {
    name: "a group that everybody has left is empty, in a generation of its own",
    changes(cluster) {
      cluster.rebalanced("g", classic("a"), AT_MS);
      cluster.rebalanced("g", classic(), AT_MS);
    },
    log: ["2", "2", "2"],
    group: "classic consumer Empty 2",
  },
  {
    name: "a consumer group writes member, epoch, target and assignment",
    changes: (cluster) => cluster.rebalanced("g", consumer("a", "b"), AT_MS),
    log: ["5 5 3 7 7 6 8 8"],
    group: "consumer consumer Stable 1",
  },
  {
    name: "who stays in a consumer group with what it has gets an epoch alone, who leaves three tombstones",
    changes(cluster) {
      cluster.rebalanced("g", consumer("a", "b"), AT_MS);
      cluster.rebalanced("g", consumer("a"), AT_MS);
      cluster.rebalanced("g", consumer(), AT_MS);
    },
    log: ["5 5 3 7 7 6 8 8", "-8 -7 -5 3 6 8", "-8 -7 -5 3"],
    group: "consumer consumer Empty 3",
  },
  {
    name: "3.9 writes the partitions of the topics, which 4.1 has put into a hash",
    options: { version: "3.9" },
    changes: (cluster) => cluster.rebalanced("g", consumer("a"), AT_MS),
    log: ["5 4 3 7 6 8"],
    group: "consumer consumer Stable 1",
  },
  {
    name: "a classic group that becomes a consumer group leaves a tombstone in the same batch, and keeps its offsets",
    changes(cluster) {
      cluster.rebalanced("g", classic("a"), AT_MS);
      cluster.commit({ group: "g", offsets: [commitOf(0, 5)], atMs: AT_MS });
      cluster.rebalanced("g", consumer("a"), AT_MS);
    },
    log: ["2", "2", "1", "-2 5 3 7 6 8"],
    offsets: ["0=5"],
    group: "consumer consumer Stable 2",
  },
  {
    name: "and the way back removes all records of the consumer group in one batch with the new one",
    changes(cluster) {
      cluster.rebalanced("g", consumer("a", "b"), AT_MS);
      cluster.rebalanced("g", classic("c"), AT_MS);
    },
    log: ["5 5 3 7 7 6 8 8", "-8 -8 -7 -7 -6 -5 -5 -3 2"],
    group: "classic consumer Stable 2",
  },
  {
    name: "a commit in a transaction is pending until its marker",
    changes(cluster) {
      cluster.commit({ group: "g", offsets: [commitOf(0, 5)], atMs: AT_MS });
      cluster.commit({ group: "g", offsets: [commitOf(0, 9), commitOf(1, 9)], atMs: AT_MS, producerId: 7 });
    },
    log: ["1", "1 1 of 7"],
    offsets: ["0=5"],
    group: "classic  Empty 0",
  },
  {
    name: "on COMMIT the newest record of a key counts, which may be one from outside the transaction",
    changes(cluster) {
      cluster.commit({ group: "g", offsets: [commitOf(0, 9), commitOf(1, 9)], atMs: AT_MS, producerId: 7 });
      cluster.commit({ group: "g", offsets: [commitOf(0, 5)], atMs: AT_MS });
      cluster.endOffsetsTransaction(7, "commit", AT_MS);
    },
    log: ["1 1 of 7", "1", "COMMIT of 7"],
    offsets: ["0=5", "1=9"],
    group: "classic  Empty 0",
  },
  {
    name: "on ABORT nothing counts",
    changes(cluster) {
      cluster.commit({ group: "g", offsets: [commitOf(0, 9)], atMs: AT_MS, producerId: 7 });
      cluster.endOffsetsTransaction(7, "abort", AT_MS);
    },
    log: ["1 of 7", "ABORT of 7"],
    group: "classic  Empty 0",
  },
  {
    name: "a tombstone takes the pending commit of its key along",
    changes(cluster) {
      cluster.commit({ group: "g", offsets: [commitOf(0, 9), commitOf(1, 9)], atMs: AT_MS, producerId: 7 });
      cluster.deleteOffsets("g", [commitOf(0, 0), commitOf(3, 0)], AT_MS);
      cluster.endOffsetsTransaction(7, "commit", AT_MS);
    },
    log: ["1 1 of 7", "-1", "COMMIT of 7"],
    offsets: ["1=9"],
    group: "classic  Empty 0",
  },
  {
    name: "also where an offset of that key counts already",
    changes(cluster) {
      cluster.commit({ group: "g", offsets: [commitOf(0, 5)], atMs: AT_MS });
      cluster.commit({ group: "g", offsets: [commitOf(0, 9)], atMs: AT_MS, producerId: 7 });
      cluster.deleteOffsets("g", [commitOf(0, 0)], AT_MS);
      cluster.endOffsetsTransaction(7, "commit", AT_MS);
    },
    log: ["1", "1 of 7", "-1", "COMMIT of 7"],
    group: "classic  Empty 0",
  },
  {
    name: "a deleted group leaves a tombstone for each offset and its own, in one batch",
    changes(cluster) {
      cluster.commit({ group: "g", offsets: [commitOf(0, 5), commitOf(1, 5)], atMs: AT_MS });
      cluster.commit({ group: "g", offsets: [commitOf(2, 5)], atMs: AT_MS, producerId: 7 });
      cluster.deleteGroup("g", AT_MS);
      cluster.endOffsetsTransaction(7, "commit", AT_MS);
    },
    log: ["1 1", "1 of 7", "-1 -1 -1 -2", "COMMIT of 7"],
    group: undefined,
  },
  {
    name: "a deleted topic takes the offsets of all groups along, pending ones too",
    changes(cluster) {
      cluster.createTopic({ topic: "other", partitions: 1 }, AT_MS);
      cluster.commit({
        group: "g",
        offsets: [commitOf(0, 5), { topic: "other", partition: 0, committedOffset: 3 }],
        atMs: AT_MS,
      });
      cluster.commit({ group: "g", offsets: [commitOf(1, 5)], atMs: AT_MS, producerId: 7 });
      cluster.deleteTopic("t", AT_MS);
      cluster.endOffsetsTransaction(7, "commit", AT_MS);
      cluster.createTopic({ topic: "t", partitions: 8 }, AT_MS);
      cluster.commit({ group: "g", offsets: [commitOf(7, 1)], atMs: AT_MS });
    },
    log: ["1 1", "1 of 7", "-1 -1", "COMMIT of 7", "1"],
    offsets: ["0=3", "7=1"],
    group: "classic  Empty 0",
  },
  {
    name: "nothing at all is no batch",
    changes(cluster) {
      cluster.commit({ group: "g", offsets: [commitOf(0, 5)], atMs: AT_MS });
      cluster.commit({ group: "g", offsets: [], atMs: AT_MS });
      cluster.commit({ group: "other", offsets: [], atMs: AT_MS });
      assert.equal(cluster.group("other"), undefined);
      cluster.deleteOffsets("g", [commitOf(3, 0)], AT_MS);
    },
    log: ["1"],
    offsets: ["0=5"],
    group: "classic  Empty 0",
  },
];

for (const { name, options, changes, log, offsets = [], group } of rows) {
  test(name, () => {
    const cluster = withTopic(options);
    changes(cluster);
    assert.deepEqual(logLines(cluster, "g"), log);
    assert.deepEqual(offsetsOf(cluster), offsets);
    const view = cluster.group("g");
    assert.equal(view && `${view.type} ${view.protocolType} ${view.state} ${view.generation}`, group);
  });
}

const versions = [
  { version: "2.8", hex: "000300000000000000050000000300000000018bcfe56800" },
  { version: "3.9", hex: "000300000000000000050000000300000000018bcfe56800" },
  { version: "4.1", hex: "0004000000000000000500000003010000018bcfe5680000" },
] as const;
for (const { version, hex } of versions) {
  test(`a broker of ${version} writes its own version of a commit`, () => {
    const cluster = withTopic({ version });
    cluster.commit({ group: "g", offsets: [{ ...commitOf(0, 5), leaderEpoch: 3 }], atMs: AT_MS });
    assert.ok(logBytesOf(cluster, "g").toString("hex").includes(hex));
  });
}

test("a commit that named its topic by id carries it, on 4.1", () => {
  const cluster = withTopic();
  cluster.commit({ group: "g", offsets: [commitOf(0, 5)], atMs: AT_MS, withTopicId: true });
  const id = Buffer.from(cluster.topic("t")?.id ?? []).toString("hex");
  assert.ok(logBytesOf(cluster, "g").toString("hex").includes(`010010${id}`));
});

test("a member's assignment says its epoch and the one before", () => {
  const cluster = withTopic();
  cluster.rebalanced("g", consumer("a"), AT_MS);
  cluster.rebalanced("g", consumer("a", "b"), AT_MS);
  const hex = logBytesOf(cluster, "g").toString("hex");
  const key = (member: string) => `00080001670001${member}`;
  const epochsOf = (member: string) =>
    [...hex.matchAll(new RegExp(`${key(member)}.{2,4}?0000(.{8})(.{8})00`, "g"))].map(
      ([, now, before]) => `${now} ${before}`,
    );
  assert.deepEqual(epochsOf("61"), ["00000001 00000000", "00000002 00000001"]);
  assert.deepEqual(epochsOf("62"), ["00000002 00000000"]);
});
