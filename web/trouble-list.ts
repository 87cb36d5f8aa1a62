/**
 * # What was wrong with which partition in the range that is shown
 *
 * The chart says that a group was in trouble; this says where, once it is over too.
 */

import { PARTITION_TROUBLES } from "../collector/model/status.ts";
import type { PartitionTrouble } from "../shipper/schema/history.ts";
import type { Html, HtmlValue } from "./html.ts";
import { html } from "./html.ts";
import { agoText } from "./quantity.ts";
import { statusBadge } from "./status-badge.ts";
import { visibleName } from "./visible-name.ts";

export function troubleList(troubles: readonly PartitionTrouble[], nowMs: number): HtmlValue {
  if (troubles.length === 0) return undefined;
  return html`<section class="panel" aria-labelledby="troubles-title">
<div class="panel-head"><h2 id="troubles-title">Trouble in this range</h2><p class="shown">newest first</p></div>
<ul class="troubles">${troubles.map((trouble) => troubleItem(trouble, nowMs))}</ul>
</section>`;
}

function troubleItem({ topic, partition, status, firstAtMs, lastAtMs }: PartitionTrouble, nowMs: number): Html {
  const word = PARTITION_TROUBLES.find((one) => one === status);
  const span = lastAtMs > firstAtMs ? html`, first ${agoText((nowMs - firstAtMs) / 1_000)}` : undefined;
  return html`<li data-key="${JSON.stringify([topic, partition, status])}">${word === undefined ? status : statusBadge(word)}
<span class="trouble-where">${visibleName(topic)} <span class="partition-number">${partition}</span></span>
<span class="trouble-when">last seen ${agoText((nowMs - lastAtMs) / 1_000)}${span}</span></li>
`;
}
