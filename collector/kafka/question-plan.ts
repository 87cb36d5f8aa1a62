/**
 * # When which offsets are asked for
 *
 *   end       at each round: `endEveryMs`
 *   start     each `startEveryMs`, and at once where partitions came or moved: a new log must not look overtaken
 *   stable    each `stableEveryMs`
 *
 * It is what the poll costs the brokers: one request a leader and question, whatever the number of groups.
 */

import type { Watermarks } from "../model/observation.ts";

export interface QuestionEvery {
  readonly endEveryMs: number;
  readonly startEveryMs: number;
  readonly stableEveryMs: number;
}

export interface QuestionPlan {
  /** What a round that begins at `nowMs` asks for, in this order; the end first, since the others are held against it. */
  round(nowMs: number, isNewTopology: boolean): readonly Watermarks["which"][];
}

/** Start offsets were asked for at `beganMs`. */
export function createQuestionPlan({ startEveryMs, stableEveryMs }: QuestionEvery, beganMs: number): QuestionPlan {
  let startDueMs = beganMs + startEveryMs;
  let stableDueMs = beganMs;
  return {
    round: (nowMs, isNewTopology) => {
      const asksStart = isNewTopology || nowMs >= startDueMs;
      const asksStable = nowMs >= stableDueMs;
      if (asksStart) startDueMs = nowMs + startEveryMs;
      if (asksStable) stableDueMs = nowMs + stableEveryMs;
      return ["end", ...(asksStart ? (["start"] as const) : []), ...(asksStable ? (["stable"] as const) : [])];
    },
  };
}
