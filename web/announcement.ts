/**
 * # What whoever serves the page wants said on top of it
 *
 * A demonstration says that its cluster is simulated, and which trouble is being played at the moment.
 */

import type { GroupName } from "./group-link.ts";
import { groupHref } from "./group-link.ts";
import type { Html, HtmlValue } from "./html.ts";
import { html } from "./html.ts";
import { durationText } from "./quantity.ts";
import { visibleName } from "./visible-name.ts";

export interface Announcement {
  readonly title: string;
  readonly text: string;
  readonly incidents: readonly Incident[];
}

export interface Incident {
  readonly cluster: string;
  readonly group: string;
  /** What is done to the group, as words for a reader. */
  readonly label: string;
  /** Epoch ms. */
  readonly sinceMs: number;
}

export function announcementBanner(announcement: Announcement, nowMs: number): Html {
  const { title, text, incidents } = announcement;
  const played = incidents.length > 0 ? "Played now:" : "Nothing is played at the moment.";
  return html`<div class="notice notice-demo" role="note"><p><strong>${title}</strong> ${text} ${played}</p>${incidentList(incidents, nowMs)}</div>`;
}

/** For the page of one group: what is played on the others is not its matter. */
export function announcementFor(announcement: Announcement, { cluster, group }: GroupName): Announcement {
  const incidents = announcement.incidents.filter((one) => one.cluster === cluster && one.group === group);
  return { ...announcement, incidents };
}

function incidentList(incidents: readonly Incident[], nowMs: number): HtmlValue {
  if (incidents.length === 0) return undefined;
  return html`<ul class="incidents" aria-label="Played now">${incidents.map((incident) => incidentItem(incident, nowMs))}</ul>`;
}

function incidentItem({ cluster, group, label, sinceMs }: Incident, nowMs: number): Html {
  return html`<li data-key="${JSON.stringify([cluster, group, label])}"><a href="${groupHref({ cluster, group })}">${visibleName(group)}</a> <span>${label}</span> <small>for ${durationText((nowMs - sinceMs) / 1_000)}</small></li>
`;
}
