/**
 * # What happened to the group in the range that is shown
 *
 * Lag says what became of a group; deploys, resets and rebalances say what was done to it.
 */

import type { HistoryEvent } from "../shipper/schema/history.ts";
import type { Html, HtmlValue } from "./html.ts";
import { html } from "./html.ts";
import { agoText } from "./quantity.ts";
import { visibleName } from "./visible-name.ts";

/** What people do, and do seldom: drawn into the chart. The rest is listed only. */
const MARKED: readonly string[] = ["deploy", "reset"];

export interface Mark {
  /** Epoch seconds, as uPlot takes them. */
  readonly at: number;
  readonly label: string;
}

/** Oldest first. */
export function marksOf(events: readonly HistoryEvent[]): readonly Mark[] {
  return events
    .filter(({ event }) => MARKED.includes(event))
    .map(({ atMs, event }) => ({ at: atMs / 1_000, label: event }))
    .toReversed();
}

export function eventList(events: readonly HistoryEvent[], nowMs: number): HtmlValue {
  if (events.length === 0) return undefined;
  return html`<section class="panel" aria-labelledby="events-title">
<div class="panel-head"><h2 id="events-title">What happened in this range</h2><p class="shown">newest first</p></div>
<ul class="troubles">${events.map((one) => eventItem(one, nowMs))}</ul>
</section>`;
}

function eventItem({ atMs, event, text }: HistoryEvent, nowMs: number): Html {
  const at = new Date(atMs).toISOString();
  return html`<li data-key="${JSON.stringify([atMs, event, text])}"><span class="event-name">${visibleName(event)}</span>
<span class="event-text">${visibleName(text)}</span>
<span class="trouble-when"><time datetime="${at}" title="${at}">${agoText((nowMs - atMs) / 1_000)}</time></span></li>
`;
}
