/**
 * # Findings: what is wrong with a group that neither its lag nor its commits tell
 *
 *   data loss              unread records were deleted, or are close to it (data-loss.ts)
 *   rebalance storm        what the contract says is one (rebalance-storm.ts)
 *   offsets held back      offsets of the group wait in a transaction that is open for HELD_S_MIN or longer
 *   hanging transaction    the group has read all up to a transaction that was open whenever it was asked for, and more is there
 */

import { isDataLossNear } from "../collector/model/data-loss.ts";
import type { GroupEvaluation, PartitionEvaluation } from "../collector/model/evaluation.ts";
import { isRebalanceStorm, STORM_SPAN_MS } from "../collector/model/rebalance-storm.ts";
import type { HtmlValue } from "./html.ts";
import { html } from "./html.ts";
import { countText, durationText, plural } from "./quantity.ts";
import { visibleName } from "./visible-name.ts";

/** A transaction that lasts so long is no longer one of the moment. */
const HELD_S_MIN = 10;
/** Of one transaction on many partitions there is no need to tell of all. */
const TRANSACTIONS_LISTED_MAX = 5;

export interface Finding {
  readonly kind: "data-lost" | "data-loss-near" | "rebalance-storm" | "offsets-held" | "hanging-transaction";
  readonly title: string;
  readonly text: HtmlValue;
}

export function findingsOf(group: GroupEvaluation): readonly Finding[] {
  return [...dataLoss(group), ...storm(group), ...offsetsHeld(group), ...hangingTransactions(group.partitions)];
}

export function findingList(findings: readonly Finding[]): HtmlValue {
  if (findings.length === 0) return undefined;
  return html`<section class="panel findings" aria-labelledby="findings-title">
<div class="panel-head"><h2 id="findings-title">Findings</h2><p class="shown">what lag and commits do not tell</p></div>
<ul class="troubles">${findings.map(
    ({ title, text }) => html`<li><strong>${title}</strong> <span>${text}</span></li>
`,
  )}</ul>
</section>`;
}

function dataLoss(group: GroupEvaluation): readonly Finding[] {
  const { lost_records: lost = 0, loss_seconds: seconds } = group;
  if (lost > 0) {
    const text = html`${plural(lost, "record")} deleted before the group read them. It goes on with the oldest that is left.`;
    return [{ kind: "data-lost", title: "Records lost", text }];
  }
  if (seconds === undefined || !isDataLossNear(group)) return [];
  const text = html`Unread records may be deleted in ${durationText(seconds)}: the oldest has used four fifths of what retention gives it. A longer retention of the topic buys time at once.`;
  return [{ kind: "data-loss-near", title: "Data loss near", text }];
}

function storm({ recent_rebalances: recent }: GroupEvaluation): readonly Finding[] {
  if (recent === undefined || !isRebalanceStorm(recent)) return [];
  const span = durationText(STORM_SPAN_MS / 1_000);
  const text = html`${plural(recent, "rebalance")} in the last ${span}. While one runs, members wait for it, and then begin again at what they have committed: a deploy ends it by itself; else look for members that time out.`;
  return [{ kind: "rebalance-storm", title: "Rebalance storm", text }];
}

function offsetsHeld({ pending_transaction_seconds: seconds }: GroupEvaluation): readonly Finding[] {
  if (seconds === undefined || seconds < HELD_S_MIN) return [];
  const text = html`Offsets of the group have waited for ${durationText(seconds)} in a transaction that is neither committed nor aborted; until it is, they do not count.`;
  return [{ kind: "offsets-held", title: "Open transaction", text }];
}

function hangingTransactions(partitions: readonly PartitionEvaluation[]): readonly Finding[] {
  return partitions
    .flatMap((one) => hangingTransaction(one))
    .toSorted((left, right) => right.waiting - left.waiting)
    .slice(0, TRANSACTIONS_LISTED_MAX)
    .map(({ finding }) => finding);
}

function hangingTransaction(
  row: PartitionEvaluation,
): readonly { readonly waiting: number; readonly finding: Finding }[] {
  const { topic, partition, committed_offset: committed, stable_offset: stable, end_offset: end } = row;
  if (stable === undefined || committed === undefined || end === undefined) return [];
  // Who is not there yet is not held by it.
  if (committed < stable || end <= committed) return [];
  const waiting = end - stable;
  const text = html`On ${visibleName(topic)} <span class="partition-number">${partition}</span> for at least ${durationText(row.open_transaction_seconds ?? 0)}. Who reads committed records gets no further than offset ${countText(stable)}; ${plural(waiting, "record")} wait behind it.`;
  return [{ waiting, finding: { kind: "hanging-transaction", title: "Hanging transaction", text } }];
}
