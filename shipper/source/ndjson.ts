/**
 * # One answer of the feed, line by line
 *
 *     answer := (evaluation-line | deploy-line)* cursor-line      lines end in "\n"; empty ones are skipped
 *     evaluation-line := GroupEvaluation             lines of one tick stand together and share `at`
 *     deploy-line := {"tick": at, "deploy": DeployTold}
 *     cursor-line := {"cursor": "..."}
 *
 * A line that is no evaluation costs that group's tick and is counted; an answer without its cursor is cut off, and none
 * of it is used. Lengths are bounded while reading, before a line is put together.
 */

import { z } from "zod";
import { DeployTold } from "../../collector/model/deploy.ts";
import { GroupEvaluation } from "../../collector/model/evaluation.ts";
import type { Tick } from "../../collector/model/feed.ts";

/** A group with 200,000 partitions fits. */
export const LINE_BYTES_MAX = 64 * 1024 * 1024;
export const BODY_BYTES_MAX = 512 * 1024 * 1024;

export interface FeedBody {
  readonly ticks: readonly Tick[];
  readonly cursor: string;
  /** Lines that were neither. */
  readonly linesRefused: number;
}

/** Why an answer is of no use. */
export class FeedBodyError extends Error {
  constructor(what: string) {
    super(`the feed's answer is not usable: ${what}; it is asked for again`);
    this.name = "FeedBodyError";
  }
}

const DeployLine = z.object({ tick: z.int().nonnegative(), deploy: DeployTold });
const CursorLine = z.object({ cursor: z.string().max(4_096) });

/** Reads a whole answer; throws FeedBodyError. */
export async function readFeedBody(chunks: AsyncIterable<Uint8Array>): Promise<FeedBody> {
  const ticks: ReadTick[] = [];
  let cursor: string | undefined;
  let linesRefused = 0;
  for await (const line of linesOf(chunks)) {
    if (cursor !== undefined) throw new FeedBodyError("a line follows the cursor");
    const parsed = parseLine(line);
    switch (parsed.kind) {
      case "cursor":
        cursor = parsed.cursor;
        break;
      case "refused":
        linesRefused += 1;
        break;
      case "evaluation":
        tickAt(ticks, parsed.evaluation.at).evaluations.push(parsed.evaluation);
        break;
      case "deploy":
        tickAt(ticks, parsed.tick).deploys.push(parsed.deploy);
        break;
    }
  }
  if (cursor === undefined) throw new FeedBodyError("it ends before its cursor");
  return { ticks, cursor, linesRefused };
}

interface ReadTick {
  readonly at: number;
  readonly evaluations: GroupEvaluation[];
  readonly deploys: DeployTold[];
}

function tickAt(ticks: ReadTick[], at: number): ReadTick {
  const last = ticks.at(-1);
  if (last?.at === at) return last;
  const tick = { at, evaluations: [], deploys: [] };
  ticks.push(tick);
  return tick;
}

type Line =
  | { readonly kind: "evaluation"; readonly evaluation: GroupEvaluation }
  | { readonly kind: "deploy"; readonly tick: number; readonly deploy: DeployTold }
  | { readonly kind: "cursor"; readonly cursor: string }
  | { readonly kind: "refused" };

function parseLine(line: string): Line {
  const json = parseJson(line);
  const evaluation = GroupEvaluation.safeParse(json);
  if (evaluation.success) return { kind: "evaluation", evaluation: evaluation.data };
  const deploy = DeployLine.safeParse(json);
  if (deploy.success) return { kind: "deploy", ...deploy.data };
  const cursor = CursorLine.safeParse(json);
  return cursor.success ? { kind: "cursor", cursor: cursor.data.cursor } : { kind: "refused" };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const NEWLINE = 0x0a;

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let pending: Uint8Array[] = [];
  let [lineBytes, bodyBytes] = [0, 0];
  const take = (part: Uint8Array): void => {
    lineBytes += part.byteLength;
    if (lineBytes > LINE_BYTES_MAX) throw new FeedBodyError(`a line is longer than ${LINE_BYTES_MAX} bytes`);
    if (part.byteLength > 0) pending.push(part);
  };
  for await (const chunk of chunks) {
    bodyBytes += chunk.byteLength;
    if (bodyBytes > BODY_BYTES_MAX) throw new FeedBodyError(`it is longer than ${BODY_BYTES_MAX} bytes`);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end));
      if (lineBytes > 0) yield Buffer.concat(pending).toString();
      [pending, lineBytes, start] = [[], 0, end + 1];
    }
    take(chunk.subarray(start));
  }
  if (lineBytes > 0) yield Buffer.concat(pending).toString();
}
