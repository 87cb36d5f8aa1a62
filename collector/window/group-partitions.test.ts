/** The id tables: names, topic partitions, group partitions. Tables of behaviour; the random life is in the prop test. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createFloat64Column } from "./column.ts";
import { createGroupPartitions } from "./group-partitions.ts";
import { createNames } from "./names.ts";
import { createTopicPartitions } from "./topic-partitions.ts";

test("a name keeps its id while somebody holds it, and the id is used again after that", () => {
  const names = createNames();
  const proto = names.retain("__proto__");
  assert.equal(names.retain("__proto__"), proto);
  assert.equal(names.release(proto), false);
  assert.equal(names.find("__proto__"), proto);
  assert.equal(names.release(proto), true);
  assert.equal(names.find("__proto__"), undefined);
  assert.equal(names.nameOf(proto), undefined);
  assert.equal(names.retain(""), proto);
  assert.equal(names.nameOf(proto), "");
});

test("a name released too often is a bug that shows", () => {
  const names = createNames();
  const id = names.retain("a");
  names.release(id);
  assert.throws(() => names.release(id), RangeError);
});

test("churn of names leaves the id space as small as what is alive", () => {
  const names = createNames();
  for (let i = 0; i < 10_000; i++) names.release(names.retain(`client-${i}`));
  assert.equal(names.idLimit(), 1);
  assert.equal(names.count(), 0);
});

test("a column answers its fill for rows nobody has set, in and beyond its chunks", () => {
  const column = createFloat64Column(Number.NaN);
  assert.ok(Number.isNaN(column.get(5)));
  column.set(9_000, 7);
  assert.equal(column.get(9_000), 7);
  assert.ok(Number.isNaN(column.get(8_999)));
  assert.ok(Number.isNaN(column.get(1_000_000)));
  assert.equal(column.chunks.length, 3);
});

test("a group lists its topics by name and its slots by partition, in whatever order they came", () => {
  const table = createGroupPartitions(createTopicPartitions());
  for (const [topic, partition] of [
    ["b", 2],
    ["a", 1],
    ["b", 0],
    ["c", 0],
    ["b", 1],
  ] as const)
    table.hold({ group: "g", topic, partition }, "live");
  const groupId = table.groups.find("g") ?? -1;
  const listed = table.groupTopics.ofGroup(groupId).map((one) => table.groupTopics.slotsOf(one).map(table.keyOf));
  assert.deepEqual(
    listed.flat().map((key) => `${key?.topic}/${key?.partition}`),
    ["a/1", "b/0", "b/1", "b/2", "c/0"],
  );
});

test("a slot lives until its last holder lets go; then slot and names are used again and the epoch rises", () => {
  const table = createGroupPartitions(createTopicPartitions());
  const key = { group: "g", topic: "t", partition: 3 };
  const slot = table.hold(key, "live");
  table.holdSlot(slot, "burrow");
  assert.equal(table.release(slot, "live"), false);
  assert.equal(table.holds(slot, "live"), false);
  assert.deepEqual(table.keyOf(slot), key);
  assert.equal(table.release(slot, "live"), false);
  assert.equal(table.epoch(), 0);
  assert.equal(table.release(slot, "burrow"), true);
  assert.equal(table.epoch(), 1);
  assert.equal(table.find(key), undefined);
  assert.equal(table.keyOf(slot), undefined);
  assert.equal(table.groups.count() + table.topicPartitions.topics.count() + table.count(), 0);
  assert.equal(table.release(slot, "burrow"), false);
  assert.equal(table.hold({ group: "h", topic: "u", partition: 0 }, "live"), slot);
});

test("groups on the same partition share its topic-partition id", () => {
  const table = createGroupPartitions(createTopicPartitions());
  const first = table.hold({ group: "g", topic: "t", partition: 3 }, "live");
  const second = table.hold({ group: "h", topic: "t", partition: 3 }, "live");
  assert.notEqual(first, second);
  assert.equal(table.topicPartitionOf(first), table.topicPartitionOf(second));
  assert.equal(table.topicPartitions.find("t", 3), table.topicPartitionOf(first));
});
