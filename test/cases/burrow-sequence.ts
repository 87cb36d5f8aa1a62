/**
 * # Sequence cases: requests to the strict store, and its whole state afterwards
 *
 *   op := ["broker", now, topic, partition, partitions, high watermark]
 *       | ["commit", now, group, topic, partition, offset, order, timestamp ms]
 *       | ["owner", now, group, topic, partition, owner, client id]
 *       | ["clearOwners", now, group] | ["deleteTopic", now, topic] | ["deleteGroup", now, group, topic | null]
 */

import assert from "node:assert/strict";
import { z } from "zod";
import { createBurrowJudge } from "../../collector/evaluate/burrow.ts";
import { judgeGroupInFull } from "../../collector/evaluate/burrow-group.ts";
import {
  type ConsumerPartition,
  consumerList,
  fetchConsumer,
  fetchTopic,
} from "../../collector/window/burrow-reads.ts";
import {
  type BurrowStore,
  clearConsumerOwners,
  commit,
  createBurrowStore,
  deleteGroup,
  deleteTopic,
  setBrokerOffset,
  setConsumerOwner,
} from "../../collector/window/burrow-store.ts";
import { createGroupPartitions } from "../../collector/window/group-partitions.ts";
import { createTopicPartitions } from "../../collector/window/topic-partitions.ts";

const text = z.string();
const number = z.number();

const Op = z.union([
  z.tuple([z.literal("broker"), number, text, number, number, number]),
  z.tuple([z.literal("commit"), number, text, text, number, number, number, number]),
  z.tuple([z.literal("owner"), number, text, text, number, text, text]),
  z.tuple([z.literal("clearOwners"), number, text]),
  z.tuple([z.literal("deleteTopic"), number, text]),
  z.tuple([z.literal("deleteGroup"), number, text, text.nullable()]),
]);
type Op = z.output<typeof Op>;

const DetailPartition = z.object({
  offsets: z.array(z.tuple([number, number, number, number.nullable()]).nullable()),
  brokerOffsets: z.array(number),
  owner: text,
  client_id: text,
  "current-lag": number,
});
type DetailPartition = z.output<typeof DetailPartition>;

const GroupStatus = z.object({
  status: text,
  complete: number,
  partition_count: number,
  totallag: number,
  partitions: z.array(z.tuple([text, number, text, number, number, z.boolean()])),
  maxlagCandidates: z.array(text),
});

export const BurrowSequenceCase = z.object({
  name: text,
  config: z
    .object({
      intervals: number.default(10),
      minDistance: number.default(0),
      expireGroup: number.default(604_800),
      minimumComplete: number.default(0),
      allowedLag: number.default(0),
    })
    .prefault({}),
  ops: z.array(Op),
  finalNow: number,
  expected: z.object({
    consumersBeforeFetch: z.array(text),
    consumersAfterFetch: z.array(text),
    topicOffsets: z.record(text, z.array(number).nullable()),
    detail: z.record(text, z.record(text, z.array(DetailPartition)).nullable()),
    status: z.record(text, GroupStatus.nullable()),
  }),
});
type BurrowSequenceCase = z.output<typeof BurrowSequenceCase>;

export function runSequenceCase({ config, ops, finalNow, expected }: BurrowSequenceCase): void {
  const store = createBurrowStore(createGroupPartitions(createTopicPartitions()), {
    intervals: config.intervals,
    minDistanceMs: config.minDistance * 1000,
    expireGroupMs: config.expireGroup * 1000,
  });
  const judge = createBurrowJudge(store, config);
  for (const op of ops) applyOp(store, op);

  assert.deepEqual(consumerList(store).toSorted(), expected.consumersBeforeFetch.toSorted(), "consumers before");
  for (const [topic, offsets] of Object.entries(expected.topicOffsets))
    assert.deepEqual(fetchTopic(store, topic) ?? null, offsets, `offsets of ${topic}`);
  for (const group of Object.keys(expected.detail).toSorted()) {
    assert.deepEqual(detailOf(store, group, finalNow), expected.detail[group] ?? null, `detail of ${group}`);
  }
  for (const [group, wanted] of Object.entries(expected.status)) {
    const { answer, maxLag } = statusOf(judge, group, finalNow);
    assert.deepEqual(answer, wanted === null ? null : rounded(wanted), `status of ${group}`);
    if (wanted !== null && wanted.maxlagCandidates.length > 0)
      assert.ok(wanted.maxlagCandidates.includes(maxLag), `largest lag of ${group} in ${maxLag}`);
  }
  assert.deepEqual(consumerList(store).toSorted(), expected.consumersAfterFetch.toSorted(), "consumers after");
}

export function applyOp(store: BurrowStore, op: Op): void {
  switch (op[0]) {
    case "broker": {
      const [, , topic, partition, partitions, offset] = op;
      setBrokerOffset(store, { topic, partition, partitions, offset });
      break;
    }
    case "commit": {
      const [, nowS, group, topic, partition, offset, order, timestampMs] = op;
      commit(store, store.table.hold({ group, topic, partition }, "live"), offset, order, timestampMs, nowS);
      break;
    }
    case "owner": {
      const [, , group, topic, partition, owner, clientId] = op;
      setConsumerOwner(store, { group, topic, partition }, { owner, clientId });
      break;
    }
    case "clearOwners":
      clearConsumerOwners(store, op[2]);
      break;
    case "deleteTopic":
      deleteTopic(store, op[2]);
      break;
    case "deleteGroup":
      deleteGroup(store, op[2], op[3] ?? undefined);
      break;
    default:
      op satisfies never;
  }
}

function detailOf(store: BurrowStore, group: string, nowS: number): unknown {
  const topics = fetchConsumer(store, group, nowS);
  return topics === undefined
    ? null
    : Object.fromEntries(topics.map(({ topic, partitions }) => [topic, partitions.map(detailPartition)]));
}

function detailPartition({ offsets, brokerOffsets, owner, clientId, currentLag }: ConsumerPartition): DetailPartition {
  return {
    offsets: offsets.map((one) =>
      one === undefined ? null : [one.offset, one.timestampMs, one.observedAtMs, one.lag ?? null],
    ),
    brokerOffsets: [...brokerOffsets],
    owner,
    client_id: clientId,
    "current-lag": currentLag,
  };
}

function statusOf(judge: ReturnType<typeof createBurrowJudge>, group: string, nowS: number) {
  const verdict = judgeGroupInFull(judge, group, nowS);
  const maxLag = verdict.maxLag === undefined ? "" : `${verdict.maxLag.topic}/${verdict.maxLag.partition}`;
  if (verdict.status === "NOTFOUND") return { answer: null, maxLag };
  const answer = {
    status: verdict.status,
    complete: verdict.complete,
    partition_count: verdict.partitionCount,
    totallag: verdict.totalLag,
    partitions: verdict.partitions
      .map((one) => [one.topic, one.partition, one.status, one.currentLag, one.complete, one.start !== undefined])
      .toSorted(),
  };
  return { answer, maxLag };
}

/** The file prints float32 in its shortest form; as the float32 it is. */
function rounded({ maxlagCandidates: _, ...wanted }: z.output<typeof GroupStatus>) {
  return {
    ...wanted,
    complete: Math.fround(wanted.complete),
    partitions: wanted.partitions
      .map(([topic, partition, status, lag, complete, hasStart]) => [
        topic,
        partition,
        status,
        lag,
        Math.fround(complete),
        hasStart,
      ])
      .toSorted(),
  };
}
