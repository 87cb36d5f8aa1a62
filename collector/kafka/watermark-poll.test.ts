/** Watermarks from ListOffsets: errors stay with their partition, and a leader that is away makes its own unavailable. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { UnavailableReason, Watermarks } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { ListOffsetsRequest } from "../protocol/list-offsets.ts";
import { recorder, scripted, stoppedClock } from "./scripted.fixture.ts";
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
    };
    const response = { throttleMs: 0, topics: ["t"], errors: Int16Array.of(error, 0), ...columns };
    const { unavailable, which, atMs } = watermarksOf(response, { which: "end", atMs: 7 });
    assert.deepEqual([...unavailable], want === undefined ? [] : [[0, want]]);
    assert.deepEqual([which, atMs], ["end", 7]);
  });
}

function polled() {
  const cluster = scripted();
  cluster.nodeIds = [1, 2];
  cluster.topology = {
    ...EMPTY_TOPOLOGY,
    byLeader: new Map([
      [1, [{ topic: "a", partitions: [0, 2] }]],
      [2, [{ topic: "a", partitions: [1] }]],
    ]),
    leaderless: [{ topic: "b", partitions: [0] }],
  };
  const observer = recorder();
  const poll = createWatermarkPoll({ ...cluster, observer, clock: stoppedClock, endEveryMs: 1, startEveryMs: 1 });
  const said = () =>
    (observer.take("watermarks") as readonly Watermarks[]).map(({ topics, partitions, unavailable }) => [
      topics[0],
      [...partitions],
      [...unavailable.values()],
    ]);
  return { cluster, poll, said };
}

test("one request a leader; what has no leader is said at once and asks for fresh metadata", async () => {
  const { cluster, poll, said } = polled();
  cluster.logs.push(...[1, 2, 1].map((leader) => ({ leader, start: 0, end: 5, replayFrom: -1, error: 0, stepMax: 1 })));
  await poll.once("end");
  assert.deepEqual(cluster.calls, ["1 ListOffsets", "2 ListOffsets"]);
  assert.deepEqual(said(), [
    ["b", [0], ["no-leader"]],
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
    const { cluster, poll, said } = polled();
    cluster.away.set(1, away);
    cluster.logs.push(
      ...[1, 2, 1].map((leader) => ({ leader, start: 0, end: 5, replayFrom: -1, error: 0, stepMax: 1 })),
    );
    await poll.once("start");
    assert.deepEqual(said().slice(1).toSorted(), [
      ["a", [0, 2], [reason, reason]],
      ["a", [1], []],
    ]);
  });
}

test("end and start offsets are asked for by their own time stamps", async () => {
  const { cluster, poll } = polled();
  const asked: number[] = [];
  const call = cluster.link.call;
  const link = {
    ...cluster.link,
    call: ((nodeId, api, request) => {
      asked.push((request as ListOffsetsRequest).timestampMs);
      return call(nodeId, api, request);
    }) as typeof call,
  };
  const both = createWatermarkPoll({
    ...cluster,
    link,
    observer: recorder(),
    clock: stoppedClock,
    endEveryMs: 1,
    startEveryMs: 1,
  });
  await both.once("end");
  await both.once("start");
  assert.deepEqual(asked, [-1, -1, -2, -2]);
  assert.ok(poll);
});
