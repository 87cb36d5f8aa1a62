/**
 * # How far behind in time, in words
 *
 * An age with its bounds; where only a lower bound is known, that, and said so. Never a number without what it is worth.
 */

import type { GroupSummary } from "../collector/model/evaluation.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { durationText, UNKNOWN } from "./quantity.ts";

type TimeLag = Pick<GroupSummary, "lag_seconds" | "lag_seconds_lower" | "lag_seconds_upper" | "lag_seconds_method">;

export function timeLagText({ lag_seconds: seconds, lag_seconds_lower: lower }: TimeLag): Html {
  if (seconds !== undefined) return html`${durationText(seconds)}`;
  if (lower === undefined || lower === 0) return UNKNOWN;
  return html`<span aria-hidden="true">≥ </span><span class="hidden">at least </span>${durationText(lower)}`;
}

/** Bounds, and what they rest on. */
export function timeLagBounds({
  lag_seconds_lower: lower,
  lag_seconds_upper: upper,
  lag_seconds_method: method,
}: TimeLag): string {
  switch (method) {
    case undefined:
      return "not known yet";
    case "caught_up":
      return "nothing was left to read";
    case "lower_bound":
      return "older than anything seen since the start";
    case "watermarks":
    case "timestamps":
      return `${betweenText(lower ?? 0, upper ?? 0)}${method === "timestamps" ? ", by record timestamps" : ""}`;
  }
}

const TENTHS_UP_TO_S = 10;

/** Tenths where whole seconds would round both to the same; where they still do, the width. */
export function betweenText(lower: number, upper: number): string {
  if (upper < TENTHS_UP_TO_S) return `between ${lower.toFixed(1)} and ${upper.toFixed(1)} s`;
  const [from, to] = [durationText(lower), durationText(upper)];
  return from === to ? `known to ${Math.max(0.1, upper - lower).toFixed(1)} s` : `between ${from} and ${to}`;
}

const RATES = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** "12.3/s". */
export function rateText(perSecond: number | undefined): Html {
  return perSecond === undefined ? UNKNOWN : html`${RATES.format(perSecond)}/s`;
}
