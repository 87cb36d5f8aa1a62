/** The feed: what goes in comes out, in order, once; what fell off is said. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Feed, FeedAnswer } from "../model/feed.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { groupEvaluationsOf } from "../model/snapshot.ts";
import { decodeSnapshot, encodeSnapshot } from "./columns.ts";
import { createFeed } from "./feed.ts";
import { readToken, TOKEN_BYTES_MAX, writeToken } from "./varint.ts";

const never = new AbortController().signal;
const untilStopped = (_: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
const options = { run: "r", bytesMax: 1e9, ageMsMax: 1e9, answerBytesMax: 1e9, sleep: untilStopped };

const offset = fc.oneof(fc.constant(Number.NaN), fc.maxSafeNat(), fc.nat({ max: 1000 }));

const snapshots = fc
  .record({
    at: fc.nat(),
    name: fc.string({ unit: "binary" }),
    rows: fc.array(fc.tuple(offset, offset, fc.nat({ max: 7 }), fc.integer({ min: -1, max: 1 }), fc.nat({ max: 10 }))),
  })
  .map(({ at, name, rows }) => snapshotOf(at, name, rows));

function snapshotOf(
  at: number,
  name: string,
  rows: readonly (readonly [number, number, number, number, number])[],
): Snapshot {
  const count = rows.length;
  const summary = {
    cluster: "c",
    group: name,
    at,
    status: "OK",
    partitions: count,
    partitions_bad: 0,
    partitions_stale: 0,
    partitions_without_commit: 0,
    complete: 1,
  } as const;
  return {
    cluster: "c",
    at,
    readAtMs: at + 5,
    groups: [summary],
    rowStart: Int32Array.of(0, count),
    rows: {
      count,
      topics: ["t", name],
      topicIndex: Int32Array.from(rows, (_, row) => row % 2),
      partition: Int32Array.from(rows, (_, row) => row),
      status: Uint8Array.from(rows, ([, , status]) => status),
      burrowStatus: Uint8Array.from(rows, ([, , status]) => (status > 4 ? 255 : status)),
      committedOffset: Float64Array.from(rows, ([committed]) => committed),
      endOffset: Float64Array.from(rows, ([, end]) => end),
      startOffset: Float64Array.from(rows, ([, end]) => end - 1),
      committedAtMs: Float64Array.from(rows, ([committed]) => committed),
      committedAfterMs: at % 2 === 0 ? undefined : Float64Array.from(rows, ([committed]) => committed - 1),
      reason: Uint8Array.from(rows, ([, , status]) => status),
      reasonSinceMs: Float64Array.from(rows, ([committed]) => committed),
      endOffsetAgeMs: Float64Array.from(rows, () => Number.NaN),
      timeLag: Uint8Array.from(rows, ([, , status]) => status),
      readableAfterMs: Float64Array.from(rows, ([committed]) => committed),
      readableAtMs: Float64Array.from(rows, ([committed]) => committed + 1),
      readableByMs: Float64Array.from(rows, ([, end]) => end),
      lossAtMs: Float64Array.from(rows, ([committed]) => committed),
      committedPerSecond: Float64Array.from(rows, ([, , , , filled]) => (filled === 0 ? Number.NaN : filled / 1000)),
      commitIntervalMs: Float64Array.from(rows, ([, end]) => end % 60_000),
      commitIntervalP95Ms: Float64Array.from(rows, ([, end, status]) => (status === 0 ? Number.NaN : end % 90_000)),
      producedPerSecond: Float64Array.from(rows, ([, end]) => Math.round((end % 1e9) * 17) / 1000),
      complete: Float64Array.from(rows, ([, , , , filled]) => Math.fround(filled / 10)),
      owners: [
        { owner: "/10.0.0.1", clientId: name },
        { owner: "", clientId: "" },
      ],
      ownerIndex: Int32Array.from(rows, ([, , , owner]) => owner),
      shareLags: new Map(rows.flatMap(([, end, , owner], row) => (owner > 0 ? [] : [[row, end]]))),
      openTransactions: new Map(
        rows.flatMap(([, , , owner], row) => (owner > 0 ? [] : [[row, { stableOffset: row, openMs: row }]])),
      ),
    },
  };
}

test("a snapshot is the same after encoding and decoding, unknown and huge numbers too", () => {
  fc.assert(fc.property(snapshots, (snapshot) => assert.deepEqual(decodeSnapshot(encodeSnapshot(snapshot)), snapshot)));
});

test("any difference of two offsets is the same after a token", () => {
  const integers = fc.oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.constant(Number.NaN),
    fc.constant(2 ** 53),
    fc.constant(-(2 ** 53)),
  );
  fc.assert(
    fc.property(integers, (value) => {
      const bytes = Buffer.alloc(TOKEN_BYTES_MAX);
      writeToken({ bytes, at: 0 }, value);
      assert.ok(Object.is(readToken({ bytes, at: 0 }), value) || value === 0);
    }),
  );
});

const tick = (at: number): Snapshot => snapshotOf(at, `g${at}`, [[1, 2, 0, -1, 10]]);

async function groupsAfter(feed: Feed, cursor: string): Promise<{ groups: string[]; answer: FeedAnswer }> {
  const answer = await feed.read(cursor, 0, never);
  const ticks = answer.kind === "ticks" ? answer.ticks : [];
  return { answer, groups: ticks.flatMap((one) => [...one.evaluations].map((evaluation) => evaluation.group)) };
}

test("the empty cursor reads from the oldest tick; the answered cursor goes on from there", async () => {
  const feed = createFeed(options);
  feed.append(1, [tick(1)]);
  feed.append(2, [tick(2)]);
  const first = await groupsAfter(feed, "");
  assert.deepEqual(first.groups, ["g1", "g2"]);
  assert.ok(first.answer.kind === "ticks");
  feed.append(3, [tick(3)]);
  assert.deepEqual((await groupsAfter(feed, first.answer.cursor)).groups, ["g3"]);
});

test("a tick's evaluations can be iterated twice, and equal those of the snapshot", async () => {
  const feed = createFeed(options);
  feed.append(1, [tick(1)]);
  const answer = await feed.read("", 0, never);
  assert.ok(answer.kind === "ticks");
  const [one] = answer.ticks;
  assert.deepEqual([...(one?.evaluations ?? [])], [...groupEvaluationsOf(tick(1))]);
  assert.deepEqual([...(one?.evaluations ?? [])], [...groupEvaluationsOf(tick(1))]);
});

test("ticks that fell off by age are counted, and a late reader is told how many it missed", async () => {
  const feed = createFeed({ ...options, ageMsMax: 2 });
  for (let at = 1; at <= 6; at += 1) feed.append(at, [tick(at)]);
  assert.deepEqual(await feed.read("r.1", 0, never), { kind: "gone", oldest: "r.3", ticksGone: 2 });
  assert.deepEqual((await groupsAfter(feed, "r.3")).groups, ["g4", "g5", "g6"]);
  assert.equal(feed.stats().ticksDropped, 3);
});

test("ticks fall off by bytes, but the newest stays however large", async () => {
  const feed = createFeed({ ...options, bytesMax: 1 });
  feed.append(1, [tick(1)]);
  feed.append(2, [tick(2)]);
  assert.deepEqual((await groupsAfter(feed, "")).groups, ["g2"]);
});

test("an answer holds as many ticks as fit its bytes, but never none", async () => {
  const feed = createFeed({ ...options, answerBytesMax: 1 });
  feed.append(1, [tick(1)]);
  feed.append(2, [tick(2)]);
  const first = await groupsAfter(feed, "");
  assert.deepEqual(first.groups, ["g1"]);
  assert.ok(first.answer.kind === "ticks");
  assert.deepEqual((await groupsAfter(feed, first.answer.cursor)).groups, ["g2"]);
});

for (const cursor of ["other.1", "r.99", "r.x", "r.-1", "nonsense"]) {
  test(`the cursor ${cursor} of another run is gone, and reading can go on from the oldest`, async () => {
    const feed = createFeed(options);
    feed.append(1, [tick(1)]);
    assert.deepEqual(await feed.read(cursor, 0, never), { kind: "gone", oldest: "r.0", ticksGone: 0 });
  });
}

test("a reader that waits gets the next tick as soon as it is there", async () => {
  const feed = createFeed(options);
  const waiting = feed.read("", 60_000, never);
  feed.append(1, [tick(1)]);
  const answer = await waiting;
  assert.ok(answer.kind === "ticks" && answer.ticks.length === 1);
});

test("a reader that waits in vain gets an empty list and its own place", async () => {
  const feed = createFeed({ ...options, sleep: async () => {} });
  assert.deepEqual(await feed.read("", 5, never), { kind: "ticks", ticks: [], cursor: "r.0" });
});

test("a reader that is told to stop rejects with AbortError", async () => {
  const feed = createFeed(options);
  const stop = new AbortController();
  const waiting = feed.read("", 60_000, stop.signal);
  stop.abort();
  await assert.rejects(waiting, { name: "AbortError" });
});
