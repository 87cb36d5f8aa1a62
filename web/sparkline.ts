/**
 * # Lines of lag as SVG
 *
 * Drawn on the server with attributes and classes only (the content policy allows no style attribute), on a stretched
 * grid whose strokes do not stretch. The scale starts at zero, so a flat line at the bottom means no lag, and a gap in
 * the data is a gap in the line.
 */

import type { HistoryPoint, LagPoint } from "../shipper/schema/history.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { countText } from "./quantity.ts";

/** Epoch ms; the line is drawn over all of it, however little of it is known. */
export interface TimeRange {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** A longer silence than this between two points of a range is drawn as a gap. */
export function gapMsMin(range: TimeRange, pointsMax: number, tickIntervalMs: number): number {
  return 2.5 * Math.max((range.untilMs - range.sinceMs) / pointsMax, tickIntervalMs);
}

/** Points split where the lag is unknown or a gap lies between two of them; every run has at least one point. */
export function runsOf(points: readonly LagPoint[], gapMs: number): readonly (readonly Known[])[] {
  const runs: Known[][] = [];
  let lastAtMs = Number.NEGATIVE_INFINITY;
  for (const { atMs, lag } of points) {
    if (lag === undefined) {
      lastAtMs = Number.NEGATIVE_INFINITY;
      continue;
    }
    if (atMs - lastAtMs > gapMs) runs.push([]);
    runs.at(-1)?.push({ atMs, lag });
    lastAtMs = atMs;
  }
  return runs;
}

export interface Known {
  readonly atMs: number;
  readonly lag: number;
}

export interface SparklineOptions {
  readonly range: TimeRange;
  readonly gapMs: number;
  /** What the range is called in the text for those who do not see the line: "the last hour". */
  readonly rangeName: string;
  /** A class that gives the drawing its size. */
  readonly size: "small" | "large";
}

const WIDTH = 1_000;
const HEIGHT = 100;
/** Room above the highest point, for half the width of the stroke. */
const HEADROOM = 6;

export function sparkline(points: readonly LagPoint[], options: SparklineOptions): Html {
  const runs = runsOf(points, options.gapMs);
  const known = runs.flat();
  const last = known.at(-1);
  if (last === undefined) return html`<span class="spark-none">no history yet</span>`;
  const highest = known.reduce((lag, point) => Math.max(lag, point.lag), 0);
  const place = ({ atMs, lag }: Known) => `${xOf(atMs, options.range)} ${yOf(lag, highest)}`;
  const line = runs.map((run) => `M${run.map(place).join("L")}`).join("");
  const area = runs.map((run) => areaOf(run.map(place), run, options.range)).join("");
  const label = `Lag over ${options.rangeName}: last ${countText(last.lag)}, highest ${countText(highest)}`;
  return html`<svg class="spark spark-${options.size}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}"><path class="spark-area" d="${area}"/><path class="spark-line" d="${line}"/><path class="spark-last" d="M${place(last)}h0"/></svg>`;
}

function areaOf(places: readonly string[], run: readonly Known[], range: TimeRange): string {
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) return "";
  return `M${xOf(first.atMs, range)} ${HEIGHT}L${places.join("L")}L${xOf(last.atMs, range)} ${HEIGHT}Z`;
}

function xOf(atMs: number, { sinceMs, untilMs }: TimeRange): number {
  const share = (atMs - sinceMs) / Math.max(1, untilMs - sinceMs);
  return Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
}

function yOf(lag: number, highest: number): number {
  return Math.round(HEIGHT - 2 - (highest === 0 ? 0 : lag / highest) * (HEIGHT - 2 - HEADROOM));
}

export interface StatusSince {
  readonly atMs: number;
  /** The status already stood at the oldest point that is known: it may be older. */
  readonly atLeast: boolean;
}

/** Since when the newest points say what `status` says; undefined where the history says otherwise. */
export function statusSince(points: readonly HistoryPoint[], status: string): StatusSince | undefined {
  const before = points.findLastIndex((point) => point.status !== status);
  const first = points[before + 1];
  return first === undefined ? undefined : { atMs: first.atMs, atLeast: before === -1 };
}
