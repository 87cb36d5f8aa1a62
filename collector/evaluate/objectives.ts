/**
 * # Objectives: how far behind in time a group may be
 *
 * The first pattern that fits a group's name is its objective. At each tick it is met, missed, or neither: where the time lag is
 * not known, or its bounds lie on both sides of the objective and the estimate is missing, nothing is said, so that a burn rate
 * counts what was known.
 */

import type { TimeLag } from "../model/time-lag.ts";

export interface Objective {
  /** A pattern of group names (runtime/name-pattern.ts). */
  readonly groups: string;
  readonly timeLagMs: number;
}

/** How far behind a group may be, ms; undefined where it has no objective. */
export type ObjectiveMsOf = (group: string) => number | undefined;

/** Names come again with each tick, so answers are kept. */
const NAMES_MAX = 100_000;

export function createObjectives(
  objectives: readonly Objective[],
  matches: (pattern: string, name: string) => boolean,
): ObjectiveMsOf {
  if (objectives.length === 0) return () => undefined;
  const known = new Map<string, number | undefined>();
  return (group) => {
    if (known.has(group)) return known.get(group);
    if (known.size >= NAMES_MAX) known.clear();
    const timeLagMs = objectives.find(({ groups }) => matches(groups, group))?.timeLagMs;
    known.set(group, timeLagMs);
    return timeLagMs;
  };
}

/** Undefined: not known. */
export function isObjectiveMet(timeLag: TimeLag | undefined, objectiveMs: number): boolean | undefined {
  switch (timeLag?.kind) {
    case undefined:
    case "unknown":
      return undefined;
    case "caught-up":
      return true;
    case "at-least":
      return timeLag.lowerMs > objectiveMs ? false : undefined;
    case "estimated":
      return timeLag.timeLagMs <= objectiveMs;
  }
}
