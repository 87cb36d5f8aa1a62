/** The whole road: ticks of a feed become points of the history, each exactly once, across restarts and repeats. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { GroupEvaluation } from "../collector/model/evaluation.ts";
import type { Feed, Tick } from "../collector/model/feed.ts";
import { createLogger } from "../runtime/logger.ts";
import { SinksConfig } from "./config.ts";
import type { ShipperOptions, ShipperStats } from "./shipper.ts";
import { createShipper } from "./shipper.ts";

const GROUPS = 20;
const PARTITIONS = 6;
const INTERVAL_MS = 10_000;
const START_MS = Math.floor(Date.now() / INTERVAL_MS) * INTERVAL_MS - 3_600_000;

function evaluationOf(group: number, at: number, tick: number): GroupEvaluation {
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({
    topic: `topic-${group % 3}`,
    partition,
    status: partition === 0 ? ("STALL" as const) : ("OK" as const),
    status_code: partition === 0 ? 5 : 1,
    lag: tick * 10 + group,
    committed_offset: tick * 100,
    end_offset: tick * 110 + group,
    start_offset: 0,
  }));
  const counts = { partitions_bad: 1, partitions_stale: 0, partitions_without_commit: 0 };
  const lag = partitions.reduce((sum, row) => sum + row.lag, 0);
  return { cluster: "prod", group: `group/${group} "é"`, at, status: "ERR", lag, complete: 1, ...counts, partitions };
}

function ticksOf(count: number): readonly Tick[] {
  return Array.from({ length: count }, (_, tick) => {
    const at = START_MS + tick * INTERVAL_MS;
    return { at, evaluations: Array.from({ length: GROUPS }, (_, group) => evaluationOf(group, at, tick)) };
  });
}

/** A feed over a list. A cursor of another run means its oldest tick, as after a restart of a collector. */
function feedOf(ticks: readonly Tick[], ticksMax: number, run: string): Feed {
  return {
    read: async (cursor, _waitMs, signal) => {
      const from = cursor.startsWith(run) ? Number(cursor.slice(run.length)) : 0;
      const read = ticks.slice(from, from + ticksMax);
      if (read.length === 0) {
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        signal.throwIfAborted();
      }
      return { kind: "ticks", ticks: read, cursor: `${run}${from + read.length}` };
    },
  };
}

type Settings = Pick<ShipperOptions, "dataDir"> & Partial<ShipperOptions>;

async function runUntil(done: (stats: ShipperStats) => boolean, settings: Settings, feed: Feed) {
  const logger = createLogger("silent");
  await using shipper = await createShipper({
    feed,
    spoolBytesMax: 64 * 1024 * 1024,
    sinks: SinksConfig.parse(undefined),
    random: () => 0,
    logger,
    graceMs: 1_000,
    ...settings,
  });
  const stop = new AbortController();
  const running = shipper.run(stop.signal);
  while (!done(await shipper.stats())) await new Promise(setImmediate);
  stop.abort();
  await running;
  const range = { cluster: "prod", sinceMs: START_MS, untilMs: START_MS + 3_600_000, pointsMax: 10_000 };
  const history = {
    sparklines: await shipper.history?.sparklines(range),
    group: await shipper.history?.group({ ...range, group: 'group/3 "é"' }),
  };
  return { stats: await shipper.stats(), history };
}

const accountOf = (stats: ShipperStats) => {
  const account = stats.spool.state?.sinks.find(([name]) => name === "local")?.[1];
  assert.ok(account !== undefined);
  return account;
};

const drained = (ticks: number) => (stats: ShipperStats) =>
  stats.pull.ticks === ticks && accountOf(stats).point === stats.spool.state?.pointsIn;

test("every tick of the feed is in the history, and a second run of the same ticks adds nothing", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tidemark-shipper-"));
  try {
    const ticks = ticksOf(50);
    const first = await runUntil(drained(50), { dataDir }, feedOf(ticks, 7, "a"));
    assert.equal(first.history.sparklines?.size, GROUPS);
    const points = first.history.group?.points ?? [];
    assert.deepEqual(points.at(-1), { atMs: START_MS + 490_000, lag: PARTITIONS * (490 + 3), status: "ERR" });
    assert.equal(points.length, 50);
    assert.equal(first.history.group?.topics[0]?.points.length, 50);
    const before = accountOf(first.stats);
    // Per tick: a group and a group_topic point per group, its one bad partition, and that partition of 3 topics.
    assert.equal(before.stored, 50 * (GROUPS + GROUPS + GROUPS + 3));
    assert.equal(before.duplicate, 0);

    const second = await runUntil(drained(50), { dataDir }, feedOf(ticks, 50, "b"));
    assert.equal(accountOf(second.stats).stored, before.stored);
    assert.equal(accountOf(second.stats).duplicate, before.stored);
    assert.deepEqual(second.history, first.history);
  } finally {
    await rm(dataDir, { recursive: true });
  }
});

test("told to stop, what the spool has taken goes out before the end", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tidemark-shipper-"));
  try {
    const isTaken = (stats: ShipperStats) => stats.pull.ticks === 50;
    const { stats, history } = await runUntil(isTaken, { dataDir, graceMs: 60_000 }, feedOf(ticksOf(50), 50, "a"));
    assert.equal(accountOf(stats).point, stats.spool.state?.pointsIn);
    assert.equal(history.group?.points.length, 50);
  } finally {
    await rm(dataDir, { recursive: true });
  }
});
