/**
 * What is recorded is judged as it was live: a cluster runs, its collector ticks and records, and the recorded lines, replayed,
 * give the same evaluations at the same grid times, to the last field.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createVerdicts } from "../evaluate/judge.ts";
import { liveGroupNames, takeSnapshot } from "../evaluate/snapshot.ts";
import type { GroupEvaluation } from "../model/evaluation.ts";
import type { Observation, Observer, UnavailableReason } from "../model/observation.ts";
import { groupEvaluationsOf } from "../model/snapshot.ts";
import { groupPartition } from "../protocol/group-partition.ts";
import { createTracePlayer } from "./player.ts";
import { readLineText } from "./read-line.ts";
import { recordedState } from "./recording.fixture.ts";
import { GRID_MS, INTERVAL_MS, STRICT } from "./trace.fixture.ts";

const LOGS = 4;
const PARTITIONS = 2;
/** Once an interval, a group commits that reads less than is produced. */
const SLOW_AT_MS = 5_000;
const RULES = STRICT.rules;

type Evaluations = readonly (readonly [at: number, groups: readonly GroupEvaluation[]])[];

/** What happens in a second of the cluster. */
const second = fc.record({
  produced: fc.constantFrom(0, 1, 5, 40),
  committers: fc.subarray(["g", "h", "i"]),
  /** Share of the lag that is read. */
  reads: fc.constantFrom(0, 0.5, 1, -0.3),
  rare: fc.constantFrom(
    "",
    "",
    "",
    "",
    "",
    "members",
    "empty",
    "tombstone",
    "away",
    "baseline",
    "grow",
    "listing",
    "log",
  ),
});
type Second = typeof second extends fc.Arbitrary<infer Value> ? Value : never;

interface Cluster {
  readonly observer: Observer;
  readonly clock: { nowMs: number };
  end: number;
  order: number;
  partitions: number;
  generation: number;
  readonly committed: Map<string, number>;
}

function run(cluster: Cluster, happens: Second): void {
  const { observer, clock } = cluster;
  cluster.end += happens.produced;
  if ((clock.nowMs / 1_000) % 2 === 0 && happens.rare !== "away") poll(cluster);
  for (const group of happens.committers)
    for (let partition = 0; partition < PARTITIONS; partition += 1)
      commit(cluster, { group, partition }, happens.reads);
  if (clock.nowMs % INTERVAL_MS === SLOW_AT_MS) commit(cluster, { group: "slow", partition: 0 }, 0.01);
  for (const observation of rareOf(cluster, happens)) observer.observe(observation);
}

function commit(cluster: Cluster, { group, partition }: { group: string; partition: number }, reads: number): void {
  const { observer, clock, committed } = cluster;
  const before = committed.get(`${group} ${partition}`) ?? 0;
  const offset = Math.max(0, Math.round(before + (cluster.end - before) * reads));
  committed.set(`${group} ${partition}`, offset);
  cluster.order += 1;
  const handle = observer.handleOf(group, "t", partition);
  observer.commit(handle, offset, clock.nowMs - 20, cluster.order, groupPartition(group, LOGS), cluster.order);
}

function poll(cluster: Cluster, reason?: UnavailableReason): void {
  const { clock, end, partitions } = cluster;
  const numbers = Array.from({ length: partitions }, (_, partition) => partition);
  const asked = {
    atMs: clock.nowMs,
    answeredAtMs: clock.nowMs,
    topics: ["t"],
    topicIndex: new Int32Array(partitions),
    partitions: Int32Array.from(numbers),
  };
  const unavailable = new Map(reason === undefined ? [] : [[1, reason]]);
  const ends = Float64Array.from(numbers, (partition) => (unavailable.has(partition) ? Number.NaN : end));
  const starts = ends.map((offset) => Math.floor(offset / 3));
  cluster.observer.observe({ kind: "watermarks", which: "start", ...asked, offsets: starts, unavailable });
  cluster.observer.observe({ kind: "watermarks", which: "end", ...asked, offsets: ends, unavailable });
}

function rareOf(cluster: Cluster, { rare, produced }: Second): readonly Observation[] {
  const { clock, observer } = cluster;
  const logPartition = groupPartition("g", LOGS);
  switch (rare) {
    case "members":
    case "empty": {
      cluster.generation += 1;
      const owns = rare === "members" ? [{ topic: "t", partitions: [0, cluster.generation % 2] }] : [];
      const members = owns.map((one) => ({ memberId: "m", clientId: "c", clientHost: "/h", partitions: [one] }));
      const facts = { protocolType: "consumer", state: rare, type: "classic", generation: cluster.generation };
      return [
        {
          kind: "members",
          group: "g",
          ...facts,
          members,
          order: undefined,
          logPartition: undefined,
          atMs: clock.nowMs,
        },
      ];
    }
    case "tombstone":
      cluster.order += 1;
      return [
        {
          kind: "offset-tombstone",
          handle: observer.handleOf("h", "t", 0),
          logPartition: groupPartition("h", LOGS),
          order: cluster.order,
        },
        // The source asks whether the topic is still the same.
        topicsOf(cluster),
      ];
    case "away":
      poll(cluster, produced > 1 ? "no-leader" : "unauthorised");
      return [];
    case "baseline":
      return [
        {
          kind: "baseline",
          group: "j",
          logPartition: groupPartition("j", LOGS),
          offsets: [{ topic: "t", partition: 0, committedOffset: produced }],
        },
      ];
    case "grow":
      cluster.partitions += 1;
      return [topicsOf(cluster)];
    case "listing":
      return [
        { kind: "groups", groups: [{ group: "k", protocolType: "connect", state: `s${produced}`, type: "classic" }] },
      ];
    case "log":
      if (produced > 1) return [{ kind: "log-unavailable", logPartition, reason: "no-leader", atMs: clock.nowMs }];
      return [progressOf(logPartition)];
    default:
      return [];
  }
}

function topicsOf({ partitions }: Cluster): Observation {
  return { kind: "topics", topics: [{ topic: "t", topicId: "id", partitions }] };
}

function progressOf(logPartition: number): Observation {
  const read = { baselineOrder: 0, replayed: true, backfilled: true, progress: 1, atMs: GRID_MS };
  return { kind: "log-progress", logPartition, logPartitions: LOGS, ...read };
}

/** The evaluations of the live ticks after the recording began, and what was recorded. */
function live(
  before: readonly Second[],
  after: readonly Second[],
): { readonly ticks: Evaluations; readonly texts: readonly string[] } {
  const { state, recorder, clock, texts } = recordedState({ watermarksEveryMs: 1 });
  const verdicts = createVerdicts(state, RULES);
  const { observer } = recorder;
  const cluster = { observer, clock, end: 100, order: 0, partitions: PARTITIONS, generation: 0, committed: new Map() };
  const ticks: [number, readonly GroupEvaluation[]][] = [];
  for (let log = 0; log < LOGS; log += 1) observer.observe(progressOf(log));
  observer.observe(topicsOf(cluster));
  // As the player does with the time at which its trace begins.
  verdicts.judge(GRID_MS, GRID_MS);
  const pass = (seconds: readonly Second[]): void => {
    for (const happens of seconds) {
      clock.nowMs += 1_000;
      run(cluster, happens);
      if (clock.nowMs % INTERVAL_MS !== 0) continue;
      state.sampleBurrow();
      verdicts.judge(clock.nowMs, clock.nowMs);
      const options = { state, verdicts, nowMs: clock.nowMs, allowedLag: RULES.allowedLag };
      ticks.push([clock.nowMs, [...groupEvaluationsOf(takeSnapshot(options, liveGroupNames(state)))]]);
    }
  };
  pass(before);
  ticks.length = 0;
  // A recording begins with the list of topics: what was in doubt before it is so no more.
  observer.observe(topicsOf(cluster));
  recorder.beginFile();
  recorder.advance(1e9);
  pass(after);
  return { ticks, texts: texts() };
}

function replayedTicks(texts: readonly string[]): Evaluations {
  const ticks: [number, readonly GroupEvaluation[]][] = [];
  const lines = texts.map((text) => {
    const read = readLineText(text);
    assert.ok(read.kind === "line", text);
    return read.line;
  });
  const [header] = lines;
  assert.ok(header?.kind === "header");
  const onTick = (snapshot: Parameters<typeof groupEvaluationsOf>[0]): void => {
    ticks.push([snapshot.at, [...groupEvaluationsOf(snapshot)]]);
  };
  const player = createTracePlayer({ header: header.line, strict: STRICT, onTick });
  for (const line of lines) player.line(line);
  player.flush();
  return ticks;
}

/** How old a record is, rates, what is usual and how many rebalances also rest on what was seen before the recording. */
function verdictsOf(groups: readonly GroupEvaluation[] | undefined): unknown {
  const learnt = /^lag_seconds|_per_second$|^commit_interval|^(recent_)?rebalances$/u;
  return JSON.parse(JSON.stringify(groups ?? null, (key, value) => (learnt.test(key) ? undefined : value)));
}

/** The same seed gives the same script; a failing one is named, and not shrunk: it would be a page of nothing. */
function script(seconds: number, seed: number): readonly Second[] {
  return fc.sample(second, { numRuns: seconds, seed });
}

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed);

test("recorded from the beginning, a trace is judged as it was live, at every tick", () => {
  let statuses = new Set<string>();
  for (const seed of SEEDS) {
    const { ticks, texts } = live([], script(200, seed));
    const replayed = replayedTicks(texts).filter(([at]) => at > GRID_MS);
    // The last second writes a line only where something happens in it.
    assert.ok(ticks.length - replayed.length <= 1, `seed ${seed}`);
    assert.deepEqual(replayed, ticks.slice(0, replayed.length), `seed ${seed}`);
    const shown = ticks.flatMap(([, groups]) => groups.flatMap((one) => one.partitions));
    statuses = statuses.union(new Set(shown.map(({ status }) => status)));
  }
  assert.ok(
    statuses.isSupersetOf(new Set(["OK", "WARN", "STOP", "REWIND", "stale", "unauthorised"])),
    [...statuses].join(),
  );
});

test("recorded from the middle, it is judged alike from there on, where no end moved before", () => {
  for (const seed of SEEDS) {
    const still = script(61, seed).map(
      (one): Second => ({ ...one, produced: 0, rare: one.rare === "grow" ? "" : one.rare }),
    );
    const { ticks, texts } = live(still, script(150, seed + SEEDS.length));
    const replayed = new Map(replayedTicks(texts));
    for (const [at, groups] of ticks.slice(0, -1))
      assert.deepEqual(verdictsOf(replayed.get(at)), verdictsOf(groups), `seed ${seed}`);
    assert.ok(ticks.length > 10);
  }
});
