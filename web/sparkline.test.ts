/** Lines, gaps, and since when a status holds. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "./html.ts";
import { chartData, RANGES, stretchesOf } from "./lag-chart.ts";
import { gapMsMin, runsOf, sparkline, statusSince } from "./sparkline.ts";

const range = { sinceMs: 0, untilMs: 100 };

test("a silence longer than the gap, and an unknown lag, break the line", () => {
  const points = [{ atMs: 0, lag: 1 }, { atMs: 10, lag: 2 }, { atMs: 40, lag: 3 }, { atMs: 50 }, { atMs: 60, lag: 4 }];
  assert.deepEqual(
    runsOf(points, 10).map((run) => run.map(({ lag }) => lag)),
    [[1, 2], [3], [4]],
  );
});

test("ticks slower than the buckets of the range are no gaps", () => {
  assert.equal(gapMsMin({ sinceMs: 0, untilMs: 3_600_000 }, 60, 300_000), 750_000);
  assert.equal(gapMsMin({ sinceMs: 0, untilMs: 3_600_000 }, 60, 10_000), 150_000);
});

test("no lag is a line at the bottom, and its text says so", () => {
  const points = [
    { atMs: 0, lag: 0 },
    { atMs: 100, lag: 0 },
  ];
  const drawn = textOf(sparkline(points, { range, gapMs: 200, rangeName: "the last hour", size: "small" }));
  assert.match(drawn, /class="spark-line" d="M0 98L1000 98"/);
  assert.match(drawn, /aria-label="Lag over the last hour: last 0, highest 0"/);
});

test("no point is said in words, not drawn as zero", () => {
  assert.match(textOf(sparkline([{ atMs: 1 }], { range, gapMs: 9, rangeName: "x", size: "small" })), /no history yet/);
});

const statuses = [
  { atMs: 0, status: "OK" },
  { atMs: 10, status: "ERR" },
  { atMs: 20, status: "ERR" },
];
test("a status holds since the first point after the last other one", () => {
  assert.deepEqual(statusSince(statuses, "ERR"), { atMs: 10, atLeast: false });
  assert.deepEqual(statusSince(statuses.slice(1), "ERR"), { atMs: 10, atLeast: true });
});
test("a status that the newest point does not say has no beginning yet", () => {
  assert.equal(statusSince(statuses, "OK"), undefined);
  assert.equal(statusSince([], "OK"), undefined);
});

test("stretches join equal statuses and stop at a gap", () => {
  const points = [...statuses, { atMs: 70, status: "ERR" }, { atMs: 80, status: "OK" }];
  assert.deepEqual(stretchesOf(points, { sinceMs: 0, untilMs: 85 }, 20), [
    { status: "OK", fromMs: 0, toMs: 10 },
    { status: "ERR", fromMs: 10, toMs: 20 },
    { status: "ERR", fromMs: 70, toMs: 80 },
    { status: "OK", fromMs: 80, toMs: 85 },
  ]);
});

test("series share one axis; a gap of one is no gap of another", () => {
  const history = {
    points: [
      { atMs: 10, lag: 5, status: "OK" },
      { atMs: 90, lag: 6, status: "OK" },
    ],
    topics: [
      {
        topic: "a",
        points: [
          { atMs: 10, lag: 1 },
          { atMs: 50, lag: 2 },
          { atMs: 90, lag: 3 },
        ],
      },
      { topic: "b", points: [] },
    ],
    topicsLeftOut: 0,
    troubles: [],
    events: [
      { atMs: 90, event: "rebalance", text: "generation 1 -> 2" },
      { atMs: 70, event: "deploy", text: "shop 2" },
      { atMs: 20, event: "reset", text: "back by 5" },
    ],
  };
  assert.deepEqual(chartData({ history, range, gapMs: 40, choice: RANGES[0] }), {
    times: [0, 0.01, 0.011, 0.05, 0.09, 0.091, 0.1],
    series: [
      { label: "all topics", values: [null, 5, false, null, 6, false, null] },
      { label: "a", values: [null, 1, null, 2, 3, false, null] },
      { label: "b", values: [null, null, null, null, null, null, null] },
    ],
    marks: [
      { at: 0.02, label: "reset" },
      { at: 0.07, label: "deploy" },
    ],
  });
});
