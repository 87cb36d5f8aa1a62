/**
 * # Opening partitions of the offsets topic: where to start, and the baselines of their groups
 *
 * The order of the steps is what makes the numbers right: (1) the end of each log, (2) the committed offsets of its groups,
 * (3) the end again. Commits before (1) are in the baselines; once the replay passes (3), nothing in it is older than they.
 */

import type { Clock } from "../../runtime/clock.ts";
import type { LogReader } from "../ingest/offsets-log.ts";
import type { Observer } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import { groupPartition } from "../protocol/group-partition.ts";
import { listGroupsApi } from "../protocol/list-groups.ts";
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, listOffsetsApi } from "../protocol/list-offsets.ts";
import { readBaselines } from "./baseline.ts";
import type { KafkaLink } from "./link.ts";
import type { LogPartition } from "./log-partition.ts";
import type { MetadataKeeper } from "./metadata-keeper.ts";
import { OFFSETS_TOPIC } from "./topology.ts";

export interface LogOpenOptions {
  readonly link: KafkaLink;
  readonly keeper: MetadataKeeper;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly replayMs: number;
  readonly backfill: boolean;
  readonly openLog: (logPartition: number, span: "live" | "backfill") => LogReader;
}

export interface LogOpenTarget {
  readonly nodeId: number;
  readonly indexes: readonly number[];
}

/** The partitions, ready to be read; undefined where a step got no answer: nothing is half open. */
export async function openLogPartitions(
  options: LogOpenOptions,
  target: LogOpenTarget,
): Promise<readonly LogPartition[] | undefined> {
  const { link, observer, clock } = options;
  const [ends, starts, replays] = await Promise.all([
    logOffsets(link, target, LATEST_TIMESTAMP),
    logOffsets(link, target, EARLIEST_TIMESTAMP),
    logOffsets(link, target, clock.nowMs() - options.replayMs),
  ]);
  if (ends === undefined || starts === undefined || replays === undefined) return undefined;
  const logPartitions = options.keeper.current().logLeaders.length;
  for (const logPartition of target.indexes) {
    const baselineOrder = ends.get(logPartition) ?? 0;
    const state = { replayed: false, backfilled: false, progress: 0, atMs: clock.nowMs() };
    observer.observe({ kind: "log-progress", logPartition, logPartitions, baselineOrder, ...state });
  }
  if (!(await readAllBaselines(options, target))) return undefined;
  const ready = await logOffsets(link, target, LATEST_TIMESTAMP);
  if (ready === undefined) return undefined;
  return target.indexes.map((index) => {
    const end = ends.get(index) ?? 0;
    const start = starts.get(index) ?? 0;
    const found = replays.get(index) ?? -1;
    return openPartition(options, { index, end, start, found, readyOrder: ready.get(index) ?? end });
  });
}

interface Opening {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  /** First record within the replay's span, -1 where there is none. */
  readonly found: number;
  readonly readyOrder: number;
}

function openPartition(options: LogOpenOptions, { index, start, end, found, readyOrder }: Opening): LogPartition {
  const replayStart = Math.max(start, found < 0 ? end : Math.min(found, end));
  const hasOlder = options.backfill && start < replayStart;
  return {
    index,
    baselineOrder: end,
    replayStart,
    live: { log: options.openLog(index, "live"), position: replayStart },
    backfill: hasOlder ? { log: options.openLog(index, "backfill"), position: start, end: replayStart } : undefined,
    readyOrder,
    isAnswering: true,
    isReplayed: false,
    highWatermark: end,
  };
}

/** Offsets by partition; undefined where one of them could not be had. */
async function logOffsets(
  link: KafkaLink,
  { nodeId, indexes }: LogOpenTarget,
  timestampMs: number,
): Promise<ReadonlyMap<number, number> | undefined> {
  const topics = [{ topic: OFFSETS_TOPIC, partitions: indexes }];
  const outcome = await link.call(nodeId, listOffsetsApi, { timestampMs, topics });
  if (outcome.kind !== "answered") return undefined;
  const { partitions, errors, offsets } = outcome.response;
  if (errors.some((error) => error !== ERROR_CODE.NONE)) return undefined;
  return new Map(Array.from(partitions, (partition, i) => [partition, offsets[i] ?? -1]));
}

/** The coordinator of a group is the leader of its partition, so this broker knows all groups that we need. */
async function readAllBaselines(options: LogOpenOptions, { nodeId, indexes }: LogOpenTarget): Promise<boolean> {
  const { link, observer, keeper } = options;
  const outcome = await link.call(nodeId, listGroupsApi, {});
  if (outcome.kind !== "answered" || outcome.response.error !== ERROR_CODE.NONE) return false;
  const logPartitions = keeper.current().logLeaders.length;
  const wanted = new Set(indexes);
  const groups = outcome.response.groups
    .map(({ group }) => group)
    .filter((group) => wanted.has(groupPartition(group, logPartitions)));
  const failed = await readBaselines({ link, observer, logPartitions }, { nodeId, groups });
  return failed.length === 0;
}
