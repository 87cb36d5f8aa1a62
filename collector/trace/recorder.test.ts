/** What is written of what is observed: nothing twice, nothing before a file begins, watermarks thinned, a head that stands alone. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Observation, Watermarks } from "../model/observation.ts";
import type { RecordedState } from "./recording.fixture.ts";
import { recordedState } from "./recording.fixture.ts";
import { at, GRID_MS } from "./trace.fixture.ts";

function progress(more: Partial<Extract<Observation, { kind: "log-progress" }>> = {}): Observation {
  const read = { baselineOrder: 0, replayed: true, backfilled: true, progress: 1, atMs: GRID_MS };
  return { kind: "log-progress", logPartition: 0, logPartitions: 1, ...read, ...more };
}

function polled(end: number, more: Partial<Watermarks> = {}): Watermarks {
  const one = {
    topics: ["t"],
    topicIndex: Int32Array.of(0),
    partitions: Int32Array.of(0),
    offsets: Float64Array.of(end),
  };
  return {
    kind: "watermarks",
    which: "end",
    atMs: GRID_MS,
    answeredAtMs: GRID_MS,
    ...one,
    unavailable: new Map(),
    ...more,
  };
}

const TOPICS: Observation = { kind: "topics", topics: [{ topic: "t", topicId: "id", partitions: 1 }] };

/** A cluster of one topic, read to its end, of which a file has begun where `isBegun`. */
function recorded(options: Parameters<typeof recordedState>[0] & { isBegun?: boolean } = {}): RecordedState {
  const { isBegun = true, ...more } = options;
  const made = recordedState(more);
  made.recorder.observer.observe(TOPICS);
  made.recorder.observer.observe(progress());
  if (!isBegun) return made;
  made.recorder.beginFile();
  made.recorder.advance(1e9);
  return made;
}

function commit(
  { recorder, clock }: RecordedState,
  offset: number,
  order: number,
  decided = order,
  partition = 0,
): void {
  const { observer } = recorder;
  observer.commit(observer.handleOf("g", "t", partition), offset, clock.nowMs, order, 0, decided);
}

/** Of the lines of commits, the offsets. */
function commitsOf({ lines }: RecordedState): readonly unknown[] {
  return lines().flatMap((line) => ("commit" in line ? [line.commit] : []));
}

test("it is ready when every partition of the offsets topic is read to its start, or does not answer", () => {
  const { recorder } = recordedState();
  const { observer, isReady } = recorder;
  assert.equal(isReady(), false, "no partition is known");
  observer.observe({ kind: "log-partitions", logPartitions: 2 });
  observer.observe(progress({ backfilled: false }));
  assert.equal(isReady(), false);
  observer.observe(progress());
  assert.equal(isReady(), false, "the second one is unread");
  observer.observe({ kind: "log-unavailable", logPartition: 1, reason: "no-leader", atMs: GRID_MS });
  assert.equal(isReady(), true);
});

test("nothing is written before a file begins, and what was observed is then in its head", () => {
  const made = recorded({ isBegun: false });
  const { recorder, lines } = made;
  recorder.observer.observe(polled(9));
  for (let order = 1; order <= 3; order += 1) commit(made, order, order);
  const facts = { protocolType: "consumer", state: "Stable", type: "classic", generation: 4 };
  const members = [{ memberId: "m", clientId: "c", clientHost: "/h", partitions: [{ topic: "t", partitions: [0] }] }];
  recorder.observer.observe({
    kind: "members",
    group: "g",
    ...facts,
    members,
    order: undefined,
    logPartition: undefined,
    atMs: GRID_MS,
  });
  recorder.observer.observe({ kind: "log-unavailable", logPartition: 0, reason: "error", atMs: GRID_MS });
  assert.deepEqual(lines(), []);
  recorder.beginFile();
  assert.equal(recorder.advance(1e9), false);
  const key = { t: GRID_MS, group: "g", topic: "t", partition: 0 };
  const member = { id: "m", client: "c", host: "/h", partitions: [["t", 0]] };
  assert.deepEqual(lines(), [
    { trace: 1, cluster: "c", interval_ms: 10_000, log_partitions: 1 },
    { t: GRID_MS, topic: "t", id: "id", partitions: 1 },
    { t: GRID_MS, group: "g", state: "Stable", type: "classic", generation: 4, members: [member] },
    { t: GRID_MS, log: 0, unavailable: "error" },
    { t: GRID_MS, topic: "t", partition: 0, end: 9 },
    ...[1, 2, 3].map((order) => ({ ...key, commit: order, at: GRID_MS, order })),
  ]);
});

test("the head tells offsets without times, and that the offsets of a window are gone", () => {
  const made = recorded({ isBegun: false });
  const { recorder, lines } = made;
  const { observer } = recorder;
  observer.observe(polled(9));
  commit(made, 5, 1);
  observer.observe({ kind: "offset-tombstone", handle: observer.handleOf("g", "t", 0), logPartition: 0, order: 2 });
  const offsets = [{ topic: "t", partition: 0, committedOffset: 7 }];
  observer.observe({ kind: "baseline", group: "h", logPartition: 0, offsets });
  recorder.beginFile();
  recorder.advance(1e9);
  const key = { t: GRID_MS, group: "g", topic: "t", partition: 0 };
  assert.deepEqual(lines().slice(3), [
    { ...key, commit: 5, at: GRID_MS, order: 1 },
    { ...key, commit: null, order: 1 },
    { t: GRID_MS, group: "h", offsets: [["t", 0, 7]] },
  ]);
});

test("what the log held before is not written as it is read; the head has it", () => {
  const made = recorded();
  made.recorder.observer.observe(progress({ baselineOrder: 100 }));
  commit(made, 5, 99);
  commit(made, 6, 100);
  commit(made, 7, 98, 101);
  assert.deepEqual(commitsOf(made), [6, 7], "a transaction that ended later is news");
});

test("while the head is written, a group-partition's commits are in one place, once", () => {
  const made = recorded({ isBegun: false });
  const { recorder } = made;
  recorder.observer.observe({ kind: "topics", topics: [{ topic: "t", topicId: "id", partitions: 2 }] });
  const two = { topicIndex: Int32Array.of(0, 0), partitions: Int32Array.of(0, 1), offsets: Float64Array.of(50, 50) };
  recorder.observer.observe(polled(0, two));
  commit(made, 10, 1, 1, 0);
  commit(made, 20, 2, 2, 1);
  recorder.beginFile();
  while (commitsOf(made).length === 0) assert.equal(recorder.advance(1), true);
  commit(made, 11, 3, 3, 0);
  commit(made, 21, 4, 4, 1);
  assert.deepEqual(commitsOf(made), [10, 11], "the second one is not told yet");
  while (recorder.advance(1));
  assert.deepEqual(commitsOf(made), [10, 11, 20, 21]);
  commit(made, 22, 5, 5, 1);
  assert.deepEqual(commitsOf(made), [10, 11, 20, 21, 22]);
});

test("where windows would take more than half a file, fewer of their commits are told", () => {
  const told = (fileBytesMax: number) => {
    const made = recorded({ isBegun: false, fileBytesMax });
    made.recorder.observer.observe(polled(100));
    for (let order = 1; order <= 10; order += 1) commit(made, order, order);
    made.recorder.beginFile();
    made.recorder.advance(1e9);
    return commitsOf(made);
  };
  assert.equal(told(1e6).length, 10);
  assert.deepEqual(told(2 * 3 * 130), [8, 9, 10]);
  assert.deepEqual(told(1), [10]);
});

test("a watermark is written once an interval and partition, and at once where the leader answers no more", () => {
  const { recorder, clock, lines } = recorded({ watermarksEveryMs: 10_000 });
  const away = polled(Number.NaN, { unavailable: new Map([[0, "no-leader"]]) });
  for (let s = 0; s < 40; s += 2) {
    clock.nowMs = at(s);
    recorder.observer.observe(s === 12 || s === 14 ? away : polled(s));
  }
  const written = lines().flatMap((line) => ("end" in line ? [line.end] : "unavailable" in line ? ["away"] : []));
  assert.deepEqual(written, [0, 8, "away", 16, 18, 28, 38]);
});

test("log starts are told with the next end; a partition of which none is known has none", () => {
  const { recorder, clock, lines } = recorded();
  recorder.observer.observe(polled(5));
  recorder.observer.observe(polled(3, { which: "start" }));
  clock.nowMs = at(10);
  recorder.observer.observe(polled(6));
  assert.deepEqual(lines().slice(2), [
    { t: at(0), topic: "t", partition: 0, end: 5 },
    { t: at(10), topic: "t", partition: 0, end: 6, start: 3 },
  ]);
});

test("topics and groups are written when they change", () => {
  const { recorder, lines } = recorded();
  const { observer } = recorder;
  const listing = (...states: readonly string[]): Observation => ({
    kind: "groups",
    groups: states.map((state, i) => ({ group: `g${i}`, protocolType: "", state, type: "classic" })),
  });
  for (const observation of [
    TOPICS,
    listing("Empty"),
    listing("Empty"),
    listing("Stable"),
    listing(),
    listing(),
    listing(),
  ])
    observer.observe(observation);
  observer.observe({ kind: "topics", topics: [] });
  observer.observe({ kind: "topics", topics: [] });
  const group = { t: GRID_MS, group: "g0", type: "classic", protocol: "" };
  assert.deepEqual(lines().slice(2), [
    { ...group, state: "Empty" },
    { ...group, state: "Stable" },
    { t: GRID_MS, group: "g0", state: "Dead" },
    { t: GRID_MS, topic: "t", partitions: 0 },
  ]);
});

test("a clock that jumps back stands still", () => {
  const made = recorded();
  const { clock, lines } = made;
  clock.nowMs = at(20);
  commit(made, 1, 1);
  clock.nowMs = at(5);
  commit(made, 2, 2);
  assert.deepEqual(
    lines()
      .slice(2)
      .map((line) => ("t" in line ? line.t : undefined)),
    [at(20), at(20)],
  );
});

test("after the end of a file nothing is written until the next begins, and that one stands alone", () => {
  const made = recorded();
  const { recorder, texts } = made;
  recorder.observer.observe(polled(50));
  commit(made, 1, 1);
  const before = texts().length;
  recorder.endFile();
  commit(made, 2, 2);
  recorder.observer.observe({ kind: "topics", topics: [] });
  recorder.observer.observe(TOPICS);
  assert.equal(recorder.advance(1e9), false);
  assert.equal(texts().length, before);
  recorder.observer.observe(polled(60));
  recorder.beginFile();
  recorder.advance(1e9);
  assert.deepEqual(
    texts()
      .slice(before)
      .map((text) => Object.keys(JSON.parse(text))[1]),
    ["cluster", "topic", "topic", "group"], // the window went with its topic, the present did not
  );
});
