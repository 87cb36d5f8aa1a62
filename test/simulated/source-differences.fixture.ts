/**
 * # One scripted population, judged by both sources
 *
 * A group with a topic of one partition for each way in which a consumer may go, by a clock of its own. One state is told each
 * commit with its time, as the offsets topic has it; the other what polls of it make of it. Both are judged at each tick.
 */

import { createVerdicts } from "../../collector/evaluate/judge.ts";
import { takeSnapshot } from "../../collector/evaluate/snapshot.ts";
import { createPolledOffsets } from "../../collector/ingest/polled-offsets.ts";
import type { Observer } from "../../collector/model/observation.ts";
import { groupEvaluationsOf } from "../../collector/model/snapshot.ts";
import { BURROW_STORE_DEFAULTS } from "../../collector/window/burrow-store.ts";
import type { ClusterState } from "../../collector/window/cluster-state.ts";
import { createClusterState } from "../../collector/window/cluster-state.ts";

const START_MS = 1_700_000_000_000;
const TICK_S = 10;
const COMMIT_S = 5;
/** When what goes wrong begins. */
export const TROUBLE_S = 300;
export const END_S = 1_500;

/** By the second: where the log ends, and what the consumer commits then; undefined: it commits nothing. */
export interface Script {
  readonly end: (s: number) => number;
  readonly committed: (s: number) => number | undefined;
}

const every = (s: number, of: (s: number) => number | undefined) => (s % COMMIT_S === 0 ? of(s) : undefined);
const tenASecond = (s: number): number => 10 * s;
const oneAMinute = (s: number): number => Math.floor(s / 60);
const before = (s: number, of: number): number => Math.min(s, of);

export const SCRIPTS: Readonly<Record<string, Script>> = {
  "keeps up": { end: tenASecond, committed: (s) => every(s, tenASecond) },
  "falls behind": {
    end: tenASecond,
    committed: (s) => every(s, () => tenASecond(before(s, TROUBLE_S)) + Math.max(0, s - TROUBLE_S)),
  },
  stops: { end: tenASecond, committed: (s) => (s > TROUBLE_S ? undefined : every(s, tenASecond)) },
  stalls: { end: tenASecond, committed: (s) => every(s, () => tenASecond(before(s, TROUBLE_S))) },
  "goes back": {
    end: tenASecond,
    committed: (s) => every(s, () => (s > TROUBLE_S ? tenASecond(TROUBLE_S) - 2_500 + (s - TROUBLE_S) : tenASecond(s))),
  },
  "is idle": { end: () => 100, committed: (s) => every(s, () => 100) },
  "one record a minute": { end: oneAMinute, committed: (s) => every(s, oneAMinute) },
  "one record a minute, and stops": {
    end: oneAMinute,
    committed: (s) => (s > TROUBLE_S ? undefined : every(s, oneAMinute)),
  },
};

export interface Judged {
  readonly group: string;
  readonly s: number;
  readonly topic: string;
  readonly polled: string;
}

/** The strict verdict of each group at each tick, by the one source and by the other. */
export function judgeBoth(): readonly Judged[] {
  let s = 0;
  const names = Object.keys(SCRIPTS);
  const [topic, polled] = [side(() => s), side(() => s)];
  const polls = createPolledOffsets({ observer: polled.state, partitionsMax: 100 });
  const newest = new Map<string, number>();
  const judged: Judged[] = [];
  for (; s <= END_S; s += 1) {
    for (const [group, { committed }] of Object.entries(SCRIPTS)) {
      const offset = committed(s);
      if (offset === undefined) continue;
      newest.set(group, offset);
      commitTo(topic.state, { group, offset, s });
    }
    // Polls lie between two ticks, as they may.
    if (s % TICK_S === 3) for (const [group, offset] of newest) polls.take(answerOf(group, offset, s));
    if (s % TICK_S !== 0) continue;
    for (const one of [topic, polled]) one.sample();
    const [told, seen] = [topic.verdicts(names), polled.verdicts(names)];
    for (const group of names) {
      const pair = { topic: told.get(group) ?? "none", polled: seen.get(group) ?? "none" };
      judged.push({ group, s, ...pair });
    }
  }
  return judged;
}

const atMs = (s: number): number => START_MS + s * 1_000;

function answerOf(group: string, committedOffset: number, s: number) {
  const times = { askedAtMs: atMs(s), answeredAtMs: atMs(s) + 5, order: s };
  return { group, logPartition: 0, ...times, offsets: [{ topic: group, partition: 0, committedOffset }] };
}

function commitTo(
  observer: Observer,
  { group, offset, s }: { readonly group: string; readonly offset: number; readonly s: number },
): void {
  observer.commit(observer.handleOf(group, group, 0), offset, atMs(s), s, 0, s);
}

function side(nowOf: () => number) {
  const nowS = () => Math.floor(atMs(nowOf()) / 1_000);
  const state = createClusterState({ cluster: "c", burrow: BURROW_STORE_DEFAULTS, nowS });
  const topics = Object.keys(SCRIPTS);
  state.observe({ kind: "topics", topics: topics.map((one) => ({ topic: one, topicId: undefined, partitions: 1 })) });
  const read = { baselineOrder: 0, replayed: true, backfilled: true, progress: 1, atMs: START_MS };
  state.observe({ kind: "log-progress", logPartition: 0, logPartitions: 1, ...read });
  const verdicts = createVerdicts(state, { minimumComplete: 0, allowedLag: 0 });
  const sample = (): void => {
    state.observe(endsAt(topics, nowOf()));
    state.sampleBurrow();
  };
  sample();
  return {
    state,
    sample,
    verdicts: (groups: readonly string[]) => {
      for (const _ of verdicts.judging(atMs(nowOf()), atMs(nowOf()))) void _;
      return statusesOf(state, { verdicts, nowMs: atMs(nowOf()), groups });
    },
  };
}

function endsAt(topics: readonly string[], s: number) {
  return {
    kind: "watermarks" as const,
    which: "end" as const,
    atMs: atMs(s),
    answeredAtMs: atMs(s),
    topics,
    topicIndex: Int32Array.from(topics.keys()),
    partitions: new Int32Array(topics.length),
    offsets: Float64Array.from(topics, (topic) => SCRIPTS[topic]?.end(s) ?? 0),
    unavailable: new Map(),
  };
}

function statusesOf(
  state: ClusterState,
  at: {
    readonly verdicts: ReturnType<typeof createVerdicts>;
    readonly nowMs: number;
    readonly groups: readonly string[];
  },
): ReadonlyMap<string, string> {
  const snapshot = takeSnapshot({ state, verdicts: at.verdicts, nowMs: at.nowMs, allowedLag: 0 }, at.groups);
  return new Map(
    [...groupEvaluationsOf(snapshot)].map(({ group, partitions }) => [group, partitions[0]?.burrow_status ?? "none"]),
  );
}
