/** Each kind of line by its members; what is wrong is named, what is unknown is counted. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readLine, readLineText } from "./read-line.ts";

const commit = { t: 1, group: "g", topic: "t", partition: 0, commit: 5, at: 1, order: 9 };
const watermark = { t: 1, topic: "t", partition: 0, end: 5, start: 0 };
const group = { t: 1, group: "g", state: "Stable", type: "classic", generation: 1, members: [] };

const kinds: readonly (readonly [kind: string, line: object])[] = [
  ["header", { trace: 1, cluster: "c", interval_ms: 10_000 }],
  ["header", { trace: 1, cluster: "c", interval_ms: 100, log_partitions: 25 }],
  ["watermark", watermark],
  ["watermark", { t: 1, topic: "t", partition: 0, end: 5 }],
  ["watermark", { ...watermark, stable: 3, leader: 2 }],
  ["no-answer", { t: 1, topic: "t", partition: 0, unavailable: "no-leader" }],
  ["commit", commit],
  ["commit", { ...commit, commit: -1 }],
  ["commit", { ...commit, commit: Number.MAX_SAFE_INTEGER }],
  ["tombstone", { t: 1, group: "g", topic: "t", partition: 0, commit: null, order: 9 }],
  ["offsets", { t: 1, group: "g", offsets: [["t", 0, 5]] }],
  ["group", group],
  ["group", { t: 1, group: "g", state: "Empty" }],
  ["group", { ...group, members: [{ id: "m", client: "c", host: "/h", partitions: [["t", 0]] }] }],
  ["group-tombstone", { t: 1, group: "g", state: null, order: 3 }],
  ["topic", { t: 1, topic: "t", id: "i", partitions: 0 }],
  ["topic", { t: 1, topic: "t", id: "i", partitions: 3, retention_ms: 1, retention_bytes: 2, cleanup: "delete" }],
  ["log", { t: 1, log: 3, unavailable: "no-leader" }],
  ["log", { t: 1, log: 3 }],
  ["deploy", { t: 1, group: "g", deploy: "v2" }],
  ["truth", { t: 1, truth: { group: "g", cause: "stopped", from: 1 } }],
  ["commit", { ...commit, group: "", topic: "__proto__" }],
];
for (const [kind, line] of kinds)
  test(`${JSON.stringify(line)} is a ${kind}, and nothing of it is lost`, () => {
    const read = readLineText(JSON.stringify(line));
    assert.deepEqual(read, { kind: "line", line: { kind, line }, unknownMembers: 0 });
    assert.deepEqual(readLine(line), read);
  });

const wrong: readonly (readonly [field: string | undefined, text: string])[] = [
  [undefined, "{"],
  [undefined, "[]"],
  [undefined, "null"],
  [undefined, "7"],
  ["trace", JSON.stringify({ trace: 2, cluster: "c", interval_ms: 10_000 })],
  ["interval_ms", JSON.stringify({ trace: 1, cluster: "c", interval_ms: 99 })],
  ["interval_ms", JSON.stringify({ trace: 1, cluster: "c" })],
  ["t", JSON.stringify({ ...commit, t: -1 })],
  ["t", JSON.stringify({ ...commit, t: 4_294_967_295_001 })],
  ["group", JSON.stringify({ ...commit, group: 7 })],
  ["partition", JSON.stringify({ ...commit, partition: -1 })],
  ["partition", JSON.stringify({ ...commit, partition: 1_000_000 })],
  ["partition", JSON.stringify({ ...commit, partition: 0.5 })],
  // Written as text, since this number is rounded where it is read: it must be refused, not judged.
  ["commit", '{"t":1,"group":"g","topic":"t","partition":0,"commit":9007199254740993,"at":1,"order":9}'],
  ["at", JSON.stringify({ ...commit, at: undefined })],
  ["order", JSON.stringify({ ...commit, order: "9" })],
  ["end", JSON.stringify({ ...watermark, end: -1 })],
  ["order", JSON.stringify({ ...commit, commit: null, order: undefined })],
  [
    "members.0.partitions.0.1",
    JSON.stringify({ ...group, members: [{ id: "m", client: "c", host: "h", partitions: [["t", "0"]] }] }),
  ],
  ["offsets.0.2", JSON.stringify({ t: 1, group: "g", offsets: [["t", 0, null]] })],
  ["partitions", JSON.stringify({ t: 1, topic: "t", partitions: 1_000_001 })],
  ["log", JSON.stringify({ t: 1, log: 10_000 })],
];
for (const [field, text] of wrong)
  test(`${text} cannot be read, because of ${field ?? "the whole"}`, () => {
    const read = readLineText(text);
    assert.equal(read.kind, "unreadable");
    assert.equal("field" in read ? read.field : "", field);
  });

for (const line of [{}, { t: 1 }, { t: 1, group: "g" }, { t: 1, topic: "t", partition: 0 }, { t: 1, future: true }])
  test(`${JSON.stringify(line)} is of no known kind`, () => assert.deepEqual(readLine(line), { kind: "unknown-kind" }));

test("members beyond the form are counted and left out", () => {
  const read = readLine({ ...commit, metadata: "x", epoch: 3 });
  assert.deepEqual(read, { kind: "line", line: { kind: "commit", line: commit }, unknownMembers: 2 });
});
