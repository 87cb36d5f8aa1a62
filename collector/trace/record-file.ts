/**
 * # The file that a recording goes to
 *
 *     <dir>/<cluster>.ndjson      being written
 *     <dir>/<cluster>.1.ndjson    the one before
 *
 * Each takes half of `bytesMax`; a full one takes the place of the one before, and the next begins. A file that is there at the
 * start is written on, behind the last line that is whole, so that a restart does not cost what led to it. Where the disk
 * fails, lines are dropped and counted, and after a while a new beginning is written. Nothing here is waited for by what
 * observes.
 */

import type { FileHandle } from "node:fs/promises";
import { mkdir, open, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "../../runtime/clock.ts";
import { sleep } from "../../runtime/clock.ts";
import { asError } from "../../runtime/error.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Observer } from "../model/observation.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import type { LineQueue } from "./line-queue.ts";
import { createLineQueue } from "./line-queue.ts";
import type { Recorder } from "./recorder.ts";
import { createRecorder } from "./recorder.ts";

const FLUSH_EVERY_MS = 250;
const RETRY_MS = 10_000;
const QUEUE_BYTES_MAX = 8_388_608;
/** Of what a file begins with, at once: some milliseconds of work. */
const PIECE_CHARS_MAX = 524_288;
/** Names of groups and hosts are nobody else's business. */
const FILE_MODE = 0o600;
/** More than any line but the longest: where none ends in it, the file is no trace. */
const TAIL_BYTES = 1_048_576;
const NEWLINE = 0x0a;

export interface RecordOptions {
  readonly dir: string;
  readonly bytesMax: number;
  readonly watermarksEveryMs: number;
  readonly intervalMs: number;
  readonly state: ClusterState;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RecordStats {
  readonly written: number;
  /** By reason. */
  readonly dropped: Readonly<Record<"queue_full" | "write_failed", number>>;
  readonly waiting: number;
  /** Of both files. */
  readonly bytes: number;
}

export interface Recording {
  /** For the source, in place of the state. */
  readonly observer: Observer;
  readonly actor: Actor;
  /** What the actor does again and again; resolves when what waited is written, or dropped. */
  step(): Promise<void>;
  stats(): RecordStats;
}

interface OpenFile {
  readonly handle: FileHandle;
  bytes: number;
  /** Where the lines of this recorder begin in it. */
  readonly beganAtBytes: number;
}

interface Writing {
  readonly options: RecordOptions;
  readonly path: string;
  readonly fileBytesMax: number;
  readonly pieceChars: number;
  readonly queue: LineQueue;
  readonly recorder: Recorder;
  file: OpenFile | undefined;
  previousBytes: number;
  written: number;
  failed: number;
  /** Of the lines that the queue has dropped, those that the log has told of. */
  droppedTold: number;
  isDropping: boolean;
  condition: "waiting" | "recording" | "failing" | "too-small";
  retryAtMs: number;
}

export function createRecording(options: RecordOptions): Recording {
  const { state, dir, bytesMax, watermarksEveryMs, intervalMs, clock } = options;
  const queueBytesMax = Math.min(QUEUE_BYTES_MAX, Math.floor(bytesMax / 16));
  const queue = createLineQueue(queueBytesMax);
  // A file is seen to be full after the fact, and what came meanwhile is still its own.
  const fileBytesMax = Math.floor(bytesMax / 2) - 2 * queueBytesMax;
  const writing: Writing = {
    options,
    path: join(dir, encodeURIComponent(state.cluster)),
    fileBytesMax,
    pieceChars: Math.min(PIECE_CHARS_MAX, Math.floor(queueBytesMax / 4)), // beside what comes meanwhile
    queue,
    recorder: createRecorder({
      state,
      nowMs: clock.nowMs,
      intervalMs,
      watermarksEveryMs,
      fileBytesMax,
      write: queue.push,
    }),
    file: undefined,
    previousBytes: 0,
    written: 0,
    failed: 0,
    droppedTold: 0,
    isDropping: false,
    condition: "waiting",
    retryAtMs: 0,
  };
  return {
    observer: writing.recorder.observer,
    step: () => step(writing),
    stats: () => statsOf(writing),
    actor: async (signal) => {
      while (!signal.aborted) {
        await sleep(FLUSH_EVERY_MS, signal);
        await step(writing);
      }
      await writing.file?.handle.close().catch(() => undefined);
    },
  };
}

function statsOf({ queue, written, failed, file, previousBytes }: Writing): RecordStats {
  return {
    written,
    dropped: { queue_full: queue.dropped, write_failed: failed },
    waiting: queue.waiting,
    bytes: (file?.bytes ?? 0) + previousBytes,
  };
}

async function step(writing: Writing): Promise<void> {
  const { recorder, options } = writing;
  if (writing.condition === "too-small") return;
  if (writing.file === undefined && (!recorder.isReady() || options.clock.monotonicMs() < writing.retryAtMs)) return;
  tellDropped(writing);
  try {
    writing.file ??= await begin(writing, "go-on");
    await writeOut(writing, writing.file);
    if (writing.file.bytes >= writing.fileBytesMax) await rotate(writing, writing.file);
  } catch (caught) {
    await fail(writing, asError(caught));
  }
}

/** Once each time that it begins. */
function tellDropped(writing: Writing): void {
  const { queue, options } = writing;
  const dropped = queue.dropped - writing.droppedTold;
  if (dropped > 0 && !writing.isDropping)
    options.logger.warn(
      { event: "record.dropping", lines: dropped },
      "more is observed than the disk takes; lines are dropped",
    );
  writing.isDropping = dropped > 0;
  writing.droppedTold = queue.dropped;
}

/** All that waits, and before it what the file begins with. */
async function writeOut(writing: Writing, file: OpenFile): Promise<void> {
  let isMore = true;
  while (isMore && file.bytes < writing.fileBytesMax) {
    isMore = writing.recorder.advance(writing.pieceChars);
    await append(writing, file);
  }
  if (isMore && file.beganAtBytes === 0) giveUp(writing);
}

async function append(writing: Writing, file: OpenFile): Promise<void> {
  const { text, lines } = writing.queue.drain();
  if (lines === 0) return;
  const bytes = Buffer.from(text);
  try {
    await file.handle.appendFile(bytes);
  } catch (caught) {
    writing.failed += lines;
    // What was written of it would end in half a line.
    await file.handle.truncate(file.bytes).catch(() => undefined);
    throw caught;
  }
  file.bytes += bytes.length;
  writing.written += lines;
}

async function rotate(writing: Writing, full: OpenFile): Promise<void> {
  if (writing.condition === "too-small") return;
  writing.recorder.endFile();
  // What came while it was written belongs before the head of the next.
  await append(writing, full);
  writing.file = undefined;
  await full.handle.close();
  writing.file = await begin(writing, "anew");
}

/** Opens the file, after the one before it where asked to, or where that one is full. */
async function begin(writing: Writing, how: "go-on" | "anew"): Promise<OpenFile> {
  const { path, recorder, options, fileBytesMax } = writing;
  await mkdir(dirname(path), { recursive: true });
  if (how === "go-on") writing.previousBytes = await sizeOf(`${path}.1.ndjson`);
  let file = await openWhole(`${path}.ndjson`);
  if (file.bytes > 0 && (how === "anew" || file.bytes >= fileBytesMax)) {
    await file.handle.close();
    await rename(`${path}.ndjson`, `${path}.1.ndjson`);
    writing.previousBytes = file.bytes;
    file = await openWhole(`${path}.ndjson`);
  }
  if (writing.condition !== "recording")
    options.logger.info({ event: "record.began", file: `${path}.ndjson` }, "what is observed is recorded as a trace");
  writing.condition = "recording";
  recorder.beginFile();
  return { ...file, beganAtBytes: file.bytes };
}

/** Opens a file to write on behind its last whole line. */
async function openWhole(path: string): Promise<Pick<OpenFile, "handle" | "bytes">> {
  const handle = await open(path, "a+", FILE_MODE);
  try {
    return { handle, bytes: await wholeLines(handle) };
  } catch (caught) {
    await handle.close();
    throw caught;
  }
}

/** 0 where there is none. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Cuts off a last line without its end, which a killed process leaves; answers with the bytes left. */
async function wholeLines(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const { bytesRead } = await handle.read(tail, 0, tail.length, size - tail.length);
  const bytes = size - tail.length + tail.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
  if (bytes < size) await handle.truncate(bytes);
  return bytes;
}

async function fail(writing: Writing, cause: Error): Promise<void> {
  const { recorder, queue, options, path } = writing;
  recorder.endFile();
  writing.failed += queue.drain().lines;
  await writing.file?.handle.close().catch(() => undefined);
  writing.file = undefined;
  writing.retryAtMs = options.clock.monotonicMs() + RETRY_MS;
  if (writing.condition !== "failing")
    options.logger.warn(
      { event: "record.failing", file: `${path}.ndjson`, err: cause, retryInMs: RETRY_MS },
      "the trace cannot be written; lines are dropped until it can",
    );
  writing.condition = "failing";
}

/** What a file begins with does not fit into one: each would hold nothing else. */
function giveUp(writing: Writing): void {
  const { recorder, queue, options, path, fileBytesMax } = writing;
  recorder.endFile();
  writing.failed += queue.drain().lines;
  writing.condition = "too-small";
  options.logger.error(
    { event: "record.too_small", file: `${path}.ndjson`, fileBytesMax },
    "collector.record.bytes_max is too small for this cluster; nothing more is recorded",
  );
}
