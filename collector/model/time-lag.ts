/**
 * # Time lag: how old is the oldest record that a group has not read?
 *
 * Now minus the time T at which the record at the committed offset became readable. T never changes, so that the time lag of
 * a group that is stuck grows with the clock and by nothing else. T is known between two bounds, and so is the time lag; it is
 * never extrapolated. What is kept and sent is T and its bounds: ages are counted from it where they are read.
 * A group that had read everything when the end offset was asked for is 0 behind, and at most as far as that is ago.
 */

import { z } from "zod";

/** What the bounds rest on. Position in this list is the number that columns hold; the first four are "not known", and why. */
export const TIME_LAG_CODES = [
  "no-commit",
  "warming",
  "stale",
  "unseen",
  "caught_up",
  "watermarks",
  "timestamps",
  "lower_bound",
] as const;
export type TimeLagCode = (typeof TIME_LAG_CODES)[number];

export const TimeLagMethod = z.enum(["caught_up", "watermarks", "timestamps", "lower_bound"]);

export type TimeLag =
  /** Nothing was left to read when the end offset was asked for, `upperMs` ago: 0. */
  | { readonly kind: "caught-up"; readonly upperMs: number }
  /** `unseen`: the partition is watched since a moment only, or there is no room to watch it. */
  | { readonly kind: "unknown"; readonly why: "no-commit" | "warming" | "stale" | "unseen" }
  /** The record was there before we were: it is at least as old as that. */
  | { readonly kind: "at-least"; readonly lowerMs: number }
  | {
      readonly kind: "estimated";
      readonly lowerMs: number;
      readonly timeLagMs: number;
      readonly upperMs: number;
      /** High watermarks seen by our own clock are a proof; record timestamps are what producers claim. */
      readonly method: "watermarks" | "timestamps";
    };

/** T and its bounds, epoch ms; NaN where not known. Of a group that is caught up only `afterMs` is known: there is no such record yet. */
export interface ReadableTime {
  readonly code: TimeLagCode;
  readonly afterMs: number;
  readonly atMs: number;
  readonly byMs: number;
}

export function timeLagOf({ code, afterMs, atMs, byMs }: ReadableTime, nowMs: number): TimeLag {
  switch (code) {
    case "no-commit":
    case "warming":
    case "stale":
    case "unseen":
      return { kind: "unknown", why: code };
    case "caught_up":
      return { kind: "caught-up", upperMs: ageMs(afterMs, nowMs) };
    case "lower_bound":
      return { kind: "at-least", lowerMs: ageMs(byMs, nowMs) };
    case "watermarks":
    case "timestamps": {
      const [lowerMs, timeLagMs, upperMs] = [ageMs(byMs, nowMs), ageMs(atMs, nowMs), ageMs(afterMs, nowMs)];
      return { kind: "estimated", lowerMs, timeLagMs, upperMs, method: code };
    }
  }
}

function ageMs(thenMs: number, nowMs: number): number {
  return Math.max(0, nowMs - thenMs);
}

export interface TimeLagFields {
  readonly lag_seconds?: number;
  readonly lag_seconds_lower?: number;
  readonly lag_seconds_upper?: number;
  readonly lag_seconds_method?: z.output<typeof TimeLagMethod>;
}

const MS_PER_SECOND = 1_000;

export function timeLagFields(timeLag: TimeLag): TimeLagFields {
  switch (timeLag.kind) {
    case "unknown":
      return {};
    case "caught-up":
      return {
        lag_seconds: 0,
        lag_seconds_lower: 0,
        lag_seconds_upper: timeLag.upperMs / MS_PER_SECOND,
        lag_seconds_method: "caught_up",
      };
    case "at-least":
      return { lag_seconds_lower: timeLag.lowerMs / MS_PER_SECOND, lag_seconds_method: "lower_bound" };
    case "estimated":
      return {
        lag_seconds: timeLag.timeLagMs / MS_PER_SECOND,
        lag_seconds_lower: timeLag.lowerMs / MS_PER_SECOND,
        lag_seconds_upper: timeLag.upperMs / MS_PER_SECOND,
        lag_seconds_method: timeLag.method,
      };
  }
}

/**
 * Of many partitions, the largest: each bound is the largest of their bounds, so that the truth lies between. One of which
 * only a lower bound is known may be the largest of all, and then no more is known of all.
 */
export function largestTimeLag(timeLags: Iterable<TimeLag>): TimeLag | undefined {
  let largest: TimeLag | undefined;
  for (const one of timeLags) if (one.kind !== "unknown") largest = largest === undefined ? one : larger(largest, one);
  return largest;
}

function larger(left: TimeLag, right: TimeLag): TimeLag {
  if (right.kind === "unknown") return left;
  if (left.kind === "unknown") return right;
  if (left.kind === "at-least" || right.kind === "at-least")
    return { kind: "at-least", lowerMs: Math.max(lowerMsOf(left), lowerMsOf(right)) };
  const upperMs = Math.max(left.upperMs, right.upperMs);
  if (right.kind === "caught-up") return { ...left, upperMs };
  if (left.kind === "caught-up") return { ...right, upperMs };
  const lowerMs = Math.max(left.lowerMs, right.lowerMs);
  const { method, timeLagMs } = right.timeLagMs > left.timeLagMs ? right : left;
  return { kind: "estimated", lowerMs, timeLagMs, upperMs, method };
}

function lowerMsOf(timeLag: Exclude<TimeLag, { kind: "unknown" }>): number {
  return timeLag.kind === "caught-up" ? 0 : timeLag.lowerMs;
}
