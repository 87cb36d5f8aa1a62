/** # The figures of a group that are made from its rows: time lag, data loss, rates, objective. What is not known is absent. */

import type { GroupSummary } from "../model/evaluation.ts";
import type { Rows } from "../model/snapshot.ts";
import { secondsUntil } from "../model/snapshot.ts";
import { timeLagFields } from "../model/time-lag.ts";
import { lossAtMsOfRows } from "./loss.ts";
import { isObjectiveMet } from "./objectives.ts";
import { ratesOfRows } from "./rates.ts";
import { timeLagOfRows } from "./time-lag.ts";

export type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** Sets what is known. Thousands of summaries a second are made, so not by spreading small objects. */
export function put<Name extends keyof GroupSummary>(
  summary: Writable<GroupSummary>,
  name: Name,
  value: GroupSummary[Name] | undefined,
): void {
  if (value !== undefined && !Number.isNaN(value)) summary[name] = value;
}

const MS_PER_SECOND = 1_000;

export interface FiguresOf {
  readonly rows: Rows;
  readonly first: number;
  readonly end: number;
  readonly nowMs: number;
  /** Undefined: the group has no objective. */
  readonly objectiveMs: number | undefined;
}

export function putFigures(summary: Writable<GroupSummary>, { rows, first, end, nowMs, objectiveMs }: FiguresOf): void {
  const timeLag = timeLagOfRows(rows, { first, end, nowMs });
  if (timeLag !== undefined) Object.assign(summary, timeLagFields(timeLag));
  put(summary, "loss_seconds", secondsUntil(nowMs, lossAtMsOfRows(rows, { first, end })));
  const { committed, produced, commitIntervalMs } = ratesOfRows(rows, { first, end });
  put(summary, "produced_per_second", produced);
  put(summary, "committed_per_second", committed);
  put(summary, "commit_interval_seconds", commitIntervalMs / MS_PER_SECOND);
  if (objectiveMs === undefined) return;
  put(summary, "objective_seconds", objectiveMs / MS_PER_SECOND);
  const isMet = isObjectiveMet(timeLag, objectiveMs);
  if (isMet !== undefined) put(summary, "objective_met", isMet ? 1 : 0);
}
