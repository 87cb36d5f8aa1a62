/**
 * # One answer of the feed, line by line
 *
 *     answer := evaluation-line* cursor-line         lines end in "\n"; empty ones are skipped
 *     evaluation-line := GroupEvaluation             lines of one tick stand together and share `at`
 *     cursor-line := {"cursor": "..."}
 *
 * A line that is no evaluation costs that group's tick and is counted; an answer without its cursor is cut off, and none
 * of it is used. Lengths are bounded while reading, before a line is put together.
 */

import { z } from "zod";
import { GroupEvaluation } from "../../collector/model/evaluation.ts";
import type { Tick } from "../../collector/model/feed.ts";

/** A group with 200,000 partitions fits. */
export const LINE_BYTES_MAX = 64 * 1024 * 1024;
export const BODY_BYTES_MAX = 512 * 1024 * 1024;

export interface FeedBody {
  readonly ticks: readonly Tick[];
  readonly cursor: string;
  /** Lines that were not an evaluation. */
  readonly linesRefused: number;
}

/** Why an answer is of no use. */
export class FeedBodyError extends Error {
  constructor(what: string) {
    super(`the feed's answer is not usable: ${what}; it is asked for again`);
    this.name = "FeedBodyError";
  }
}

const CursorLine = z.object({ cursor: z.string().max(4_096) });

/** Reads a whole answer; throws FeedBodyError. */
export async function readFeedBody(chunks: AsyncIterable<Uint8Array>): Promise<FeedBody> {
  const ticks: { readonly at: number; readonly evaluations: GroupEvaluation[] }[] = [];
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
      case "evaluation": {
        const { evaluation } = parsed;
        const last = ticks.at(-1);
        if (last?.at === evaluation.at) last.evaluations.push(evaluation);
        else ticks.push({ at: evaluation.at, evaluations: [evaluation] });
        break;
      }
    }
  }
  if (cursor === undefined) throw new FeedBodyError("it ends before its cursor");
  return { ticks, cursor, linesRefused };
}

type Line =
  | { readonly kind: "evaluation"; readonly evaluation: GroupEvaluation }
  | { readonly kind: "cursor"; readonly cursor: string }
  | { readonly kind: "refused" };

function parseLine(line: string): Line {
  const json = parseJson(line);
  const evaluation = GroupEvaluation.safeParse(json);
  if (evaluation.success) return { kind: "evaluation", evaluation: evaluation.data };
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
