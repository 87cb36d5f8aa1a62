/**
 * # The first page: every group, worst first
 *
 * A headline that answers "is anything wrong", tiles that count and filter, then a row per group. One form holds the
 * filter and the column heads, so that all of it works without a script.
 */

import type { GroupSummary } from "../collector/model/evaluation.ts";
import type { HistoryPoint } from "../shipper/schema/history.ts";
import { isCurrent } from "./freshness.ts";
import { groupHref } from "./group-link.ts";
import type { Html, HtmlValue } from "./html.ts";
import { html } from "./html.ts";
import type { ClusterState } from "./live-state.ts";
import type { Overview, Selection, SortKey, TileKey } from "./overview.ts";
import { ROWS_MAX, selectionHref, sortText, TILES } from "./overview.ts";
import { agoText, countOrUnknown, countText, durationText, plural, UNKNOWN } from "./quantity.ts";
import type { TimeRange } from "./sparkline.ts";
import { sparkline, statusSince } from "./sparkline.ts";
import type { Status } from "./status-badge.ts";
import { statusBadge, statusMark } from "./status-badge.ts";
import { timeLagText } from "./time-lag.ts";
import { visibleName } from "./visible-name.ts";

export interface OverviewView {
  readonly clusters: readonly ClusterState[];
  readonly overview: Overview;
  readonly selection: Selection;
  readonly range: TimeRange;
  readonly nowMs: number;
  readonly historyOf: (group: GroupSummary) => GroupHistoryView;
  /** Why lines are missing, where the history could not be read. */
  readonly historyProblem: string | undefined;
}

export interface GroupHistoryView {
  readonly points: readonly HistoryPoint[];
  /** A silence longer than this is a gap in the line. */
  readonly gapMs: number;
}

export function overviewPage(view: OverviewView): Html {
  return html`<section class="lead">
<h1>${headline(view)}</h1>
${view.overview.total > 0 && tiles(view)}
</section>
${view.historyProblem !== undefined && html`<div class="notice" role="status"><p>History cannot be read: ${view.historyProblem}. Lags and verdicts below are live.</p></div>`}
${view.overview.total > 0 ? listing(view) : emptyState(view.clusters)}`;
}

type HeadlineView = Pick<OverviewView, "overview" | "clusters" | "nowMs">;

/** The first question of the night, answered in one sentence. */
export function headline({ overview: { counts, total }, clusters, nowMs }: HeadlineView): string {
  const attention = counts.ERR + counts.WARN;
  if (total === 0)
    return clusters.some(({ state }) => state !== "ok") ? "No group is known yet" : "No consumer groups yet";
  if (attention > 0) return `${plural(attention, "group")} ${attention === 1 ? "needs" : "need"} attention`;
  if (counts.unknown > 0) return `${plural(counts.unknown, "group")} cannot be judged`;
  if (counts.OK === 0 && counts.warming > 0) return "Warming up";
  // That all is well is said of now, or not at all.
  if (!clusters.every((cluster) => isCurrent(cluster, nowMs))) return "No group was in trouble when last heard of";
  if (counts.warming > 0) return `${plural(counts.OK, "group")} fine, ${countText(counts.warming)} warming`;
  if (counts.unjudged > 0) return `${plural(counts.OK, "group")} fine, ${countText(counts.unjudged)} not judged`;
  return total === 1 ? "The one group is fine" : `All ${countText(total)} groups are fine`;
}

const ALL_MEANING = "every group";

function tiles({ overview, selection }: OverviewView): Html {
  const shown = TILES.filter(({ key }) => overview.counts[key] > 0 || key === "ERR" || key === "WARN" || key === "OK");
  return html`<nav class="tiles" aria-label="Filter by status"><ul>
${tile({ key: undefined, count: overview.total, label: "All", meaning: ALL_MEANING, selection })}
${shown.map(({ key, label, meaning }) => tile({ key, count: overview.counts[key], label, meaning, selection }))}
</ul></nav>`;
}

const MARKS: Readonly<Record<TileKey, Status>> = {
  ERR: "ERR",
  WARN: "WARN",
  unknown: "stale",
  warming: "warming",
  unjudged: "unknown",
  OK: "OK",
};

interface TileView {
  readonly key: Selection["tile"];
  readonly count: number;
  readonly label: string;
  readonly meaning: string;
  readonly selection: Selection;
}

function tile({ key, count, label, meaning, selection }: TileView): Html {
  const current = selection.tile === key;
  const mark = key === undefined ? undefined : statusMark(MARKS[key]);
  const kind = `tile ${key === undefined ? "" : `st-${key}`} ${count === 0 ? "tile-zero" : ""}`;
  return html`<li data-key="${key ?? "all"}"><a class="${kind}" data-swap href="${selectionHref({ ...selection, tile: key, all: false })}"${current && html` aria-current="true"`}><span class="tile-count">${countText(count)}</span><span class="tile-label">${mark}${label}</span><span class="tile-meaning">${meaning}</span></a></li>`;
}

function listing(view: OverviewView): Html {
  const { selection, overview } = view;
  return html`<section class="panel" aria-label="Groups">
<form class="filter" id="filter" method="get" action="/" role="search" data-swap>
<input type="hidden" name="status" value="${selection.tile ?? ""}">
<input type="hidden" name="sort" value="${sortText(selection.sort)}">
<label class="hidden" for="q">Filter by name of group or cluster</label>
<input class="search" id="q" name="q" type="search" value="${selection.text}" placeholder="Filter by name" autocomplete="off" spellcheck="false">
<button class="plain" type="submit">Filter</button>
<p class="shown" role="status">${shownText(view)}</p>
</form>
${overview.rows.length > 0 ? table(view) : noMatch(selection)}
${overview.rows.length < overview.fitting && html`<p class="more"><a data-swap href="${selectionHref({ ...selection, all: true })}">Show all ${countText(overview.fitting)} groups</a></p>`}
</section>`;
}

function shownText({ overview, selection }: OverviewView): string {
  if (overview.rows.length < overview.fitting)
    return `The first ${countText(ROWS_MAX)} of ${plural(overview.fitting, "group")}`;
  const filtered = selection.text !== "" || selection.tile !== undefined;
  return filtered
    ? `${countText(overview.fitting)} of ${plural(overview.total, "group")}`
    : plural(overview.total, "group");
}

function noMatch(selection: Selection): Html {
  const cleared = selectionHref({ ...selection, text: "", tile: undefined });
  return html`<div class="empty"><h2>No group fits this filter</h2><p><a data-swap href="${cleared}">Show all groups</a></p></div>`;
}

function emptyState(clusters: readonly ClusterState[]): Html {
  if (clusters.length === 0)
    return html`<div class="panel empty"><h2>No cluster is configured</h2><p>Name one under <code>clusters:</code> in the configuration file and start again.</p></div>`;
  if (clusters.some(({ state }) => state !== "ok"))
    return html`<div class="panel empty"><h2>Waiting for the cluster</h2><p>Groups appear here as soon as it answers. This page refreshes by itself.</p></div>`;
  return html`<div class="panel empty"><h2>No group has committed an offset</h2><p>Start a consumer that commits, and it appears here within seconds.</p><p>If you know of groups, look at the rights of Tidemark's user: without <em>Describe</em> on groups, Kafka answers with an empty list and no error.</p></div>`;
}

interface Column {
  readonly key: SortKey | undefined;
  readonly label: string;
  readonly kind: string;
  /** Which way the first press sorts: what is worth finding comes first. */
  readonly first: "ascending" | "descending";
}

const COLUMNS: readonly Column[] = [
  { key: "status", label: "Status", kind: "c-status", first: "ascending" },
  { key: "group", label: "Group", kind: "c-group", first: "ascending" },
  { key: "lag", label: "Lag", kind: "number c-lag", first: "descending" },
  { key: "behind", label: "Behind", kind: "number c-behind", first: "descending" },
  { key: undefined, label: "Last hour", kind: "c-spark", first: "ascending" },
  { key: "commit", label: "Last commit", kind: "number c-commit", first: "descending" },
  { key: "partitions", label: "Partitions", kind: "number c-partitions", first: "descending" },
  { key: "members", label: "Members", kind: "number c-members", first: "descending" },
];

function table(view: OverviewView): Html {
  return html`<table class="groups" role="table">
<caption class="hidden">Consumer groups with status, lag in records and in time, and the time since the last commit</caption>
<thead role="rowgroup"><tr class="head" role="row">${COLUMNS.map((column) => columnHead(column, view.selection))}</tr></thead>
<tbody role="rowgroup">
${view.overview.rows.map((group) => row(group, view))}</tbody>
</table>`;
}

function columnHead({ key, label, kind, first }: Column, { sort }: Selection): Html {
  if (key === undefined) return html`<th role="columnheader" scope="col" class="${kind}">${label}</th>`;
  const current = sort.key === key;
  const turned = sort.direction === "ascending" ? "descending" : "ascending";
  const direction = current ? turned : first;
  return html`<th role="columnheader" scope="col" class="${kind}"${current && html` aria-sort="${sort.direction}"`}><button class="sort" form="filter" name="order" value="${sortText({ key, direction })}">${label}<svg class="arrow" viewBox="0 0 8 8" aria-hidden="true"><path d="M1.5 5L4 2.5 6.5 5"/></svg></button></th>`;
}

/** Names from this length on may be cut by the style sheet. */
const NAME_CLAMPED_MIN = 60;

function row(group: GroupSummary, view: OverviewView): Html {
  const { points, gapMs } = view.historyOf(group);
  const since = statusSince(points, group.status);
  // That a group has been well for long is no news; that it has just become well is.
  const sinceShown = since !== undefined && (group.status !== "OK" || !since.atLeast);
  return html`<tr class="row" role="row" data-key="${JSON.stringify([group.cluster, group.group])}">
<td role="cell" class="c-status">${statusBadge(group.status)}${sinceShown && html`<span class="since">${since.atLeast && html`<span aria-hidden="true">≥ </span><span class="hidden">at least </span>`}${durationText((view.nowMs - since.atMs) / 1_000)}</span>`}</td>
<th role="rowheader" scope="row" class="c-group"><a class="name" href="${groupHref(group)}"${group.group.length > NAME_CLAMPED_MIN && html` title="${group.group}"`}>${visibleName(group.group)}</a>${view.clusters.length > 1 && html`<span class="cluster">${visibleName(group.cluster)}</span>`}</th>
<td role="cell" class="number c-lag" data-label="Lag">${countOrUnknown(group.lag)}${lost(group.lost_records)}</td>
<td role="cell" class="number c-behind" data-label="Behind">${timeLagText(group)}</td>
<td role="cell" class="c-spark">${sparkline(points, { range: view.range, gapMs, rangeName: "the last hour", size: "small" })}</td>
<td role="cell" class="number c-commit" data-label="Last commit">${commitAge(group.commit_age_seconds)}</td>
<td role="cell" class="number c-partitions" data-label="Partitions">${partitionsText(group)}</td>
<td role="cell" class="number c-members" data-label="Members">${countOrUnknown(group.members)}</td>
</tr>
`;
}

export function lost(records: number | undefined): HtmlValue {
  return records !== undefined && records > 0 && html` <span class="lost">${countText(records)} lost</span>`;
}

export function commitAge(seconds: number | undefined): HtmlValue {
  return seconds === undefined ? UNKNOWN : agoText(seconds);
}

function partitionsText({ partitions, partitions_bad: bad, partitions_stale: stale }: GroupSummary): HtmlValue {
  const trouble = [bad > 0 && `${countText(bad)} bad`, stale > 0 && `${countText(stale)} stale`].filter(
    (one) => one !== false,
  );
  return html`${countText(partitions)}${trouble.length > 0 && html` <span class="trouble">${trouble.join(", ")}</span>`}`;
}
