/** The events of a group, as the page reads them. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../runtime/clock.ts";
import { eventPoint } from "../../encode/event-point.ts";
import { rowsOf } from "../../encode/rows.ts";
import type { EventName } from "../../schema/event.ts";
import { EVENTS_MAX } from "../../schema/history.ts";
import { openHistoryStore } from "./store.ts";

const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

interface Happened {
  readonly minute: number;
  readonly event: EventName;
  readonly group?: string;
}

const pointOf = ({ minute, event, group = "g" }: Happened) =>
  eventPoint(START_MS + minute * MINUTE_MS, {
    cluster: "c",
    group,
    event,
    what: [minute],
    text: `at ${minute}`,
    tags: [],
  });

test("a group's events of the range come newest first, and many of one name do not hide another", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-happened-"));
  const store = openHistoryStore(
    { path: join(folder, "history.db"), retentionMs: 1e15, bytesMax: 2 ** 28 },
    systemClock,
  );
  context.after(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  const storm = Array.from({ length: 2 * EVENTS_MAX }, (_, minute): Happened => ({ minute, event: "rebalance" }));
  const others: readonly Happened[] = [
    { minute: 3, event: "deploy" },
    { minute: -1, event: "deploy" },
    { minute: 5, event: "deploy", group: "other" },
    { minute: 61, event: "reset" },
  ];
  const wrote = store.write(rowsOf([...storm, ...others].map(pointOf)));
  assert.equal(wrote.kind, "written");
  const query = { cluster: "c", group: "g", sinceMs: START_MS, untilMs: START_MS + 60 * MINUTE_MS, pointsMax: 6 };
  const read = store.group(query);
  assert.ok(read.kind === "read");
  const newest = Array.from({ length: EVENTS_MAX }, (_, back) => 2 * EVENTS_MAX - 1 - back);
  assert.deepEqual(read.answer.events, [
    ...newest.map((minute) => ({
      atMs: START_MS + minute * MINUTE_MS,
      event: "rebalance",
      text: `at ${minute}`,
    })),
    { atMs: START_MS + 3 * MINUTE_MS, event: "deploy", text: "at 3" },
  ]);
  const without = store.group({ ...query, group: "nobody" });
  assert.ok(without.kind === "read");
  assert.deepEqual(without.answer.events, []);
});
