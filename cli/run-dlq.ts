/**
 * # tidemark dlq: the points that a sink refused for good
 *
 *     list     by sink and reason: how many, refused from when to when
 *     show     one JSON a line, oldest first
 *     replay   sends them again to their sinks as configured now; what is taken leaves
 *     purge    takes them away unsent
 *
 * While the shipper runs the spool is its own: it has to be stopped first, and what to do is said.
 */

import { replay } from "../shipper/deliver/replay.ts";
import { openSink } from "../shipper/open-sink.ts";
import { KIND_NAMES } from "../shipper/schema/kind.ts";
import type { Point } from "../shipper/schema/point.ts";
import type { LettersFile } from "../shipper/spool/letters-file.ts";
import { openLettersFile } from "../shipper/spool/letters-file.ts";
import type { Config } from "./config.ts";
import type { Letter, LetterFilter } from "./dlq-filter.ts";
import { lettersOf } from "./dlq-filter.ts";

export const DLQ_VERBS = ["list", "show", "replay", "purge"] as const;
export type DlqVerb = (typeof DLQ_VERBS)[number];

export interface DlqOptions extends LetterFilter {
  readonly dataDir: string;
  readonly sinks: Config["sinks"];
  readonly verb: DlqVerb;
  /** Of replay and purge: only say what would be done. */
  readonly dryRun: boolean;
  readonly say: (text: string) => void;
}

type Job = DlqOptions & { readonly letters: LettersFile["letters"] };

/** Whether all that was asked for was done. */
export async function runDlq(options: DlqOptions, signal: AbortSignal): Promise<boolean> {
  const opened = await openOrSay(options);
  if (opened === "in-use") return false;
  using file = opened;
  if (file === undefined) {
    options.say("there is no spool yet, and so no dead letters\n");
    return true;
  }
  const job: Job = { ...options, letters: file.letters };
  switch (options.verb) {
    case "list":
      return list(job);
    case "show":
      return show(job);
    case "replay":
      return await replayAll(job, signal);
    case "purge":
      return purge(job);
  }
}

async function openOrSay({ dataDir, verb, say }: DlqOptions) {
  try {
    return await openLettersFile(dataDir);
  } catch (caught) {
    if (!(caught instanceof Error) || caught.name !== "FileLockedError") throw caught;
    say(
      `a shipper is running with the spool in ${dataDir}: stop it, run "tidemark dlq ${verb}" again, and start it. What it misses ` +
        "meanwhile waits in the feed of the collector. How many letters there are, tidemark_dlq_points in its /metrics says now\n",
    );
    return "in-use";
  }
}

const timeOf = (ms: number): string => new Date(ms).toISOString();

interface Heap {
  readonly sink: string;
  readonly reason: string;
  letters: number;
  firstMs: number;
  lastMs: number;
}

/** Reasons may quote the point, so that each is another. */
const REASONS_SAID_MAX = 50;

function list(job: Job): boolean {
  const heaps = heapsOf(job);
  if (heaps.length === 0) job.say("no dead letters\n");
  for (const { sink, reason, letters, firstMs, lastMs } of heaps.slice(0, REASONS_SAID_MAX))
    job.say(`${sink}: ${letters} points, ${timeOf(firstMs)} to ${timeOf(lastMs)}: ${reason}\n`);
  const more = heaps.slice(REASONS_SAID_MAX);
  const points = more.reduce((sum, { letters }) => sum + letters, 0);
  if (more.length > 0)
    job.say(`and ${points} points for ${more.length} more reasons; narrow it by --sink, --reason, --since\n`);
  return true;
}

/** The most frequent first. */
function heapsOf(job: Job): readonly Heap[] {
  const heaps = new Map<string, Heap>();
  for (const page of lettersOf(job.letters, job)) {
    for (const { sink, reason, refusedMs } of page) {
      const key = JSON.stringify([sink, reason]);
      const heap = heaps.get(key) ?? { sink, reason, letters: 0, firstMs: refusedMs, lastMs: refusedMs };
      heap.letters += 1;
      heap.lastMs = refusedMs;
      heaps.set(key, heap);
    }
  }
  return [...heaps.values()].toSorted((one, other) => other.letters - one.letters);
}

function show(job: Job): boolean {
  for (const page of lettersOf(job.letters, job)) {
    for (const letter of page) {
      const { id, sink, refusedMs, reason, point } = letter;
      const shown = { id, sink, refused_at: timeOf(refusedMs), reason, point: pointIn(letter) ?? point };
      job.say(`${JSON.stringify(shown)}\n`);
    }
  }
  return true;
}

function purge(job: Job): boolean {
  let purged = 0;
  for (const page of lettersOf(job.letters, job)) {
    if (!job.dryRun) job.letters.take(page);
    purged += page.length;
  }
  job.say(job.dryRun ? `${purged} dead letters would go\n` : `${purged} dead letters are gone\n`);
  return true;
}

async function replayAll(job: Job, signal: AbortSignal): Promise<boolean> {
  const heaps = heapsOf(job);
  if (heaps.length === 0) job.say("no dead letters\n");
  let done = true;
  for (const [name, ofSink] of Map.groupBy(heaps, ({ sink }) => sink)) {
    const points = ofSink.reduce((sum, { letters }) => sum + letters, 0);
    if (job.dryRun) job.say(`${name}: ${points} points would be sent again\n`);
    else done = (await replayOf(name, job, signal)) && done;
  }
  return done;
}

async function replayOf(name: string, job: Job, signal: AbortSignal): Promise<boolean> {
  const config = Object.hasOwn(job.sinks, name) ? job.sinks[name] : undefined;
  if (config === undefined) {
    job.say(`${name}: no sink of this name is configured; its dead letters stay\n`);
    return false;
  }
  await using opened = await openSink({ name, config }, job.dataDir);
  const count = { taken: 0, left: 0 };
  for (const page of lettersOf(job.letters, { ...job, sink: name })) {
    const readable = page.flatMap((letter) => {
      const point = pointIn(letter);
      return point === undefined ? [] : [{ letter, point }];
    });
    const points = readable.map(({ point }) => point);
    const { taken, stoppedBy } = await replay(points, opened.sink, signal);
    job.letters.take(taken.flatMap((index) => readable[index]?.letter ?? []));
    count.taken += taken.length;
    count.left += page.length - taken.length;
    if (stoppedBy === undefined) continue;
    job.say(`${name}: ${count.taken} points are stored now; then it ended, the others stay: ${stoppedBy.message}\n`);
    return false;
  }
  job.say(`${name}: ${count.taken} points are stored now, ${count.left} were refused again and stay\n`);
  return count.left === 0;
}

/** We wrote it, but a person may have edited the file. */
function pointIn({ point }: Letter): Point | undefined {
  try {
    const read: Point = JSON.parse(point);
    return KIND_NAMES.includes(read.kind) && Number.isSafeInteger(read.atMs) ? read : undefined;
  } catch {
    return undefined;
  }
}
