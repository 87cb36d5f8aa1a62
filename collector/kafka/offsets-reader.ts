/**
 * # The reader of `__consumer_offsets`
 *
 * One loop a broker, one Fetch in flight, over all partitions that the broker leads. Positions are kept here and belong to
 * no consumer group. A batch with nothing in it moves the position like any other: on a compacted topic they occur, and a
 * reader that waits for records would wait for ever.
 */

import type { Clock } from "../../runtime/clock.ts";
import { sleep } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { LogReader } from "../ingest/offsets-log.ts";
import type { Observer, UnavailableReason } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { FetchPartition } from "../protocol/fetch.ts";
import { fetchLogs } from "./fetch-logs.ts";
import type { KafkaLink } from "./link.ts";
import type { LogOpenTarget } from "./log-open.ts";
import { openLogPartitions } from "./log-open.ts";
import type { LogPartition } from "./log-partition.ts";
import { replayProgress } from "./log-partition.ts";
import type { MetadataKeeper } from "./metadata-keeper.ts";
import type { ReadPositions, ReadTopic } from "./read-positions.ts";
import { createReadPositions } from "./read-positions.ts";
import type { RefusedGroups } from "./refused-groups.ts";
import { createRefusedGroups } from "./refused-groups.ts";
import { reasonOfError } from "./unavailable.ts";

const LONG_POLL_MS = 500;
/** Commits that come within this time share a Fetch: a few requests a second, whatever the number of groups. */
const BUNDLE_MS = 200;
const RETRY_MS = 1_000;
const PARTITION_BYTES_MAX = 1_048_576;

export interface OffsetsReaderOptions {
  readonly link: KafkaLink;
  readonly keeper: MetadataKeeper;
  readonly observer: Observer;
  readonly clock: Clock;
  /** Groups may be left out while it runs. */
  readonly isWatched?: (group: string) => boolean;
  readonly replayMs: number;
  readonly backfill: boolean;
  /** A reader of one partition's records; two a partition, since the replay and what lies before it are read apart. */
  readonly openLog: (logPartition: number, span: "live" | "backfill") => LogReader;
  /** Something was read: who wants to know about touched groups looks now. */
  readonly onRead: () => void;
  /** How far another run has read, whose windows are restored; asked for once, before anything is read. */
  readonly saved?: () => ReadTopic | undefined;
}

export interface OffsetsReader {
  readonly actor: Actor;
  /** One round with one broker; answers with the time to wait before the next, ms. */
  round(nodeId: number): Promise<number>;
  partitions(): readonly LogPartition[];
  /** Undefined while a partition is being replayed: what is known then is less than what was known before. */
  readTopic(): ReadTopic | undefined;
}

export function createOffsetsReader(options: OffsetsReaderOptions): OffsetsReader {
  const open = new Map<number, LogPartition>();
  const reader: Reading = {
    options,
    open,
    positions: undefined,
    askRefused: createRefusedGroups(options),
    rotation: 0,
  };
  return {
    partitions: () => [...open.values()],
    readTopic: () => positionsOf(reader).readTopic([...open.values()]),
    round: (nodeId) => readOnce(reader, nodeId),
    actor: async (signal) => {
      const loops = new Map<number, Promise<void>>();
      while (!signal.aborted) {
        for (const nodeId of options.link.nodeIds()) {
          if (!loops.has(nodeId)) loops.set(nodeId, readNode(reader, nodeId, signal));
        }
        markLeaderless(reader);
        await Promise.race([sleep(RETRY_MS, signal), ...loops.values()]);
      }
      await Promise.all(loops.values());
    },
  };
}

interface Reading {
  readonly options: OffsetsReaderOptions;
  readonly open: Map<number, LogPartition>;
  /** Undefined before anything is read. */
  positions: ReadPositions | undefined;
  readonly askRefused: RefusedGroups;
  rotation: number;
}

async function readNode(reading: Reading, nodeId: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await sleep(await readOnce(reading, nodeId), signal);
}

/** What came of a fetch: positions moved or not; an answer for some partition was an error; no answer at all. */
type ReadOutcome = "moved" | "still" | "errors" | "failed";

/** Opens what is new, reads what is live, then a piece of what is older. Answers with the time to wait, ms. */
async function readOnce(reading: Reading, nodeId: number): Promise<number> {
  const { options, open } = reading;
  leaveOtherTopic(reading);
  const mine = ledBy(options.keeper, nodeId);
  // Where some cannot be opened, the others are read on.
  const isOpen = await openNew(reading, { nodeId, indexes: mine.filter((index) => !open.has(index)) });
  const partitions = mine.flatMap((index) => open.get(index) ?? []);
  if (partitions.length === 0) return RETRY_MS;
  await reading.askRefused(nodeId, partitions);
  const isBehind = partitions.some((one) => !one.isReplayed || one.backfill !== undefined);
  const live = await readLive(reading, { nodeId, partitions, waitMs: isBehind ? 0 : LONG_POLL_MS });
  if (live === "failed") return RETRY_MS;
  const isReplayed = partitions.every((one) => one.isReplayed);
  const older = isReplayed ? await readBackfill(reading, { nodeId, partitions }) : "still";
  if (!isOpen) return RETRY_MS;
  // A broker answers at once where it answers with an error: without a pause this would ask as fast as it can.
  if (live === "errors" || older === "errors" || older === "failed") return BUNDLE_MS;
  if (!isBehind) return live === "moved" ? BUNDLE_MS : 0;
  return live === "moved" || older === "moved" ? 0 : BUNDLE_MS;
}

/** False where one of them could not be opened. */
async function openNew(reading: Reading, target: LogOpenTarget): Promise<boolean> {
  if (target.indexes.length === 0) return true;
  const { partitions, reason } = await openLogPartitions(reading.options, { ...target, before: positionsOf(reading) });
  for (const partition of partitions) {
    reading.open.set(partition.index, partition);
    positionsOf(reading).opened(partition.index);
    report(reading, partition);
  }
  const missing = target.indexes.filter((index) => !reading.open.has(index));
  if (missing.length > 0) markUnavailable(reading, missing, reason ?? "error");
  return missing.length === 0;
}

/** A topic that was deleted and made again has other logs under the same numbers. */
function leaveOtherTopic(reading: Reading): void {
  const { options, open } = reading;
  const indexes = [...open.keys()];
  if (!positionsOf(reading).isOtherTopic(options.keeper.current().logTopicId, indexes)) return;
  markUnavailable(reading, indexes, "error");
  open.clear();
}

/** What was saved is restored before anything is read, but after this is made. */
function positionsOf(reading: Reading): ReadPositions {
  reading.positions ??= createReadPositions(reading.options.saved?.());
  return reading.positions;
}

/** A partition without a leader, or whose topic is gone, is in nobody's loop, so it is said here. */
function markLeaderless(reading: Reading): void {
  const { logLeaders } = reading.options.keeper.current();
  const gone = [...reading.open.keys()].filter((index) => index >= logLeaders.length);
  const leaderless = [...logLeaders.flatMap((leader, index) => (leader === undefined ? [index] : [])), ...gone];
  if (leaderless.length > 0) markUnavailable(reading, leaderless, "no-leader");
}

function ledBy(keeper: MetadataKeeper, nodeId: number): readonly number[] {
  return keeper.current().logLeaders.flatMap((leader, index) => (leader === nodeId ? [index] : []));
}

interface Round {
  readonly nodeId: number;
  readonly partitions: readonly LogPartition[];
}

async function readLive(reading: Reading, round: Round & { waitMs: number }): Promise<ReadOutcome> {
  const { options } = reading;
  const asked = rotated(round.partitions, reading.rotation++).map((one) => ({
    partition: one.index,
    position: one.live.position,
    partitionBytesMax: PARTITION_BYTES_MAX,
  }));
  const answer = await fetchLogs(options.link, { nodeId: round.nodeId, asked, waitMs: round.waitMs });
  if (answer.kind === "failed") {
    const indexes = round.partitions.map(({ index }) => index);
    markUnavailable(reading, indexes, answer.reason);
    return "failed";
  }
  let hasMoved = false;
  for (const one of answer.partitions) {
    const partition = reading.open.get(one.partition);
    if (partition === undefined) continue;
    const before = partition.live.position;
    takeLive(reading, partition, one);
    hasMoved ||= partition.live.position > before;
  }
  options.onRead();
  return outcomeOf(answer.partitions, hasMoved);
}

function outcomeOf(answers: readonly FetchPartition[], hasMoved: boolean): ReadOutcome {
  if (answers.some(({ error }) => error !== ERROR_CODE.NONE)) return "errors";
  return hasMoved ? "moved" : "still";
}

function takeLive(reading: Reading, partition: LogPartition, answer: FetchPartition): void {
  switch (answer.error) {
    case ERROR_CODE.NONE: {
      const isFollowing = partition.isReplayed && partition.isAnswering;
      takeRecords(partition, answer);
      if (isFollowing) reportClock(reading, partition);
      report(reading, partition);
      return;
    }
    case ERROR_CODE.OFFSET_OUT_OF_RANGE:
      // Truncated, or overtaken by retention: what we know of its groups starts anew, from a new baseline.
      positionsOf(reading).closed(partition.index, partition.live.position);
      reading.open.delete(partition.index);
      markUnavailable(reading, [partition.index], "error");
      return;
    default:
      markUnavailable(reading, [partition.index], reasonOfError(answer.error));
  }
}

function takeRecords(partition: LogPartition, answer: FetchPartition): void {
  const highWatermark = typeof answer.highWatermark === "number" ? answer.highWatermark : partition.highWatermark;
  partition.live.position = partition.live.log.apply(answer.records, partition.live.position);
  partition.highWatermark = highWatermark;
  if (!partition.isAnswering) {
    partition.isAnswering = true;
    partition.readyOrder = Math.max(partition.readyOrder, highWatermark);
  }
  partition.isReplayed = partition.live.position >= partition.readyOrder;
}

/** Reads a piece of what lies before the replay. */
async function readBackfill(reading: Reading, { nodeId, partitions }: Round): Promise<ReadOutcome> {
  const { options } = reading;
  const behind = partitions.filter((one) => one.backfill !== undefined);
  if (behind.length === 0) return "still";
  const asked = rotated(behind, reading.rotation).flatMap(({ index, backfill }) =>
    backfill === undefined
      ? []
      : [{ partition: index, position: backfill.position, partitionBytesMax: PARTITION_BYTES_MAX }],
  );
  const answer = await fetchLogs(options.link, { nodeId, asked, waitMs: 0 });
  if (answer.kind === "failed") return "failed";
  let hasMoved = false;
  for (const one of answer.partitions) {
    const partition = reading.open.get(one.partition);
    if (partition?.backfill === undefined) continue;
    const before = partition.backfill.position;
    takeBackfill(partition, one);
    if (partition.backfill === undefined) report(reading, partition);
    hasMoved ||= (partition.backfill?.position ?? Number.POSITIVE_INFINITY) > before;
  }
  // An error here may be the end of a backfill, which is progress.
  return hasMoved ? "moved" : outcomeOf(answer.partitions, false);
}

function takeBackfill(partition: LogPartition, answer: FetchPartition): void {
  const { backfill } = partition;
  if (backfill === undefined) return;
  const before = backfill.position;
  if (answer.error === ERROR_CODE.NONE) {
    backfill.position = backfill.log.apply(answer.records, before);
    if (backfill.position < backfill.end) return;
  }
  // Read to its end, or no longer there: what retention took is nothing to wait for.
  if (answer.error !== ERROR_CODE.NONE && answer.error !== ERROR_CODE.OFFSET_OUT_OF_RANGE) return;
  const isJoined = backfill.end === partition.replayStart;
  partition.live.log.takeOver(isJoined ? backfill.log.handOver() : []);
  partition.backfill = undefined;
}

/** Each partition gets its turn as the first, whose batch a broker returns whole however large it is. */
function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const first = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

function report({ options, open }: Reading, partition: LogPartition): void {
  options.observer.observe({
    kind: "log-progress",
    logPartition: partition.index,
    logPartitions: Math.max(open.size, options.keeper.current().logLeaders.length),
    baselineOrder: partition.baselineOrder,
    replayed: partition.isReplayed,
    backfilled: partition.isReplayed && partition.backfill === undefined,
    progress: replayProgress(partition),
    atMs: options.clock.nowMs(),
  });
}

/** What was read as soon as it could be says what the coordinator's clock says. */
function reportClock({ options }: Reading, { index, live, highWatermark }: LogPartition): void {
  const committedAtMs = live.log.takeNewestCommitAtMs();
  if (committedAtMs === undefined || live.position < highWatermark) return;
  const atMs = options.clock.nowMs();
  options.observer.observe({ kind: "coordinator-clock", logPartition: index, committedAtMs, atMs });
}

function markUnavailable({ options, open }: Reading, indexes: readonly number[], reason: UnavailableReason): void {
  options.keeper.refreshSoon();
  for (const logPartition of indexes) {
    const partition = open.get(logPartition);
    if (partition !== undefined) partition.isAnswering = false;
    options.observer.observe({ kind: "log-unavailable", logPartition, reason, atMs: options.clock.nowMs() });
  }
}
