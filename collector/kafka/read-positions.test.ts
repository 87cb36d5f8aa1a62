/** How far the offsets topic was read: what a later run is given, and when the topic is another one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogPartition } from "./log-partition.ts";
import { createReadPositions } from "./read-positions.ts";
import { byteLog } from "./sockets.fixture.ts";

const SAVED = { logTopicId: "a", logs: [{ logPartition: 1, from: 0, position: 50, resume: 40 }] };

function opened(index: number, isReplayed: boolean): LogPartition {
  const live = { log: byteLog, position: 70 };
  const more = { baselineOrder: 60, replayStart: 40, backfill: undefined, readyOrder: 70, highWatermark: 70 };
  return { index, live, ...more, isAnswering: true, isReplayed, refused: [] };
}

test("nothing is worth saving before all that is open is replayed; what is not open yet is passed on", () => {
  const positions = createReadPositions(SAVED);
  assert.equal(positions.readTopic([]), undefined);
  assert.equal(positions.readTopic([opened(0, true), opened(2, false)]), undefined);
  const logs = [{ logPartition: 0, from: 0, position: 70, resume: 70 }, ...SAVED.logs];
  assert.deepEqual(positions.readTopic([opened(0, true)]), { logTopicId: "a", logs });
  positions.opened(1);
  assert.deepEqual(positions.readTopic([opened(0, true)])?.logs.length, 1);
});

test("a topic of another id has nothing of what was read, once", () => {
  const positions = createReadPositions(SAVED);
  assert.equal(positions.isOtherTopic(undefined, []), false, "brokers without ids say nothing");
  assert.equal(positions.isOtherTopic("a", []), false);
  assert.equal(positions.isOtherTopic("b", [0]), true);
  assert.equal(positions.saved.size, 0);
  assert.deepEqual([...positions.reached.keys()].toSorted(), [0, 1]);
  assert.ok([...positions.reached.values()].every((reached) => reached === Number.POSITIVE_INFINITY));
  assert.equal(positions.isOtherTopic("b", [0]), false);
  positions.opened(0);
  positions.closed(0, 7);
  assert.equal(positions.reached.get(0), 7);
});
