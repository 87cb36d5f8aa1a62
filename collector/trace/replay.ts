/**
 * # Judging a trace: lines of text in, lines of answers out
 *
 * The first line is the header. A line that cannot be read ends it with an error that names the line and the member, or, where
 * asked to be lenient, is counted; a kind or a member that the form does not have is counted always. Files may be
 * joined: a header in the middle is that of the next file, of the same cluster.
 */

import type { TraceHeader, TraceLine } from "./line.ts";
import type { StrictOptions, TracePlayer } from "./player.ts";
import { createTracePlayer } from "./player.ts";
import type { LineRead } from "./read-line.ts";
import { readLineText } from "./read-line.ts";
import type { VerdictReport } from "./verdict-report.ts";
import { createVerdictReport } from "./verdict-report.ts";

/** A line that cannot be read: exit code 65 of the command. */
export class TraceError extends Error {
  constructor(
    where: { readonly source: string; readonly line: number; readonly field: string | undefined },
    problem: string,
  ) {
    const { source, line, field } = where;
    super(`${source}, line ${line}${field === undefined ? "" : `, member "${field}"`}: ${problem}`);
    this.name = "TraceError";
  }
}

export interface ReplayOptions {
  /** What the trace is called in errors. */
  readonly source: string;
  readonly strict: StrictOptions;
  readonly everyTick: boolean;
  readonly lenient: boolean;
  /** Takes one line of the answer, without its end. */
  readonly write: (line: string) => void;
}

export interface ReplaySummary {
  readonly ticks: number;
  readonly groups: number;
  readonly lines: number;
  /** By reason, those that occurred. */
  readonly skipped: Readonly<Partial<Record<Skipped, number>>>;
}

type Skipped = "unknown_kind" | "unknown_member" | "unreadable" | "silent_tick";

export interface Replay {
  /** The next line; undefined for one that was too long to be read. Throws TraceError. */
  take(text: string | undefined): void;
  /** Judges what is left, and says what there was. Throws TraceError where there was no header. */
  finish(): ReplaySummary;
}

export function createReplay(options: ReplayOptions): Replay {
  const report = createVerdictReport(options);
  const replaying: Replaying = { options, report, player: undefined, header: undefined, lines: 0, skipped: new Map() };
  return {
    take: (text) => takeText(replaying, text),
    finish: () => finish(replaying),
  };
}

interface Replaying {
  readonly options: ReplayOptions;
  readonly report: VerdictReport;
  player: TracePlayer | undefined;
  header: TraceHeader | undefined;
  lines: number;
  readonly skipped: Map<Skipped, number>;
}

const TOO_LONG: LineRead = { kind: "unreadable", field: undefined, problem: "the line is too long" };

function takeText(replaying: Replaying, text: string | undefined): void {
  replaying.lines += 1;
  if (text !== undefined && isBlank(text)) return;
  const read = text === undefined ? TOO_LONG : readLineText(text);
  switch (read.kind) {
    case "line":
      if (read.unknownMembers > 0) skip(replaying, "unknown_member", read.unknownMembers);
      takeLine(replaying, read.line);
      break;
    case "unknown-kind":
      skip(replaying, "unknown_kind", 1);
      break;
    case "unreadable":
      if (!replaying.options.lenient) throw errorAt(replaying, read.field, read.problem);
      skip(replaying, "unreadable", 1);
      break;
  }
}

function isBlank(text: string): boolean {
  return text === "" || text.trim() === "";
}

function takeLine(replaying: Replaying, line: TraceLine): void {
  if (line.kind === "header") takeHeader(replaying, line.line);
  else if (replaying.player === undefined) throw errorAt(replaying, "trace", NO_HEADER);
  else replaying.player.line(line);
}

const NO_HEADER = 'a trace begins with a header: {"trace": 1, "cluster": "…", "interval_ms": 10000}';

function takeHeader(replaying: Replaying, header: TraceHeader): void {
  const { options, report } = replaying;
  replaying.header ??= header;
  if (header.cluster !== replaying.header.cluster)
    throw errorAt(replaying, "cluster", `a trace is of one cluster, and this one is of "${replaying.header.cluster}"`);
  replaying.player ??= createTracePlayer({
    header,
    strict: options.strict,
    onTick: (snapshot) => {
      for (const answer of report.linesOf(snapshot)) options.write(answer);
    },
  });
}

function skip({ skipped }: Replaying, why: Skipped, count: number): void {
  skipped.set(why, (skipped.get(why) ?? 0) + count);
}

function errorAt({ options, lines }: Replaying, field: string | undefined, problem: string): TraceError {
  return new TraceError({ source: options.source, line: lines, field }, problem);
}

function finish(replaying: Replaying): ReplaySummary {
  const { player, report, lines, skipped } = replaying;
  if (player === undefined) throw errorAt(replaying, "trace", NO_HEADER);
  player.flush();
  const { ticks, ticksSkipped } = player.stats();
  if (ticksSkipped > 0) skip(replaying, "silent_tick", ticksSkipped);
  return { ticks, groups: report.groups(), lines, skipped: Object.fromEntries(skipped) };
}
