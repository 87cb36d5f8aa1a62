/**
 * # Soak: a day of a large cluster in minutes, and what is held after each of its hours
 *
 * Groups of 40 partitions commit every minute, and every minute is judged, put into the feed and read from it, as in a collector
 * with `interval: 1m`. Nothing stands still: each hour a hundredth of the groups is deleted and as many new ones come, a tenth gets
 * other members under names that were never there, and topics are made again. Time is an argument, so that an hour takes as
 * long as its work.
 */

import { createBurrowJudge } from "../../collector/evaluate/burrow.ts";
import { createVerdicts } from "../../collector/evaluate/judge.ts";
import { planRecordTimes } from "../../collector/evaluate/plan-record-times.ts";
import { createFeed } from "../../collector/feed/feed.ts";
import { type ClusterView, createClusterView } from "../../collector/http/cluster-view.ts";
import type { Tick } from "../../collector/model/feed.ts";
import { BURROW_STORE_DEFAULTS } from "../../collector/window/burrow-store.ts";
import { type ClusterState, createClusterState } from "../../collector/window/cluster-state.ts";
import { heldBytes } from "../../runtime/held-bytes.fixture.ts";

const START_MS = 1_790_000_000_000;
const MINUTE_MS = 60_000;
const MINUTES_PER_HOUR = 60;
const PARTITIONS = 40;
const GROUPS_PER_TOPIC = 10;
const RECORDS_PER_MINUTE = 600;
/** A group commits what was written up to then, but some are behind and stay so. */
const BEHIND_EVERY = 7;
const FEED_BYTES_MAX = 2 ** 25;
const FEED_AGE_MS_MAX = 1_800_000;
const RULES = { minimumComplete: 0, allowedLag: 0 };

export interface SoakOptions {
  /** Partitions of groups; a multiple of 400. */
  readonly series: number;
  readonly hours: number;
  /** Told after each hour. */
  readonly onHour?: (hour: SoakHour) => void;
}

export interface SoakHour {
  /** From 1. */
  readonly hour: number;
  /** On the heap and beside it, after a collection. */
  readonly heldBytes: number;
  readonly residentBytes: number;
  readonly series: number;
  readonly feedBytes: number;
}

export async function soak({ series, hours, onHour }: SoakOptions): Promise<readonly SoakHour[]> {
  const world = openWorld(series);
  const seen: SoakHour[] = [];
  let cursor = "";
  for (let hour = 1; hour <= hours; hour++) {
    for (let minute = 0; minute < MINUTES_PER_HOUR; minute++) {
      world.minute();
      const answer = await world.feed.read(cursor, 0, new AbortController().signal);
      if (answer.kind === "gone") throw new Error(`hour ${hour}: the feed was not read in time`);
      cursor = answer.cursor;
      // A look at every tenth tick: what a reader makes of a tick is its own cost.
      if (minute % 10 === 0 && groupsIn(answer.ticks) !== series / PARTITIONS)
        throw new Error(`hour ${hour}, minute ${minute}: ${groupsIn(answer.ticks)} groups in the feed`);
    }
    world.churn(hour);
    const one = {
      hour,
      heldBytes: await heldBytes(),
      residentBytes: process.memoryUsage().rss,
      series: world.state.table.count(),
      feedBytes: world.feed.stats().bytes,
    };
    seen.push(one);
    onHour?.(one);
  }
  return seen;
}

function groupsIn(ticks: readonly Tick[]): number {
  return ticks.reduce((sum, { evaluations }) => sum + [...evaluations].length, 0);
}

/** Bytes an hour by least squares, over the hours after `warmUpHours`. */
export function slopeBytes(hours: readonly SoakHour[], warmUpHours: number): number {
  const points = hours.filter(({ hour }) => hour > warmUpHours);
  const mean = (of: (one: SoakHour) => number): number => points.reduce((sum, one) => sum + of(one), 0) / points.length;
  const [meanHour, meanHeld] = [mean(({ hour }) => hour), mean((one) => one.heldBytes)];
  const covariance = mean((one) => (one.hour - meanHour) * (one.heldBytes - meanHeld));
  return covariance / mean(({ hour }) => (hour - meanHour) ** 2);
}

interface Group {
  readonly name: string;
  readonly topic: Topic;
  readonly lag: number;
  /** By partition, of that epoch: an ingest knows them by their keys. */
  readonly handles: number[];
  epoch: number;
}

interface Topic {
  readonly name: string;
  sinceMs: number;
  id: number;
}

interface World {
  readonly state: ClusterState;
  readonly view: ClusterView;
  readonly feed: ReturnType<typeof createFeed>;
  minute(): void;
  churn(hour: number): void;
}

interface Making extends Pick<World, "state"> {
  readonly topics: readonly Topic[];
  readonly groups: Group[];
  nowMs: number;
  order: number;
  made: number;
}

function openWorld(series: number): World {
  const groupCount = series / PARTITIONS;
  const making: Making = {
    state: createClusterState({
      cluster: "soak",
      burrow: BURROW_STORE_DEFAULTS,
      nowS: () => Math.floor(making.nowMs / 1_000),
    }),
    topics: Array.from({ length: groupCount / GROUPS_PER_TOPIC }, (_, id) => ({
      name: `orders-${id}`,
      sinceMs: START_MS,
      id,
    })),
    groups: [],
    nowMs: START_MS,
    order: 1,
    made: 0,
  };
  const { state } = making;
  tellTopics(making);
  const read = { baselineOrder: 0, replayed: true, backfilled: true, progress: 1, atMs: START_MS };
  state.observe({ kind: "log-progress", logPartition: 0, logPartitions: 1, ...read });
  for (let at = 0; at < groupCount; at++) addGroup(making, at);
  rebalance(making, { first: 0, every: 1 });
  const verdicts = createVerdicts(state, RULES);
  const view = createClusterView({
    state,
    verdicts,
    judge: createBurrowJudge(state.burrow, RULES),
    reach: () => ({ kind: "reachable" }),
    nowMs: () => making.nowMs,
    servers: [],
    offsetRefreshMs: MINUTE_MS,
  });
  const limits = { bytesMax: FEED_BYTES_MAX, ageMsMax: FEED_AGE_MS_MAX, answerBytesMax: FEED_BYTES_MAX };
  const feed = createFeed({ run: "soak", ...limits, sleep: async () => {} });
  return {
    state,
    view,
    feed,
    minute: () => {
      making.nowMs += MINUTE_MS;
      tellWatermarks(making, "end");
      state.sampleBurrow();
      for (const group of making.groups) commitAll(making, group);
      answerRecordTimes(making);
      verdicts.judge(making.nowMs, making.nowMs);
      feed.append(making.nowMs, [view.snapshot()]);
    },
    churn: (hour) => churn(making, hour),
  };
}

function addGroup(making: Making, at: number): void {
  const topic = making.topics[Math.floor(at / GROUPS_PER_TOPIC)];
  if (topic === undefined) throw new Error(`group ${at} has no topic`);
  const lag = making.made % BEHIND_EVERY === 0 ? 50 * RECORDS_PER_MINUTE : 10;
  making.groups[at] = { name: `payments-${making.made}`, topic, lag, handles: [], epoch: -1 };
  making.made += 1;
}

function endOf({ nowMs }: Making, sinceMs: number): number {
  return Math.floor(((nowMs - sinceMs) / MINUTE_MS) * RECORDS_PER_MINUTE) + RECORDS_PER_MINUTE;
}

function commitAll(making: Making, group: Group): void {
  const { state, nowMs } = making;
  const { name, topic, lag, handles } = group;
  const committed = Math.max(0, endOf(making, topic.sinceMs) - lag);
  if (group.epoch !== state.handlesEpoch) {
    for (let partition = 0; partition < PARTITIONS; partition++)
      handles[partition] = state.handleOf(name, topic.name, partition);
    group.epoch = state.handlesEpoch;
  }
  for (const handle of handles) {
    state.commit(handle, committed, nowMs, making.order, 0, making.order);
    making.order += 1;
  }
}

function tellTopics({ state, topics }: Making): void {
  const told = topics.map(({ name, id }) => ({ topic: name, topicId: `id-${id}`, partitions: PARTITIONS }));
  state.observe({ kind: "topics", topics: told });
}

function tellWatermarks(making: Making, which: "end" | "start"): void {
  const { state, topics, nowMs } = making;
  const count = topics.length * PARTITIONS;
  state.observe({
    kind: "watermarks",
    which,
    atMs: nowMs,
    answeredAtMs: nowMs,
    topics: topics.map(({ name }) => name),
    topicIndex: Int32Array.from({ length: count }, (_, at) => Math.floor(at / PARTITIONS)),
    partitions: Int32Array.from({ length: count }, (_, at) => at % PARTITIONS),
    offsets: Float64Array.from({ length: count }, (_, at) => {
      return which === "start" ? 0 : endOf(making, topics[Math.floor(at / PARTITIONS)]?.sinceMs ?? nowMs);
    }),
    unavailable: new Map(),
  });
}

/** Leaders know when each record came. */
function answerRecordTimes({ state, topics, nowMs }: Making): void {
  const questions = planRecordTimes(state, { nowMs, questionsMax: 10_000 });
  const since = new Map(topics.map(({ name, sinceMs }) => [name, sinceMs]));
  const firstMs = questions.map(({ topic, timestampMs }) => Math.max(timestampMs, since.get(topic) ?? nowMs));
  state.observe({
    kind: "record-times",
    topics: topics.map(({ name }) => name),
    topicIndex: Int32Array.from(questions, ({ topic }) => topics.findIndex(({ name }) => name === topic)),
    partitions: Int32Array.from(questions, ({ partition }) => partition),
    askedMs: Float64Array.from(questions, ({ timestampMs }) => timestampMs),
    offsets: Float64Array.from(questions, ({ topic }, at) => {
      const agoMs = (firstMs[at] ?? nowMs) - (since.get(topic) ?? nowMs);
      return Math.ceil((agoMs / MINUTE_MS) * RECORDS_PER_MINUTE);
    }),
    timesMs: Float64Array.from(firstMs),
  });
}

/** What goes, what comes, and what changes its name. */
function churn(making: Making, hour: number): void {
  const { state, groups, topics, nowMs } = making;
  for (let at = hour % 100; at < groups.length; at += 100) {
    const gone = groups[at];
    if (gone !== undefined) removeGroup(making, gone);
    addGroup(making, at);
  }
  rebalance(making, { first: hour % 10, every: 10 });
  const remade = topics[hour % topics.length];
  if (remade !== undefined) {
    remade.sinceMs = nowMs;
    remade.id = topics.length + hour;
  }
  tellTopics(making);
  tellWatermarks(making, "end");
  tellWatermarks(making, "start");
  const listed = groups.map(({ name }) => ({
    group: name,
    protocolType: "consumer",
    state: "Stable",
    type: "classic",
  }));
  for (let times = 0; times < 2; times++) state.observe({ kind: "groups", groups: listed });
}

/** Members under names that were never there. */
function rebalance(
  { state, groups, nowMs, order }: Making,
  { first, every }: { readonly first: number; readonly every: number },
): void {
  for (let at = first; at < groups.length; at += every) {
    const { name, topic } = groups[at] ?? {};
    if (name === undefined || topic === undefined) continue;
    const members = Array.from({ length: 4 }, (_, index) => ({
      memberId: `member-${nowMs}-${at}-${index}`,
      clientId: `pod-${nowMs}-${at}-${index}`,
      clientHost: `/10.0.0.${index}`,
      partitions: [{ topic: topic.name, partitions: Array.from({ length: PARTITIONS / 4 }, (_, i) => index * 10 + i) }],
    }));
    const words = { protocolType: "consumer", state: "Stable", type: "classic", generation: order };
    state.observe({
      kind: "members",
      group: name,
      ...words,
      members,
      atMs: nowMs,
      order,
      logPartition: 0,
    });
  }
}

function removeGroup(making: Making, { name, topic }: Group): void {
  const { state } = making;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const handle = state.findHandle(name, topic.name, partition);
    if (handle !== undefined) state.observe({ kind: "offset-tombstone", handle, logPartition: 0, order: making.order });
    making.order += 1;
  }
  state.observe({ kind: "group-tombstone", group: name, logPartition: 0, order: making.order });
}
