/**
 * # Numbers and ages in words
 *
 * Offsets and lags are shown to the last digit: a rounded offset cannot be compared with another tool's. Ages are
 * rounded down to one unit, since nobody acts on the seconds of an hour.
 */

import type { Html } from "./html.ts";
import { html } from "./html.ts";

const GROUPED = new Intl.NumberFormat("en");

export function countText(count: number): string {
  return GROUPED.format(count);
}

/** A count, or a dash that is also said in words where the count is not known. */
export function countOrUnknown(count: number | undefined): Html {
  return count === undefined ? UNKNOWN : html`${countText(count)}`;
}

export const UNKNOWN = html`<span aria-hidden="true">–</span><span class="hidden">not known</span>`;

/** "1 group", "2 groups". */
export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/** A length of time: "45 s", "12 min", "3 h", "5 d". Below zero, which clocks of two machines can give, it is "0 s". */
export function durationText(seconds: number): string {
  if (seconds < 2 * MINUTE_S) return `${Math.max(0, Math.floor(seconds))} s`;
  if (seconds < 2 * HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min`;
  if (seconds < 2 * DAY_S) return `${Math.floor(seconds / HOUR_S)} h`;
  return `${countText(Math.floor(seconds / DAY_S))} d`;
}

export function agoText(seconds: number): string {
  return seconds < 1 ? "just now" : `${durationText(seconds)} ago`;
}

/** Whole percent, and never "100 %" before the end. */
export function percentText(ratio: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, ratio)) * 100)} %`;
}
