/**
 * # The scorecard: was every incident judged, shipped, and can it be read back?
 *
 * Looks at the live state while incidents are played, and at the history when all is over. An incident counts by its group
 * and cause: one that came late may be followed by none, and one that was judged once is judged.
 */

import type { History } from "../../shipper/schema/history.ts";
import type { LiveState } from "../../web/live-state.ts";
import type { Expectation } from "./incidents.ts";
import { playedAs, seen } from "./incidents.ts";

/** What is on the script. */
export interface ScriptedIncident {
  readonly group: string;
  readonly cause: string;
}

/** As the world tells it; times in epoch ms. */
export interface PlayedIncident extends ScriptedIncident {
  readonly fromMs: number;
}

export interface Score {
  readonly group: string;
  readonly cause: string;
  readonly expects: Expectation;
  /** What was seen of it first, in words; undefined: nothing. */
  readonly judged: string | undefined;
  /** From its beginning, or from the first look where it had begun before. */
  readonly judgedAfterMs: number | undefined;
  /** The history tells of it too. */
  readonly readBack: boolean;
}

export interface Scorecard {
  /** Called again and again with what is played now. */
  look(played: readonly PlayedIncident[], nowMs: number): void;
  /** One score per group and cause: first those that came, in their order, then those that did not. */
  finish(history: History, nowMs: number): Promise<readonly Score[]>;
}

interface Entry extends PlayedIncident {
  readonly expects: Expectation;
  judged: { readonly as: string; readonly atMs: number } | undefined;
}

export interface ScorecardOptions {
  readonly cluster: string;
  readonly live: LiveState;
  /** What must come; more may. */
  readonly script: readonly ScriptedIncident[];
}

export function createScorecard({ cluster, live, script }: ScorecardOptions): Scorecard {
  const entries = new Map<string, Entry>();
  let watchedFromMs: number | undefined;
  return {
    look: (played, nowMs) => {
      watchedFromMs ??= nowMs;
      for (const incident of played) {
        const now = live.group(cluster, incident.group);
        const expects = playedAs(incident.cause)?.expects;
        if (now === undefined || expects === undefined) continue;
        const key = keyOf(incident);
        const entry = entries.get(key) ?? { ...incident, expects, judged: undefined };
        entries.set(key, entry);
        if (entry.judged !== undefined) continue;
        const as = seen(expects, now);
        if (as !== undefined) entry.judged = { as, atMs: nowMs };
      }
    },
    finish: async (history, nowMs) => {
      const scores: Score[] = [];
      for (const entry of entries.values()) {
        const { group, cause, expects, judged, fromMs } = entry;
        const readBack = await isInHistory(history, { cluster, entry, nowMs });
        const judgedAfterMs =
          judged === undefined ? undefined : judged.atMs - Math.max(fromMs, watchedFromMs ?? fromMs);
        scores.push({ group, cause, expects, judged: judged?.as, judgedAfterMs, readBack });
      }
      return [...scores, ...script.filter((one) => !entries.has(keyOf(one))).flatMap(neverCame)];
    },
  };
}

function keyOf({ group, cause }: ScriptedIncident): string {
  return JSON.stringify([group, cause]);
}

function neverCame({ group, cause }: ScriptedIncident): readonly Score[] {
  const expects = playedAs(cause)?.expects;
  if (expects === undefined) return [];
  return [{ group, cause, expects, judged: undefined, judgedAfterMs: undefined, readBack: false }];
}

interface Asked {
  readonly cluster: string;
  readonly entry: Entry;
  readonly nowMs: number;
}

/** A status is read back by name; of a fact, that the group's points of that time are there. */
async function isInHistory(history: History, { cluster, entry, nowMs }: Asked): Promise<boolean> {
  const range = { sinceMs: entry.fromMs, untilMs: nowMs, pointsMax: 1_000 };
  const { points, troubles } = await history.group({ cluster, group: entry.group, ...range });
  const { expects } = entry;
  switch (expects.kind) {
    case "status":
      return troubles.some(({ status }) => status === expects.status);
    case "fact":
      return points.length > 0;
  }
}
