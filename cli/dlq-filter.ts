/**
 * # Which dead letters are meant
 *
 *     time := ISO 8601, such as 2026-11-21T03:00Z · a duration, such as 2h: so long ago
 *
 * By sink, by a part of the reason in any case, and by when they were refused: from `since`, up to and without `until`.
 */

import { Duration } from "../runtime/config/units.ts";
import type { LettersFile } from "../shipper/spool/letters-file.ts";

export interface LetterFilter {
  /** Undefined: of all sinks. */
  readonly sink: string | undefined;
  readonly reason: string | undefined;
  readonly sinceMs: number;
  readonly untilMs: number;
}

export const ALL_LETTERS: LetterFilter = {
  sink: undefined,
  reason: undefined,
  sinceMs: Number.NEGATIVE_INFINITY,
  untilMs: Number.POSITIVE_INFINITY,
};

export type Letter = ReturnType<LettersFile["letters"]["page"]>[number];

/** Undefined where it is neither. */
export function timeMsOf(text: string, nowMs: number): number | undefined {
  const ago = Duration.safeParse(text).data;
  if (ago !== undefined) return nowMs - ago;
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

const PAGE = 1_000;

/** Page by page, oldest first; a page may be empty. What is taken away meanwhile is no hindrance. */
export function* lettersOf(
  letters: Pick<LettersFile["letters"], "page">,
  filter: LetterFilter,
): Generator<readonly Letter[]> {
  for (let afterId = 0; ; ) {
    const page = letters.page({ sink: filter.sink, afterId, lettersMax: PAGE });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.filter((letter) => isMeant(letter, filter));
    afterId = last.id;
  }
}

function isMeant({ reason, refusedMs }: Letter, filter: LetterFilter): boolean {
  if (refusedMs < filter.sinceMs || refusedMs >= filter.untilMs) return false;
  return filter.reason === undefined || reason.toLowerCase().includes(filter.reason.toLowerCase());
}
