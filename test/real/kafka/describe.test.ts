/** The reader of ConsumerGroupCommand's tables, on what Kafka 4.1.2 prints. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDescribed, parseStates } from "./describe.ts";

const HEADER =
  "GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID";
const rows = [
  {
    name: "a simple consumer has no member",
    line: "stopped         orders          0          30              100             70              -               -               -",
    want: { group: "stopped", topic: "orders", partition: 0, currentOffset: 30, logEndOffset: 100, lag: 70 },
  },
  {
    name: "a partition without a commit has no offset and no lag",
    line: "g               orders          2          -               100             -               c-1             /127.0.0.1      c",
    want: { group: "g", topic: "orders", partition: 2, currentOffset: undefined, logEndOffset: 100, lag: undefined },
  },
  {
    name: "a group name with blanks and numbers stays whole",
    line: "a b 1 2         orders          1          5               9               4               -               -               -",
    want: { group: "a b 1 2", topic: "orders", partition: 1, currentOffset: 5, logEndOffset: 9, lag: 4 },
  },
];

for (const { name, line, want } of rows) {
  test(name, () => {
    const [row, ...others] = parseDescribed(`\nConsumer group 'x' has no active members.\n\n${HEADER}\n${line}\n`);
    assert.deepEqual(others, []);
    const { consumerId: _id, host: _host, clientId: _client, ...offsets } = row ?? {};
    assert.deepEqual(offsets, want);
  });
}

test("a member's host and client id are read", () => {
  const [row] = parseDescribed("g o 2 - 100 - kafka-1-7d /127.0.0.1 kafka-1");
  assert.deepEqual([row?.consumerId, row?.host, row?.clientId], ["kafka-1-7d", "/127.0.0.1", "kafka-1"]);
});

test("a state row is read with and without an assignment strategy", () => {
  const text = `
GROUP                     COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE           #MEMBERS
healthy one               127.0.0.1:9092  (1)       RoundRobinAssigner   Stable          1
gone                      127.0.0.1:9092  (1)                            Empty           0
`;
  assert.deepEqual(parseStates(text), [
    { group: "healthy one", state: "Stable", members: 1 },
    { group: "gone", state: "Empty", members: 0 },
  ]);
});
