/**
 * # Opening partitions of the offsets topic: where to start, and the baselines of their groups
 *
 * The order of the steps is what makes the numbers right: (1) the end of each log, (2) the committed offsets of its groups, of
 * which the coordinator must know (coordinator-probe.ts),
 * (3) the end again. Commits before (1) are in the baselines; once the replay passes (3), nothing in it is older than they.
 */

import type { Clock } from "../../runtime/clock.ts";
import type { LogReader } from "../ingest/offsets-log.ts";
import type { Observer, UnavailableReason } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import { groupPartition } from "../protocol/group-partition.ts";
import { listGroupsApi } from "../protocol/list-groups.ts";
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, listOffsetsApi } from "../protocol/list-offsets.ts";
import { readBaselines } from "./baseline.ts";
import { loadingLogs } from "./coordinator-probe.ts";
import type { KafkaLink } from "./link.ts";
import type { LogPartition, ReadLog } from "./log-partition.ts";
import type { MetadataKeeper } from "./metadata-keeper.ts";
import type { ReadPositions } from "./read-positions.ts";
import { OFFSETS_TOPIC } from "./topology.ts";
import { reasonOfError, reasonOfOutcome } from "./unavailable.ts";

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

export interface LogReopenTarget extends LogOpenTarget {
  /** How far they were read before. */
  readonly before: Pick<ReadPositions, "reached" | "saved">;
}

export interface Opened {
  /** Ready to be read. What got no answer at some step is missing: nothing is half open. */
  readonly partitions: readonly LogPartition[];
  /** Why some are missing; undefined where none is. */
  readonly reason: UnavailableReason | undefined;
}

export async function openLogPartitions(options: LogOpenOptions, target: LogReopenTarget): Promise<Opened> {
  const { link, clock, observer } = options;
  const [ends, starts, replays] = await Promise.all([
    logOffsets(link, target, LATEST_TIMESTAMP),
    logOffsets(link, target, EARLIEST_TIMESTAMP),
    logOffsets(link, target, clock.nowMs() - options.replayMs),
  ]);
  const known = target.indexes.filter((index) => [ends, starts, replays].every(({ offsets }) => offsets.has(index)));
  const reason = ends.reason ?? starts.reason ?? replays.reason;
  if (known.length === 0) return { partitions: [], reason };
  const cut = new Set(
    known.filter((index) => (ends.offsets.get(index) ?? 0) < (target.before.reached.get(index) ?? 0)),
  );
  for (const logPartition of cut) observer.observe({ kind: "log-regressed", logPartition });
  for (const logPartition of known) reportOpening(options, logPartition, ends.offsets.get(logPartition) ?? 0);
  const baselines = await readAllBaselines(options, { nodeId: target.nodeId, indexes: known });
  const ready = await logOffsets(link, { nodeId: target.nodeId, indexes: known }, LATEST_TIMESTAMP);
  const whole = known.filter((index) => !baselines.missing.has(index) && ready.offsets.has(index));
  const partitions = whole.map((index) => {
    const end = ends.offsets.get(index) ?? 0;
    const start = starts.offsets.get(index) ?? 0;
    const found = replays.offsets.get(index) ?? -1;
    const refused = baselines.refused.get(index) ?? [];
    const span = spanOf({ start, end, found, saved: cut.has(index) ? undefined : target.before.saved.get(index) });
    return openPartition(options, { index, end, ...span, readyOrder: ready.offsets.get(index) ?? end, refused });
  });
  return { partitions, reason: reason ?? baselines.reason ?? ready.reason };
}

function reportOpening({ observer, clock, keeper }: LogOpenOptions, logPartition: number, baselineOrder: number): void {
  const logPartitions = keeper.current().logLeaders.length;
  const state = { replayed: false, backfilled: false, progress: 0, atMs: clock.nowMs() };
  observer.observe({ kind: "log-progress", logPartition, logPartitions, baselineOrder, ...state });
}

interface Opening extends ReadSpan {
  readonly index: number;
  readonly end: number;
  readonly readyOrder: number;
  readonly refused: readonly string[];
}

function openPartition(options: LogOpenOptions, opening: Opening): LogPartition {
  const { index, end, replayStart, olderStart, olderEnd, readyOrder, refused } = opening;
  const hasOlder = (options.backfill || opening.isOwed) && olderStart < olderEnd;
  const live = options.openLog(index, "live");
  if (!hasOlder) live.takeOver([]);
  return {
    index,
    baselineOrder: end,
    replayStart,
    live: { log: live, position: replayStart },
    backfill: hasOlder ? { log: options.openLog(index, "backfill"), position: olderStart, end: olderEnd } : undefined,
    readyOrder,
    isAnswering: true,
    isReplayed: false,
    refused,
    highWatermark: end,
  };
}

interface ReadSpan {
  readonly replayStart: number;
  /** What is read afterwards, in the background; nothing where they are equal. */
  readonly olderStart: number;
  readonly olderEnd: number;
  /** Restored windows end there: it is read even where nothing older is asked for. */
  readonly isOwed: boolean;
}

/**
 * Without `saved` the replay's span and then all that is older. With it, on from where the other run ended; where that is longer
 * ago than the span, what lies between is read in the background, and so is what the other run had not read of the past.
 */
export function spanOf(log: {
  readonly start: number;
  readonly end: number;
  /** First record within the replay's span, -1 where there is none. */
  readonly found: number;
  readonly saved: ReadLog | undefined;
}): ReadSpan {
  const { start, end, found, saved } = log;
  const spanStart = Math.max(start, found < 0 ? end : Math.min(found, end));
  if (saved === undefined) return { replayStart: spanStart, olderStart: start, olderEnd: spanStart, isOwed: false };
  const resume = Math.max(start, Math.min(saved.resume, end));
  const hasReadAll = saved.from <= start;
  if (resume >= spanStart)
    return {
      replayStart: resume,
      olderStart: start,
      olderEnd: hasReadAll ? start : Math.min(saved.from, resume),
      isOwed: false,
    };
  return { replayStart: spanStart, olderStart: hasReadAll ? resume : start, olderEnd: spanStart, isOwed: hasReadAll };
}

interface LogOffsets {
  /** By partition; those with an error are missing. */
  readonly offsets: ReadonlyMap<number, number>;
  readonly reason: UnavailableReason | undefined;
}

async function logOffsets(
  link: KafkaLink,
  { nodeId, indexes }: LogOpenTarget,
  timestampMs: number,
): Promise<LogOffsets> {
  const topics = [{ topic: OFFSETS_TOPIC, partitions: indexes }];
  const outcome = await link.call(nodeId, listOffsetsApi, { timestampMs, topics });
  if (outcome.kind !== "answered") return { offsets: new Map(), reason: reasonOfOutcome(outcome) };
  const { partitions, errors, offsets } = outcome.response;
  const known = new Map<number, number>();
  let reason: UnavailableReason | undefined;
  partitions.forEach((partition, i) => {
    const error = errors[i] ?? ERROR_CODE.NONE;
    const offset = offsets[i] ?? Number.NaN;
    if (error !== ERROR_CODE.NONE) reason = reasonOfError(error);
    else if (Number.isNaN(offset)) reason = "error";
    else known.set(partition, offset);
  });
  return { offsets: known, reason };
}

interface Baselines {
  /** Partitions of the offsets topic of which some group did not answer. */
  readonly missing: ReadonlySet<number>;
  /** Groups that the coordinator would not tell of, by partition of the offsets topic. */
  readonly refused: ReadonlyMap<number, readonly string[]>;
  readonly reason: UnavailableReason | undefined;
}

/** The coordinator of a group is the leader of its partition, so this broker knows all groups that we need. */
async function readAllBaselines(options: LogOpenOptions, { nodeId, indexes }: LogOpenTarget): Promise<Baselines> {
  const { link, observer, keeper, clock } = options;
  const logPartitions = keeper.current().logLeaders.length;
  const loading = await loadingLogs(link, { nodeId, indexes, logPartitions });
  const wanted = new Set(indexes).difference(loading);
  const outcome = await link.call(nodeId, listGroupsApi, {});
  const none = { missing: new Set(indexes), refused: new Map<number, readonly string[]>() };
  if (outcome.kind !== "answered") return { ...none, reason: reasonOfOutcome(outcome) };
  const { error, groups: listed } = outcome.response;
  if (error !== ERROR_CODE.NONE) return { ...none, reason: reasonOfError(error) };
  const logOf = (group: string): number => groupPartition(group, logPartitions);
  const groups = listed.map(({ group }) => group).filter((group) => wanted.has(logOf(group)));
  const read = await readBaselines({ link, observer, clock, logPartitions, isLate: false }, { nodeId, groups });
  const missing = new Set([...loading, ...read.missing.map(logOf)]);
  const refused = Map.groupBy(read.refused, logOf);
  return { missing, refused, reason: missing.size === 0 ? undefined : "error" };
}
