/** Partitions against a plain model: a list that has one entry for each record. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTestCluster } from "./cluster.fixture.ts";
import type { Cluster } from "./cluster.ts";

type Step =
  | { readonly kind: "append"; readonly records: number; readonly afterMs: number }
  | { readonly kind: "advance"; readonly share: number }
  | { readonly kind: "truncate"; readonly share: number }
  | { readonly kind: "begin"; readonly producerId: number }
  | { readonly kind: "end"; readonly producerId: number; readonly afterMs: number };

/** Doubles would nearly all be tiny: they are drawn by their bits. */
const share = fc.nat(100).map((percent) => percent / 100);
const producerId = fc.nat(2);
/** Often the same millisecond, so that appends merge. */
const afterMs = fc.constantFrom(0, 0, 1, 7);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("append" as const), records: fc.nat(4), afterMs }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("advance" as const), share }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("truncate" as const), share }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("begin" as const), producerId }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("end" as const), producerId, afterMs }) },
);

interface Model {
  start: number;
  end: number;
  epoch: number;
  /** By offset. */
  readonly times: Map<number, number>;
  readonly open: Map<number, number>;
}

const FIRST_OFFSET = 100;
const START_MS = 1_000;

function run(cluster: Cluster, steps: readonly Step[]): Model {
  const model: Model = { start: FIRST_OFFSET, end: FIRST_OFFSET, epoch: 0, times: new Map(), open: new Map() };
  let nowMs = START_MS;
  const append = (records: number) => {
    for (let i = 0; i < records; i++) model.times.set(model.end++, nowMs);
  };
  for (const one of steps) {
    switch (one.kind) {
      case "append":
        nowMs += one.afterMs;
        append(one.records);
        cluster.append("t", 0, one.records, nowMs);
        break;
      case "advance":
        model.start += Math.floor(one.share * (model.end - model.start));
        cluster.advanceStart("t", 0, model.start);
        break;
      case "truncate":
        model.end = model.start + Math.ceil(one.share * (model.end - model.start));
        model.epoch++;
        for (const [producer, first] of model.open) if (first >= model.end) model.open.delete(producer);
        cluster.truncate("t", 0, model.end);
        break;
      case "begin":
        if (model.open.has(one.producerId)) break;
        model.open.set(one.producerId, model.end);
        cluster.beginTransaction("t", 0, one.producerId);
        break;
      case "end":
        if (!model.open.delete(one.producerId)) break;
        nowMs += one.afterMs;
        append(1);
        cluster.endTransaction("t", 0, one.producerId, "commit", nowMs);
    }
  }
  return model;
}

test("a partition has the offsets, the times and the last stable offset of a list that has every record", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const cluster = createTestCluster();
      cluster.createTopic({ topic: "t", partitions: 1, firstOffset: FIRST_OFFSET }, 0);
      const { start, end, epoch, times, open } = run(cluster, steps);
      const view = cluster.partition("t", 0);
      assert.deepEqual([view?.startOffset, view?.endOffset, view?.leaderEpoch], [start, end, epoch]);
      assert.equal(view?.lastStableOffset, Math.max(start, Math.min(end, ...open.values())));
      for (let offset = FIRST_OFFSET - 1; offset <= end; offset++) {
        const want = offset >= start && offset < end ? times.get(offset) : undefined;
        assert.equal(cluster.appendedAtMs("t", 0, offset), want, `time of ${offset}`);
      }
      const live = [...times].filter(([offset]) => offset >= start && offset < end);
      for (let ms = START_MS - 1; ms <= (live.at(-1)?.[1] ?? START_MS) + 1; ms++) {
        const [offset, timestampMs] = live.find(([, atMs]) => atMs >= ms) ?? [];
        const want = offset === undefined ? undefined : { offset, timestampMs };
        assert.deepEqual(cluster.offsetForTime("t", 0, ms), want, `offset for ${ms}`);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("where only the newest append is left, a time before it finds it with its own time", () => {
  const cluster = createTestCluster();
  cluster.createTopic({ topic: "t", partitions: 1, firstOffset: FIRST_OFFSET }, 0);
  cluster.append("t", 0, 1, 1_000);
  cluster.advanceStart("t", 0, FIRST_OFFSET + 1);
  cluster.append("t", 0, 1, 1_007);
  assert.deepEqual(cluster.offsetForTime("t", 0, 999), { offset: FIRST_OFFSET + 1, timestampMs: 1_007 });
});

test("what is appended in one millisecond is one append", () => {
  const cluster = createTestCluster({ appendsMax: 2 });
  cluster.createTopic({ topic: "t", partitions: 1 }, 0);
  for (let i = 0; i < 100; i++) cluster.append("t", 0, 3, 5);
  assert.equal(cluster.counts().appendsDropped, 0);
  assert.equal(cluster.appendedAtMs("t", 0, 0), 5);
});

test("more appends than may be kept move the log start, are counted, and leave the times of what stays exact", () => {
  const cluster = createTestCluster({ appendsMax: 10 });
  cluster.createTopic({ topic: "t", partitions: 1 }, 0);
  for (let i = 0; i < 500; i++) cluster.append("t", 0, 3, i);
  assert.deepEqual(cluster.partition("t", 0)?.startOffset, 490 * 3);
  assert.equal(cluster.counts().appendsDropped, 490);
  assert.equal(cluster.appendedAtMs("t", 0, 490 * 3), 490);
  assert.equal(cluster.appendedAtMs("t", 0, 490 * 3 - 1), undefined);
});
