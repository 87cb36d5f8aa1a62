/**
 * # tidemark dlq: the points that a sink refused for good
 *
 *     list     by sink and reason: how many, from when to when
 *     show     one JSON a line, oldest first
 *     replay   sends them again to their sinks as configured now; what is taken leaves
 *     purge    takes them away unsent
 *
 * While the shipper runs the spool is its own: it has to be stopped first.
 */

import { replay } from "../shipper/deliver/replay.ts";
import { openSink } from "../shipper/open-sink.ts";
import { KIND_NAMES } from "../shipper/schema/kind.ts";
import type { Point } from "../shipper/schema/point.ts";
import type { NumberedLetter } from "../shipper/spool/dead-letters.ts";
import type { LettersFile } from "../shipper/spool/letters-file.ts";
import { openLettersFile } from "../shipper/spool/letters-file.ts";
import type { Config } from "./config.ts";

export const DLQ_VERBS = ["list", "show", "replay", "purge"] as const;
export type DlqVerb = (typeof DLQ_VERBS)[number];

export interface DlqOptions {
  readonly dataDir: string;
  readonly sinks: Config["sinks"];
  readonly verb: DlqVerb;
  /** Undefined: of all sinks. */
  readonly sink: string | undefined;
  readonly say: (text: string) => void;
}

const PAGE = 1_000;

type Job = DlqOptions & { readonly letters: LettersFile["letters"] };

/** Whether all that was asked for was done. */
export async function runDlq(options: DlqOptions, signal: AbortSignal): Promise<boolean> {
  using file = await openLettersFile(options.dataDir);
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

const timeOf = (ms: number): string => new Date(ms).toISOString();

function list({ letters, sink: wanted, say }: Job): boolean {
  const reasons = letters.reasons().filter(({ sink }) => wanted === undefined || sink === wanted);
  if (reasons.length === 0) say("no dead letters\n");
  for (const { sink, reason, letters: count, firstMs, lastMs } of reasons)
    say(`${sink}: ${count} points, ${timeOf(firstMs)} to ${timeOf(lastMs)}: ${reason}\n`);
  return true;
}

function show(job: Job): boolean {
  for (const page of pagesOf(job)) {
    for (const { id, sink, refusedMs, reason, point } of page)
      job.say(`${JSON.stringify({ id, sink, refused_at: timeOf(refusedMs), reason, point: JSON.parse(point) })}\n`);
  }
  return true;
}

function purge(job: Job): boolean {
  let purged = 0;
  for (const page of pagesOf(job)) {
    job.letters.take(page);
    purged += page.length;
  }
  job.say(`${purged} dead letters are gone\n`);
  return true;
}

function* pagesOf({ letters, sink }: Job): Generator<readonly NumberedLetter[]> {
  let afterId = 0;
  for (;;) {
    const page = letters.page({ sink, afterId, lettersMax: PAGE });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    afterId = last.id;
  }
}

async function replayAll(job: Job, signal: AbortSignal): Promise<boolean> {
  const names = new Set(job.letters.reasons().map(({ sink }) => sink));
  let done = true;
  for (const name of names) {
    if (job.sink === undefined || job.sink === name) done = (await replayOf(name, job, signal)) && done;
  }
  if (names.size === 0) job.say("no dead letters\n");
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
  for (const page of pagesOf({ ...job, sink: name })) {
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
function pointIn({ point }: NumberedLetter): Point | undefined {
  try {
    const read: Point = JSON.parse(point);
    return KIND_NAMES.includes(read.kind) && Number.isSafeInteger(read.atMs) ? read : undefined;
  } catch {
    return undefined;
  }
}
