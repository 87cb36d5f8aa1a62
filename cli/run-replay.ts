/**
 * # tidemark replay: judge a trace, as fast as it can be read
 *
 * Answers on standard output (docs/trace.md); a reader that goes away (`| head`) is an end like any other. Told to stop, it judges what it has
 * read so far and says so.
 */

import { createReadStream } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { EvaluateConfig } from "../collector/config.ts";
import type { StrictOptions } from "../collector/trace/player.ts";
import type { Replay } from "../collector/trace/replay.ts";
import { createReplay } from "../collector/trace/replay.ts";
import { createLineSplitter } from "../collector/trace/split-lines.ts";
import type { Clock } from "../runtime/clock.ts";
import { asError } from "../runtime/error.ts";
import type { LineOutput } from "./line-output.ts";
import { createLineOutput } from "./line-output.ts";

/** One group's offsets or members stand in one line: some 300,000 partitions fit. */
const LINE_CHARS_MAX = 16_777_216;
const CHUNK_BYTES = 1_048_576;
const MS_PER_SECOND = 1_000;

/** The trace cannot be opened or read as a file; what is wrong inside of it is a TraceError. */
export class TraceFileError extends Error {
  constructor(file: string, options: { readonly cause: Error }) {
    super(`the trace ${file} cannot be read: ${options.cause.message}`, options);
    this.name = "TraceFileError";
  }
}

export interface ReplayCommand {
  /** A path, or `-` for standard input. */
  readonly trace: string;
  /** The defaults where it is not given. */
  readonly evaluate: EvaluateConfig | undefined;
  readonly everyTick: boolean;
  readonly lenient: boolean;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly clock: Clock;
}

/** Throws TraceError and TraceFileError. */
export async function runReplay(command: ReplayCommand, signal: AbortSignal): Promise<void> {
  const { trace, clock, everyTick, lenient } = command;
  const beganMs = clock.monotonicMs();
  const output = createLineOutput(command.stdout);
  const source = trace === "-" ? "standard input" : trace;
  const strict = strictOptions(command.evaluate ?? EvaluateConfig.parse({}));
  const replay = createReplay({ source, strict, everyTick, lenient, write: output.write });
  try {
    await readAll(replay, { input: openTrace(command), source, output }, signal);
    const summary = replay.finish();
    const seconds = Math.round(clock.monotonicMs() - beganMs) / MS_PER_SECOND;
    output.write(JSON.stringify({ ...summary, seconds }));
  } finally {
    await output.flush(); // what was judged before a line that cannot be read is an answer, too
  }
}

function openTrace({ trace, stdin }: ReplayCommand): Readable {
  if (trace !== "-") return createReadStream(trace, { encoding: "utf8", highWaterMark: CHUNK_BYTES });
  return stdin.setEncoding("utf8");
}

interface Reading {
  readonly input: Readable;
  readonly source: string;
  readonly output: LineOutput;
}

async function readAll(replay: Replay, { input, source, output }: Reading, signal: AbortSignal): Promise<void> {
  const splitter = createLineSplitter(LINE_CHARS_MAX);
  for await (const chunk of chunksOf(input, source, signal)) {
    for (const line of splitter.push(chunk)) replay.take(line);
    await output.drained();
    if (output.isClosed()) return;
  }
  // Told to stop, the last line may be half of one.
  if (!signal.aborted) for (const line of splitter.end()) replay.take(line);
}

async function* chunksOf(input: Readable, source: string, signal: AbortSignal): AsyncGenerator<string> {
  const stop = (): void => void input.destroy();
  signal.addEventListener("abort", stop, { once: true });
  const chunks: AsyncIterable<string> = input;
  try {
    for await (const chunk of chunks) yield chunk;
  } catch (caught) {
    if (!signal.aborted) throw new TraceFileError(source, { cause: asError(caught) });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

export function strictOptions({ window, burrow }: EvaluateConfig): StrictOptions {
  return {
    store: { intervals: window, minDistanceMs: burrow.min_distance, expireGroupMs: burrow.expire_group },
    rules: { minimumComplete: burrow.minimum_complete, allowedLag: burrow.allowed_lag },
    offsetRefreshMs: burrow.offset_refresh,
  };
}
