/** Watermarks from ListOffsets: errors stay with their partition, and a leader that is away makes its own unavailable. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { UnavailableReason, Watermarks } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { ListOffsetsRequest } from "../protocol/list-offsets.ts";
import { recorder, staged, stagedLog, stoppedClock } from "./sockets.fixture.ts";
import { EMPTY_TOPOLOGY } from "./topology.ts";
import { createWatermarkPoll, watermarksOf } from "./watermark-poll.ts";

const answers: readonly (readonly [
  name: string,
  error: number,
  offset: number,
  want: UnavailableReason | undefined,
])[] = [
  ["an offset", ERROR_CODE.NONE, 12, undefined],
  ["offset 0", ERROR_CODE.NONE, 0, undefined],
  ["an offset that does not fit", ERROR_CODE.NONE, Number.NaN, "error"],
  ["no offset", ERROR_CODE.NONE, -1, "error"],
  ["not the leader", ERROR_CODE.NOT_LEADER_OR_FOLLOWER, -1, "no-leader"],
  ["no leader", ERROR_CODE.LEADER_NOT_AVAILABLE, -1, "no-leader"],
  ["no such partition here", ERROR_CODE.UNKNOWN_TOPIC_OR_PARTITION, -1, "no-leader"],
  ["no permission", ERROR_CODE.TOPIC_AUTHORIZATION_FAILED, -1, "unauthorised"],
  ["a disk that fails", ERROR_CODE.KAFKA_STORAGE_ERROR, -1, "error"],
  ["an error that we do not know", 32_000, 5, "error"],
];
for (const [name, error, offset, want] of answers) {
  test(`the answer of a partition: ${name}`, () => {
    const columns = {
      topicIndex: Int32Array.of(0, 0),
      partitions: Int32Array.of(4, 5),
      offsets: Float64Array.of(offset, 9),
      timestampsMs: Float64Array.of(-1, -1),
    };
    const response = { throttleMs: 0, topics: ["t"], errors: Int16Array.of(error, 0), ...columns };
    const asked = { which: "end", atMs: 7, answeredAtMs: 9 } as const;
    const { unavailable, which, atMs, answeredAtMs } = watermarksOf(response, asked);
    assert.deepEqual([...unavailable], want === undefined ? [] : [[0, want]]);
    assert.deepEqual([which, atMs, answeredAtMs], ["end", 7, 9]);
  });
}

/** Partition 1 is led by broker 2, its neighbours by broker 1; another topic has no leader at all. */
async function polled() {
  const cluster = await staged([1, 2, 1].map((leader) => stagedLog({ leader, end: 5 })));
  cluster.setNodes(1, 2);
  cluster.topology = {
    ...EMPTY_TOPOLOGY,
    byLeader: new Map([
      [1, [{ topic: "a", partitions: [0, 2] }]],
      [2, [{ topic: "a", partitions: [1] }]],
    ]),
    leaderless: [{ topic: "b", partitions: [0] }],
  };
  const observer = recorder();
  const poll = createWatermarkPoll({
    ...cluster,
    observer,
    clock: stoppedClock,
    endEveryMs: 1,
    startEveryMs: 1,
    stableEveryMs: 1,
  });
  const said = () =>
    (observer.take("watermarks") as readonly Watermarks[]).map(({ topics, partitions, unavailable }) => [
      topics[0],
      [...partitions],
      [...unavailable.values()],
    ]);
  return { cluster, poll, said, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

test("one request a leader; what has no leader is said at once and asks for fresh metadata", async () => {
  await using asked = await polled();
  const { cluster, poll, said } = asked;
  await poll.once("end");
  assert.deepEqual(cluster.takeCalls(), ["1 ListOffsets", "2 ListOffsets"]);
  const [first, ...others] = said();
  assert.deepEqual(first, ["b", [0], ["no-leader"]]);
  // Two brokers answer in no order.
  assert.deepEqual(others.toSorted(), [
    ["a", [0, 2], []],
    ["a", [1], []],
  ]);
  assert.equal(cluster.refreshes, 1);
});

for (const [away, reason] of [
  ["unreachable", "broker-unreachable"],
  ["refused", "unauthorised"],
  ["unsupported", "error"],
] as const) {
  test(`a leader that is ${away} makes its partitions ${reason}, and only its own`, async () => {
    await using asked = await polled();
    const { cluster, poll, said } = asked;
    await cluster.setAway(1, away);
    await poll.once("start");
    assert.deepEqual(said().slice(1).toSorted(), [
      ["a", [0, 2], [reason, reason]],
      ["a", [1], []],
    ]);
  });
}

test("end and start offsets are asked for by their own time stamps", async () => {
  await using asked = await polled();
  const { cluster, poll } = asked;
  await poll.once("end");
  await poll.once("start");
  const timestamps = cluster.calls.map(({ request }) => (request as ListOffsetsRequest).timestampMs);
  assert.deepEqual(timestamps, [-1, -1, -2, -2]);
});
