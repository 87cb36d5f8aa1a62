/** Which groups are listed, in which order, and what the headline says of them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupSummary } from "../collector/model/evaluation.ts";
import type { ClusterState } from "./live-state.ts";
import { overviewOf, ROWS_MAX, selectionHref, selectionOf } from "./overview.ts";
import { headline } from "./overview-page.ts";
import { NOW_MS, summaryOf } from "./web.fixture.ts";

const { lag: _, ...young } = summaryOf("young", { status: "warming" });

const groups: readonly GroupSummary[] = [
  summaryOf("fine-b", { lag: 5 }),
  summaryOf("fine-a", { lag: 5 }),
  summaryOf("slow", { status: "WARN", lag: 900, lag_seconds: 40 }),
  summaryOf("stuck", { status: "ERR", lag: 10, lag_seconds_lower: 600 }),
  young,
  summaryOf("away", { status: "stale", cluster: "staging" }),
];

const rows: readonly { readonly name: string; readonly query: string; readonly want: readonly string[] }[] = [
  {
    name: "worst first, then the largest lag, then by name",
    query: "",
    want: ["stuck", "slow", "away", "young", "fine-a", "fine-b"],
  },
  { name: "a text is found in the group's name whatever its case", query: "q=FINE", want: ["fine-a", "fine-b"] },
  { name: "a text is found in the cluster's name", query: "q=staging", want: ["away"] },
  { name: "a tile shows its statuses alone", query: "status=unknown", want: ["away"] },
  { name: "an unknown tile is no filter", query: "status=nonsense&q=stuck", want: ["stuck"] },
  {
    name: "lag descending puts the unknown lag last",
    query: "sort=lag.descending",
    want: ["slow", "stuck", "fine-a", "fine-b", "away", "young"],
  },
  {
    name: "behind descending counts a lower bound, and puts the unknown last",
    query: "sort=behind.descending&q=s",
    want: ["stuck", "slow", "away"],
  },
  {
    name: "a pressed column head wins over the order before",
    query: "sort=lag.descending&order=group.descending&q=fine",
    want: ["fine-b", "fine-a"],
  },
  { name: "an unknown order is worst first", query: "sort=constructor.ascending&q=s", want: ["stuck", "slow", "away"] },
];

for (const { name, query, want } of rows)
  test(name, () => {
    const overview = overviewOf(groups, selectionOf(new URLSearchParams(query)));
    assert.deepEqual(
      overview.rows.map(({ group }) => group),
      want,
    );
  });

test("rows end at the limit, all are counted, and all can be asked for", () => {
  const many = Array.from({ length: ROWS_MAX + 1 }, (_, index) => summaryOf(`g${index}`));
  const first = overviewOf(many, selectionOf(new URLSearchParams()));
  assert.deepEqual(
    [first.rows.length, first.fitting, first.total, first.counts.OK],
    [ROWS_MAX, ROWS_MAX + 1, ROWS_MAX + 1, ROWS_MAX + 1],
  );
  assert.equal(overviewOf(many, selectionOf(new URLSearchParams("all=1"))).rows.length, ROWS_MAX + 1);
});

test("a selection survives its own link", () => {
  const selection = selectionOf(new URLSearchParams("q=a%26b&status=ERR&sort=lag.descending&all=1"));
  assert.deepEqual(selectionOf(new URL(selectionHref(selection), "http://x").searchParams), selection);
});

const ok: ClusterState = { cluster: "prod", state: "ok", lastTickAtMs: NOW_MS - 4_000 };
const headlines: readonly {
  readonly want: string;
  readonly groups: readonly GroupSummary[];
  readonly cluster?: ClusterState;
}[] = [
  { want: "2 groups need attention", groups },
  { want: "1 group needs attention", groups: [summaryOf("a", { status: "ERR" })] },
  { want: "1 group cannot be judged", groups: [summaryOf("a"), summaryOf("b", { status: "unauthorised" })] },
  { want: "All 2 groups are fine", groups: [summaryOf("a"), summaryOf("b")] },
  { want: "1 group fine, 1 warming", groups: [summaryOf("a"), summaryOf("b", { status: "warming" })] },
  { want: "Warming up", groups: [summaryOf("b", { status: "warming" })] },
  { want: "No consumer groups yet", groups: [] },
  { want: "No group is known yet", groups: [], cluster: { cluster: "prod", state: "unreachable" } },
  {
    want: "No group was in trouble when last heard of",
    groups: [summaryOf("a")],
    cluster: { ...ok, lastTickAtMs: NOW_MS - 45_000 },
  },
  { want: "No group was in trouble when last heard of", groups: [summaryOf("a")], cluster: { ...ok, state: "stale" } },
];

for (const { want, groups: known, cluster = ok } of headlines)
  test(`headline: ${want}${cluster === ok ? "" : `, the cluster being ${cluster.state}`}`, () => {
    const overview = overviewOf(known, selectionOf(new URLSearchParams()));
    assert.equal(headline({ overview, clusters: [cluster], nowMs: NOW_MS }), want);
  });
