/** One partition of the offsets topic: order, positions, transactions, and what is stepped over. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeBatch, encodeCommitKey, encodeCommitValue, encodeGroupKey } from "../protocol/record-batch.fixture.ts";

import { AT_MS, assertConserved, bench, commit, end, open, plain, tombstone } from "./offsets-log.fixture.ts";

/** What comes out when these batches are read from 0; each row reads them in one response, and again one by one. */
const rows = [
  {
    name: "commits come out in order, with the order and time of their record",
    batches: [plain(0, commit(0, 5), commit(1, 6)), plain(2, commit(0, 7))],
    want: ["0: g t/0 = 5 at +5 in 26", "1: g t/1 = 6 at +6 in 26", "2: g t/0 = 7 at +7 in 26"],
    next: 3,
  },
  {
    name: "a key of type 0 is the same as one of type 1",
    batches: [
      plain(0, { ...commit(0, 5), key: encodeCommitKey({ group: "g", topic: "t", partition: 0 }, 0) }, commit(0, 6)),
    ],
    want: ["0: g t/0 = 5 at +5 in 26", "1: g t/0 = 6 at +6 in 26"],
    next: 2,
  },
  {
    name: "negative offsets are what clients commit for latest and earliest",
    batches: [plain(0, commit(0, -1), commit(0, -2))],
    want: ["0: g t/0 = -1 at +-1 in 26", "1: g t/0 = -2 at +-2 in 26"],
    next: 2,
  },
  {
    name: "an empty batch moves the position",
    batches: [
      plain(0, commit(0, 5)),
      encodeBatch({ baseOffset: 1, records: [], lastOffsetDelta: 19, transactional: true, producerId: 1n }),
    ],
    want: ["0: g t/0 = 5 at +5 in 26"],
    next: 21,
  },
  { name: "nothing but a marker moves the position", batches: [end(0, 1n, "COMMIT")], want: [], next: 1 },
  {
    name: "a transaction comes out at its commit, by the order of its records",
    batches: [open(0, 1n, commit(0, 5), commit(1, 6)), plain(2, commit(0, 9)), end(3, 1n, "COMMIT")],
    want: [
      "2: g t/0 = 9 at +9 in 26",
      "0: g t/0 = 5 at +5 in 26, decided at 3",
      "1: g t/1 = 6 at +6 in 26, decided at 3",
    ],
    next: 4,
  },
  {
    name: "a transaction that aborts never comes out",
    batches: [open(0, 1n, commit(0, 5)), end(1, 1n, "ABORT"), end(2, 1n, "COMMIT")],
    want: [],
    next: 3,
  },
  {
    name: "only the newest commit of a key in a transaction counts",
    batches: [open(0, 1n, commit(0, 5), commit(1, 6), commit(0, 7)), end(3, 1n, "COMMIT")],
    want: ["1: g t/1 = 6 at +6 in 26, decided at 3", "2: g t/0 = 7 at +7 in 26, decided at 3"],
    next: 4,
  },
  {
    name: "transactions of two producers end apart",
    batches: [open(0, 1n, commit(0, 5)), open(1, 2n, commit(1, 6)), end(2, 2n, "COMMIT"), end(3, 1n, "ABORT")],
    want: ["1: g t/1 = 6 at +6 in 26, decided at 2"],
    next: 4,
  },
  {
    name: "producer ids that are equal as numbers are told apart",
    batches: [open(0, 2n ** 53n, commit(0, 5)), open(1, 2n ** 53n + 1n, commit(1, 6)), end(2, 2n ** 53n, "COMMIT")],
    want: ["0: g t/0 = 5 at +5 in 26, decided at 2"],
    next: 3,
  },
  {
    name: "a tombstone takes the key out of open transactions",
    batches: [open(0, 1n, commit(0, 5), commit(1, 6)), plain(2, tombstone(0)), end(3, 1n, "COMMIT")],
    want: ["2: g t/0 removed", "1: g t/1 = 6 at +6 in 26, decided at 3"],
    next: 4,
  },
  {
    name: "a batch that compaction thinned keeps the orders of what is left",
    batches: [encodeBatch({ baseOffset: 10, records: [{ ...commit(0, 5), offsetDelta: 9 }], lastOffsetDelta: 9 })],
    want: ["19: g t/0 = 5 at +5 in 26"],
    next: 20,
  },
  {
    name: "a record that makes no sense costs only itself",
    batches: [
      plain(
        0,
        { key: Buffer.from([0]), value: Buffer.alloc(0) },
        { ...commit(0, 5), key: Buffer.from([0, 1, 0, 9]) },
        { ...commit(0, 5), value: Buffer.from([0, 3, 0]) },
        { ...commit(0, 5), value: Buffer.concat([Buffer.from([0, 9]), Buffer.alloc(30)]) },
        { ...commit(0, 5), value: encodeCommitValue({ committedOffset: 2 ** 60, committedAtMs: 0 }) },
        { key: encodeGroupKey(99, "g"), value: undefined },
        { key: undefined, value: undefined },
        { key: encodeGroupKey(2, "g"), value: Buffer.from([0, 3, 0]) },
        commit(0, 5),
      ),
    ],
    want: ["8: g t/0 = 5 at +5 in 26"],
    next: 9,
  },
  {
    name: "a batch with a flipped bit costs only itself",
    batches: [plain(0, commit(0, 5)), damaged(plain(1, commit(0, 6), commit(0, 7))), plain(3, commit(0, 8))],
    want: ["0: g t/0 = 5 at +5 in 26", "3: g t/0 = 8 at +8 in 26"],
    next: 4,
  },
];

function damaged(batch: Buffer): Buffer {
  const copy = Buffer.from(batch);
  copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1;
  return copy;
}

for (const { name, batches, want, next } of rows) {
  test(`${name}`, () => {
    const whole = bench();
    assert.equal(whole.log.apply(Buffer.concat(batches), 0), next);
    assert.deepEqual(whole.lines, want);
    const single = bench();
    assert.equal(
      batches.reduce((position, batch) => single.log.apply(batch, position), 0),
      next,
    );
    assert.deepEqual(single.lines, want);
    assert.deepEqual(single.ingest.counts, whole.ingest.counts);
    assertConserved(whole);
  });
}

test("each reason is counted under its own name", () => {
  const { log, ingest } = bench();
  const bad = rows.find(({ name }) => name.startsWith("a record that makes no sense"))?.batches[0] ?? Buffer.alloc(0);
  log.apply(Buffer.concat([bad, damaged(bad)]), 0);
  const counted = Object.fromEntries(Object.entries(ingest.counts).filter(([, count]) => count > 0));
  assert.deepEqual(counted, {
    batches: 2,
    batch_crc: 1,
    records: 9,
    commits: 1,
    unknown_type: 1,
    malformed_key: 3,
    malformed_value: 2,
    unknown_value_version: 1,
    offset_out_of_range: 1,
  });
});

test("records below the position are skipped: a fetch begins with the batch that holds it", () => {
  const { log, lines, ingest } = bench();
  assert.equal(log.apply(plain(0, commit(0, 5), commit(0, 6), commit(0, 7)), 2), 3);
  assert.deepEqual(lines, ["2: g t/0 = 7 at +7 in 26"]);
  assert.equal(ingest.counts.below_position, 2);
});

const positions = [
  { name: "no bytes", records: Buffer.alloc(0), position: 7, next: 7 },
  { name: "an incomplete batch", records: plain(7, commit(0, 5)).subarray(0, 50), position: 7, next: 7 },
  { name: "bytes without a batch to be found", records: Buffer.alloc(100), position: 7, next: 8 },
  { name: "a batch that lies below", records: plain(3, commit(0, 5)), position: 7, next: 8 },
  { name: "a damaged batch", records: damaged(plain(7, commit(0, 5), commit(0, 6))), position: 7, next: 9 },
  {
    name: "a damaged batch that claims more than the one behind it leaves",
    records: Buffer.concat([damagedDelta(plain(7, commit(0, 5))), plain(8, commit(0, 6))]),
    position: 7,
    next: 9,
  },
];

function damagedDelta(batch: Buffer): Buffer {
  const copy = Buffer.from(batch);
  copy.writeInt32BE(1_000, 23);
  return copy;
}

for (const { name, records, position, next } of positions) {
  test(`after ${name} the position is ${next}, so that no request is repeated for ever`, () => {
    assert.equal(bench().log.apply(records, position), next);
  });
}

test("a known key is never decoded again, until handles change", () => {
  const { log, lines, renumber, handlesMade } = bench();
  for (let i = 0; i < 5; i++) log.apply(plain(i, commit(0, i)), i);
  assert.equal(handlesMade(), 1);
  renumber();
  log.apply(plain(5, commit(0, 5)), 5);
  assert.equal(handlesMade(), 2);
  assert.deepEqual(lines.at(-1), "5: g t/0 = 5 at +5 in 26");
});

test("a pending commit finds its handle again when handles change", () => {
  const { log, lines, renumber } = bench();
  log.apply(open(0, 1n, commit(0, 5), commit(1, 6)), 0);
  renumber();
  log.apply(end(2, 1n, "COMMIT"), 2);
  assert.deepEqual(lines, ["0: g t/0 = 5 at +5 in 26, decided at 2", "1: g t/1 = 6 at +6 in 26, decided at 2"]);
});

test("a transaction that hangs is shown, and given up when the limit is reached", () => {
  const one = bench({ pendingCommitsMax: 3 });
  const { log, lines, ingest } = one;
  log.apply(Buffer.concat([open(0, 1n, commit(0, 5), commit(1, 6)), open(2, 2n, commit(2, 7))]), 0);
  assert.deepEqual(log.oldestPending(), { producerId: 1n, sinceMs: AT_MS + 5, firstOrder: 0, commits: 2 });
  log.apply(open(3, 2n, commit(3, 8)), 3);
  assert.equal(ingest.counts.transaction_given_up, 2);
  assert.equal(log.pendingCommits, 2);
  log.apply(Buffer.concat([end(4, 1n, "COMMIT"), end(5, 2n, "COMMIT")]), 4);
  assert.deepEqual(lines, ["2: g t/2 = 7 at +7 in 26, decided at 5", "3: g t/3 = 8 at +8 in 26, decided at 5"]);
  assert.equal(log.oldestPending(), undefined);
  assertConserved(one);
});
