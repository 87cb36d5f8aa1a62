/**
 * # A long offsets topic, quickly
 *
 *   node bench/load/fill-offsets.ts BOOTSTRAP SCENARIO [RECORDS]
 * Through the coordinator three million commits take minutes. Here the records are written into `__consumer_offsets` by hand, a
 * batch for each commit of a group, as a coordinator would; the broker lets only the client id `__admin_client` do that. The
 * coordinator knows nothing of them until it loads its partitions again: restart the broker afterwards.
 *   key   := type:int16(1) group:str topic:str partition:int32
 *   value := version:int16(3) offset:int64 leader_epoch:int32(-1) metadata:str("") commit_timestamp:int64
 *   str   := length:int16 utf8
 * Records are spread over rounds of ten seconds that end now. In the last round each partition stands at `lastOffset`.
 */

import { Kafka, logLevel, type Producer } from "kafkajs";
import { connectSimpleConsumer, type PartitionCommit } from "../../test/real/simple-consumer.ts";
import { commitsOf, groupName, type Scenario, scenarioNamed } from "./scenario.ts";

const ROUND_MS = 10_000;
const REQUESTS_IN_FLIGHT = 4;
const OFFSETS_TOPIC = "__consumer_offsets";

export interface Filled {
  readonly records: number;
  readonly seconds: number;
  /** Offset of every partition of every group after the last round. */
  readonly lastOffset: number;
}

export async function fillOffsets(
  bootstrap: string,
  { scenario, records, nowMs }: { readonly scenario: Scenario; readonly records: number; readonly nowMs: number },
): Promise<Filled> {
  const kafka = new Kafka({ clientId: "__admin_client", brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const partitions = await offsetsPartitions(kafka, scenario);
  const producer = kafka.producer();
  await producer.connect();
  const rounds = Math.max(1, Math.round(records / (scenario.groups * scenario.partitionsPerGroup)));
  const startedMs = performance.now();
  let written = 0;
  for (let round = 0; round < rounds; round++) {
    const atMs = nowMs - (rounds - 1 - round) * ROUND_MS;
    written += await writeRound(producer, { scenario, partitions, round, atMs });
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  await producer.disconnect();
  return { records: written, seconds, lastOffset: rounds - 1 };
}

/** The topic is made by the first commit to anything. */
async function offsetsPartitions(kafka: Kafka, scenario: Scenario): Promise<number> {
  const simple = await connectSimpleConsumer(kafka);
  await simple.commit(groupName(0), commitsOf(scenario, 0, 0));
  await simple[Symbol.asyncDispose]();
  const admin = kafka.admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: [OFFSETS_TOPIC] });
  await admin.disconnect();
  return topics[0]?.partitions.length ?? 0;
}

interface Round {
  readonly scenario: Scenario;
  readonly partitions: number;
  readonly round: number;
  readonly atMs: number;
}

/** A broker takes one batch per partition and request: the n-th request holds the n-th group of each partition. */
async function writeRound(producer: Producer, { scenario, partitions, round, atMs }: Round): Promise<number> {
  const groups = Array.from({ length: scenario.groups }, (_, group) => group);
  const byPartition = [...Map.groupBy(groups, (group) => offsetsPartitionOf(groupName(group), partitions))];
  const deepest = Math.max(...byPartition.map(([, members]) => members.length));
  const flying: Promise<unknown>[] = [];
  for (let nth = 0; nth < deepest; nth++) {
    const messages = byPartition.flatMap(([partition, members]) => {
      const group = members[nth];
      if (group === undefined) return [];
      const name = groupName(group);
      return commitsOf(scenario, group, round).map((commit) => messageOf(name, commit, { partition, atMs }));
    });
    flying.push(producer.send({ topic: OFFSETS_TOPIC, messages, acks: 1 }));
    if (flying.length >= REQUESTS_IN_FLIGHT) await flying.shift();
  }
  await Promise.all(flying);
  return scenario.groups * scenario.partitionsPerGroup;
}

function messageOf(
  group: string,
  commit: PartitionCommit,
  { partition, atMs }: { readonly partition: number; readonly atMs: number },
) {
  const key = Buffer.alloc(2 + 2 + group.length + 2 + commit.topic.length + 4);
  let at = key.writeInt16BE(1);
  at = writeText(key, group, at);
  at = writeText(key, commit.topic, at);
  key.writeInt32BE(commit.partition, at);
  const value = Buffer.alloc(2 + 8 + 4 + 2 + 8);
  at = value.writeInt16BE(3);
  at = value.writeBigInt64BE(BigInt(commit.committedOffset), at);
  at = value.writeInt32BE(-1, at);
  at = value.writeInt16BE(0, at);
  value.writeBigInt64BE(BigInt(atMs), at);
  return { partition, key, value, timestamp: String(atMs) };
}

/** Names of a scenario are ASCII: a character is a byte. */
function writeText(into: Buffer, text: string, at: number): number {
  into.writeInt16BE(text.length, at);
  return at + 2 + into.write(text, at + 2, "latin1");
}

/** Java's String.hashCode of an ASCII name, its absolute value modulo the partitions (org.apache.kafka.common.utils.Utils.abs). */
function offsetsPartitionOf(group: string, partitions: number): number {
  let hash = 0;
  for (let i = 0; i < group.length; i++) hash = (Math.imul(31, hash) + group.charCodeAt(i)) | 0;
  return (hash === -(2 ** 31) ? 0 : Math.abs(hash)) % partitions;
}

async function main([bootstrap = "127.0.0.1:9092", name = "L", records = "3000000"]: readonly string[]): Promise<void> {
  const scenario = scenarioNamed(name);
  const filled = await fillOffsets(bootstrap, { scenario, records: Number(records), nowMs: Date.now() });
  const rate = Math.round(filled.records / filled.seconds);
  console.log(`${filled.records} records in ${filled.seconds.toFixed(1)} s, ${rate} records/s; now restart the broker`);
}

if (import.meta.main) await main(process.argv.slice(2));
