/**
 * # The chart of a group: lag over time, and the ribbon of its statuses
 *
 * The figure carries its numbers in one attribute, from which the script draws a chart that can be read with the pointer.
 * Until then, and without a script, a plain drawing of the same lag stands in its place.
 */

import type { GroupHistory, HistoryPoint, LagPoint } from "../shipper/schema/history.ts";
import type { Mark } from "./event-list.ts";
import { marksOf } from "./event-list.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { durationText } from "./quantity.ts";
import type { TimeRange } from "./sparkline.ts";
import { runsOf, sparkline } from "./sparkline.ts";

export const RANGES = [
  { key: "1h", name: "the last hour", lengthMs: 3_600_000 },
  { key: "6h", name: "the last 6 hours", lengthMs: 6 * 3_600_000 },
  { key: "24h", name: "the last 24 hours", lengthMs: 24 * 3_600_000 },
  { key: "7d", name: "the last 7 days", lengthMs: 7 * 24 * 3_600_000 },
] as const;
export type RangeChoice = (typeof RANGES)[number];

export function rangeOfQuery(query: URLSearchParams): RangeChoice {
  return RANGES.find(({ key }) => key === query.get("range")) ?? RANGES[0];
}

/** Lines beside the group's own; more are told apart by nobody. */
const TOPIC_LINES_MAX = 4;

export interface ChartView {
  readonly history: GroupHistory;
  readonly choice: RangeChoice;
  readonly range: TimeRange;
  readonly gapMs: number;
}

export function lagChart(view: ChartView): Html {
  const { history, range, gapMs, choice } = view;
  if (history.points.length === 0)
    return html`<div class="chart-none"><p>No history in ${choice.name}. The line begins with the first tick that is stored.</p></div>`;
  const plain = sparkline(history.points, { range, gapMs, rangeName: choice.name, size: "large" });
  return html`<figure class="chart" data-chart="${JSON.stringify(chartData(view))}">
<div class="chart-drawn"></div><div class="chart-plain">${plain}</div>
<figcaption class="hidden">Lag in records over ${choice.name}</figcaption>
${statusRibbon(view)}
</figure>`;
}

interface ChartData {
  /** Epoch seconds, as uPlot takes them; the first and the last are the ends of the range. */
  readonly times: readonly number[];
  readonly series: readonly { readonly label: string; readonly values: readonly ChartValue[] }[];
  readonly marks: readonly Mark[];
}

/** null: this series has no point at this instant, its line goes on. false: here its line breaks. */
type ChartValue = number | null | false;

/** All series on one axis of time, as uPlot takes them. */
export function chartData({ history, range, gapMs }: ChartView): ChartData {
  const topics = history.topics.length > 1 ? history.topics.slice(0, TOPIC_LINES_MAX) : [];
  const lines = [
    { label: topics.length > 0 ? "all topics" : "lag", points: history.points },
    ...topics.map(({ topic, points }) => ({ label: topic, points })),
  ].map(({ label, points }) => ({ label, values: withBreaks(points, gapMs) }));
  const instants = new Set(lines.flatMap(({ values }) => [...values.keys()]));
  const timesMs = [...instants.add(range.sinceMs).add(range.untilMs)].sort((left, right) => left - right);
  return {
    times: timesMs.map((atMs) => atMs / 1_000),
    series: lines.map(({ label, values }) => ({ label, values: timesMs.map((atMs) => values.get(atMs) ?? null) })),
    marks: marksOf(history.events),
  };
}

/** Lag by instant, with a break one millisecond behind each run. */
function withBreaks(points: readonly LagPoint[], gapMs: number): ReadonlyMap<number, number | false> {
  const values = new Map<number, number | false>();
  for (const run of runsOf(points, gapMs)) {
    for (const { atMs, lag } of run) values.set(atMs, lag);
    const last = run.at(-1);
    if (last !== undefined) values.set(last.atMs + 1, false);
  }
  return values;
}

/** A stretch of time in which the status stayed the same. */
export interface Stretch {
  readonly status: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Stretches, oldest first. A gap longer than `gapMs` is in none of them; the newest one reaches to the end if it is near. */
export function stretchesOf(points: readonly HistoryPoint[], range: TimeRange, gapMs: number): readonly Stretch[] {
  const stretches: { status: string; fromMs: number; toMs: number }[] = [];
  points.forEach(({ atMs, status }, index) => {
    const nextMs = points[index + 1]?.atMs ?? range.untilMs;
    const toMs = nextMs - atMs > gapMs ? atMs : nextMs;
    const last = stretches.at(-1);
    if (last?.status === status && last.toMs === atMs) last.toMs = toMs;
    else stretches.push({ status, fromMs: atMs, toMs });
  });
  return stretches;
}

const RIBBON_WIDTH = 1_000;
/** Worse is taller, so that the ribbon reads without its colours. */
const RIBBON_HEIGHT: Readonly<Record<string, number>> = {
  OK: 5,
  warming: 9,
  stale: 9,
  unauthorised: 9,
  unknown: 9,
  WARN: 14,
  ERR: 20,
};
const RIBBON_HEIGHT_MAX = 20;
const RIBBON_WORDS_MAX = 6;

function statusRibbon({ history, range, gapMs, choice }: ChartView): Html {
  const stretches = stretchesOf(history.points, range, gapMs);
  const scale = RIBBON_WIDTH / (range.untilMs - range.sinceMs);
  const bars = stretches.map(({ status, fromMs, toMs }) => {
    const height = RIBBON_HEIGHT[status] ?? RIBBON_HEIGHT_MAX;
    const width = Math.max(2, (toMs - fromMs) * scale);
    const x = Math.max(0, (fromMs - range.sinceMs) * scale);
    return html`<rect class="st-${status}" x="${x.toFixed(1)}" y="${RIBBON_HEIGHT_MAX - height}" width="${width.toFixed(1)}" height="${height}"><title>${status} for ${durationText((toMs - fromMs) / 1_000)}</title></rect>`;
  });
  const words = stretches
    .slice(-RIBBON_WORDS_MAX)
    .map(({ status, fromMs, toMs }) => `${status} for ${durationText((toMs - fromMs) / 1_000)}`);
  const text = `Status over ${choice.name}, newest last: ${words.join(", then ")}`;
  return html`<svg class="ribbon" viewBox="0 0 ${RIBBON_WIDTH} ${RIBBON_HEIGHT_MAX}" preserveAspectRatio="none" role="img" aria-label="${text}">${bars}</svg>
<p class="ribbon-legend"><span>Status</span><span>${words.slice(-3).join(" → ")}</span></p>`;
}
