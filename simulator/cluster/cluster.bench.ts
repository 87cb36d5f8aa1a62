/**
 * # Benchmark: what a large simulated cluster costs
 *
 * 5,000 groups of 40 partitions each, on 10 brokers, every group committing every 10 s: 20,000 commits a second, and as many appends.
 * `of a second` is the share of one core that a second of the cluster's own time takes.
 */

import { table } from "../../bench/table.ts";
import { createTestCluster } from "./cluster.fixture.ts";
import type { Cluster } from "./cluster.ts";

const GROUPS = 5_000;
const PARTITIONS = 40;
const TOPICS = 500;
const BROKERS = 10;
const COMMIT_EVERY_S = 10;
const RUN_S = 300;
const MANY_TOPICS = 2_500;
const START_MS = 1_700_000_000_000;

const rows: (readonly [string, string, string])[] = [];

function timed<T>(what: string, work: () => T, seconds?: number): T {
  const startNs = process.hrtime.bigint();
  const result = work();
  const tookMs = Number(process.hrtime.bigint() - startNs) / 1e6;
  const share = seconds === undefined ? "" : `${(tookMs / seconds / 10).toFixed(2)} %`;
  rows.push([what, `${tookMs.toFixed(0)} ms`, share]);
  return result;
}

const topicOf = (group: number) => `orders-topic-${group % TOPICS}`;
const groupOf = (group: number) => `payments-service-${group}`;

function build(): Cluster {
  const brokers = Array.from({ length: BROKERS }, (_, i) => i + 1);
  const cluster = createTestCluster({ brokers, offsetsPartitions: 50 });
  for (let i = 0; i < TOPICS; i++)
    cluster.createTopic({ topic: `orders-topic-${i}`, partitions: PARTITIONS }, START_MS);
  for (let group = 0; group < GROUPS; group++) {
    const members = [0, 1, 2, 3].map((member) => ({
      memberId: `consumer-${member}-of-${group}`,
      instanceId: undefined,
      clientId: `payments-${member}`,
      clientHost: "/10.0.0.1",
      partitions: [{ topic: topicOf(group), partitions: Array.from({ length: 10 }, (_, i) => member * 10 + i) }],
    }));
    cluster.rebalanced(groupOf(group), { type: "classic", members }, START_MS);
    commit(cluster, group, START_MS);
  }
  return cluster;
}

function commit(cluster: Cluster, group: number, atMs: number): void {
  const topic = topicOf(group);
  const committedOffset = (atMs - START_MS) / 10;
  const offsets = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, committedOffset }));
  cluster.commit({ group: groupOf(group), offsets, atMs });
}

function commitFor(cluster: Cluster, seconds: number): void {
  for (let second = 1; second <= seconds; second++)
    for (let group = second % COMMIT_EVERY_S; group < GROUPS; group += COMMIT_EVERY_S)
      commit(cluster, group, START_MS + second * 1_000);
}

/** Every partition once a second, retention at the heels. */
function appendFor(cluster: Cluster, seconds: number): void {
  for (let second = 1; second <= seconds; second++)
    for (let topic = 0; topic < TOPICS; topic++)
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const name = `orders-topic-${topic}`;
        cluster.append(name, partition, 100, START_MS + second * 1_000);
        if (second > 60) cluster.advanceStart(name, partition, (second - 60) * 100);
      }
}

function readLogs(cluster: Cluster): number {
  let bytes = 0;
  for (let of = 0; of < cluster.offsetsPartitions; of++) {
    for (let position = 0; ; ) {
      const slice = cluster.readLog(of, position, 1_048_576);
      if (slice === "out-of-range" || slice.bytes.length === 0) break;
      bytes += slice.bytes.length;
      position = endOf(slice.bytes);
    }
  }
  return bytes;
}

/** Behind the last batch of a slice. */
function endOf(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let last = 0;
  for (let at = 0; at < buffer.length; at += buffer.readInt32BE(at + 8) + 12) last = at;
  return Number(buffer.readBigInt64BE(last)) + buffer.readInt32BE(last + 23) + 1;
}

function askAll(cluster: Cluster): number {
  let sum = 0;
  for (const { name, partitions } of cluster.topics())
    for (let partition = 0; partition < partitions; partition++)
      sum += cluster.partition(name, partition)?.endOffset ?? 0;
  return sum;
}

function mib(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MiB`;
}

function memory() {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const before = memory();
const cluster = timed(`build ${GROUPS} groups, ${GROUPS * PARTITIONS} commits`, build);
rows.push(["held by it", mib(memory() - before), ""]);
timed(`commits, ${RUN_S} s`, () => commitFor(cluster, RUN_S), RUN_S);
timed(`appends to ${TOPICS * PARTITIONS} partitions, ${RUN_S} s`, () => appendFor(cluster, RUN_S), RUN_S);
const { logBytes, compactions } = cluster.counts();
rows.push([`held by it then; ${compactions} compactions`, mib(memory() - before), ""]);
const read = timed("read the whole offsets topic", () => readLogs(cluster));
rows.push(["the offsets topic, as read", mib(read), mib(logBytes)]);
const many = timed(`make ${MANY_TOPICS * PARTITIONS} partitions and append to each`, () => {
  const large = createTestCluster({ brokers: [1, 2, 3] });
  for (let i = 0; i < MANY_TOPICS; i++) {
    large.createTopic({ topic: `t-${i}`, partitions: PARTITIONS }, START_MS);
    for (let partition = 0; partition < PARTITIONS; partition++) large.append(`t-${i}`, partition, 5, START_MS);
  }
  return large;
});
timed(`ask for each of ${MANY_TOPICS * PARTITIONS} partitions`, () => askAll(many));

console.log(table(["what", "took", "of a second"], rows));
