/** The strict store where Burrow's behaviour surprises, or where Burrow itself dies. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { commitCounts, consumerList, fetchConsumer, fetchTopic } from "./burrow-reads.ts";
import {
  BURROW_STORE_DEFAULTS,
  type BurrowStore,
  commit,
  createBurrowStore,
  deleteGroup,
  deleteTopic,
  setBrokerOffset,
  setConsumerOwner,
} from "./burrow-store.ts";
import { createGroupPartitions } from "./group-partitions.ts";
import { createTopicPartitions } from "./topic-partitions.ts";

const NOW_S = 1_700_000_000;
const KEY = { group: "g", topic: "t", partition: 0 };

/** A store that knows `partitions` of topic `t`, with a high watermark of 100 for the first. */
function storeOf(partitions: number): BurrowStore {
  const store = createBurrowStore(createGroupPartitions(createTopicPartitions()), {
    ...BURROW_STORE_DEFAULTS,
    intervals: 3,
  });
  setBrokerOffset(store, { topic: "t", partition: 0, partitions, offset: 100 });
  return store;
}

test("a first commit lists all partitions of the topic, also those without a high watermark (Burrow's issue #864)", () => {
  const store = storeOf(3);
  commit(store, store.table.hold(KEY, "live"), 90, 1, NOW_S * 1000, NOW_S);
  const never = { offsets: [], brokerOffsets: [], owner: "", clientId: "", currentLag: 0 };
  const sample = { offset: 90, order: 1, timestampMs: NOW_S * 1000, observedAtMs: NOW_S * 1000, lag: 10 };
  const first = { ...never, offsets: [undefined, undefined, sample], brokerOffsets: [100], currentLag: 10 };
  assert.deepEqual(fetchConsumer(store, "g", NOW_S), [{ topic: "t", partitions: [first, never, never] }]);
});

test("a group known by an owner only is listed, not found, and then gone", () => {
  const store = storeOf(1);
  setConsumerOwner(store, KEY, { owner: "/10.0.0.1", clientId: "c" });
  assert.deepEqual(consumerList(store), ["g"]);
  assert.equal(fetchConsumer(store, "g", NOW_S), undefined);
  assert.deepEqual(consumerList(store), []);
  assert.equal(store.texts.count(), 0);
});

test("a topic leaves out partitions without a high watermark, which shifts the others", () => {
  const store = storeOf(3);
  setBrokerOffset(store, { topic: "t", partition: 2, partitions: 3, offset: 777 });
  assert.deepEqual(fetchTopic(store, "t"), [100, 777]);
  assert.equal(fetchTopic(store, "u"), undefined);
});

test("a high watermark beyond the partition count is refused and counted; at its edge it is taken", () => {
  const store = storeOf(2);
  setBrokerOffset(store, { topic: "t", partition: 1, partitions: 1, offset: 5 });
  setBrokerOffset(store, { topic: "t", partition: 2, partitions: 2, offset: 5 });
  setBrokerOffset(store, { topic: "t", partition: -1, partitions: 2, offset: 5 });
  assert.deepEqual(fetchTopic(store, "t"), [100, 5]);
  assert.equal(store.highWatermarksRefused, 2);
});

test("a topic deleted and made again with fewer partitions starts from nothing", () => {
  const store = storeOf(2);
  const slot = store.table.hold(KEY, "live");
  commit(store, slot, 90, 1, NOW_S * 1000, NOW_S);
  deleteTopic(store, "t");
  assert.deepEqual(fetchConsumer(store, "g", NOW_S), []);
  commit(store, slot, 90, 2, NOW_S * 1000, NOW_S);
  assert.equal(commitCounts(store)["unknown-topic"], 1);
  setBrokerOffset(store, { topic: "t", partition: 0, partitions: 1, offset: 5 });
  commit(store, slot, 3, 3, NOW_S * 1000, NOW_S);
  const [topic] = fetchConsumer(store, "g", NOW_S) ?? [];
  assert.equal(topic?.partitions.length, 1);
  assert.equal(topic?.partitions[0]?.currentLag, 2);
});

test("a commit for a slot that was freed is dropped and counted", () => {
  const store = storeOf(1);
  const slot = store.table.hold(KEY, "live");
  commit(store, slot, 90, 1, NOW_S * 1000, NOW_S);
  deleteGroup(store, "g");
  assert.equal(store.table.release(slot, "live"), true);
  commit(store, slot, 91, 2, NOW_S * 1000, NOW_S);
  assert.equal(commitCounts(store)["unknown-topic"], 1);
  assert.deepEqual(consumerList(store), []);
});
