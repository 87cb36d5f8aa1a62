/** What comes into the spool beside the points of a tick: events across a stop, a restart of the collector, and heartbeats. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import type { Feed, Tick } from "../../collector/model/feed.ts";
import { createLogger } from "../../runtime/logger.ts";
import type { Point } from "../schema/point.ts";
import { unpackPoints } from "../spool/row.ts";
import type { Spool } from "../spool/spool.ts";
import { openSpool } from "../spool/spool.ts";
import { temporaryFolder } from "../spool/store.suite.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createPuller } from "./pull.ts";

const TICK_MS = 10_000;
const logger = createLogger("silent");
const NEVER = new AbortController().signal;

const groupAt = (group: string, committedOffset: number): GroupEvaluation => ({
  cluster: "c",
  group,
  at: 0,
  status: "OK",
  partitions_bad: 0,
  partitions_stale: 0,
  partitions_without_commit: 0,
  complete: 1,
  partitions: [{ topic: "t", partition: 0, status: "OK", committed_offset: committedOffset }],
});

const tickOf = (index: number, offset: number, names: readonly string[] = ["g"]): Tick => ({
  at: index * TICK_MS,
  evaluations: names.map((name) => groupAt(name, offset)),
});

/** A run of a collector: these ticks behind cursors, `perRead` an answer; then it waits for the stop. */
function feedOf(run: string, ticks: readonly Tick[], perRead = 1): Feed {
  return {
    read: async (cursor, _waitMs, signal) => {
      if (cursor !== "" && !cursor.startsWith(run)) return { kind: "gone", oldest: `${run}0`, ticksGone: 0 };
      const from = cursor === "" ? 0 : Number(cursor.slice(run.length));
      const read = ticks.slice(from, from + perRead);
      if (read.length === 0) {
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        signal.throwIfAborted();
      }
      return { kind: "ticks", ticks: read, cursor: `${run}${from + read.length}` };
    },
  };
}

interface Pulling {
  readonly dataDir: string;
  readonly feed: Feed;
  readonly untilMs: number;
  readonly heartbeat?: (spool: Spool) => Heartbeat;
}

/** Pulls until a tick is taken, or a point is there with that time, stops, and gives all points of the spool. */
async function pulled({ dataDir, feed, untilMs, heartbeat }: Pulling): Promise<readonly Point[]> {
  await using spool = await openSpool({ dataDir, bytesMax: 2 ** 26, sinks: ["s"], random: () => 0, logger });
  const beat = heartbeat === undefined ? {} : { heartbeat: heartbeat(spool) };
  const puller = createPuller({ feed, spool, partitionPoints: new Set(["all" as const]), logger, ...beat });
  const stop = new AbortController();
  const running = puller.actor(stop.signal);
  while ((puller.stats().newestAtMs ?? -1) < untilMs) await new Promise(setImmediate);
  stop.abort();
  await running;
  const points: Point[] = [];
  const stopped = AbortSignal.abort();
  for (let row = await spool.peek("s", stopped); row !== undefined; row = await spool.peek("s", stopped)) {
    points.push(...unpackPoints(row.body));
    const tally = { stored: row.points, duplicate: 0, filtered: 0, rejected: 0 };
    await spool.settle({ sink: "s", rows: [{ row: { seq: row.seq, crc: row.crc }, tally, letters: [] }] }, NEVER);
  }
  return points;
}

async function inFolder(run: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = temporaryFolder();
  try {
    await run(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}

const eventsIn = (points: readonly Point[]): readonly string[] =>
  points.flatMap((one) =>
    one.kind === "event" ? [`${one.atMs / TICK_MS} ${one.dimensions.event} ${one.dimensions.group}`] : [],
  );

for (const perRead of [1, 3]) {
  test(`what happened between the last tick before a stop and the next one is told after it, ${perRead} ticks an answer`, () =>
    inFolder(async (dataDir) => {
      const before = [tickOf(1, 5), tickOf(2, 6), tickOf(3, 7)];
      const first = await pulled({ dataDir, feed: feedOf("r", before, perRead), untilMs: 3 * TICK_MS });
      assert.deepEqual(eventsIn(first), []);
      const all = [...before, tickOf(4, 2, ["g", "new"]), tickOf(5, 3, ["g", "new"])];
      const second = await pulled({ dataDir, feed: feedOf("r", all, perRead), untilMs: 5 * TICK_MS });
      assert.deepEqual(eventsIn(second), ["4 reset g", "4 appeared new"]);
      assert.equal(Math.min(...second.map(({ atMs }) => atMs)), 4 * TICK_MS, "no tick is taken twice");
    }));
}

test("a collector that was started anew is told, while the shipper runs and while it does not", () =>
  inFolder(async (dataDir) => {
    await pulled({ dataDir, feed: feedOf("old", [tickOf(1, 5)]), untilMs: TICK_MS });
    const points = await pulled({ dataDir, feed: feedOf("new", [tickOf(2, 9), tickOf(3, 9)]), untilMs: 3 * TICK_MS });
    assert.deepEqual(eventsIn(points), ["2 restart "]);
  }));

test("a source that does not answer at the start is asked again for the tick to compare with", () =>
  inFolder(async (dataDir) => {
    const before = [tickOf(1, 5)];
    await pulled({ dataDir, feed: feedOf("r", before), untilMs: TICK_MS });
    const feed = feedOf("r", [...before, tickOf(2, 1)]);
    let failures = 3;
    const away: Feed = {
      read: async (cursor, waitMs, signal) => {
        if (failures === 0) return feed.read(cursor, waitMs, signal);
        failures -= 1;
        return { kind: "ticks", ticks: [], cursor };
      },
    };
    const points = await pulled({ dataDir, feed: away, untilMs: 2 * TICK_MS });
    assert.deepEqual(eventsIn(points), ["2 reset g"]);
  }));

test("each tick brings a heartbeat, and a source that is away brings one that says so", () =>
  inFolder(async (dataDir) => {
    let isUp = false;
    const feed = feedOf("r", [tickOf(1, 5), tickOf(2, 5, ["g", "h"])], 2);
    const waking: Feed = {
      read: async (cursor, waitMs, signal) => {
        if (isUp) return feed.read(cursor, waitMs, signal);
        isUp = true;
        return { kind: "ticks", ticks: [], cursor };
      },
    };
    const clock = { nowMs: () => TICK_MS / 2, monotonicMs: () => 0 };
    const sinks = () => new Map();
    const heartbeat = (spool: Spool) =>
      createHeartbeat({ instance: "i", clock, spool, sinks, isSourceUp: () => false, collector: () => undefined });
    const points = await pulled({ dataDir, feed: waking, untilMs: 2 * TICK_MS, heartbeat });
    const beats = points.flatMap((one) =>
      one.kind === "self" ? [[one.atMs, one.fields.source_up, one.fields.groups]] : [],
    );
    assert.deepEqual(beats, [
      [0, 0, undefined],
      [TICK_MS, 1, 1],
      [2 * TICK_MS, 1, 2],
    ]);
  }));
