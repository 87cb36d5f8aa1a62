/**
 * # The page of one group
 *
 * What is wrong and since when, the figures, lag over time, then topics and partitions with the worst on top.
 */

import type { GroupEvaluation, PartitionEvaluation } from "../collector/model/evaluation.ts";
import { REASON_SENTENCES } from "../collector/model/reason.ts";
import { eventList } from "./event-list.ts";
import { findingList, findingsOf } from "./findings.ts";
import { groupHref } from "./group-link.ts";
import type { Html, HtmlValue } from "./html.ts";
import { html } from "./html.ts";
import type { ChartView, RangeChoice } from "./lag-chart.ts";
import { lagChart, RANGES } from "./lag-chart.ts";
import { commitAge, lost } from "./overview-page.ts";
import type { TopicSummary } from "./partitions.ts";
import { isBad, topicsOf, worstFirst } from "./partitions.ts";
import { countOrUnknown, countText, durationText, percentText, plural, UNKNOWN } from "./quantity.ts";
import { sparkline, statusSince } from "./sparkline.ts";
import { groupStatusSentence, partitionStatusSentence, statusBadge } from "./status-badge.ts";
import { betweenText, rateText, timeLagBounds, timeLagText } from "./time-lag.ts";
import { troubleList } from "./trouble-list.ts";
import { visibleName } from "./visible-name.ts";

export interface GroupView {
  readonly group: GroupEvaluation;
  readonly chart: ChartView;
  readonly historyProblem: string | undefined;
  readonly nowMs: number;
  /** Show every partition, however many. */
  readonly all: boolean;
}

const PARTITION_ROWS_MAX = 200;
const TOPIC_ROWS_MAX = 50;
/** The figures of a single topic are the group's own. */
const TOPICS_LISTED_MIN = 2;

export function groupPage(view: GroupView): Html {
  const { group } = view;
  const topics = topicsOf(group.partitions);
  return html`<nav class="crumbs" aria-label="Breadcrumb"><a href="/">All groups</a><span aria-hidden="true">/</span><span>${visibleName(group.cluster)}</span></nav>
<section class="lead lead-group">
<h1>${visibleName(group.group)}</h1>
<p class="verdict">${statusBadge(group.status)}${sinceText(view)}</p>
<p class="explain">${explanation(group)}${reasonText(group)}</p>
</section>
${findingList(findingsOf(group))}
${facts(group)}
<div class="two${topics.length < TOPICS_LISTED_MIN && html` one`}">
<section class="panel" aria-labelledby="lag-title">
<div class="panel-head"><h2 id="lag-title">Lag over time</h2>${rangeSwitch(view)}</div>
${view.historyProblem === undefined ? lagChart(view.chart) : html`<div class="chart-none"><p>History cannot be read: ${view.historyProblem}. All else on this page is live.</p></div>`}
</section>
${topics.length >= TOPICS_LISTED_MIN && topicList(topics, view.chart)}
</div>
${eventList(view.chart.history.events, view.nowMs)}
${troubleList(view.chart.history.troubles, view.nowMs)}
${partitionPanel(view)}`;
}

function sinceText({ chart, group, nowMs }: GroupView): HtmlValue {
  const since = statusSince(chart.history.points, group.status);
  if (since === undefined) return undefined;
  return html`<span>for ${since.atLeast && "at least "}${durationText((nowMs - since.atMs) / 1_000)}</span>`;
}

/** Why nobody knows, and since when; or what is odd about the numbers. */
function reasonText({
  reason,
  reason_seconds: seconds,
}: Pick<PartitionEvaluation, "reason" | "reason_seconds">): HtmlValue {
  if (reason === undefined) return undefined;
  const since = seconds === undefined || seconds < 1 ? "" : ` For ${durationText(seconds)}.`;
  return html` <span class="why">${REASON_SENTENCES[reason]}${since}</span>`;
}

/** What the status means; where rules have found something, which and how often. */
function explanation({ status, partitions }: GroupEvaluation): string {
  const bad = Map.groupBy(
    worstFirst(partitions).filter((partition) => isBad(partition.status)),
    (partition) => partition.status,
  );
  if (bad.size === 0) return groupStatusSentence(status);
  const [only] = bad.size === 1 ? bad : [];
  if (only !== undefined && only[1].length === partitions.length) {
    const [word, rows] = only;
    const who = rows.length === 1 ? "Its one partition" : `All ${countText(rows.length)} partitions`;
    return `${who} ${partitionStatusSentence(word, rows.length)}.`;
  }
  const found = [...bad].map(
    ([word, rows]) => `${countText(rows.length)} ${partitionStatusSentence(word, rows.length)}`,
  );
  return `Of ${plural(partitions.length, "partition")}, ${found.join("; ")}.`;
}

function facts(group: GroupEvaluation): Html {
  const members =
    group.state === undefined
      ? undefined
      : html`<small>${group.state}${group.type !== undefined && `, ${group.type}`}</small>`;
  const nearest = nearestToLogStart(group.partitions);
  return html`<dl class="facts">
${fact("Lag", html`${countOrUnknown(group.lag)}`, html`<small>records</small>`)}
${fact("Behind", timeLagText(group), html`<small>${timeLagBounds(group)}</small>`)}
${group.objective_seconds !== undefined && fact("Objective", html`${objectiveWord(group.objective_met)}`, html`<small>at most ${durationText(group.objective_seconds)} behind</small>`)}
${fact("Produced", rateText(group.produced_per_second), html`<small>committed ${rateText(group.committed_per_second)}</small>`)}
${fact("Worst partition", html`${countOrUnknown(group.lag_max)}`, html`<small>records</small>`)}
${group.lost_records !== undefined && group.lost_records > 0 && fact("Lost", html`<span class="lost-big">${countText(group.lost_records)}</span>`, html`<small>deleted before they were read</small>`)}
${fact("Last commit", html`${commitAge(group.commit_age_seconds)}`, polledCommit(group))}
${fact("Partitions", html`${countText(group.partitions.length)}`, html`<small>${partitionsSmall(group)}</small>`)}
${fact("Members", countOrUnknown(group.members), members)}
${fact("Window", html`${percentText(group.complete)}`, html`<small>of partitions have a full one</small>`)}
${group.generation !== undefined && fact(isClassic(group) ? "Generation" : "Epoch", html`${countText(group.generation)}`, rebalances(group))}
${group.pending_transaction_seconds !== undefined && fact("Open transaction", html`${durationText(group.pending_transaction_seconds)}`, html`<small>holds offsets of the group back</small>`)}
${group.loss_seconds !== undefined && fact("Until data loss", html`${durationText(group.loss_seconds)}`, html`<small>at least, if nothing more is read</small>`)}
${nearest !== undefined && fact("Above the log start", html`${countText(nearest)}`, html`<small>records, on the nearest partition</small>`)}
${group.burrow_status !== undefined && group.burrow_status !== group.status && fact("Burrow's rules", html`${group.burrow_status}`, undefined)}
</dl>`;
}

/** Polls see between which two of them it was made. */
function polledCommit(group: GroupEvaluation): Html | undefined {
  if (group.commit_times !== "inferred") return undefined;
  const { commit_age_seconds: lower, commit_age_seconds_upper: upper } = group;
  if (lower === undefined || upper === undefined) return html`<small>seen by polls</small>`;
  return html`<small>${betweenText(lower, upper)}, seen by polls</small>`;
}

function objectiveWord(met: GroupEvaluation["objective_met"]): string {
  if (met === undefined) return "not known";
  return met === 1 ? "met" : "missed";
}

function isClassic({ type }: GroupEvaluation): boolean {
  return type === undefined || type === "classic";
}

function rebalances({ rebalances: seen }: GroupEvaluation): Html {
  return seen === undefined
    ? html`<small>one more with each rebalance</small>`
    : html`<small>${plural(seen, "rebalance")} since it is watched</small>`;
}

/** Records between the log start and the committed offset, where something waits; the fewest of all partitions. */
function nearestToLogStart(partitions: readonly PartitionEvaluation[]): number | undefined {
  const above = partitions.flatMap(({ committed_offset: committed, start_offset: start, lag }) =>
    committed === undefined || start === undefined || !(lag !== undefined && lag > 0) ? [] : [committed - start],
  );
  return above.length === 0 ? undefined : Math.max(0, Math.min(...above));
}

function fact(label: string, value: Html, small: Html | undefined): Html {
  return html`<div><dt>${label}</dt><dd>${value}${small}</dd></div>`;
}

function partitionsSmall(group: GroupEvaluation): string {
  const parts = [
    group.partitions_bad > 0 && `${countText(group.partitions_bad)} bad`,
    group.partitions_stale > 0 && `${countText(group.partitions_stale)} stale`,
    group.partitions_without_commit > 0 && `${countText(group.partitions_without_commit)} without commit`,
  ].filter((one) => one !== false);
  return parts.length === 0 ? "none bad" : parts.join(", ");
}

function rangeSwitch({ chart, group, all }: GroupView): Html {
  const link = ({ key, name }: RangeChoice) =>
    html`<a data-swap href="${hrefWith(groupHref(group), { range: key, all })}" aria-label="${key}: ${name}"${chart.choice.key === key && html` aria-current="true"`}>${key}</a>`;
  return html`<nav class="ranges" aria-label="Range">${RANGES.map(link)}</nav>`;
}

function hrefWith(href: string, { range, all }: { readonly range: RangeChoice["key"]; readonly all: boolean }): string {
  const query = [range !== RANGES[0].key && `range=${range}`, all && "all=1"].filter((one) => one !== false);
  if (query.length === 0) return href;
  return `${href}${href.includes("?") ? "&" : "?"}${query.join("&")}`;
}

function topicList(topics: readonly TopicSummary[], chart: ChartView): Html {
  const shown = topics.slice(0, TOPIC_ROWS_MAX);
  const rest = topics.length - shown.length;
  return html`<section class="panel" aria-labelledby="topics-title">
<div class="panel-head"><h2 id="topics-title">${plural(topics.length, "topic")}</h2></div>
<ul class="topics">${shown.map((topic) => topicItem(topic, chart))}</ul>
${rest > 0 && html`<p class="more">${plural(rest, "topic")} with less trouble and less lag are left out here; their partitions are below.</p>`}
</section>`;
}

function topicItem(topic: TopicSummary, { history, range, gapMs, choice }: ChartView): Html {
  const points = history.topics.find((one) => one.topic === topic.topic)?.points;
  return html`<li data-key="${topic.topic}"><div class="topic-name">${statusBadge(topic.status)}${visibleName(topic.topic)}</div>
<div class="topic-lag">${countOrUnknown(topic.lag)}</div>
<div class="topic-more">${plural(topic.partitions, "partition")}${topic.bad > 0 && `, ${countText(topic.bad)} bad`}</div>
<div class="topic-spark">${points !== undefined && sparkline(points, { range, gapMs, rangeName: choice.name, size: "small" })}</div></li>
`;
}

function partitionPanel({ group, chart, all }: GroupView): Html {
  const sorted = worstFirst(group.partitions);
  const rows = all ? sorted : sorted.slice(0, PARTITION_ROWS_MAX);
  const lagMost = group.partitions.reduce((most, { lag }) => Math.max(most, lag ?? 0), 0);
  return html`<section class="panel" aria-labelledby="partitions-title">
<div class="panel-head"><h2 id="partitions-title">${plural(sorted.length, "partition")}</h2><p class="shown">worst first</p></div>
${rows.length === 0 ? html`<div class="empty"><p>The group has no partition with a committed offset.</p></div>` : partitionTable(rows, lagMost)}
${rows.length < sorted.length && html`<p class="more"><a data-swap href="${hrefWith(groupHref(group), { range: chart.choice.key, all: true })}">Show all ${countText(sorted.length)} partitions</a></p>`}
</section>`;
}

const HEADS: readonly (readonly [string, string])[] = [
  ["Status", "c-status"],
  ["Partition", "c-partition"],
  ["Committed", "number"],
  ["End", "number"],
  ["Lag", "number c-lag"],
  ["Behind", "number c-behind"],
  ["Last commit", "number"],
  ["Owner", "c-owner"],
];

function partitionTable(rows: readonly PartitionEvaluation[], lagMost: number): Html {
  return html`<table class="partitions" role="table">
<caption class="hidden">Partitions with status, offsets, lag, time lag and owner, worst first</caption>
<thead role="rowgroup"><tr class="head" role="row">${HEADS.map(([label, kind]) => html`<th role="columnheader" scope="col" class="${kind}">${label}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map((partition) => partitionRow(partition, lagMost))}</tbody>
</table>`;
}

function partitionRow(partition: PartitionEvaluation, lagMost: number): Html {
  return html`<tr class="row" role="row" data-key="${JSON.stringify([partition.topic, partition.partition])}">
<td role="cell" class="c-status">${statusBadge(partition.status)}${reasonText(partition)}</td>
<th role="rowheader" scope="row" class="c-partition">${visibleName(partition.topic)} <span class="partition-number">${partition.partition}</span></th>
<td role="cell" class="number c-committed" data-label="Committed">${countOrUnknown(partition.committed_offset)}</td>
<td role="cell" class="number c-end" data-label="End">${countOrUnknown(partition.end_offset)}</td>
<td role="cell" class="number c-lag" data-label="Lag">${countOrUnknown(partition.lag)}${lost(partition.lost_records)}${lagBar(partition.lag, lagMost)}</td>
<td role="cell" class="number c-behind" data-label="Behind">${timeLagText(partition)}</td>
<td role="cell" class="number c-commit" data-label="Last commit">${commitAge(partition.commit_age_seconds)}</td>
<td role="cell" class="c-owner" data-label="Owner">${owner(partition)}</td>
</tr>
`;
}

/** How this lag compares with the largest of the group's partitions. */
function lagBar(lag: number | undefined, lagMost: number): HtmlValue {
  if (lag === undefined || lagMost === 0) return undefined;
  const width = Math.ceil((lag / lagMost) * 100);
  return html`<svg class="lag-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect x="${100 - width}" width="${width}" height="1"/></svg>`;
}

function owner({ owner: host, client_id: clientId }: PartitionEvaluation): HtmlValue {
  if (host === undefined && clientId === undefined) return UNKNOWN;
  return html`<span>${clientId !== undefined && html`${visibleName(clientId)}`} ${host !== undefined && html`<small>${visibleName(host)}</small>`}</span>`;
}
