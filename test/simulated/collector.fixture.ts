/**
 * The real collector over TCP against simulated brokers, and what it shows compared with what the cluster holds.
 */

import { type Collector, createCollector } from "../../cli/collector.ts";
import { Config } from "../../cli/config.ts";
import type { ClusterView as WatchedView } from "../../collector/http/cluster-view.ts";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import { groupEvaluationAt } from "../../collector/model/snapshot.ts";
import type { Clock } from "../../runtime/clock.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createLogger, type Logger } from "../../runtime/logger.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import type { ClusterOptions } from "../../simulator/cluster/cluster-state.ts";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import type { Brokers, BrokersOptions } from "../../simulator/wire/brokers.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import type { Look } from "../real/until.ts";
import { done, notYet, until } from "../real/until.ts";

export const TOPIC = "orders";
export const PARTITIONS = 6;

export interface Stage {
  readonly cluster: Cluster;
  readonly brokers: Brokers;
  readonly collector: Collector;
  readonly view: WatchedView;
  /** The group as it is shown now. */
  shown(group: string): GroupEvaluation | undefined;
  /** Waits until all that is shown equals the cluster. */
  untilRight(what: string): Promise<void>;
  until<T>(what: string, look: () => Look<T>): Promise<T>;
}

export interface StageOptions {
  readonly cluster?: Partial<ClusterOptions>;
  readonly brokers?: Partial<BrokersOptions>;
  /** How the collector reaches the cluster. */
  readonly client?: object;
  readonly logger?: Logger;
  /** Before the collector starts. */
  readonly before?: (cluster: Cluster, brokers: Brokers) => void;
  readonly timeoutMs?: number;
  /** The collector's; the brokers have their own. */
  readonly clock?: Clock;
}

const TIMEOUT_MS = 30_000;

/** Three brokers, `orders` with six partitions, and a group of each kind that has read half of it. */
export function furnishedCluster(options: Partial<ClusterOptions> = {}): Cluster {
  const random = randomOf(1, "cluster");
  const base = { clusterId: "simulated", version: "4.1", brokers: [1, 2, 3], offsetsPartitions: 6, random } as const;
  const cluster = createCluster({ ...base, ...options });
  const atMs = systemClock.nowMs() - 60_000;
  cluster.createTopic({ topic: TOPIC, partitions: PARTITIONS }, atMs);
  for (let partition = 0; partition < PARTITIONS; partition += 1)
    cluster.append(TOPIC, partition, 100 + partition, atMs);
  cluster.advanceStart(TOPIC, 1, 20);
  const partitions = [{ topic: TOPIC, partitions: [0, 1, 2, 3, 4, 5] }];
  const member = { memberId: "m-1", instanceId: undefined, clientId: "app", clientHost: "/10.0.0.1", partitions };
  cluster.rebalanced("classic", { type: "classic", members: [member] }, atMs);
  if (cluster.version !== "2.8") cluster.rebalanced("modern", { type: "consumer", members: [member] }, atMs);
  const groups = ["classic", "simple", ...(cluster.version === "2.8" ? [] : ["modern"])];
  for (const group of groups) commitAll(cluster, group, 50, atMs);
  return cluster;
}

export function commitAll(cluster: Cluster, group: string, committedOffset: number, atMs = systemClock.nowMs()): void {
  const offsets = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: TOPIC, partition, committedOffset }));
  cluster.commit({ group, offsets, atMs });
}

export async function onStage(options: StageOptions, play: (stage: Stage) => Promise<void>): Promise<void> {
  const cluster = furnishedCluster(options.cluster);
  await using brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers"), ...options.brokers });
  options.before?.(cluster, brokers);
  await using watching = watchCluster({ ...options, cluster, brokers });
  await play(watching);
}

export interface WatchOptions extends Pick<StageOptions, "client" | "logger" | "timeoutMs" | "clock"> {
  readonly cluster: Cluster;
  readonly brokers: Brokers;
  /** Options of the configuration's `collector`. */
  readonly collector?: object;
}

/** A collector that watches them; disposed of, it has stopped as it does when it is told to. */
export function watchCluster(options: WatchOptions): Stage & AsyncDisposable {
  const { cluster, brokers, timeoutMs = TIMEOUT_MS, clock = systemClock } = options;
  const config = Config.parse({
    clusters: { sim: { brokers: brokers.bootstrap, ...options.client } },
    evaluate: { interval: "200ms", burrow: { offset_refresh: "200ms" } },
    collector: options.collector ?? {},
  });
  const collector = createCollector({ config, clock, logger: options.logger ?? createLogger("silent") });
  const [watched] = collector.clusters;
  if (watched === undefined) throw new Error("no cluster is watched");
  const { view } = watched;
  const stop = new AbortController();
  const run = collector.run(stop.signal);
  const wait = <T>(what: string, look: () => Look<T>) => until(what, async () => look(), { timeoutMs, everyMs: 20 });
  return {
    cluster,
    brokers,
    collector,
    view,
    shown: (group) => shownOf(view, group),
    until: wait,
    untilRight: async (what) => {
      await wait(what, () => {
        const [first] = differences(view, cluster);
        return first === undefined && view.condition().kind === "ok" ? done(undefined) : notYet(first ?? "not ok");
      });
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await run;
      // It would go on without that cluster; here nothing may fail.
      if (collector.failures.size > 0) throw new Error("watching the cluster failed");
    },
  };
}

function shownOf(view: WatchedView, group: string): GroupEvaluation | undefined {
  const snapshot = view.snapshotOf(group);
  return snapshot === undefined ? undefined : groupEvaluationAt(snapshot, 0);
}

/** Sentences: where what is shown is not what the cluster holds; empty where all is right. */
export function differences(view: WatchedView, cluster: Cluster): readonly string[] {
  const shown = view.snapshot();
  const names = shown.groups.map(({ group }) => group).sort();
  const held = [...cluster.groups()].filter(isShown(cluster)).map(({ group }) => group);
  const problems: string[] = [];
  if (names.join() !== held.toSorted().join()) problems.push(`groups ${names.join()} instead of ${held.join()}`);
  for (const group of held) problems.push(...groupDifferences(shownOf(view, group), cluster, group));
  return problems;
}

function isShown(
  cluster: Cluster,
): (group: { readonly group: string; readonly members: readonly unknown[] }) => boolean {
  return ({ group, members }) => members.length > 0 || cluster.committedOffsets(group).length > 0;
}

function groupDifferences(shown: GroupEvaluation | undefined, cluster: Cluster, group: string): readonly string[] {
  const held = cluster.group(group);
  if (shown === undefined || held === undefined) return [`${group} is not shown`];
  const problems: string[] = [];
  const compare = (what: string, is: unknown, should: unknown): void => {
    if (is !== should) problems.push(`${group} ${what} is ${String(is)} instead of ${String(should)}`);
  };
  // Before 2.6 nobody is told states, and a group that only commits has no generation.
  if (held.members.length > 0) {
    compare("members", shown.members, held.members.length);
    // No request tells that of a classic group: only its records do.
    if (shown.commit_times === undefined || held.type !== "classic")
      compare("generation", shown.generation, held.generation);
  }
  compare("state", shown.state, held.state);
  const committed = cluster.committedOffsets(group).filter(({ committedOffset }) => committedOffset >= 0);
  const rows = new Map(shown.partitions.map((row) => [`${row.topic} ${row.partition}`, row]));
  const kept = new Set(committed.map(({ topic, partition }) => `${topic} ${partition}`));
  for (const [where, row] of rows) {
    if (row.committed_offset !== undefined && !kept.has(where)) problems.push(`${group} ${where} is still shown`);
  }
  for (const { topic, partition, committedOffset } of committed) {
    const row = rows.get(`${topic} ${partition}`);
    const view = cluster.partition(topic, partition);
    if (row === undefined || view === undefined) {
      problems.push(`${group} ${topic} ${partition} is not shown`);
      continue;
    }
    const where = `${topic} ${partition}`;
    compare(`${where} committed`, row.committed_offset, committedOffset);
    compare(`${where} end`, row.end_offset, view.endOffset);
    compare(`${where} start`, row.start_offset, view.startOffset);
    compare(`${where} lag`, row.lag, Math.max(0, view.endOffset - Math.max(committedOffset, view.startOffset)));
    // After the one commit that filled a lost window nothing more can be said.
    if (row.reason === "window_refilling") continue;
    if (["stale", "unauthorised", "warming"].includes(row.status)) problems.push(`${group} ${where} is ${row.status}`);
  }
  return problems;
}
