/** What metadata says of brokers and replicas, by column, and what is left out. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { MetadataResponse } from "../protocol/metadata.ts";
import { replicationOf } from "./replication.ts";

const LED = { error: ERROR_CODE.NONE, leaderNodeId: 2, replicas: 3, inSync: 2, preferredNodeId: 2 } as const;
const LEADERLESS = { ...LED, leaderNodeId: undefined, replicas: 0, inSync: 0, preferredNodeId: undefined } as const;

function metadata(error: number = ERROR_CODE.NONE): MetadataResponse {
  return {
    throttleMs: 0,
    clusterId: "c",
    brokers: [
      { nodeId: 1, host: "kafka-1", port: 9092 },
      { nodeId: 2, host: "::1", port: 9093 },
    ],
    topics: [
      {
        topic: "t",
        topicId: undefined,
        error,
        internal: false,
        partitions: [
          { ...LEADERLESS, partition: 1 },
          { ...LED, partition: 0 },
        ],
      },
    ],
  };
}

test("partitions stand in their order, and what is missing is -1", () => {
  const { brokers, topics } = replicationOf(metadata());
  assert.deepEqual(brokers, [
    { nodeId: 1, address: "kafka-1:9092" },
    { nodeId: 2, address: "[::1]:9093" },
  ]);
  const { partitions, leaders, replicas, inSync, preferred } = topics.get("t") ?? assert.fail("no topic");
  assert.deepEqual([...partitions], [0, 1]);
  assert.deepEqual([...leaders], [2, -1]);
  assert.deepEqual([...replicas], [3, 0]);
  assert.deepEqual([...inSync], [2, 0]);
  assert.deepEqual([...preferred], [2, -1]);
});

for (const error of [ERROR_CODE.TOPIC_AUTHORIZATION_FAILED, ERROR_CODE.UNKNOWN_TOPIC_OR_PARTITION])
  test(`a topic with error ${error} is not told of`, () => assert.equal(replicationOf(metadata(error)).topics.size, 0));
