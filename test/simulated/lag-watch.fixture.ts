/**
 * For tests: a traced world, watched as a collector would, and each row's time lag beside the truth of that very moment.
 *
 * Leaders look at their logs at the moment of a poll's lines; the question was sent a little before, the answer is there a
 * little after, for each leader another time. Records of the offsets topic arrive late too. Rows are looked at on the grid of
 * ticks and at random moments between.
 */

import { BURROW_RULES_DEFAULTS } from "../../collector/evaluate/burrow.ts";
import type { Verdicts } from "../../collector/evaluate/judge.ts";
import { createVerdicts } from "../../collector/evaluate/judge.ts";
import { planRecordTimes } from "../../collector/evaluate/plan-record-times.ts";
import { liveGroupNames, takeSnapshot } from "../../collector/evaluate/snapshot.ts";
import type { Watermarks } from "../../collector/model/observation.ts";
import type { Snapshot } from "../../collector/model/snapshot.ts";
import { readLine } from "../../collector/trace/read-line.ts";
import type { TraceSource } from "../../collector/trace/trace-source.ts";
import { createTraceSource } from "../../collector/trace/trace-source.ts";
import { BURROW_STORE_DEFAULTS } from "../../collector/window/burrow-store.ts";
import type { ClusterState } from "../../collector/window/cluster-state.ts";
import { createClusterState } from "../../collector/window/cluster-state.ts";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import type { TraceLine, UnavailableLine, WatermarkLine } from "../../simulator/trace/line.ts";
import { createTracedWorld } from "../../simulator/trace/traced-world.ts";
import { randomOf } from "../../simulator/world/random.ts";
import type { Scenario } from "../../simulator/world/specs.ts";
import type { AppendLedger } from "./append-ledger.fixture.ts";
import { createAppendLedger } from "./append-ledger.fixture.ts";

export const START_MS = Date.UTC(2026, 0, 1);
const TICK_MS = 10_000;
/** Mean time between two looks beside the ticks. */
const LOOK_MS = 9_000;
/** A question is on its way no longer than this, and so is an answer; nearly all are much faster. */
export const WAY_MS_MAX = 400;
const WAY_SKEW = 8;
/** A commit arrives after this at the latest. */
const COMMIT_DELAY_MS_MAX = 250;
/** Read-committed end offsets are polled less often. */
const STABLE_EVERY_MS = 30_000;
const QUESTIONS_MAX = 1_000;

export interface LagWatchOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly pollEveryMs: number;
  readonly lengthMs: number;
  /** After so long the collector begins anew, with nothing but what a cluster answers. */
  readonly restartAfterMs?: number;
  readonly onLook: (look: Look) => void;
  /** What the leaders answered, for whoever judges it otherwise. */
  readonly onPoll?: (lines: readonly PollLine[], look: Pick<Look, "ledger">) => void;
}

export interface Look {
  readonly snapshot: Snapshot;
  readonly nowMs: number;
  readonly isRestarted: boolean;
  readonly ledger: AppendLedger;
  /** For so long nobody can have heard of what was done to a topic. */
  readonly unheardMsMax: number;
  /** When something was done to a topic last. */
  readonly changedAtMs: ReadonlyMap<string, number>;
}

export type PollLine = WatermarkLine | UnavailableLine;

interface Collector {
  readonly state: ClusterState;
  readonly verdicts: Verdicts;
  readonly source: TraceSource;
}

interface Delivery {
  readonly dueMs: number;
  readonly deliver: (collector: Collector) => void;
}

export function watchLags(options: LagWatchOptions): void {
  const { scenario, seed, pollEveryMs, lengthMs, restartAfterMs = Number.POSITIVE_INFINITY } = options;
  const random = randomOf(seed, "watcher");
  const ledger = createAppendLedger(clusterOf(scenario, seed));
  const { cluster } = ledger;
  const clock = { nowMs: START_MS };
  const post = createPost(random);
  const changedAtMs = new Map<string, number>();
  const unheardMsMax = pollEveryMs + WAY_MS_MAX + COMMIT_DELAY_MS_MAX;
  const world = createTracedWorld({
    scenario,
    seed,
    cluster,
    startMs: START_MS,
    liveMs: START_MS,
    pollEveryMs,
    intervalMs: TICK_MS,
    write: (line) => {
      if ("topic" in line && "partitions" in line) changedAtMs.set(line.topic, line.t);
      post.take(line);
    },
  });
  let collector = createCollector(scenario, clock);
  let isRestarted = false;
  const endMs = START_MS + lengthMs;
  let [tickMs, lookMs] = [START_MS + TICK_MS, START_MS + LOOK_MS];
  for (;;) {
    const nowMs = Math.min(tickMs, lookMs);
    if (nowMs > endMs) return;
    world.advance(nowMs);
    clock.nowMs = nowMs;
    for (const lines of post.polls()) options.onPoll?.(lines, { ledger });
    post.deliver(collector, nowMs);
    if (!isRestarted && nowMs >= START_MS + restartAfterMs) {
      isRestarted = true;
      post.forget();
      collector = createCollector(scenario, clock);
      for (const line of presentLines(ledger, nowMs)) tell(collector.source, line);
    }
    collector.source.flush();
    const { state, verdicts } = collector;
    if (nowMs === tickMs) {
      state.sampleBurrow();
      verdicts.judge(nowMs, nowMs);
    }
    const snapshot = takeSnapshot({ state, verdicts, nowMs, allowedLag: 0 }, liveGroupNames(state));
    askRecordTimes(state, ledger, nowMs);
    options.onLook({ snapshot, nowMs, isRestarted, ledger, unheardMsMax, changedAtMs });
    if (nowMs === tickMs) tickMs += TICK_MS;
    if (nowMs === lookMs) lookMs += 1 + Math.floor(2 * LOOK_MS * random());
  }
}

/** Leaders are asked for the times of records that are older than all samples, and answer at once. */
function askRecordTimes(state: ClusterState, { cluster }: AppendLedger, nowMs: number): void {
  const questions = planRecordTimes(state, { nowMs, questionsMax: QUESTIONS_MAX });
  const asked = questions.filter(({ topic, partition }) => (cluster.partition(topic, partition)?.leader ?? -1) >= 0);
  if (asked.length === 0) return;
  const found = asked.map(({ topic, partition, timestampMs }) => cluster.offsetForTime(topic, partition, timestampMs));
  state.observe({
    kind: "record-times",
    topics: asked.map(({ topic }) => topic),
    topicIndex: Int32Array.from(asked.keys()),
    partitions: Int32Array.from(asked, ({ partition }) => partition),
    askedMs: Float64Array.from(asked, ({ timestampMs }) => timestampMs),
    offsets: Float64Array.from(found, (one) => one?.offset ?? -1),
    timesMs: Float64Array.from(found, (one) => one?.timestampMs ?? -1),
  });
}

function clusterOf({ brokers, offsetsPartitions }: Scenario, seed: number) {
  return createCluster({
    clusterId: "lags",
    version: "4.1",
    brokers: Array.from({ length: brokers }, (_, index) => index + 1),
    offsetsPartitions,
    random: randomOf(seed, "cluster"),
  });
}

function createCollector(scenario: Scenario, clock: { readonly nowMs: number }): Collector {
  const { cluster, offsetsPartitions: logPartitions } = scenario;
  const nowS = () => Math.floor(clock.nowMs / 1_000);
  const state = createClusterState({ cluster, burrow: BURROW_STORE_DEFAULTS, nowS });
  const verdicts = createVerdicts(state, BURROW_RULES_DEFAULTS);
  return { state, verdicts, source: createTraceSource({ observer: state, logPartitions }) };
}

function tell(source: TraceSource, line: object): void {
  const read = readLine(line);
  if (read.kind !== "line") throw new TypeError(`no line of a trace: ${JSON.stringify(line)}`);
  source.take(read.line);
}

/** What a collector that starts is told: topics, groups, and what they have committed. */
function presentLines({ cluster }: AppendLedger, t: number): readonly object[] {
  const topics = [...cluster.topics()].filter(({ isInternal }) => !isInternal);
  const groups = [...cluster.groups()];
  return [
    ...topics.map(({ name: topic, id, partitions }) => ({
      t,
      topic,
      id: Buffer.from(id).toString("base64url"),
      partitions,
    })),
    ...groups.map(({ group, state, type, generation }) => ({ t, group, state, type, generation, members: [] })),
    ...groups.map(({ group }) => {
      const committed = cluster.committedOffsets(group);
      const offsets = committed.map(({ topic, partition, committedOffset }) => [topic, partition, committedOffset]);
      return { t, group, offsets };
    }),
  ];
}

/** Lines on their way to the collector. */
function createPost(random: () => number) {
  let deliveries: Delivery[] = [];
  let lines: PollLine[] = [];
  let polls: (readonly PollLine[])[] = [];
  let newestLogMs = 0;
  const endPoll = (): void => {
    if (lines.length === 0) return;
    for (const ofLeader of Map.groupBy(lines, leaderOf).values()) deliveries.push(answerOf(ofLeader, random));
    polls.push(lines);
    lines = [];
  };
  return {
    take: (line: TraceLine): void => {
      if (isPollLine(line)) {
        if (lines[0]?.t !== line.t) endPoll();
        lines.push(line);
        return;
      }
      // In their order: they are records of logs.
      newestLogMs = Math.max(newestLogMs, line.t + Math.floor(COMMIT_DELAY_MS_MAX * random()));
      deliveries.push({ dueMs: newestLogMs, deliver: ({ source }) => tell(source, line) });
    },
    polls: () => {
      endPoll();
      const all = polls;
      polls = [];
      return all;
    },
    deliver: (collector: Collector, toMs: number): void => {
      deliveries = deliveries.toSorted((left, right) => left.dueMs - right.dueMs);
      const due = deliveries.findIndex(({ dueMs }) => dueMs > toMs);
      for (const { deliver } of deliveries.splice(0, due < 0 ? deliveries.length : due)) deliver(collector);
    },
    forget: (): void => {
      deliveries = [];
    },
  };
}

function isPollLine(line: TraceLine): line is PollLine {
  return "end" in line || "unavailable" in line;
}

function leaderOf(line: PollLine): number {
  return "end" in line ? (line.leader ?? -1) : -1;
}

/** One leader's answer, or that of none. */
function answerOf(lines: readonly PollLine[], random: () => number): Delivery {
  const lookedAtMs = lines[0]?.t ?? 0;
  const wayMs = (): number => Math.floor(WAY_MS_MAX * random() ** WAY_SKEW);
  const atMs = lookedAtMs - wayMs();
  const answeredAtMs = lookedAtMs + wayMs();
  const topics = [...new Set(lines.map(({ topic }) => topic))];
  const column = (of: (line: PollLine) => number) => ({ offsets: Float64Array.from(lines, of) });
  const asked = {
    kind: "watermarks",
    atMs,
    answeredAtMs,
    topics,
    topicIndex: Int32Array.from(lines, ({ topic }) => topics.indexOf(topic)),
    partitions: Int32Array.from(lines, ({ partition }) => partition),
    unavailable: new Map(lines.flatMap((line, i) => ("end" in line ? [] : [[i, "no-leader"] as const]))),
  } as const;
  const answers: Watermarks[] = [
    { ...asked, which: "start", ...column((line) => ("end" in line ? line.start : Number.NaN)) },
    { ...asked, which: "end", ...column((line) => ("end" in line ? line.end : Number.NaN)) },
  ];
  if (lookedAtMs % STABLE_EVERY_MS === 0)
    answers.push({
      ...asked,
      which: "stable",
      ...column((line) => ("end" in line ? (line.stable ?? line.end) : Number.NaN)),
    });
  const deliver = ({ source, state }: Collector): void => {
    source.flush();
    for (const answer of answers) state.observe(answer);
  };
  return { dueMs: answeredAtMs, deliver };
}
