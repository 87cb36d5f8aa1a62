/**
 * # The series budget: what is shown where not everything fits
 *
 * At most `seriesMax` series, counted by what a group or topic can have, not by what it has right now, so that a scrape is never
 * larger than promised. Where all fit, all are shown. Else, each step as far as there is room, by cluster and name:
 *
 *   1. every group's own series, those in trouble first
 *   2. the partitions of groups in trouble
 *   3. topics, which only other tools' names have
 *   4. the partitions of healthy groups
 *
 * One that does not fit is passed over: a large group does not take the small ones behind it along. The same demands give the same
 * plan in every process; what is asked for changes with groups, partitions, and trouble, and trouble is remembered for a while, so
 * that a group that flaps between OK and WARN does not make the last ones come and go.
 */

import type { GroupStatus } from "../model/status.ts";
import { createByCluster } from "./by-cluster.ts";
import { inTurns } from "./in-turns.ts";

/** How much of a group is shown. */
export const NOTHING = 0;
export const GROUP_ONLY = 1;
export const WITH_PARTITIONS = 2;
export type Detail = typeof NOTHING | typeof GROUP_ONLY | typeof WITH_PARTITIONS;

export interface GroupDemand {
  readonly cluster: string;
  readonly group: string;
  readonly isTroubled: boolean;
  /** Series at most: without its partitions, and of them. */
  readonly groupSeries: number;
  readonly partitionSeries: number;
}

export interface TopicDemand {
  readonly cluster: string;
  readonly topic: string;
  readonly series: number;
}

export interface Demands {
  readonly groups: readonly GroupDemand[];
  readonly topics: readonly TopicDemand[];
  readonly seriesMax: number;
}

export type Level = "group" | "partition" | "topic";

export interface LeftOut {
  readonly cluster: string;
  readonly level: Level;
  /** Series at most. */
  readonly series: number;
}

export interface SeriesPlan {
  detailOf(cluster: string, group: string): Detail;
  hasTopic(cluster: string, topic: string): boolean;
  /** By cluster and level, those alone where something is left out. */
  readonly leftOut: readonly LeftOut[];
}

export const EVERYTHING: SeriesPlan = { detailOf: () => WITH_PARTITIONS, hasTopic: () => true, leftOut: [] };

/** Others may run at each `yield`. */
export function* planSeries({ groups, topics, seriesMax }: Demands): Generator<void, SeriesPlan> {
  let all = 0;
  for (const { groupSeries, partitionSeries } of groups) all += groupSeries + partitionSeries;
  for (const { series } of topics) all += series;
  return all <= seriesMax ? EVERYTHING : yield* planWithin({ groups, topics, seriesMax });
}

function* planWithin({ groups, topics, seriesMax }: Demands): Generator<void, SeriesPlan> {
  const details = createByCluster<Detail>();
  const shownTopics = createByCluster<true>();
  const leftOut = createLeftOut();
  let left = seriesMax;
  const fits = (series: number): boolean => {
    if (series > left) return false;
    left -= series;
    return true;
  };
  const addGroup = ({ cluster, group, groupSeries }: GroupDemand): void => {
    if (fits(groupSeries)) details.of(cluster).set(group, GROUP_ONLY);
    else leftOut.add(cluster, "group", groupSeries);
  };
  const addPartitions = ({ cluster, group, partitionSeries }: GroupDemand): void => {
    const shown = details.of(cluster);
    if (shown.has(group) && fits(partitionSeries)) shown.set(group, WITH_PARTITIONS);
    else leftOut.add(cluster, "partition", partitionSeries);
  };
  // They mostly come by name, and what is in order already is sorted in one pass: so trouble is no part of the order.
  const ordered = groups.toSorted(byGroup);
  const [troubled, healthy] = [
    ordered.filter(({ isTroubled }) => isTroubled),
    ordered.filter((one) => !one.isTroubled),
  ];
  yield;
  yield* inTurns([...troubled, ...healthy], addGroup);
  yield* inTurns(troubled, addPartitions);
  for (const { cluster, topic, series } of topics.toSorted(byTopic)) {
    if (fits(series)) shownTopics.of(cluster).set(topic, true);
    else leftOut.add(cluster, "topic", series);
  }
  yield* inTurns(healthy, addPartitions);
  return {
    detailOf: (cluster, group) => details.of(cluster).get(group) ?? NOTHING,
    hasTopic: (cluster, topic) => shownTopics.of(cluster).has(topic),
    leftOut: leftOut.all(),
  };
}

function byGroup(left: GroupDemand, right: GroupDemand): number {
  return compare(left.cluster, right.cluster) || compare(left.group, right.group);
}

function byTopic(left: TopicDemand, right: TopicDemand): number {
  return compare(left.cluster, right.cluster) || compare(left.topic, right.topic);
}

/** By code unit: the same on every machine, whatever its language. */
function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function createLeftOut() {
  const entries = new Map<string, LeftOut>();
  return {
    add: (cluster: string, level: Level, series: number): void => {
      if (series === 0) return;
      const key = `${level} ${cluster}`;
      entries.set(key, { cluster, level, series: (entries.get(key)?.series ?? 0) + series });
    },
    all: (): readonly LeftOut[] => [...entries.values()],
  };
}

/** So long a group stays in trouble after it was last seen so. */
export const TROUBLE_MS = 900_000;

export interface TroubleMemory {
  /** Whether a group is, or was lately, in trouble. */
  isTroubled(seen: {
    readonly cluster: string;
    readonly group: string;
    readonly status: GroupStatus;
    readonly nowMs: number;
  }): boolean;
}

/** Remembers those in trouble alone, each until TROUBLE_MS after it was; whoever is never asked for again stays until then. */
export function createTroubleMemory(): TroubleMemory {
  const lastSeenMs = createByCluster<number>();
  let sweptAtMs = Number.NEGATIVE_INFINITY;
  const sweep = (nowMs: number): void => {
    if (nowMs - sweptAtMs < TROUBLE_MS) return;
    sweptAtMs = nowMs;
    for (const [, seen] of lastSeenMs.all())
      for (const [group, atMs] of seen) if (nowMs - atMs >= TROUBLE_MS) seen.delete(group);
  };
  return {
    isTroubled: ({ cluster, group, status, nowMs }) => {
      sweep(nowMs);
      const seen = lastSeenMs.of(cluster);
      if (status === "ERR" || status === "WARN") {
        seen.set(group, nowMs);
        return true;
      }
      const atMs = seen.get(group);
      return atMs !== undefined && nowMs - atMs < TROUBLE_MS;
    },
  };
}
