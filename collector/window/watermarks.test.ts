/** Topics and watermarks: what is made again, grows, goes, or does not answer. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { commit, shown, stateWithTopic, watermarks, windowOf } from "./cluster-state.fixture.ts";

const NONE = undefined;

test("a topic made again has no end offset, no window, and no time of an old answer", () => {
  const state = stateWithTopic();
  state.observe(watermarks("end", [[0, 80]]));
  state.observe(watermarks("start", [[0, 10]]));
  commit(state, { offset: 60, order: 110 });
  const id = state.table.topicPartitions.find("t", 0) ?? -1;
  assert.equal(state.watermarks.endOffset.get(id), 80);
  state.observe({ kind: "topics", topics: [{ topic: "t", topicId: "id-2", partitions: 1 }] });
  assert.deepEqual(
    [state.watermarks.endOffset.get(id), state.watermarks.startOffset.get(id), state.watermarks.endAtMs.get(id)],
    [Number.NaN, Number.NaN, Number.NaN],
  );
  assert.equal(windowOf(state), 0);
  state.observe(watermarks("end", [[0, 5]]));
  assert.equal(state.watermarks.endOffset.get(id), 5);
  assert.deepEqual(shown(state), [[0, 60, 110, NONE]]);
});

test("a deleted topic takes no answers any more", () => {
  const state = stateWithTopic();
  commit(state, { offset: 60, order: 110 });
  state.observe({ kind: "topics", topics: [] });
  state.observe(watermarks("end", [[0, 80]]));
  const id = state.table.topicPartitions.find("t", 0) ?? -1;
  assert.deepEqual([state.watermarks.endOffset.get(id), windowOf(state)], [Number.NaN, 0]);
});

test("an answer without topic ids between two with the same id is no new topic, with another id it is", () => {
  const state = stateWithTopic();
  const id = state.table.topicPartitions.find("t", 0) ?? -1;
  const seen = ["id-1", undefined, "id-1", undefined, "id-2"].map((topicId) => {
    state.observe(watermarks("end", [[0, 80]]));
    state.observe({ kind: "topics", topics: [{ topic: "t", topicId, partitions: 2 }] });
    return state.watermarks.endOffset.get(id);
  });
  assert.deepEqual(seen, [80, 80, 80, 80, Number.NaN]);
});

test("partitions that are added are known, fewer of them are a partial answer", () => {
  const state = stateWithTopic(1);
  state.observe(watermarks("end", [[1, 9]]));
  assert.equal(state.table.topicPartitions.find("t", 1), undefined);
  for (const partitions of [3, 2])
    state.observe({ kind: "topics", topics: [{ topic: "t", topicId: "id-1", partitions }] });
  state.observe(watermarks("end", [[2, 9]]));
  const id = state.table.topicPartitions.find("t", 2) ?? -1;
  assert.deepEqual([state.watermarks.endOffset.get(id), state.topics.get("t")?.partitions], [9, 3]);
});

test("a partition that does not answer keeps its last offset and says why it is old", () => {
  const state = stateWithTopic();
  const id = state.table.topicPartitions.find("t", 0) ?? -1;
  state.observe(watermarks("end", [[0, 80]]));
  const before = state.changes();
  state.observe(watermarks("end", [[0, "no-leader"]]));
  assert.deepEqual([state.watermarks.endOffset.get(id), state.watermarks.unavailable(id)], [80, "no-leader"]);
  assert.equal(state.changes(), before + 1);
  state.observe(watermarks("start", [[0, "unauthorised"]]));
  assert.equal(state.watermarks.unavailable(id), "no-leader", "only end offsets say that a partition is away");
  state.observe(watermarks("end", [[0, 80]]));
  assert.equal(state.watermarks.unavailable(id), undefined);
});

test("the first end offset is a sample of the strict rules; later ones wait for the cadence; those away give none", () => {
  const state = stateWithTopic();
  const id = state.table.topicPartitions.find("t", 0) ?? -1;
  state.observe(watermarks("end", [[0, 80]]));
  state.observe(watermarks("end", [[0, 90]]));
  assert.equal(state.burrow.brokers.newest.get(id), 80);
  state.sampleBurrow();
  assert.equal(state.burrow.brokers.newest.get(id), 90);
  state.observe(watermarks("end", [[0, 95]]));
  state.observe(watermarks("end", [[0, "broker-unreachable"]]));
  state.sampleBurrow();
  assert.equal(state.burrow.brokers.newest.get(id), 90);
});

test("a transaction that was seen open once is remembered until the topic is another one", () => {
  const state = stateWithTopic();
  const id = state.table.topicPartitions.find("t", 0) ?? -1;
  const seen = [80, 79, 80].map((stable) => {
    state.observe(watermarks("end", [[0, 80]]));
    state.observe(watermarks("stable", [[0, stable]]));
    return state.watermarks.stable.hasMarkers.get(id);
  });
  state.observe({ kind: "topics", topics: [{ topic: "t", topicId: "id-2", partitions: 1 }] });
  assert.deepEqual([...seen, state.watermarks.stable.hasMarkers.get(id)], [0, 1, 1, 0]);
});
