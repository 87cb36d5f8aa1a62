/**
 * Saved, written, read and restored, a cluster goes on as if it had never stopped: whatever happened before, while it was saved
 * and after, the strict rules answer the same. What was offered while saving went on is read from the log once more.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { consumerList, fetchConsumer, fetchTopic, topicList } from "../window/burrow-reads.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import { createClusterState } from "../window/cluster-state.ts";
import type { SavedLog, SavedPiece } from "../window/saved.ts";
import { restoreGroups, restoreTopics } from "../window/saved-restore.ts";
import { takePieces } from "../window/saved-take.ts";
import { endFrame, fileHeader, frameOf, readSaved } from "./format.ts";
import { bodyOf } from "./piece-body.ts";

const START_S = 1_700_000_000;
const GROUPS = ["a", "b", "\ud800", "__proto__"] as const;
const TOPICS = ["t", "u"] as const;
const LOGS = 2;

const group = fc.constantFrom(...GROUPS);
const place = { group, topic: fc.constantFrom(...TOPICS), partition: fc.nat({ max: 2 }) };
/** A record of the log; commits of a producer wait for its marker. */
const record = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("commit" as const),
      ...place,
      offset: fc.nat({ max: 1_000 }),
      backMs: fc.nat({ max: 3_000 }),
      producer: fc.constantFrom(0, 0, 0, 1, 2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("marker" as const), producer: fc.constantFrom(1, 2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("group-tombstone" as const), group }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("owner" as const), ...place, clientId: fc.constantFrom("x", "", "é") }),
  },
);
/** What brokers say otherwise. */
const answer = fc.oneof(
  fc.record({
    kind: fc.constant("end" as const),
    topic: place.topic,
    partition: place.partition,
    end: fc.nat({ max: 1_000 }),
  }),
  fc.record({ kind: fc.constant("sample" as const) }),
  fc.record({ kind: fc.constant("recreated" as const), topic: place.topic }),
);
type LogRecord = typeof record extends fc.Arbitrary<infer T> ? T : never;
type Answer = typeof answer extends fc.Arbitrary<infer T> ? T : never;

/** The logs of a cluster, and a state that reads them. */
function createRun(options: { readonly minDistanceMs: number }) {
  const clock = { nowS: START_S };
  const burrow = { intervals: 3, expireGroupMs: 1e9, ...options };
  const state = createClusterState({ cluster: "c", burrow, nowS: () => clock.nowS });
  const positions = new Float64Array(LOGS);
  /** By log and producer: commits that wait. */
  const pending = new Map<
    string,
    { readonly order: number; readonly commit: Extract<LogRecord, { kind: "commit" }> }[]
  >();
  const ids = new Map<string, number>();
  const logs = (): readonly SavedLog[] =>
    Array.from(positions, (position, logPartition) => {
      const waiting = [...pending].flatMap(([key, commits]) =>
        key.startsWith(`${logPartition} `) ? commits.map(({ order }) => order) : [],
      );
      return { logPartition, from: 0, position, resume: Math.min(position, ...waiting) };
    });
  return { clock, state, positions, pending, ids, logs };
}
type Run = ReturnType<typeof createRun>;

const logOf = (name: string): number => GROUPS.indexOf(name as (typeof GROUPS)[number]) % LOGS;

function tell(
  { state, pending, clock, positions }: Run,
  log: number,
  { order, one }: { order: number; one: LogRecord },
): void {
  positions[log] = order + 1;
  const commit = (given: Extract<LogRecord, { kind: "commit" }>, at: number): void => {
    const handle = state.handleOf(given.group, given.topic, given.partition);
    state.commit(handle, given.offset, clock.nowS * 1000 - given.backMs, at, log, order);
  };
  switch (one.kind) {
    case "commit": {
      const key = `${log} ${one.producer}`;
      if (one.producer === 0) commit(one, order);
      else pending.set(key, [...(pending.get(key) ?? []), { order, commit: one }]);
      return;
    }
    case "marker": {
      const key = `${log} ${one.producer}`;
      for (const { order: at, commit: waiting } of pending.get(key) ?? []) commit(waiting, at);
      pending.delete(key);
      return;
    }
    case "group-tombstone":
      state.observe({ kind: "group-tombstone", group: one.group, logPartition: log, order });
      return;
    case "owner": {
      const partitions = [{ topic: one.topic, partitions: [one.partition] }];
      const members = [{ memberId: "m", clientId: one.clientId, clientHost: "/h", partitions }];
      const words = { protocolType: "consumer", state: "Stable", type: "classic", generation: 1 };
      state.observe({
        kind: "members",
        group: one.group,
        ...words,
        members,
        order,
        logPartition: log,
        atMs: clock.nowS * 1000,
      });
    }
  }
}

function hear({ state, ids }: Run, one: Answer): void {
  switch (one.kind) {
    case "end":
      state.observe({
        kind: "watermarks",
        which: "end",
        atMs: 1,
        answeredAtMs: 1,
        topics: [one.topic],
        topicIndex: Int32Array.of(0),
        partitions: Int32Array.of(one.partition),
        offsets: Float64Array.of(one.end),
        unavailable: new Map(),
      });
      return;
    case "sample":
      state.sampleBurrow();
      return;
    case "recreated":
      ids.set(one.topic, (ids.get(one.topic) ?? 0) + 1);
      listTopics(state, ids);
  }
}

function listTopics(state: ClusterState, ids: ReadonlyMap<string, number>): void {
  const topics = TOPICS.map((topic) => ({ topic, topicId: `${topic}-${ids.get(topic) ?? 0}`, partitions: 3 }));
  state.observe({ kind: "topics", topics });
}

interface LogEntry {
  readonly log: number;
  readonly order: number;
  readonly one: LogRecord;
  readonly nowS: number;
}

/** Steps over entries of the log; a marker ends what a producer did in its own log only. */
function createScript(run: Run) {
  const entries: LogEntry[] = [];
  const orders = new Float64Array(LOGS);
  return {
    entries,
    step: (one: LogRecord | Answer): void => {
      run.clock.nowS += 1;
      if (one.kind === "end" || one.kind === "sample" || one.kind === "recreated") {
        hear(run, one);
        return;
      }
      const logs = "group" in one ? [logOf(one.group)] : [0, 1];
      for (const log of logs) {
        const order = orders[log] ?? 0;
        orders[log] = order + 1;
        entries.push({ log, order, one, nowS: run.clock.nowS });
        tell(run, log, { order, one });
      }
    },
  };
}

/** Through the bytes of a file. */
function written(pieces: readonly SavedPiece[]): ReturnType<typeof readSaved> {
  const frames = pieces.map((piece) => {
    const raw = bodyOf(piece);
    return frameOf(piece.kind, { rawBytes: raw.length, body: zstdCompressSync(raw) });
  });
  return readSaved(Buffer.concat([fileHeader(), ...frames, endFrame(frames.length)]));
}

function restored(run: Run, pieces: readonly SavedPiece[], { minDistanceMs }: { minDistanceMs: number }): Run {
  const read = written(pieces);
  assert.ok(read.kind === "saved");
  const { head, topics, groups } = read.saved;
  const other = createRun({ minDistanceMs });
  restoreTopics(other.state, topics);
  for (const piece of groups) restoreGroups(other.state, head, piece);
  for (const [topic, id] of run.ids) other.ids.set(topic, id);
  head.logs.forEach(({ logPartition, resume }) => {
    other.positions[logPartition] = resume;
  });
  return other;
}

/** A start asks the brokers for all end offsets. */
function askEnds(other: Run, { state: { table, watermarks } }: Run): void {
  for (const topic of TOPICS) {
    for (const partition of [0, 1, 2]) {
      const end = watermarks.endOffset.get(table.topicPartitions.find(topic, partition) ?? -1);
      if (!Number.isNaN(end)) hear(other, { kind: "end", topic, partition, end });
    }
  }
}

function answers({ state, clock }: Run) {
  const { burrow } = state;
  const groups = [...consumerList(burrow)].sort();
  return {
    groups: groups.map((name) => [name, fetchConsumer(burrow, name, clock.nowS)]),
    topics: [...topicList(burrow)].sort().map((name) => [name, fetchTopic(burrow, name)]),
  };
}

/** The strict store dropped all their commits for want of an end offset: not saved, these may be taken when read once more. */
function groupsNotSaved({ state }: Run, entries: readonly LogEntry[]): readonly string[] {
  const committed = new Set<string>();
  for (const { one } of entries) {
    if (one.kind === "commit") committed.add(one.group);
    if (one.kind === "group-tombstone") committed.delete(one.group);
  }
  return [...committed.difference(new Set(consumerList(state.burrow)))];
}

const steps = (weight: number) =>
  fc.array(fc.oneof({ weight, arbitrary: record }, { weight: 1, arbitrary: answer }), { maxLength: 40 });

test("a run that was saved and restored answers as one that never stopped", () => {
  const minDistance = fc.constantFrom(0, 2_000);
  // While it is saved: only the log. What brokers say otherwise meanwhile is not in it, and is lost, as it is in a real stop.
  const during = fc.array(fc.array(record, { maxLength: 4 }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(minDistance, steps(3), during, steps(3), (minDistanceMs, before, meanwhile, after) => {
      const run = createRun({ minDistanceMs });
      const script = createScript(run);
      listTopics(run.state, run.ids);
      for (const topic of TOPICS)
        for (const partition of [0, 1, 2]) hear(run, { kind: "end", topic, partition, end: 500 });
      for (const one of before) script.step(one);
      fc.pre(groupsNotSaved(run, script.entries).length === 0);
      const pieces: SavedPiece[] = [];
      const between = meanwhile.values();
      const taken = takePieces({ state: run.state, nowMs: 1, logTopicId: "x", logs: run.logs, rowsMax: 1 });
      for (const piece of taken) {
        pieces.push(piece);
        for (const one of between.next().value ?? []) script.step(one);
      }
      const other = restored(run, pieces, { minDistanceMs });
      for (const { log, order, one, nowS } of script.entries) {
        other.clock.nowS = nowS;
        if (order >= (other.positions[log] ?? 0)) tell(other, log, { order, one });
      }
      askEnds(other, run);
      assert.deepEqual(answers(other), answers(run));
      for (const one of after) {
        const from = script.entries.length;
        script.step(one);
        other.clock.nowS = run.clock.nowS;
        if (script.entries.length === from) hear(other, one as Answer);
        for (const { log, order, one: entry } of script.entries.slice(from)) tell(other, log, { order, one: entry });
        assert.deepEqual(answers(other), answers(run));
      }
    }),
    { numRuns: 300 },
  );
});

test("one flipped bit anywhere, or a cut anywhere, and the file is refused whole", () => {
  const run = createRun({ minDistanceMs: 0 });
  const script = createScript(run);
  listTopics(run.state, run.ids);
  for (const partition of [0, 1, 2]) hear(run, { kind: "end", topic: "t", partition, end: 500 });
  for (let i = 0; i < 20; i += 1)
    script.step({ kind: "commit", group: "a", topic: "t", partition: i % 3, offset: i, backMs: 0, producer: 0 });
  const options = { state: run.state, nowMs: 1, logTopicId: undefined, logs: run.logs, rowsMax: 1 };
  const frames = [...takePieces(options)].map((piece) => {
    const raw = bodyOf(piece);
    return frameOf(piece.kind, { rawBytes: raw.length, body: zstdCompressSync(raw) });
  });
  const file = Buffer.concat([fileHeader(), ...frames, endFrame(frames.length)]);
  assert.equal(readSaved(file).kind, "saved");
  fc.assert(
    fc.property(fc.nat({ max: file.length * 8 - 1 }), fc.nat({ max: file.length - 1 }), (bit, end) => {
      const flipped = Buffer.from(file);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(readSaved(flipped).kind, "refused");
      assert.equal(readSaved(file.subarray(0, end)).kind, "refused");
    }),
    { numRuns: 2_000 },
  );
});
