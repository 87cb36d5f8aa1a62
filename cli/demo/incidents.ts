/**
 * # The incidents of the demonstration: in words, and what must come of each
 *
 * Five are seen by the strict rules as the status of a partition. The other three are findings on the group's page, which those
 * rules do not look at.
 */

import { isDataLossNear } from "../../collector/model/data-loss.ts";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import { isRebalanceStorm } from "../../collector/model/rebalance-storm.ts";
import type { PARTITION_TROUBLES } from "../../collector/model/status.ts";

export type Expectation =
  | { readonly kind: "status"; readonly status: (typeof PARTITION_TROUBLES)[number] }
  | { readonly kind: "fact"; readonly fact: Fact };

export type Fact = "rebalance-storm" | "open-transaction" | "data-loss-near";

interface Played {
  readonly label: string;
  readonly expects: Expectation;
}

/** By the cause that the world names. */
const PLAYED: ReadonlyMap<string, Played> = new Map<string, Played>([
  ["producer-surge", { label: "a burst of records", expects: { kind: "status", status: "WARN" } }],
  ["slow-consumer", { label: "the consumer is too slow", expects: { kind: "status", status: "WARN" } }],
  ["stopped", { label: "the consumers have stopped", expects: { kind: "status", status: "STOP" } }],
  ["stuck-partition", { label: "one partition is stuck", expects: { kind: "status", status: "STALL" } }],
  ["rewind", { label: "offsets were rewound", expects: { kind: "status", status: "REWIND" } }],
  ["rebalance-storm", { label: "it rebalances again and again", expects: { kind: "fact", fact: "rebalance-storm" } }],
  ["hanging-transaction", { label: "a transaction stays open", expects: { kind: "fact", fact: "open-transaction" } }],
  ["data-loss-near", { label: "retention is about to overtake it", expects: { kind: "fact", fact: "data-loss-near" } }],
]);

export function playedAs(cause: string): Played | undefined {
  return PLAYED.get(cause);
}

export function expectationText(expects: Expectation): string {
  switch (expects.kind) {
    case "status":
      return expects.status;
    case "fact":
      return FACTS[expects.fact];
  }
}

const FACTS: Readonly<Record<Fact, string>> = {
  "rebalance-storm": "a rebalance storm",
  "open-transaction": "age of the open transaction",
  "data-loss-near": "data loss near",
};

const OPEN_TRANSACTION_S_MIN = 10;
/** What is seen of the incident, in words; undefined where it is not seen yet. */
export function seen(expects: Expectation, now: GroupEvaluation): string | undefined {
  switch (expects.kind) {
    case "status": {
      const partition = now.partitions.find((one) => one.status === expects.status);
      return partition === undefined ? undefined : `${expects.status} on ${partition.topic} ${partition.partition}`;
    }
    case "fact":
      return seenFact(expects.fact, now);
  }
}

function seenFact(fact: Fact, now: GroupEvaluation): string | undefined {
  switch (fact) {
    case "rebalance-storm":
      return isRebalanceStorm(now.recent_rebalances)
        ? `${now.recent_rebalances} rebalances in five minutes`
        : undefined;
    case "open-transaction": {
      const seconds = now.pending_transaction_seconds ?? 0;
      return seconds >= OPEN_TRANSACTION_S_MIN ? `open for ${Math.round(seconds)} s` : undefined;
    }
    case "data-loss-near":
      return isDataLossNear(now) && now.loss_seconds !== undefined
        ? `unread records may be deleted in ${Math.round(now.loss_seconds)} s`
        : undefined;
  }
}
