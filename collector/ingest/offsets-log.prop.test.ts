/**
 * The log against a slow model of what the coordinator itself would hold (`OffsetMetadataManager.replay` of apache/kafka), with
 * responses cut anywhere.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Observer } from "../model/observation.ts";
import { encodeBatch, encodeCommitKey, encodeCommitValue, encodeMarker } from "../protocol/record-batch.fixture.ts";
import { createIngest } from "./ingest.ts";

type Step =
  | { readonly kind: "commits"; readonly producer: number; readonly partitions: readonly number[] }
  | { readonly kind: "tombstone"; readonly partition: number }
  | { readonly kind: "end"; readonly producer: number; readonly how: "COMMIT" | "ABORT" }
  | { readonly kind: "empty"; readonly offsets: number }
  | { readonly kind: "renumber" };

const partition = fc.nat(3);
/** Producer 0 writes outside of transactions. */
const producer = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("commits" as const),
      producer,
      partitions: fc.array(partition, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("tombstone" as const), partition }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      producer: fc.integer({ min: 1, max: 2 }),
      how: fc.constantFrom("COMMIT" as const, "ABORT" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("empty" as const), offsets: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("renumber" as const) }) },
);

interface Written {
  readonly batches: readonly { readonly bytes: Buffer; readonly next: number }[];
  /** By partition: the committed offset that the group then has. Each commit's offset is its record's. */
  readonly committed: ReadonlyMap<number, number>;
  /** Steps after which handles change, as positions. */
  readonly renumberAt: ReadonlySet<number>;
}

/** The log's bytes, and plainly what they mean. */
function write(steps: readonly Step[]): Written {
  const batches: { bytes: Buffer; next: number }[] = [];
  const committed = new Map<number, number>();
  const pending = new Map<number, Map<number, number>>();
  const renumberAt = new Set<number>();
  let next = 0;
  for (const one of steps) {
    const baseOffset = next;
    switch (one.kind) {
      case "commits": {
        const records = one.partitions.map((to, i) => ({ key: keyOf(to), value: commitOf(baseOffset + i) }));
        const transaction = one.producer > 0 ? { producerId: BigInt(one.producer), transactional: true } : {};
        next += records.length;
        batches.push({ bytes: encodeBatch({ baseOffset, records, ...transaction }), next });
        const own = pending.get(one.producer) ?? new Map<number, number>();
        if (one.producer > 0) pending.set(one.producer, own);
        for (const [i, to] of one.partitions.entries()) (one.producer > 0 ? own : committed).set(to, baseOffset + i);
        break;
      }
      case "tombstone":
        next++;
        batches.push({
          bytes: encodeBatch({ baseOffset, records: [{ key: keyOf(one.partition), value: undefined }] }),
          next,
        });
        committed.delete(one.partition);
        for (const own of pending.values()) own.delete(one.partition);
        break;
      case "end":
        next++;
        batches.push({ bytes: encodeMarker(baseOffset, BigInt(one.producer), one.how), next });
        for (const [to, order] of one.how === "COMMIT" ? (pending.get(one.producer) ?? []) : []) {
          if (order > (committed.get(to) ?? -1)) committed.set(to, order);
        }
        pending.delete(one.producer);
        break;
      case "empty":
        next += one.offsets;
        batches.push({ bytes: encodeBatch({ baseOffset, records: [], lastOffsetDelta: one.offsets - 1 }), next });
        break;
      case "renumber":
        renumberAt.add(next);
    }
  }
  return { batches, committed, renumberAt };
}

function keyOf(to: number): Buffer {
  return encodeCommitKey({ group: "g", topic: "t", partition: to });
}

function commitOf(committedOffset: number): Buffer {
  return encodeCommitValue({ committedOffset, committedAtMs: 1 });
}

/** Keeps the newest by order, as observers have to. */
function keepingObserver() {
  const committed = new Map<number, { readonly offset: number; readonly order: number }>();
  let base = 0;
  const observer: Observer & { renumber(): void } = {
    get handlesEpoch() {
      return base;
    },
    renumber() {
      base += 10;
    },
    handleOf: (_group, _topic, of) => base + of,
    findHandle: (_group, _topic, of) => base + of,
    commit(handle, offset, _atMs, order) {
      assert.ok(handle >= base && handle < base + 10, "a handle of an epoch that is over");
      const known = committed.get(handle - base);
      if (known === undefined || order > known.order) committed.set(handle - base, { offset, order });
    },
    observe(observation) {
      if (observation.kind === "offset-tombstone") committed.delete(observation.handle - base);
    },
  };
  return { observer, committed };
}

test("whatever is written, and however it is cut, the log ends with what the coordinator holds, and nothing is lost uncounted", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(fc.integer({ min: 1, max: 400 })), (steps, cuts) => {
      const { batches, committed, renumberAt } = write(steps);
      const { observer, committed: got } = keepingObserver();
      const ingest = createIngest({ observer });
      const log = ingest.openLog(0);
      const end = batches.at(-1)?.next ?? 0;
      let position = 0;
      for (let request = 0; position < end; request++) {
        if (renumberAt.has(position)) observer.renumber();
        // As a broker: batches from the one that holds the position, the first one whole, the last one cut.
        const rest = batches.filter(({ next }) => next > position).map(({ bytes }) => bytes);
        const bytesMax = Math.max(rest[0]?.length ?? 0, cuts[request % cuts.length] ?? 1_000);
        const before = position;
        position = log.apply(Buffer.concat(rest).subarray(0, bytesMax), position);
        assert.ok(position > before);
      }
      assert.equal(position, end);
      assert.deepEqual(new Map([...got].map(([to, { offset }]) => [to, offset])), committed);
      const { counts } = ingest;
      assert.equal(counts.records, counts.commits + counts.pending_commits + counts.offset_tombstones + counts.markers);
      const { transaction_committed, transaction_aborted, transaction_replaced, transaction_forgotten } = counts;
      const ended = transaction_committed + transaction_aborted + transaction_replaced + transaction_forgotten;
      assert.equal(counts.pending_commits, ended + log.pendingCommits);
    }),
    { numRuns: 500 },
  );
});
