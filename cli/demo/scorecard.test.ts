/** What counts as seen, and that what was not seen, not read back or did not come is missed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import type { GroupHistory, History } from "../../shipper/schema/history.ts";
import type { LiveState } from "../../web/live-state.ts";
import { playedAs, seen } from "./incidents.ts";
import { isPassed, scoreTable } from "./report.ts";
import type { PlayedIncident } from "./scorecard.ts";
import { createScorecard } from "./scorecard.ts";

const NOW_MS = 1_800_000_000_000;

function groupOf(more: Partial<GroupEvaluation> = {}): GroupEvaluation {
  return {
    cluster: "demo",
    group: "g",
    at: NOW_MS,
    status: "OK",
    partitions_bad: 0,
    partitions_stale: 0,
    partitions_without_commit: 0,
    complete: 1,
    generation: 5,
    partitions: [{ topic: "t", partition: 2, status: "OK", committed_offset: 900, start_offset: 0, end_offset: 1_000 }],
    ...more,
  };
}

const stalled = groupOf({ partitions: [{ topic: "t", partition: 2, status: "STALL" }] });
const nearLoss = groupOf({ loss_seconds: 6.2, lag_seconds_upper: 41 });

const CASES: readonly (readonly [cause: string, now: GroupEvaluation, says: RegExp | undefined])[] = [
  ["stuck-partition", stalled, /STALL on t 2/],
  ["stopped", stalled, undefined],
  ["rebalance-storm", groupOf({ recent_rebalances: 3 }), /3 rebalances in five minutes/],
  ["rebalance-storm", groupOf({ recent_rebalances: 2 }), undefined],
  ["hanging-transaction", groupOf({ pending_transaction_seconds: 12.4 }), /open for 12 s/],
  ["hanging-transaction", groupOf(), undefined],
  ["data-loss-near", nearLoss, /may be deleted in 6 s/],
  ["data-loss-near", groupOf(), undefined],
];

for (const [cause, now, says] of CASES) {
  test(`${cause} is ${says === undefined ? "not seen" : `seen as ${says.source}`}`, () => {
    const expects = playedAs(cause)?.expects;
    assert.ok(expects !== undefined);
    const found = seen(expects, now);
    if (says === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", says);
  });
}

function historyOf(more: Partial<GroupHistory>): History {
  const group = { points: [], troubles: [], events: [], topics: [], topicsLeftOut: 0, ...more };
  return { sparklines: async () => new Map(), group: async () => group };
}

const STALL = { topic: "t", partition: 2, status: "STALL", firstAtMs: NOW_MS, lastAtMs: NOW_MS, ticks: 1 };
const played: PlayedIncident = { group: "g", cause: "stuck-partition", fromMs: NOW_MS - 5_000 };

function cardOver(group: GroupEvaluation) {
  const live: LiveState = { clusters: () => [], groups: () => undefined, group: () => group };
  return createScorecard({ cluster: "demo", live, script: [played] });
}

test("an incident that was judged and is in history passes", async () => {
  const card = cardOver(stalled);
  card.look([], NOW_MS - 6_000);
  card.look([played], NOW_MS);
  const scores = await card.finish(historyOf({ troubles: [STALL] }), NOW_MS);
  assert.deepEqual(
    scores.map(({ judged, judgedAfterMs, readBack }) => [judged, judgedAfterMs, readBack]),
    [["STALL on t 2", 5_000, true]],
  );
  assert.ok(isPassed(scores));
  assert.match(scoreTable(scores), /All 1 incidents were judged/);
});

test("one that is not in history, was not judged, or never came is missed", async () => {
  const notStored = cardOver(stalled);
  notStored.look([played], NOW_MS);
  const notJudged = cardOver(groupOf());
  notJudged.look([played], NOW_MS);
  for (const [card, history] of [
    [notStored, historyOf({})],
    [notJudged, historyOf({ troubles: [STALL] })],
    [cardOver(stalled), historyOf({ troubles: [STALL] })],
  ] as const) {
    const scores = await card.finish(history, NOW_MS);
    assert.equal(scores.length, 1);
    assert.ok(!isPassed(scores));
    assert.match(scoreTable(scores), /1 of 1 incidents were missed/);
  }
});
