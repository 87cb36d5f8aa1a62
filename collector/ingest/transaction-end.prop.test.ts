/**
 * A log that is read in two parts, the newer one first, says in the end what it says when it is read in one: wherever it is
 * parted, and whenever the older part hands over.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Bench } from "./offsets-log.fixture.ts";
import { bench, commit, end, open, plain, tombstone } from "./offsets-log.fixture.ts";

const producer = fc.constantFrom(1n, 2n, 3n);
/** Each commit has a partition of its own, so that none takes another's place. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("commit" as const), producer }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("plain" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("tombstone" as const), of: fc.nat({ max: 40 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      producer,
      how: fc.constantFrom("COMMIT" as const, "ABORT" as const),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function bytesOf(one: Step, order: number): Buffer {
  switch (one.kind) {
    case "commit":
      return open(order, one.producer, commit(order, order));
    case "plain":
      return plain(order, commit(order, order));
    case "tombstone":
      // Of a commit that came before.
      return plain(order, tombstone(order === 0 ? 0 : one.of % order));
    case "end":
      return end(order, one.producer, one.how);
  }
}

const commitsOf = ({ lines }: Bench): readonly string[] => lines.filter((line) => line.includes(" = "));

test("a log in two parts says what it says in one, and has the same transactions open", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), fc.nat(40), (steps, parting, handing) => {
      const records = steps.map(bytesOf);
      const [part, hand] = [Math.min(parting, records.length), Math.min(Math.max(parting, handing), records.length)];
      const [whole, parted] = [bench(), bench()];
      const older = parted.ingest.openLog(26);
      records.forEach((bytes, order) => void whole.log.apply(bytes, order));
      const read = (from: number, to: number, log: Bench["log"]): void => {
        for (let order = from; order < to; order += 1) log.apply(records[order] ?? Buffer.alloc(0), order);
      };
      read(part, hand, parted.log);
      read(0, part, older);
      parted.log.takeOver(older.handOver());
      read(hand, records.length, parted.log);
      // A commit that was taken back after its end was decided: one reader saw it before, the other passes it over.
      const takenBack = new Set(
        steps.flatMap((one, order) => (one.kind === "tombstone" && order > 0 ? [one.of % order] : [])),
      );
      const told = (one: Bench) =>
        commitsOf(one)
          .filter((line) => !takenBack.has(Number.parseInt(line, 10)))
          .toSorted();
      assert.deepEqual(told(parted), told(whole));
      assert.deepEqual([parted.log.pendingCommits, older.pendingCommits], [whole.log.pendingCommits, 0]);
      // Where its first commit was taken back, one reader knows of a transaction that it began earlier.
      if (takenBack.size > 0) return;
      assert.deepEqual(parted.log.oldestPending(), whole.log.oldestPending());
      assert.equal(parted.log.resumeOf(1e9), whole.log.resumeOf(1e9));
    }),
    { numRuns: 1_000 },
  );
});

test("what was taken back meanwhile is not handed over", () => {
  const { ingest, log, lines } = bench();
  const older = ingest.openLog(26);
  log.apply(plain(10, tombstone(1)), 10);
  older.apply(open(0, 1n, commit(1, 5), commit(2, 6)), 0);
  log.takeOver(older.handOver());
  log.apply(end(11, 1n, "COMMIT"), 11);
  assert.deepEqual(lines.slice(-1), ["1: g t/2 = 6 at +6 in 26, decided at 11"]);
  assert.equal(ingest.counts.transaction_forgotten, 1);
});

test("of a key that its producer wrote in both parts the newer one counts", () => {
  const { ingest, log, lines } = bench();
  const older = ingest.openLog(26);
  log.apply(open(10, 1n, commit(1, 9)), 10);
  older.apply(open(0, 1n, commit(1, 5), commit(2, 6)), 0);
  log.takeOver(older.handOver());
  log.apply(end(11, 1n, "COMMIT"), 11);
  assert.deepEqual(lines, ["1: g t/2 = 6 at +6 in 26, decided at 11", "10: g t/1 = 9 at +9 in 26, decided at 11"]);
  assert.equal(ingest.counts.transaction_replaced, 1);
});
