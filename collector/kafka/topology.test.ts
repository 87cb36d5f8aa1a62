/** The arrangement of a metadata answer: leaders, what has none, errors, and a cluster without the offsets topic. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { MetadataResponse, MetadataTopic } from "../protocol/metadata.ts";
import { EMPTY_TOPOLOGY, isSameTopology, topologyOf } from "./topology.ts";

const ONE_REPLICA = { replicas: 1, inSync: 1, preferredNodeId: 1 } as const;

function topic(name: string, leaders: readonly (number | undefined)[], error: number = ERROR_CODE.NONE): MetadataTopic {
  const partitions = leaders.map((leaderNodeId, partition) => ({
    partition,
    error: leaderNodeId === undefined ? ERROR_CODE.LEADER_NOT_AVAILABLE : ERROR_CODE.NONE,
    leaderNodeId,
    ...ONE_REPLICA,
  }));
  return { topic: name, topicId: `id of ${name}`, error, internal: name.startsWith("__"), partitions };
}

function metadata(...topics: readonly MetadataTopic[]): MetadataResponse {
  return { throttleMs: 0, brokers: [], clusterId: "c", topics };
}

test("topics are arranged by the broker that leads their partitions", () => {
  const { byLeader, leaderless, topics, partitionCounts } = topologyOf(
    metadata(topic("a", [1, 2, 1]), topic("b", [2])),
  );
  assert.deepEqual(
    [...byLeader],
    [
      [1, [{ topic: "a", partitions: [0, 2] }]],
      [
        2,
        [
          { topic: "a", partitions: [1] },
          { topic: "b", partitions: [0] },
        ],
      ],
    ],
  );
  assert.deepEqual(leaderless, []);
  assert.deepEqual(topics, [
    { topic: "a", topicId: "id of a", partitions: 3 },
    { topic: "b", topicId: "id of b", partitions: 1 },
  ]);
  assert.deepEqual(
    [...partitionCounts],
    [
      ["a", 3],
      ["b", 1],
    ],
  );
});

test("a partition without a leader is nobody's, and still counts", () => {
  const { byLeader, leaderless, topics } = topologyOf(metadata(topic("a", [1, undefined])));
  assert.deepEqual([...byLeader], [[1, [{ topic: "a", partitions: [0] }]]]);
  assert.deepEqual(leaderless, [{ topic: "a", partitions: [1] }]);
  assert.equal(topics[0]?.partitions, 2);
});

test("the offsets topic is counted and led, but not watched", () => {
  const found = topologyOf(metadata(topic("__consumer_offsets", [3, undefined, 1]), topic("a", [1])));
  assert.deepEqual(found.logLeaders, [3, undefined, 1]);
  assert.deepEqual(
    found.topics.map((one) => one.topic),
    ["a"],
  );
  assert.equal(found.partitionCounts.get("__consumer_offsets"), 3);
});

test("without an offsets topic there are no logs", () => {
  assert.deepEqual(topologyOf(metadata(topic("a", [1]))).logLeaders, []);
  assert.deepEqual(topologyOf(metadata()), EMPTY_TOPOLOGY);
});

for (const [name, error, isThere] of [
  ["being deleted", ERROR_CODE.UNKNOWN_TOPIC_OR_PARTITION, false],
  ["that we may not see", ERROR_CODE.TOPIC_AUTHORIZATION_FAILED, false],
  ["with another error", ERROR_CODE.LEADER_NOT_AVAILABLE, true],
] as const) {
  test(`a topic ${name} is ${isThere ? "there" : "not there"}`, () => {
    assert.equal(topologyOf(metadata(topic("a", [], error))).topics.length, isThere ? 1 : 0);
    assert.equal(topologyOf(metadata(topic("__consumer_offsets", [1], error))).logLeaders.length, isThere ? 1 : 0);
  });
}

test("partitions come in any order, and numbers that cannot be are left out", () => {
  const { partitions, ...rest } = topic("__consumer_offsets", [5, 6]);
  const odd = [2 ** 31 - 1, -1].map((partition) => ({ partition, error: 0, leaderNodeId: 1, ...ONE_REPLICA }));
  const found = topologyOf(metadata({ ...rest, partitions: [...odd, ...partitions.toReversed()] }));
  assert.deepEqual(found.logLeaders, [5, 6]);
});

const LOG = topic("__consumer_offsets", [1, 2]);
const BEFORE = [topic("a", [1, 2]), topic("b", [undefined]), LOG];

for (const [name, now, want] of [
  ["nothing", BEFORE, true],
  ["a leader moves", [topic("a", [2, 2]), topic("b", [undefined]), LOG], false],
  ["two partitions change their leaders", [topic("a", [2, 1]), topic("b", [undefined]), LOG], false],
  ["a leader is found", [topic("a", [1, 2]), topic("b", [1]), LOG], false],
  ["a partition is added", [topic("a", [1, 2, 1]), topic("b", [undefined]), LOG], false],
  ["a topic is gone", [topic("a", [1, 2]), LOG], false],
  ["a topic is made again", [{ ...topic("a", [1, 2]), topicId: "another" }, topic("b", [undefined]), LOG], false],
  ["a log moves", [topic("a", [1, 2]), topic("b", [undefined]), topic("__consumer_offsets", [2, 2])], false],
  ["the logs are made again", [...BEFORE.slice(0, 2), { ...LOG, topicId: "another" }], false],
] as const) {
  test(`what is another topology: ${name}`, () => {
    assert.equal(isSameTopology(topologyOf(metadata(...BEFORE)), topologyOf(metadata(...now))), want);
    assert.equal(isSameTopology(topologyOf(metadata(...now)), topologyOf(metadata(...BEFORE))), want);
  });
}
