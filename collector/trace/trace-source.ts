/**
 * # A trace as the source of one cluster
 *
 * Lines become calls of the same port that Kafka feeds (collector/model/observation.ts). What a poll answers at once, the
 * lists of topics and of groups included, has a line for each part, so such lines are held until the moment or the kind of
 * line changes.
 *
 * The offsets topic counts as read to its end from the first line on: nothing is warming. A group's partition of it is not
 * told; it is computed as the brokers do. Orders are compared within a group only, so a wrong number of partitions changes
 * nothing but which groups are stale after a `log` line.
 */

import type { MemberDescription, Observer, TopicConfig, UnavailableReason } from "../model/observation.ts";
import { groupPartition } from "../protocol/group-partition.ts";
import type { LineOf, TraceLine } from "./line.ts";
import { createWatermarkBatch } from "./watermark-batch.ts";

export interface TraceSource {
  /** Lines in the order of the trace. What they say may not be told before `flush`. */
  take(line: TraceLine): void;
  /** Tells what is held: before anybody judges. */
  flush(): void;
}

export interface TraceSourceOptions {
  readonly observer: Observer;
  readonly logPartitions: number;
}

/** What one answer may have said in several lines. */
type Held = "watermarks" | "topics" | "groups";

interface Source extends TraceSourceOptions {
  readonly watermarks: ReturnType<typeof createWatermarkBatch>;
  readonly topics: Map<string, { readonly topicId: string | undefined; readonly partitions: number }>;
  /** Of topics that are held. */
  readonly configs: Map<string, TopicConfig>;
  readonly groups: Map<string, ListedGroup>;
  readonly logs: Map<string, number>;
  held: Held | undefined;
  heldAtMs: number;
}

interface ListedGroup {
  readonly protocolType: string;
  readonly state: string;
  readonly type: string | undefined;
}

export function createTraceSource(options: TraceSourceOptions): TraceSource {
  const source: Source = {
    ...options,
    watermarks: createWatermarkBatch(),
    topics: new Map(),
    configs: new Map(),
    groups: new Map(),
    logs: new Map(),
    held: undefined,
    heldAtMs: 0,
  };
  options.observer.observe({ kind: "log-partitions", logPartitions: options.logPartitions });
  for (let logPartition = 0; logPartition < options.logPartitions; logPartition += 1) answers(source, logPartition, 0);
  return { take: (line) => take(source, line), flush: () => flush(source) };
}

function take(source: Source, { kind, line }: TraceLine): void {
  switch (kind) {
    case "commit":
      takeCommit(source, line);
      break;
    case "watermark":
      hold(source, "watermarks", line.t);
      source.watermarks.add(line.topic, line.partition, { end: line.end, start: line.start });
      break;
    case "no-answer":
      hold(source, "watermarks", line.t);
      source.watermarks.addUnavailable(line.topic, line.partition, reasonOf(line.unavailable));
      break;
    case "tombstone":
      takeTombstone(source, line);
      break;
    case "offsets":
      takeOffsets(source, line);
      break;
    case "topic":
      takeTopic(source, line);
      break;
    case "group":
      takeGroup(source, line);
      break;
    case "group-tombstone": {
      const { group, order } = line;
      flush(source);
      source.observer.observe({ kind: "group-tombstone", group, logPartition: logOf(source, group), order });
      break;
    }
    case "log":
      takeLog(source, line);
      break;
    case "header":
    case "deploy":
    case "truth":
      break;
  }
}

function takeCommit(source: Source, { group, topic, partition, commit, at, order }: LineOf<"commit">): void {
  if (source.held !== undefined) flush(source);
  const { observer } = source;
  observer.commit(observer.handleOf(group, topic, partition), commit, at, order, logOf(source, group), order);
}

/** Whether the topic was made again is no question in a trace: it would say so. So the list of topics is told once more. */
function takeTombstone(source: Source, { t, group, topic, partition, order }: LineOf<"tombstone">): void {
  flush(source);
  const { observer } = source;
  const handle = observer.handleOf(group, topic, partition);
  observer.observe({ kind: "offset-tombstone", handle, logPartition: logOf(source, group), order });
  hold(source, "topics", t);
}

function takeOffsets(source: Source, { group, offsets }: LineOf<"offsets">): void {
  flush(source);
  source.observer.observe({
    kind: "baseline",
    group,
    logPartition: logOf(source, group),
    offsets: offsets.map(([topic, partition, committedOffset]) => ({ topic, partition, committedOffset })),
  });
}

/** A topic that is made again in the same moment must be seen to have gone. */
function takeTopic(source: Source, line: LineOf<"topic">): void {
  const { t, topic, id, partitions } = line;
  hold(source, "topics", t);
  if (partitions > 0) {
    source.topics.set(topic, { topicId: id === "" ? undefined : id, partitions });
    const config = configOf(line);
    if (config !== undefined) source.configs.set(topic, config);
  } else {
    source.topics.delete(topic);
    flush(source);
  }
}

/** A line that says anything of it says all; one that says nothing may come from who does not know. */
function configOf(line: LineOf<"topic">): TopicConfig | undefined {
  const { topic, retention_ms: ms, retention_bytes: bytes, segment_bytes: segmentBytes, cleanup } = line;
  if (ms === undefined && bytes === undefined && cleanup === undefined) return undefined;
  const limit = (value: number | undefined) => (value !== undefined && value >= 0 ? value : undefined);
  const deletes = cleanup === undefined || cleanup.includes("delete");
  return { topic, deletes, retentionMs: limit(ms), retentionBytes: limit(bytes), segmentBytes };
}

function takeGroup(source: Source, line: LineOf<"group">): void {
  const { t, group, state, type, protocol: protocolType = "consumer", generation, members } = line;
  if (state === DEAD) {
    takeDeath(source, line);
    return;
  }
  source.groups.set(group, { protocolType, state, type });
  if (members === undefined) {
    hold(source, "groups", t);
  } else {
    flush(source);
    source.observer.observe({
      kind: "members",
      group,
      protocolType,
      state,
      type,
      generation,
      members: members.map(describe),
      order: undefined,
      logPartition: undefined,
      atMs: t,
    });
  }
}

/** Only a group's coordinator says so: its offsets are gone too. */
const DEAD = "Dead";

/**
 * A listing without a group may be older than the group; the second one proves that it is gone. The strict rules see the end of
 * a classic group, whose metadata is removed, and not that of another. Where the removal has a line of its own, this one has
 * no type.
 */
function takeDeath(source: Source, { group, type }: LineOf<"group">): void {
  flush(source);
  const { observer } = source;
  source.groups.delete(group);
  source.logs.delete(group);
  if (type?.toLowerCase() === "classic")
    observer.observe({ kind: "group-tombstone", group, logPartition: logOf(source, group), order: 0 });
  tellGroups(source);
  tellGroups(source);
}

function describe({
  id,
  client,
  host,
  partitions,
}: NonNullable<LineOf<"group">["members"]>[number]): MemberDescription {
  const byTopic = Map.groupBy(partitions, ([topic]) => topic);
  return {
    memberId: id,
    clientId: client,
    clientHost: host,
    partitions: [...byTopic].map(([topic, pairs]) => ({ topic, partitions: pairs.map(([, partition]) => partition) })),
  };
}

function takeLog(source: Source, { t, log, unavailable }: LineOf<"log">): void {
  flush(source);
  if (log >= source.logPartitions) return;
  if (unavailable === undefined) answers(source, log, t);
  else
    source.observer.observe({
      kind: "log-unavailable",
      logPartition: log,
      reason: reasonOf(unavailable),
      atMs: t,
    });
}

function answers({ observer, logPartitions }: TraceSourceOptions, logPartition: number, atMs: number): void {
  const read = { baselineOrder: 0, replayed: true, backfilled: true, progress: 1, atMs };
  observer.observe({ kind: "log-progress", logPartition, logPartitions, ...read });
}

const REASONS: Readonly<Record<UnavailableReason, true>> = {
  "no-leader": true,
  "broker-unreachable": true,
  error: true,
  unauthorised: true,
};

/** Traces may be written by others, with reasons of their own. */
function reasonOf(text: string): UnavailableReason {
  return Object.hasOwn(REASONS, text) ? (text as UnavailableReason) : "error";
}

function logOf({ logs, logPartitions }: Source, group: string): number {
  const known = logs.get(group);
  if (known !== undefined) return known;
  const logPartition = groupPartition(group, logPartitions);
  logs.set(group, logPartition);
  return logPartition;
}

function hold(source: Source, held: Held, atMs: number): void {
  if (source.held !== held || source.heldAtMs !== atMs) flush(source);
  source.held = held;
  source.heldAtMs = atMs;
}

function flush(source: Source): void {
  const { held, heldAtMs, observer } = source;
  source.held = undefined;
  switch (held) {
    case undefined:
      break;
    case "watermarks":
      for (const answer of source.watermarks.drain(heldAtMs)) observer.observe(answer);
      break;
    case "topics":
      observer.observe({ kind: "topics", topics: [...source.topics].map(([topic, known]) => ({ topic, ...known })) });
      if (source.configs.size > 0) observer.observe({ kind: "topic-configs", topics: [...source.configs.values()] });
      source.configs.clear();
      break;
    case "groups":
      tellGroups(source);
      break;
  }
}

function tellGroups({ observer, groups }: Source): void {
  observer.observe({ kind: "groups", groups: [...groups].map(([group, facts]) => ({ group, ...facts })) });
}
