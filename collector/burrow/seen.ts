/**
 * # What of a Burrow's lists was seen before
 *
 * Nothing is gone because one answer lacks it: a Burrow that has just started lists what it has replayed so far.
 */

import { OLDER_MS_MAX } from "./told-windows.ts";

/** Of fewer the loss of some says nothing. */
const NAMES_MIN = 4;
const MISSED_MAX = 1;
const SAID_MAX = 100;

interface Named {
  readonly groups: readonly string[];
  readonly topics: readonly string[];
}

export interface Seen {
  /** Less than half of what was listed is listed still; for a while that means a Burrow that begins anew. */
  isBeginning(lists: Named, nowMs: number): boolean;
  /** Those first that were missed before. */
  inTurn(groups: readonly string[]): readonly string[];
  answered(group: string): void;
  /** Of the listed ones those that gave no answer in two rounds; to be asked once a round, behind all answers. */
  missed(groups: readonly string[]): readonly string[];
  /** Of the known ones those that two lists do not name; once a round. */
  absent(groups: readonly string[], known: Iterable<string>): readonly string[];
  /** True the first time. */
  sayUnreachable(group: string): boolean;
}

export function createSeen(): Seen {
  let before: Named = { groups: [], topics: [] };
  let beginsSinceMs: number | undefined;
  const answeredNow = new Set<string>();
  let missedTimes = new Map<string, number>();
  let absentTimes = new Map<string, number>();
  const said = new Set<string>();
  return {
    isBeginning: (lists, nowMs) => {
      const hasLost = isHalfGone(before.groups, lists.groups) || isHalfGone(before.topics, lists.topics);
      if (hasLost) beginsSinceMs ??= nowMs;
      if (beginsSinceMs !== undefined && hasLost && nowMs - beginsSinceMs < OLDER_MS_MAX) return true;
      beginsSinceMs = undefined;
      before = lists;
      return false;
    },
    inTurn: (groups) => groups.toSorted((a, b) => (missedTimes.get(b) ?? 0) - (missedTimes.get(a) ?? 0)),
    answered: (group) => answeredNow.add(group),
    missed: (groups) => {
      missedTimes = new Map(
        groups.flatMap((group) => (answeredNow.has(group) ? [] : [[group, (missedTimes.get(group) ?? 0) + 1]])),
      );
      answeredNow.clear();
      return [...missedTimes].flatMap(([group, times]) => (times > MISSED_MAX ? [group] : []));
    },
    absent: (groups, known) => {
      const listed = new Set(groups);
      absentTimes = new Map(
        [...known].flatMap((group) => (listed.has(group) ? [] : [[group, (absentTimes.get(group) ?? 0) + 1]])),
      );
      return [...absentTimes].flatMap(([group, times]) => (times > MISSED_MAX ? [group] : []));
    },
    sayUnreachable: (group) => {
      if (said.has(group) || said.size >= SAID_MAX) return false;
      said.add(group);
      return true;
    },
  };
}

function isHalfGone(before: readonly string[], now: readonly string[]): boolean {
  if (before.length < NAMES_MIN) return false;
  const present = new Set(now);
  return before.filter((name) => present.has(name)).length * 2 < before.length;
}
