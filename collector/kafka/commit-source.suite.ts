/**
 * # The conformance suite of commit-source.ts: what every source of commits promises
 *
 * A stage is a cluster, simulated or real, with one topic of two partitions and records enough; the suite commits there, and looks
 * at what a source tells of it. What a stage cannot do is a named skip.
 */

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { z } from "zod";
import { systemClock } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import { createLogger } from "../../runtime/logger.ts";
import { createBurrowSource } from "../burrow/burrow-source.ts";
import { ClusterConfig, CollectorConfig } from "../config.ts";
import type { Observation, Observer } from "../model/observation.ts";
import { BURROW_STORE_DEFAULTS } from "../window/burrow-store.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import { createClusterState } from "../window/cluster-state.ts";
import { createKafkaSource } from "./source.ts";

export interface CommitStage extends AsyncDisposable {
  readonly brokers: readonly string[];
  /** For `source: burrow`. */
  readonly burrow?: { readonly url: string; readonly cluster: string };
  readonly topic: string;
  /** Names of this stage alone: others may be in the same cluster. */
  readonly groups: { readonly g: string; readonly other: string };
  /** Resolves when the coordinator has taken it. */
  commit(group: string, partition: number, committedOffset: number): Promise<void>;
  /** Undefined where the source is not told of it. */
  readonly deleteOffset: ((group: string, partition: number) => Promise<void>) | undefined;
  deleteGroup(group: string): Promise<void>;
  /** Rejects where it does not come true in time. */
  until(what: string, isSo: () => boolean): Promise<void>;
  readonly faults: CommitFaults | undefined;
}

/** Each answers with the way back. */
export interface CommitFaults {
  /** Two groups of different coordinators. */
  readonly apart: readonly [string, string];
  takeCoordinatorAway(group: string): Promise<() => Promise<void>>;
  denyGroup(group: string): () => void;
}

export type SourceName = z.output<typeof ClusterConfig>["source"];

interface Told {
  readonly group: string;
  readonly partition: number;
  readonly committedOffset: number;
  readonly atMs: number;
}

interface Watching extends AsyncDisposable {
  readonly state: ClusterState;
  readonly commits: readonly Told[];
  readonly seen: readonly Observation[];
  /** As the state has it now; NaN: none. */
  offsetOf(group: string, partition: number): number;
  /** Between which times its newest commit was made, as far as is told. */
  boundsOf(group: string, partition: number): { readonly afterMs: number; readonly byMs: number };
}

export function commitSourceSuite(source: SourceName, open: () => Promise<CommitStage>): void {
  const onStage = (play: (stage: CommitStage) => Promise<void>) => async () => {
    await using stage = await open();
    await play(stage);
  };
  suite(`commits by ${source}`, { concurrency: true }, () => {
    test("the present is told before any commit, and then that all is read", onStage(playPresent(source)));
    test("each new offset is told once, with bounds that hold when it was made", onStage(playCommits(source)));
    test("what is committed again is told no more often than it was", onStage(playSame(source)));
    test("an offset that is taken back is, and the others stay", async (t) => {
      await using stage = await open();
      if (stage.deleteOffset === undefined) t.skip("nobody tells this source that an offset is deleted");
      else await playTakenBack(source, stage, stage.deleteOffset);
    });
    test("a group that ends is gone, and one that begins is there", onStage(playEnds(source)));
    test("a group that is refused costs itself, until it is not", async (t) => {
      await using stage = await open();
      if (stage.faults === undefined) t.skip("this stage cannot refuse a group");
      else await playRefused(source, stage, stage.faults);
    });
    test("a coordinator that is away costs its own groups, and they come back", async (t) => {
      await using stage = await open();
      if (stage.faults === undefined) t.skip("this stage cannot take a coordinator away");
      else await playAway(source, stage, stage.faults);
    });
  });
}

type Play = (source: SourceName) => (stage: CommitStage) => Promise<void>;

const playPresent: Play = (source) => async (stage) => {
  const { g } = stage.groups;
  await stage.commit(g, 0, 5);
  await stage.commit(g, 1, 6);
  await using watching = watch(stage, source);
  const { state } = watching;
  await stage.until("all is read", () => {
    const { partitions, replayed } = state.logs.summary();
    return partitions > 0 && replayed === partitions;
  });
  assert.deepEqual([watching.offsetOf(g, 0), watching.offsetOf(g, 1)], [5, 6]);
  const first = watching.seen.find(
    (one) => (one.kind === "baseline" || one.kind === "commit-bounds") && (one.kind !== "baseline" || one.group === g),
  );
  assert.equal(first?.kind, "baseline");
  assert.equal(state.logs.of(state.logPartitionOf(g)).isPolled, source === "polling");
};

const playCommits: Play = (source) => async (stage) => {
  const { g } = stage.groups;
  await stage.commit(g, 0, 10);
  await using watching = watch(stage, source);
  await stage.until("the baseline", () => watching.offsetOf(g, 0) === 10);
  for (const committedOffset of [11, 12, 13]) {
    const [beforeMs] = [systemClock.nowMs(), await stage.commit(g, 0, committedOffset)];
    const behindMs = systemClock.nowMs();
    await stage.until(`offset ${committedOffset}`, () => watching.offsetOf(g, 0) === committedOffset);
    await stage.until("its bounds", () => !Number.isNaN(watching.boundsOf(g, 0).byMs));
    const { afterMs, byMs } = watching.boundsOf(g, 0);
    assert.ok(
      afterMs <= behindMs && byMs >= beforeMs,
      `${afterMs} to ${byMs} holds some of ${beforeMs} to ${behindMs}`,
    );
  }
  const told = watching.commits.filter(({ group, committedOffset }) => group === g && committedOffset > 10);
  assert.deepEqual(
    told.map(({ committedOffset }) => committedOffset),
    [11, 12, 13],
  );
  assert.ok(told.every(({ atMs }, i) => atMs >= (told[i - 1]?.atMs ?? 0)));
};

const playSame: Play = (source) => async (stage) => {
  const { g, other } = stage.groups;
  await stage.commit(g, 0, 10);
  await using watching = watch(stage, source);
  await stage.until("the baseline", () => watching.offsetOf(g, 0) === 10);
  for (let times = 0; times < 3; times += 1) await stage.commit(g, 0, 20);
  await stage.commit(other, 0, 1);
  await stage.until("what comes behind", () => watching.offsetOf(other, 0) === 1);
  await stage.until("the offset", () => watching.offsetOf(g, 0) === 20);
  const told = watching.commits.filter(({ group, committedOffset }) => group === g && committedOffset === 20);
  assert.ok(told.length >= 1 && told.length <= (source === "polling" ? 1 : 3), `${told.length} are told`);
};

async function playTakenBack(
  source: SourceName,
  stage: CommitStage,
  deleteOffset: NonNullable<CommitStage["deleteOffset"]>,
): Promise<void> {
  const { g } = stage.groups;
  await stage.commit(g, 0, 10);
  await stage.commit(g, 1, 11);
  await using watching = watch(stage, source);
  await stage.until("the baseline", () => watching.offsetOf(g, 1) === 11);
  await deleteOffset(g, 1);
  await stage.until("it is taken back", () => Number.isNaN(watching.offsetOf(g, 1)));
  assert.equal(watching.offsetOf(g, 0), 10);
  await stage.commit(g, 1, 12);
  await stage.until("and committed again", () => watching.offsetOf(g, 1) === 12);
}

const playEnds: Play = (source) => async (stage) => {
  const { g, other } = stage.groups;
  await stage.commit(g, 0, 10);
  await using watching = watch(stage, source);
  await stage.until("the baseline", () => watching.offsetOf(g, 0) === 10);
  await stage.deleteGroup(g);
  await stage.until("it is gone", () => Number.isNaN(watching.offsetOf(g, 0)));
  await stage.until("its end is told", () => watching.seen.some(({ kind }) => kind === "group-tombstone"));
  await stage.commit(other, 1, 3);
  await stage.until("another one is there", () => watching.offsetOf(other, 1) === 3);
};

async function playRefused(source: SourceName, stage: CommitStage, faults: CommitFaults): Promise<void> {
  const { g, other } = stage.groups;
  await stage.commit(g, 0, 10);
  await stage.commit(other, 0, 1);
  const grant = faults.denyGroup(g);
  await using watching = watch(stage, source);
  await stage.until("the other one", () => watching.offsetOf(other, 0) === 1);
  await stage.commit(other, 0, 2);
  await stage.until("it goes on", () => watching.offsetOf(other, 0) === 2);
  grant();
  await stage.commit(g, 0, 11);
  await stage.until("the first one", () => watching.offsetOf(g, 0) === 11);
}

async function playAway(source: SourceName, stage: CommitStage, faults: CommitFaults): Promise<void> {
  const [near, far] = faults.apart;
  await stage.commit(near, 0, 10);
  await stage.commit(far, 0, 20);
  await using watching = watch(stage, source);
  const { state } = watching;
  const isAway = (group: string): boolean => state.logs.of(state.logPartitionOf(group)).unavailable !== undefined;
  await stage.until("both", () => watching.offsetOf(near, 0) === 10 && watching.offsetOf(far, 0) === 20);
  const giveBack = await faults.takeCoordinatorAway(far);
  await stage.until("the one is away", () => isAway(far));
  await stage.commit(near, 0, 11);
  await stage.until("the other goes on", () => watching.offsetOf(near, 0) === 11);
  assert.equal(isAway(near), false);
  await giveBack();
  await stage.commit(far, 0, 21);
  await stage.until("it is back", () => watching.offsetOf(far, 0) === 21 && !isAway(far));
  assert.equal(watching.commits.filter(({ committedOffset }) => committedOffset === 21).length, 1);
}

function actorOf({ brokers, burrow }: CommitStage, source: SourceName, observer: Observer): Actor {
  const config = ClusterConfig.parse({
    brokers,
    source,
    poll_interval: "100ms",
    ...(burrow && { burrow: { url: burrow.url, cluster: burrow.cluster } }),
  });
  const shared = { cluster: "c", config, observer, clock: systemClock, logger: createLogger("silent") };
  if (source === "burrow") return createBurrowSource({ ...shared, intervals: 10 }).actor;
  return createKafkaSource({
    ...shared,
    collector: CollectorConfig.parse({}),
    offsetRefreshMs: 200,
    wantedRecordTimes: () => [],
    saved: () => undefined,
  }).actor;
}

function watch(stage: CommitStage, source: SourceName): Watching {
  const { topic } = stage;
  const nowS = () => Math.floor(systemClock.nowMs() / 1_000);
  const state = createClusterState({ cluster: "c", burrow: BURROW_STORE_DEFAULTS, nowS });
  const commits: Told[] = [];
  const seen: Observation[] = [];
  const actor = actorOf(stage, source, watched(state, commits, seen));
  const stop = new AbortController();
  const run = actor(stop.signal);
  const slotOf = (group: string, partition: number): number => state.table.find({ group, topic, partition }) ?? -1;
  return {
    state,
    commits,
    seen,
    offsetOf: (group, partition) => state.offsets.committedOffset.get(slotOf(group, partition)),
    boundsOf: (group, partition) => {
      const slot = slotOf(group, partition);
      const byMs = state.offsets.committedAtMs.get(slot);
      const afterMs = state.offsets.committedAfterMs.get(slot);
      return { afterMs: Number.isNaN(afterMs) ? byMs : afterMs, byMs };
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await run;
    },
  };
}

/** What is told, kept for a look, and told on. */
function watched(state: ClusterState, commits: Told[], seen: Observation[]): Observer {
  return {
    get handlesEpoch() {
      return state.handlesEpoch;
    },
    handleOf: state.handleOf,
    findHandle: state.findHandle,
    commit: (handle, committedOffset, atMs, order, logPartition, decidedOrder) => {
      const key = state.table.keyOf(handle);
      if (key !== undefined) commits.push({ ...key, committedOffset, atMs });
      state.commit(handle, committedOffset, atMs, order, logPartition, decidedOrder);
    },
    observe: (observation) => {
      seen.push(observation);
      state.observe(observation);
    },
  };
}
