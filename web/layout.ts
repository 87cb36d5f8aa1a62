/**
 * # The frame of every page
 *
 * Head, header, notices about clusters, content, footer. The script replaces what is inside `#page` with that of a newer
 * answer; all else stays, so nothing flickers.
 */

import type { Announcement } from "./announcement.ts";
import { announcementBanner } from "./announcement.ts";
import type { Assets } from "./assets.ts";
import { isOld, tickAgeMs } from "./freshness.ts";
import type { Html, HtmlValue } from "./html.ts";
import { html } from "./html.ts";
import type { ClusterState } from "./live-state.ts";
import { agoText, durationText, percentText } from "./quantity.ts";
import { visibleName } from "./visible-name.ts";

export interface Frame {
  readonly title: string;
  readonly clusters: readonly ClusterState[];
  readonly nowMs: number;
  readonly version: string;
  /** The address of an asset, with its digest. */
  readonly asset: Assets["href"];
  /** The page has a chart: uPlot and what drives it come along. uPlot's own file is a classic script, the others modules. */
  readonly chart: boolean;
  readonly content: Html;
  readonly announcement?: Announcement | undefined;
  /** Sentences about this process, above those about clusters. */
  readonly remarks?: readonly string[];
}

const STYLES = ["uplot.css", "frame.css", "list.css", "group.css", "cards.css"] as const;

export function layout(frame: Frame): Html {
  const { asset } = frame;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${frame.title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" type="image/svg+xml" href="${asset("favicon.svg")}">
${STYLES.map((name) => html`<link rel="stylesheet" href="${asset(name)}">\n`)}
${
  frame.chart &&
  html`<script src="${asset("uplot.js")}" defer></script>
<script type="module" src="${asset("chart.js")}"></script>
`
}<script type="module" src="${asset("page.js")}"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top"><div class="wide">
<a class="brand" href="/">${LOGO}<span>Tidemark</span></a>
<p class="freshness" id="freshness">${freshness(frame)}</p>
</div>${TIDE}</header>
<div class="notice notice-lost" id="lost" role="alert" hidden></div>
<main class="wide" id="content" tabindex="-1"><div id="page">
${frame.announcement !== undefined && announcementBanner(frame.announcement, frame.nowMs)}
${frame.remarks?.map((remark) => html`<div class="notice notice-bad" role="status"><p>${remark}</p></div>`)}
${frame.clusters.map((cluster) => notice(cluster, frame.nowMs))}
${frame.content}
</div></main>
<footer class="wide"><p>Tidemark ${frame.version}${excludedText(frame.clusters)}</p><nav aria-label="Interfaces"><a href="/metrics">Metrics</a><a href="/readyz">Readiness</a></nav></footer>
</body>
</html>
`;
}

/** What is not on the page must not look as if it were not there. */
function excludedText(clusters: readonly ClusterState[]): string {
  const sum = (kind: "groups" | "topics"): number => clusters.reduce((n, one) => n + (one.excluded?.[kind] ?? 0), 0);
  const [groups, topics] = [sum("groups"), sum("topics")];
  return groups + topics === 0 ? "" : ` · left out by the configuration: groups ${groups}, topics ${topics}`;
}

/** The mark that a tide leaves: the water below, the line it reached above. */
const LOGO = html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><rect class="logo-sky" width="32" height="32" rx="8"/><path class="logo-mark" d="M7 9.5h18"/><path class="logo-water" d="M0 19c4 0 4-3 8-3s4 3 8 3 4-3 8-3 4 3 8 3v5a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8z"/></svg>`;

/** The edge of the header: water. */
const TIDE = html`<svg class="tide" aria-hidden="true"><pattern id="tide" width="96" height="9" patternUnits="userSpaceOnUse"><path d="M0 0h96v4c-24 0-24 5-48 5s-24-5-48-5z"/></pattern><rect width="100%" height="9" fill="url(#tide)"/></svg>`;

/** The age of the oldest of the clusters' newest ticks: what any row on the page is not older than. */
function freshness({ clusters, nowMs }: Frame): HtmlValue {
  const ages = clusters.flatMap((cluster) => tickAgeMs(cluster, nowMs) ?? []);
  if (ages.length === 0) return html`<span class="dot dot-none"></span>No tick yet`;
  const old = clusters.some((cluster) => isOld(cluster, nowMs));
  return html`<span class="dot ${old ? "dot-old" : "dot-live"}"></span>Last tick ${agoText(Math.max(...ages) / 1_000)}`;
}

function notice(cluster: ClusterState, nowMs: number): HtmlValue {
  const ageMs = tickAgeMs(cluster, nowMs);
  const age =
    ageMs === undefined ? "Nothing is known of it yet." : `What is shown is ${durationText(ageMs / 1_000)} old.`;
  const name = html`<strong>${visibleName(cluster.cluster)}</strong>`;
  const reason = cluster.reason === undefined ? "" : `: ${cluster.reason}`;
  switch (cluster.state) {
    case "warming":
      return html`<div class="notice notice-warming" role="status"><p>${name} is warming${reason}. ${progress(cluster)}Groups are judged once its offsets topic is replayed; until then they say warming, never OK.</p></div>`;
    case "stale":
      return html`<div class="notice notice-bad" role="status"><p>${name} is stale${reason}. ${age}</p></div>`;
    case "unreachable":
      return html`<div class="notice notice-bad" role="status"><p>${name} cannot be reached${reason}. Tidemark keeps trying. ${age}</p></div>`;
    case "ok":
      if (!isOld(cluster, nowMs)) return undefined;
      return html`<div class="notice notice-bad" role="status"><p>${name}: last tick ${agoText((ageMs ?? 0) / 1_000)}. What is shown is that old; new verdicts are overdue.</p></div>`;
  }
}

function progress({ cluster, progress: ratio }: ClusterState): HtmlValue {
  if (ratio === undefined) return undefined;
  return html`<progress max="100" value="${Math.floor(ratio * 100)}" aria-label="Replayed of ${cluster}"></progress> <b>${percentText(ratio)}</b> replayed. `;
}
