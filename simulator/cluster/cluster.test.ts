/** Topics, the log of the offsets topic as a topic, and what a cluster refuses. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { AT_MS, classic, commitOf, consumer, logBytesOf, logLines, memberOf, withTopic } from "./cluster.fixture.ts";
import { type Cluster, OFFSETS_TOPIC } from "./cluster.ts";
import { ClusterError } from "./cluster-error.ts";
import { createCluster } from "./create-cluster.ts";

test("a topic made again has another id, and is found by it", () => {
  const cluster = withTopic();
  const first = cluster.topic("t")?.id ?? new Uint8Array();
  cluster.deleteTopic("t", AT_MS);
  assert.equal(cluster.topicById(first), undefined);
  cluster.createTopic({ topic: "t", partitions: 1 }, AT_MS);
  const second = cluster.topic("t")?.id ?? new Uint8Array();
  assert.notDeepEqual(second, first);
  assert.equal(cluster.topicById(second)?.name, "t");
});

test("a topic that grows keeps what it has; a view that was taken does not change", () => {
  const cluster = withTopic();
  cluster.append("t", 3, 10, AT_MS);
  cluster.setConfig("t", "retention.ms", "1000");
  const before = cluster.topic("t");
  cluster.growTopic("t", 6);
  cluster.setConfig("t", "retention.ms", undefined);
  assert.equal(cluster.partition("t", 3)?.endOffset, 10);
  assert.equal(cluster.partition("t", 5)?.endOffset, 0);
  assert.equal(cluster.partition("t", 6), undefined);
  assert.deepEqual([before?.partitions, before?.configs.get("retention.ms")], [4, "1000"]);
  assert.deepEqual([cluster.topic("t")?.partitions, cluster.topic("t")?.configs.size], [6, 0]);
});

test("leaders go round the brokers, and each election makes an epoch", () => {
  const cluster = withTopic();
  const leaders = [0, 1, 2].map((partition) => cluster.partition("t", partition)?.leader);
  assert.deepEqual(new Set(leaders), new Set([1, 2, 3]));
  cluster.moveLeader("t", 0, -1);
  assert.deepEqual([cluster.partition("t", 0)?.leader, cluster.partition("t", 0)?.leaderEpoch], [-1, 1]);
  cluster.moveLeader(OFFSETS_TOPIC, 1, 2);
  const moved = cluster.partition(OFFSETS_TOPIC, 1);
  assert.deepEqual([moved?.leader, moved?.leaderEpoch, moved?.replicas.includes(2)], [2, 1, true]);
});

test("the offsets topic has offsets, times and a start like any other, and its batches the epoch of its leader", () => {
  const cluster = withTopic({ offsetsPartitions: 1 });
  cluster.moveLeader(OFFSETS_TOPIC, 0, 3);
  for (let i = 0; i < 3; i++)
    cluster.commit({ group: "g", offsets: [commitOf(0, i), commitOf(1, i)], atMs: AT_MS + i });
  assert.equal(logBytesOf(cluster, "g").readInt32BE(12), 1);
  assert.equal(cluster.partition(OFFSETS_TOPIC, 0)?.endOffset, 6);
  assert.equal(cluster.appendedAtMs(OFFSETS_TOPIC, 0, 3), AT_MS + 1);
  assert.deepEqual(cluster.offsetForTime(OFFSETS_TOPIC, 0, AT_MS + 2), { offset: 4, timestampMs: AT_MS + 2 });
  assert.equal(cluster.offsetForTime(OFFSETS_TOPIC, 0, AT_MS + 3), undefined);
  cluster.compactLog(0, { beforeOffset: 4, retainEmpty: false });
  assert.equal(cluster.appendedAtMs(OFFSETS_TOPIC, 0, 1), undefined);
  assert.equal(cluster.appendedAtMs(OFFSETS_TOPIC, 0, 2), AT_MS + 1);
  cluster.advanceStart(OFFSETS_TOPIC, 0, 4);
  assert.equal(cluster.readLog(0, 3, 100), "out-of-range");
  assert.equal(cluster.partition(OFFSETS_TOPIC, 0)?.startOffset, 4);
});

test("who listens is told of each append until it goes", () => {
  const cluster = withTopic();
  const told: number[] = [];
  const leave = cluster.onLogAppend((logPartition) => told.push(logPartition));
  cluster.commit({ group: "g", offsets: [commitOf(0, 5)], atMs: AT_MS });
  leave();
  cluster.commit({ group: "g", offsets: [commitOf(0, 5)], atMs: AT_MS });
  assert.deepEqual(told, [cluster.logPartitionOf("g")]);
});

test("raw batches get offsets, count as transactions, and change no group", () => {
  const [from, to] = [withTopic(), withTopic()];
  from.commit({ group: "g", offsets: [commitOf(0, 5)], atMs: AT_MS, producerId: 9 });
  from.commit({ group: "g", offsets: [commitOf(1, 5)], atMs: AT_MS });
  const logPartition = from.logPartitionOf("g");
  for (let i = 0; i < 2; i++) to.appendRaw(logPartition, logBytesOf(from, "g"));
  const view = to.partition(OFFSETS_TOPIC, logPartition);
  assert.deepEqual([view?.endOffset, view?.lastStableOffset], [4, 0]);
  assert.equal(to.group("g"), undefined);
  assert.deepEqual(logLines(to, "g"), ["1 of 9", "1", "1 of 9", "1"]);
});

const mistakes: readonly { readonly name: string; readonly make: (cluster: Cluster) => void }[] = [
  { name: "an unknown topic", make: (cluster) => cluster.append("nope", 0, 1, AT_MS) },
  { name: "an unknown partition", make: (cluster) => cluster.append("t", 4, 1, AT_MS) },
  { name: "a time that goes back", make: (cluster) => cluster.append("t", 0, 1, AT_MS - 1) },
  { name: "a topic that exists", make: (cluster) => cluster.createTopic({ topic: "t", partitions: 1 }, AT_MS) },
  { name: "a topic that shrinks", make: (cluster) => cluster.growTopic("t", 3) },
  { name: "a start behind the end", make: (cluster) => cluster.advanceStart("t", 0, 11) },
  { name: "a start that goes back", make: (cluster) => cluster.advanceStart("t", 0, 1) },
  { name: "a cut below the start", make: (cluster) => cluster.truncate("t", 0, 1) },
  { name: "a transaction that nobody began", make: (cluster) => cluster.endTransaction("t", 0, 5, "abort", AT_MS) },
  { name: "an unknown broker", make: (cluster) => cluster.moveLeader("t", 0, 4) },
  {
    name: "a commit for an unknown partition",
    make: (cluster) => cluster.commit({ group: "g", offsets: [commitOf(0, 1), commitOf(4, 1)], atMs: AT_MS }),
  },
  { name: "an unknown group", make: (cluster) => cluster.rebalancing("nope") },
  { name: "a deleted group that has members", make: (cluster) => cluster.deleteGroup("live", AT_MS) },
  { name: "offsets of no transaction", make: (cluster) => cluster.endOffsetsTransaction(1, "commit", AT_MS) },
  {
    name: "members of an unknown topic",
    make: (cluster) => cluster.rebalanced("g", { type: "classic", members: [memberOf("a", "nope", [0])] }, AT_MS),
  },
  { name: "records in the offsets topic", make: (cluster) => cluster.append(OFFSETS_TOPIC, 0, 1, AT_MS) },
  {
    name: "a raw batch that is cut",
    make: (cluster) => cluster.appendRaw(0, logBytesOf(cluster, "live").subarray(0, 70)),
  },
];
for (const { name, make } of mistakes) {
  test(`a mistake of the script is refused, and changes nothing: ${name}`, () => {
    const cluster = withTopic();
    cluster.append("t", 0, 10, AT_MS);
    cluster.advanceStart("t", 0, 2);
    cluster.rebalanced("live", classic("a"), AT_MS);
    const before = [cluster.counts().logBytes, cluster.partition("t", 0), [...cluster.groups()], [...cluster.topics()]];
    assert.throws(() => make(cluster), ClusterError);
    const after = [cluster.counts().logBytes, cluster.partition("t", 0), [...cluster.groups()], [...cluster.topics()]];
    assert.deepEqual(after, before);
  });
}

test("2.8 has no consumer groups, and a cluster has brokers", () => {
  const cluster = withTopic({ version: "2.8" });
  assert.throws(() => cluster.rebalanced("g", consumer("a"), AT_MS), ClusterError);
  const none = { clusterId: "c", version: "4.1", brokers: [], offsetsPartitions: 1, random: () => 0 } as const;
  assert.throws(() => createCluster(none), ClusterError);
});
