/**
 * # The status page
 *
 *     /                                 every group
 *     /groups/{cluster}/{group}         one group
 *     /assets/{name}                    a fixed list
 *
 * The one place of Tidemark that answers HTML. Everything is rendered from what the two ports say at that moment.
 */

import type { GroupSummary } from "../collector/model/evaluation.ts";
import { asError } from "../runtime/error.ts";
import type { HttpAnswer, HttpHandler, HttpRequest } from "../runtime/http/answer.ts";
import type { GroupHistory, History, HistoryPoint } from "../shipper/schema/history.ts";
import type { Announcement } from "./announcement.ts";
import { announcementFor } from "./announcement.ts";
import { loadAssets } from "./assets.ts";
import type { GroupName } from "./group-link.ts";
import { groupOfRequest } from "./group-link.ts";
import { groupPage } from "./group-page.ts";
import type { Html } from "./html.ts";
import { html, textOf } from "./html.ts";
import { rangeOfQuery } from "./lag-chart.ts";
import { layout } from "./layout.ts";
import type { LiveState } from "./live-state.ts";
import { TICK_INTERVAL_MS } from "./live-state.ts";
import { overviewOf, selectionOf } from "./overview.ts";
import { overviewPage } from "./overview-page.ts";
import { createRecentLines } from "./recent-lines.ts";
import { gapMsMin } from "./sparkline.ts";
import { visibleName } from "./visible-name.ts";

export interface PageOptions {
  readonly live: LiveState;
  readonly history: History;
  readonly nowMs: () => number;
  readonly version: string;
  /** Said on top of every page, anew at each answer. */
  readonly announcement?: () => Announcement;
  /** What somebody may want to know of this process, a sentence each. */
  readonly remarks?: () => readonly string[];
}

const CHART_POINTS_MAX = 300;
const SPARKLINE_MS = 3_600_000;
const SPARKLINE_POINTS_MAX = 60;
const NO_HISTORY: GroupHistory = { points: [], troubles: [], events: [], topics: [], topicsLeftOut: 0 };

/** Answers GET and HEAD for its paths; undefined for every other request. */
export function createPage(options: PageOptions): HttpHandler {
  const assets = loadAssets();
  const recent = createRecentLines(options.history, { lengthMs: SPARKLINE_MS, pointsMax: SPARKLINE_POINTS_MAX });

  const framed = (page: Page): HttpAnswer => {
    const clusters = options.live.clusters();
    const said = options.announcement?.();
    const announcement = said === undefined || page.about === undefined ? said : announcementFor(said, page.about);
    const frame = {
      ...page,
      remarks: options.remarks?.() ?? [],
      announcement,
      clusters,
      nowMs: options.nowMs(),
      version: options.version,
      asset: assets.href,
    };
    return pageAnswer(page.status, layout(frame));
  };

  return async (request) => {
    if (request.method !== "GET" && request.method !== "HEAD") return undefined;
    const [first, second, ...more] = request.path;
    if (first === "assets" && second !== undefined && more.length === 0) return assets.answer(second, request.query);
    if (first === "" && second === undefined) return framed(await overview(options, recent, request));
    const name = groupOfRequest(request.path, request.query);
    return name === undefined ? undefined : framed(await group(options, name, request));
  };
}

interface Page {
  readonly status: number;
  readonly title: string;
  readonly chart: boolean;
  readonly content: Html;
  /** The one group that it is about. */
  readonly about?: GroupName;
}

async function overview(
  { live, nowMs: clock }: PageOptions,
  recent: ReturnType<typeof createRecentLines>,
  { query }: HttpRequest,
): Promise<Page> {
  const nowMs = clock();
  const clusters = live.clusters();
  const selection = selectionOf(query);
  const groups = await Promise.all(clusters.map(({ cluster }) => live.groups(cluster) ?? []));
  const overview = overviewOf(groups.flat(), selection);
  const lines = await recent.read(
    clusters.map(({ cluster }) => cluster),
    nowMs,
  );
  const intervals = new Map(clusters.map(({ cluster, tickIntervalMs }) => [cluster, tickIntervalMs]));
  const range = { sinceMs: nowMs - SPARKLINE_MS, untilMs: nowMs };
  const historyOf = ({ cluster, group }: GroupSummary) => ({
    points: lines.byCluster.get(cluster)?.get(group) ?? NO_POINTS,
    gapMs: gapMsMin(range, SPARKLINE_POINTS_MAX, intervals.get(cluster) ?? TICK_INTERVAL_MS),
  });
  const view = { clusters, overview, selection, range, nowMs, historyOf, historyProblem: lines.problem };
  const trouble = overview.counts.ERR + overview.counts.WARN;
  const title = trouble > 0 ? `(${trouble}) Tidemark` : "Tidemark";
  return { status: 200, title, chart: false, content: overviewPage(view) };
}

const NO_POINTS: readonly HistoryPoint[] = [];

async function group(
  { live, history, nowMs: clock }: PageOptions,
  name: GroupName,
  { query }: HttpRequest,
): Promise<Page> {
  const evaluation = live.group(name.cluster, name.group);
  if (evaluation === undefined) return missingGroup(name);
  const nowMs = clock();
  const choice = rangeOfQuery(query);
  const range = { sinceMs: nowMs - choice.lengthMs, untilMs: nowMs };
  const read = await readHistory(history, name, range);
  const cluster = live.clusters().find((one) => one.cluster === name.cluster);
  const gapMs = gapMsMin(range, CHART_POINTS_MAX, cluster?.tickIntervalMs ?? TICK_INTERVAL_MS);
  const chart = { history: read.history, choice, range, gapMs };
  const all = query.get("all") === "1";
  const content = groupPage({ group: evaluation, chart, historyProblem: read.problem, nowMs, all });
  const title = `${evaluation.status} · ${name.group} · Tidemark`;
  return { status: 200, title, chart: true, content, about: name };
}

interface ReadHistory {
  readonly history: GroupHistory;
  readonly problem: string | undefined;
}

/** A history that cannot be read must not take the live part of the page with it. */
async function readHistory(
  history: History,
  name: GroupName,
  range: { readonly sinceMs: number; readonly untilMs: number },
): Promise<ReadHistory> {
  try {
    return { history: await history.group({ ...name, ...range, pointsMax: CHART_POINTS_MAX }), problem: undefined };
  } catch (caught) {
    return { history: NO_HISTORY, problem: asError(caught).message };
  }
}

function missingGroup({ cluster, group }: GroupName): Page {
  const content = html`<section class="panel empty"><h1>No such group</h1>
<p>Cluster <strong>${visibleName(cluster)}</strong> knows no group <strong>${visibleName(group)}</strong> now. It may have been deleted, its offsets may have expired, or the cluster is not read yet.</p>
<p><a href="/">All groups</a></p></section>`;
  return { status: 404, title: "No such group · Tidemark", chart: false, content };
}

const HEADERS = {
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
} as const;

function pageAnswer(status: number, markup: Html): HttpAnswer {
  return { status, contentType: "text/html; charset=utf-8", body: textOf(markup), headers: HEADERS };
}
