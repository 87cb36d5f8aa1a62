/**
 * # Recording: an observer that tells on what it is told, and writes it down as lines
 *
 * Between a source and the state it feeds. Nothing is written before a file begins; a file begins with its header and with
 * what is known then (checkpoint.ts), so that it stands alone, and so nothing is written that the log held before: commits that
 * are part of the baselines are in the windows. High watermarks are written once each `watermarksEveryMs` and partition,
 * just before the tick that judges them; everything else as it comes. A window that somebody else keeps is not written: a replay
 * makes its own, of the commits.
 */

import type { Observation, Observer, Watermarks } from "../model/observation.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import type { Piece } from "./checkpoint.ts";
import { checkpointPieces, isCheckpointReady, topicLine, watermarkLine } from "./checkpoint.ts";
import type { LineOf } from "./line.ts";
import type { RecordedGroups } from "./recorded-groups.ts";
import { createRecordedGroups } from "./recorded-groups.ts";

/** End offsets are polled this often, or more: whoever wants one as often wants all of them. */
const POLL_EVERY_MS = 2_000;
/** Of the polls in an interval, the last before its tick. */
const WATERMARK_LEAD_MS = 2_500;
/** Of a commit line, names included, where nobody has measured. */
const COMMIT_LINE_BYTES = 130;

export interface RecorderOptions {
  readonly state: ClusterState;
  readonly nowMs: () => number;
  readonly intervalMs: number;
  /** Not longer than the time between two samples of the strict rules: they would take one twice. */
  readonly watermarksEveryMs: number;
  /** What a file begins with should take half of this at most; windows are told shorter then. */
  readonly fileBytesMax: number;
  /** Takes lines without their last end. Must not wait. */
  readonly write: (text: string, lines: number) => void;
}

export interface Recorder {
  /** For the source, in place of the state. */
  readonly observer: Observer;
  /** The offsets topic is read as far as it can be: from now on a file would hold all that matters. */
  isReady(): boolean;
  /** Lines belong to a new file from now on. */
  beginFile(): void;
  /** Writes about `charsMax` more of what a file begins with; false once it is all there. */
  advance(charsMax: number): boolean;
  /** Nothing is written until a file begins again. */
  endFile(): void;
}

interface Recording extends RecorderOptions {
  readonly groups: RecordedGroups;
  /** Topics as they were written last. */
  readonly topics: Map<string, string>;
  /** By topic and partition, what was written of it last: the number of its interval, and whether it answered. */
  readonly polls: Map<string, number[]>;
  isOpen: boolean;
  newestMs: number;
  /** Slots below it are told of in this file. */
  slotsTold: number;
  checkpoint: Iterator<Piece> | undefined;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const recording: Recording = {
    ...options,
    groups: createRecordedGroups(options.state),
    topics: new Map(),
    polls: new Map(),
    isOpen: false,
    newestMs: 0,
    slotsTold: 0,
    checkpoint: undefined,
  };
  return {
    observer: observerOf(recording),
    isReady: () => isCheckpointReady(options.state),
    beginFile: () => beginFile(recording),
    advance: (charsMax) => advance(recording, charsMax),
    endFile: () => {
      recording.isOpen = false;
      recording.slotsTold = 0;
      recording.checkpoint = undefined;
    },
  };
}

function observerOf(recording: Recording): Observer {
  const { state } = recording;
  return {
    get handlesEpoch() {
      return state.handlesEpoch;
    },
    handleOf: state.handleOf,
    findHandle: state.findHandle,
    commit: (handle, committedOffset, committedAtMs, order, logPartition, decidedOrder) => {
      if (handle < recording.slotsTold && decidedOrder >= state.logs.baselineOrderOf(logPartition))
        writeCommit(recording, handle, { commit: committedOffset, at: committedAtMs, order });
      state.commit(handle, committedOffset, committedAtMs, order, logPartition, decidedOrder);
    },
    observe: (observation) => observe(recording, observation),
  };
}

/** Some are written from what the state says before, some from what it says after. */
function observe(recording: Recording, observation: Observation): void {
  const { state, groups } = recording;
  switch (observation.kind) {
    case "watermarks":
      state.observe(observation);
      if (recording.isOpen && observation.which === "end") writeWatermarks(recording, observation);
      break;
    case "topics":
    case "topic-configs":
      state.observe(observation);
      if (recording.isOpen) for (const line of changedTopics(recording)) write(recording, line);
      break;
    case "baseline":
      state.observe(observation);
      writeOffsets(recording, observation);
      break;
    case "groups":
      state.observe(observation);
      for (const line of groups.listed()) writeTail(recording, line);
      break;
    case "members":
      state.observe(observation);
      if (isNews(recording, observation))
        writeTail(recording, groups.described(observation.group, observation.members));
      break;
    case "offset-tombstone":
      if (isNews(recording, observation)) writeTombstone(recording, observation);
      state.observe(observation);
      break;
    case "group-tombstone": {
      const { group, order } = observation;
      state.observe(observation);
      if (!isNews(recording, observation)) break;
      groups.emptied(group);
      write(recording, { t: now(recording), group, state: null, order } satisfies LineOf<"group-tombstone">);
      break;
    }
    case "log-progress":
    case "log-unavailable":
      observeLog(recording, observation);
      break;
    case "record-times":
    case "open-transactions":
    case "log-partitions":
    case "past-generation":
    case "share-offsets":
    case "group-unavailable":
    case "offset-refused":
    case "log-regressed":
    case "window":
    case "commit-bounds":
    case "coordinator-clock":
      state.observe(observation);
      break;
  }
}

/** Not older than what a coordinator has said since. */
function isNews(
  { state }: Recording,
  { order, logPartition }: { readonly order: number | undefined; readonly logPartition: number | undefined },
): boolean {
  return order === undefined || order >= state.logs.baselineOrderOf(logPartition ?? -1);
}

function beginFile(recording: Recording): void {
  const { state, intervalMs } = recording;
  const { cluster } = state;
  recording.topics.clear();
  recording.polls.clear();
  recording.isOpen = true;
  recording.slotsTold = 0;
  const { partitions } = state.logs.summary();
  write(recording, { trace: 1, cluster, interval_ms: intervalMs, log_partitions: Math.max(1, partitions) });
  recording.checkpoint = headOf(recording);
}

/** Topics first: what is said of the partitions of others is not heard. */
function* headOf(recording: Recording): Generator<Piece> {
  const { state, groups } = recording;
  const t = (): number => now(recording);
  for (const line of changedTopics(recording)) yield { text: JSON.stringify(line), lines: 1 };
  for (const tail of groups.all()) yield { text: `{"t":${t()},${tail}`, lines: 1 };
  const onSlot = (slot: number): void => {
    recording.slotsTold = slot + 1;
  };
  yield* checkpointPieces({ state, t, commitsMax: commitsMaxOf(recording), onSlot });
}

function commitsMaxOf({ state, fileBytesMax }: Recording): number {
  const fitting = Math.floor(fileBytesMax / 2 / (COMMIT_LINE_BYTES * Math.max(1, state.table.count())));
  return Math.max(1, Math.min(state.burrow.options.intervals, fitting));
}

function advance(recording: Recording, charsMax: number): boolean {
  const { checkpoint } = recording;
  if (checkpoint === undefined) return false;
  for (let chars = 0; chars < charsMax; ) {
    const { done, value } = checkpoint.next();
    if (done === true) {
      recording.checkpoint = undefined;
      recording.slotsTold = Number.POSITIVE_INFINITY;
      return false;
    }
    recording.write(value.text, value.lines);
    chars += value.text.length;
  }
  return true;
}

/** The hot one: names are looked up, and nothing is made but the line. */
function writeCommit(
  recording: Recording,
  handle: number,
  { commit, at, order }: { readonly commit: number; readonly at: number; readonly order: number },
): void {
  const key = recording.state.table.keyOf(handle);
  if (key === undefined) return;
  const names = `"group":${JSON.stringify(key.group)},"topic":${JSON.stringify(key.topic)},"partition":${key.partition}`;
  recording.write(`{"t":${now(recording)},${names},"commit":${commit},"at":${at},"order":${order}}`, 1);
}

function writeTombstone(
  recording: Recording,
  { handle, order }: { readonly handle: number; readonly order: number },
): void {
  const key = recording.state.table.keyOf(handle);
  if (key === undefined) return;
  write(recording, { t: now(recording), ...key, commit: null, order } satisfies LineOf<"tombstone">);
}

function writeOffsets(recording: Recording, { group, offsets }: Extract<Observation, { kind: "baseline" }>): void {
  const all = offsets.map(({ topic, partition, committedOffset }): LineOf<"offsets">["offsets"][number] => [
    topic,
    partition,
    committedOffset,
  ]);
  write(recording, { t: now(recording), group, offsets: all } satisfies LineOf<"offsets">);
}

function writeWatermarks(
  recording: Recording,
  { topics, topicIndex, partitions, offsets, unavailable }: Watermarks,
): void {
  const t = now(recording);
  const { watermarksEveryMs: everyMs } = recording;
  const interval = everyMs <= POLL_EVERY_MS ? t : Math.floor((t + WATERMARK_LEAD_MS) / everyMs);
  for (let i = 0; i < partitions.length; i += 1) {
    const topic = topics[topicIndex[i] ?? -1] ?? "";
    const partition = partitions[i] ?? 0;
    const reason = unavailable.get(i);
    const poll = 2 * interval + (reason === undefined ? 0 : 1);
    const polls = recording.polls.get(topic) ?? [];
    if (polls.length === 0) recording.polls.set(topic, polls);
    if (polls[partition] === poll) continue;
    polls[partition] = poll;
    if (reason !== undefined)
      write(recording, { t, topic, partition, unavailable: reason } satisfies LineOf<"no-answer">);
    else write(recording, watermarkLine(recording.state, { t, topic, partition, end: offsets[i] ?? 0 }));
  }
}

/** Lines of those that changed since they were written; asking for the next line is writing it. */
function* changedTopics(recording: Recording): Generator<LineOf<"topic">> {
  const { state, topics, polls } = recording;
  for (const topic of state.topics.names()) {
    const written = JSON.stringify(topicLine(state, topic));
    if (topics.get(topic) === written) continue;
    topics.set(topic, written);
    yield { t: now(recording), ...topicLine(state, topic) };
  }
  for (const topic of topics.keys()) {
    if (state.topics.get(topic) !== undefined) continue;
    topics.delete(topic);
    polls.delete(topic);
    yield { t: now(recording), topic, partitions: 0 };
  }
}

function observeLog(
  recording: Recording,
  observation: Extract<Observation, { kind: "log-progress" | "log-unavailable" }>,
): void {
  const [{ state }, { logPartition: log }] = [recording, observation];
  const before = state.logs.of(log).unavailable;
  state.observe(observation);
  const { unavailable } = state.logs.of(log);
  if (unavailable === before) return;
  write(recording, { t: now(recording), log, ...(unavailable && { unavailable }) } satisfies LineOf<"log">);
}

/** The members of a line behind its `t`, or nothing to tell. */
function writeTail(recording: Recording, tail: string | undefined): void {
  if (recording.isOpen && tail !== undefined) recording.write(`{"t":${now(recording)},${tail}`, 1);
}

function write(recording: Recording, line: object): void {
  if (recording.isOpen) recording.write(JSON.stringify(line), 1);
}

/** Epoch ms; a clock that jumps back stands still in a trace. */
function now(recording: Recording): number {
  recording.newestMs = Math.max(recording.newestMs, recording.nowMs());
  return recording.newestMs;
}
