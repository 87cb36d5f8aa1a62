/** What falls off the history, and what the page reads from it. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Clock } from "../../../runtime/clock.ts";
import { rowsOf } from "../../encode/rows.ts";
import { TOPICS_MAX } from "../../schema/history.ts";
import type { Point } from "../../schema/point.ts";
import type { HistoryStore, Read } from "./store.ts";
import { openHistoryStore } from "./store.ts";

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 1);

interface UnderTest {
  readonly store: HistoryStore;
  readonly path: string;
  readonly setNow: (nowMs: number) => void;
}

interface Limits {
  readonly retentionMs?: number;
  readonly bytesMax?: number;
}

function withStore(name: string, limits: Limits, run: (under: UnderTest) => void): void {
  test(name, () => {
    const folder = mkdtempSync(join(tmpdir(), "tidemark-history-"));
    const path = join(folder, "history.db");
    let nowMs = START_MS;
    const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
    const store = openHistoryStore({ path, retentionMs: 1e12, bytesMax: 2 ** 28, ...limits }, clock);
    const setNow = (to: number): void => {
      nowMs = to;
    };
    try {
      run({ store, path, setNow });
    } finally {
      store.close();
      rmSync(folder, { recursive: true });
    }
  });
}

const groupPoint = (group: string, atMs: number, fields: Extract<Point, { kind: "group" }>["fields"]): Point => ({
  kind: "group",
  atMs,
  dimensions: { cluster: "c", group },
  fields,
});

const topicPoint = (topic: string, atMs: number, lag: number): Point => ({
  kind: "group_topic",
  atMs,
  dimensions: { cluster: "c", group: "g", topic },
  fields: { lag },
});

function write(store: HistoryStore, points: readonly Point[]): number {
  const outcome = store.write(rowsOf(points));
  if (outcome.kind === "unavailable") throw outcome.cause;
  return outcome.inserted;
}

function answer<A>(read: Read<A>): A {
  if (read.kind === "unavailable") throw read.cause;
  return read.answer;
}

const range = { cluster: "c", sinceMs: START_MS, untilMs: START_MS + 60 * MINUTE_MS, pointsMax: 6 };

withStore("a bucket shows its largest lag, and the status and time of its newest point", {}, ({ store }) => {
  const at = (minute: number): number => START_MS + minute * MINUTE_MS;
  write(store, [
    groupPoint("g", at(0), { status: "ERR", lag: 90 }),
    groupPoint("g", at(5), { status: "WARN" }),
    groupPoint("g", at(9), { status: "OK", lag: 10 }),
    groupPoint("g", at(35), { status: "stale" }),
    groupPoint("h", at(60), { status: "OK", lag: 0 }),
    groupPoint("outside", at(61), { status: "OK", lag: 0 }),
    groupPoint("outside", at(-1), { status: "OK", lag: 0 }),
  ]);
  const want = new Map([
    [
      "g",
      [
        { atMs: at(9), lag: 90, status: "OK" },
        { atMs: at(35), status: "stale" },
      ],
    ],
    ["h", [{ atMs: at(60), lag: 0, status: "OK" }]],
  ]);
  assert.deepEqual(answer(store.sparklines(range)), want);
  assert.deepEqual(answer(store.group({ ...range, group: "g" })).points, want.get("g"));
  assert.deepEqual(answer(store.group({ ...range, group: "nobody" })), {
    points: [],
    topics: [],
    topicsLeftOut: 0,
    troubles: [],
    events: [],
  });
  assert.deepEqual(answer(store.sparklines({ ...range, cluster: "other" })), new Map());
});

withStore("however long the range, a series has at most the points that were asked for", {}, ({ store }) => {
  const points = Array.from({ length: 1_000 }, (_, index) =>
    groupPoint("g", START_MS + index * MINUTE_MS, { lag: index }),
  );
  write(store, points);
  for (const pointsMax of [1, 7, 300]) {
    const query = { cluster: "c", sinceMs: 0, untilMs: START_MS + 2_000 * MINUTE_MS, pointsMax, group: "g" };
    const drawn = answer(store.group({ ...query, sinceMs: START_MS })).points;
    assert.ok(
      drawn.length <= pointsMax && drawn.length >= Math.floor(pointsMax / 2),
      `${drawn.length} of ${pointsMax}`,
    );
    assert.equal(drawn.at(-1)?.lag, 999);
    assert.ok(answer(store.sparklines(query)).get("g")?.length === 1, "since the beginning of time is no longer range");
  }
});

withStore("the topics with the largest lags are drawn, and the others are counted", {}, ({ store }) => {
  const topics = Array.from({ length: TOPICS_MAX + 5 }, (_, index) => `t${index}`);
  write(
    store,
    topics.flatMap((topic, index) => [topicPoint(topic, START_MS, index), topicPoint(topic, START_MS + MINUTE_MS, 1)]),
  );
  const { topics: drawn, topicsLeftOut } = answer(store.group({ ...range, group: "g" }));
  assert.equal(topicsLeftOut, 5);
  assert.deepEqual(
    drawn.map(({ topic }) => topic),
    topics.toReversed().slice(0, TOPICS_MAX),
  );
  assert.deepEqual(drawn[0]?.points, [{ atMs: START_MS + MINUTE_MS, lag: TOPICS_MAX + 4 }]);
});

withStore(
  "points older than the retention go, and names that nothing refers to go after them",
  { retentionMs: 2 * 86_400_000 },
  ({ store, setNow }) => {
    const later = START_MS + 5 * 86_400_000;
    write(store, [
      groupPoint("old", START_MS, { status: "OK", state: "Stable" }),
      groupPoint("new", later, { status: "OK" }),
    ]);
    setNow(later);
    write(store, []);
    assert.equal(store.stats().expired, 1);
    const all = { cluster: "c", sinceMs: 0, untilMs: later, pointsMax: 10 };
    assert.deepEqual([...answer(store.sparklines(all)).keys()], ["new"]);
    write(store, [groupPoint("old", later, { status: "OK", state: "Stable" })]);
    assert.equal(answer(store.sparklines(all)).get("old")?.length, 1, "a name that was forgotten is made again");
  },
);

const CAP_BYTES = 4 * 1024 * 1024;

withStore(
  "beyond its cap the oldest points go, the newest stay, and the file does not grow",
  { bytesMax: CAP_BYTES },
  ({ store, path }) => {
    let offered = 0;
    const ticks = 120;
    for (let tick = 0; tick < ticks; tick += 1) {
      const points = Array.from({ length: 2_000 }, (_, partition): Point => {
        const dimensions = { cluster: "c", group: "g", topic: "t", partition };
        const fields = {
          status: "STALL",
          lag: tick,
          committed_offset: 1e9 + tick,
          end_offset: 2e9 + tick,
          owner: "/10.0.0.1",
        };
        return { kind: "partition", atMs: START_MS + tick * MINUTE_MS, dimensions, fields };
      });
      offered += write(store, [...points, groupPoint("g", START_MS + tick * MINUTE_MS, { status: "OK", lag: tick })]);
      assert.ok(store.stats().usedBytes <= CAP_BYTES);
    }
    assert.equal(offered, ticks * 2_001);
    assert.ok(store.stats().overCap > offered / 2);
    assert.equal(store.stats().expired, 0);
    assert.ok(statSync(path).size <= CAP_BYTES);
    const until = { cluster: "c", sinceMs: START_MS, untilMs: START_MS + ticks * MINUTE_MS, pointsMax: 1_000 };
    assert.equal(answer(store.sparklines(until)).get("g")?.at(-1)?.lag, ticks - 1);
  },
);

const partitionPoint = (partition: number, atMs: number, status: string, group = "g"): Point => ({
  kind: "partition",
  atMs,
  dimensions: { cluster: "c", group, topic: "t", partition },
  fields: { status },
});

withStore("each partition's troubles are told, newest first, with their first and last tick", {}, ({ store }) => {
  const at = (minute: number): number => START_MS + minute * MINUTE_MS;
  write(store, [
    partitionPoint(0, at(1), "STALL"),
    partitionPoint(0, at(2), "STALL"),
    partitionPoint(0, at(3), "OK"),
    partitionPoint(0, at(4), "REWIND"),
    partitionPoint(1, at(5), "STOP"),
    partitionPoint(2, at(5), "stale"),
    partitionPoint(3, at(5), "STOP", "other"),
    partitionPoint(4, at(70), "STOP"),
  ]);
  const t = { topic: "t" };
  assert.deepEqual(answer(store.group({ ...range, group: "g" })).troubles, [
    { ...t, partition: 1, status: "STOP", firstAtMs: at(5), lastAtMs: at(5), ticks: 1 },
    { ...t, partition: 0, status: "REWIND", firstAtMs: at(4), lastAtMs: at(4), ticks: 1 },
    { ...t, partition: 0, status: "STALL", firstAtMs: at(1), lastAtMs: at(2), ticks: 2 },
  ]);
});
