/**
 * A store that is away for simulated hours at 5,000 points a second, and then takes everything: spool, compression, syncs,
 * encoding and both loops are real, only the waiting is left out. The sink makes lines of InfluxDB and sums what it is given.
 * It runs in a process of its own, started as the launcher does, because its memory is measured.
 *
 *     node outage.suite.ts MINUTES FOLDER       prints the figures as JSON
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Feed, Tick } from "../../collector/model/feed.ts";
import { createLogger } from "../../runtime/logger.ts";
import { createDeliverer } from "../deliver/deliver.ts";
import { createPuller } from "../deliver/pull.ts";
import { lineOf } from "../encode/line-protocol.ts";
import type { Point } from "../schema/point.ts";
import type { Sink } from "../sink/sink.ts";
import { createTicks } from "../spool/spool.bench.ts";
import type { Spool } from "../spool/spool.ts";
import { openSpool } from "../spool/spool.ts";

/** A tick of spool.bench.ts has 26,500 points, so this makes 5,300 a second. */
const INTERVAL_MS = 5_000;
const TICKS_PER_MINUTE = 60_000 / INTERVAL_MS;
const BATCH_POINTS_MAX = 5_000;
/** As quick as can be without spinning: how long a real store is left alone is policy.ts's and tried there. */
const POLICY = { delayMsFirst: 250, delayMsMax: 250, retryAfterMsMax: 250 };

export interface Outage {
  readonly points: number;
  readonly partitionPoints: number;
  /** Of the file at its largest, when everything lay in it. */
  readonly spoolBytes: number;
  readonly rssBytesMax: number;
  /** Of all threads, while everything went out. */
  readonly drainCpuMs: number;
  readonly inMs: number;
  readonly drainMs: number;
}

/** What has gone by: the same sums on both sides when nothing is lost, altered or there twice. */
interface Sums {
  points: number;
  partitionPoints: number;
  lag: number;
  lineBytes: number;
}

const noSums = (): Sums => ({ points: 0, partitionPoints: 0, lag: 0, lineBytes: 0 });

/** Ticks back to back, one a read, until the last; then it waits for the stop. */
function countedFeed(ticksEnd: number, offered: Sums): Feed {
  const tickOf = createTicks(1);
  let made: Tick | undefined;
  return {
    read: async (cursor, _waitMs, signal) => {
      const number = Number(cursor);
      if (number >= ticksEnd) {
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        signal.throwIfAborted();
      }
      made = { ...tickOf(number), at: Date.UTC(2026, 0, 1) + number * INTERVAL_MS };
      for (const { partitions } of made.evaluations) {
        offered.partitionPoints += partitions.length;
        for (const { lag = 0 } of partitions) offered.lag += lag;
      }
      return { kind: "ticks", ticks: [made], cursor: String(number + 1) };
    },
  };
}

function add(sums: Sums, points: readonly Point[]): void {
  for (const point of points) {
    sums.points += 1;
    sums.lineBytes += lineOf(point)?.length ?? 0;
    if (point.kind !== "partition") continue;
    sums.partitionPoints += 1;
    sums.lag += point.fields.lag ?? 0;
  }
}

const LAUNCHER_FLAGS = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=4"];

/** Throws where a point is lost, altered or delivered twice; the folder is removed in any case. */
export async function outage(minutes: number): Promise<Outage> {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-outage-"));
  const { NODE_TEST_CONTEXT: _ours, ...rest } = process.env;
  const command = [...LAUNCHER_FLAGS, fileURLToPath(import.meta.url), String(minutes), folder];
  const env = { ...rest, MALLOC_ARENA_MAX: "2" };
  const child = spawn(process.execPath, command, { env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [printed, [code]] = await Promise.all([child.stdout.toArray(), once(child, "exit")]);
    assert.equal(code, 0, "it ended as it should");
    return JSON.parse(Buffer.concat(printed).toString());
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

async function awayFor(minutes: number, dataDir: string): Promise<Outage> {
  const [offered, taken] = [noSums(), noSums()];
  let [isUp, rssBytesMax] = [false, 0];
  const sink: Sink = {
    name: "store",
    batchPointsMax: BATCH_POINTS_MAX,
    write: async (batch) => {
      if (!isUp) return { kind: "kept", retryAfterMs: undefined, cause: new Error("connect ECONNREFUSED") };
      add(taken, batch);
      return { kind: "written", duplicates: 0, rejected: [], kept: [] };
    },
  };
  const watch = setInterval(() => {
    rssBytesMax = Math.max(rssBytesMax, process.memoryUsage.rss());
  }, 200);
  const logger = createLogger("silent");
  const random = () => 1;
  const stop = new AbortController();
  try {
    await using spool = await openSpool({ dataDir, bytesMax: 2 ** 34, sinks: [sink.name], random, logger });
    const feed = countedFeed(minutes * TICKS_PER_MINUTE, offered);
    const puller = createPuller({ feed, spool, partitionPoints: new Set(["all"]), logger });
    const wants = () => true;
    const loop = createDeliverer({ sink, wants, spool, policy: POLICY, random, logger, graceMs: 1_000 });
    const running = Promise.all([puller.actor(stop.signal), loop.actor(stop.signal)]);
    try {
      const inMs = await timeUntil(() => puller.stats().ticks === minutes * TICKS_PER_MINUTE);
      const { fileBytes: spoolBytes, state } = await spool.stats();
      assert.deepEqual([taken.points, state?.sinks[0]?.[1].point], [0, 0], "nothing has gone out yet");
      isUp = true;
      const before = process.cpuUsage();
      const points = state?.pointsIn ?? 0;
      const drainMs = await timeUntil(() => taken.points >= points);
      const { user, system } = process.cpuUsage(before);
      stop.abort();
      await running;
      await assertAllThere({ spool, points, offered, taken });
      const drainCpuMs = (user + system) / 1_000;
      return { points, partitionPoints: taken.partitionPoints, spoolBytes, rssBytesMax, drainCpuMs, inMs, drainMs };
    } finally {
      stop.abort();
      await running;
    }
  } finally {
    clearInterval(watch);
  }
}

interface End {
  readonly spool: Spool;
  readonly points: number;
  readonly offered: Sums;
  readonly taken: Sums;
}

async function assertAllThere({ spool, points, offered, taken }: End): Promise<void> {
  const { state } = await spool.stats();
  const account = state?.sinks[0]?.[1];
  assert.deepEqual([account?.stored, account?.point, taken.points], [points, points, points]);
  assert.deepEqual([account?.dropped, account?.quarantined, account?.rejected, account?.duplicate], [0, 0, 0, 0]);
  assert.equal(taken.partitionPoints, offered.partitionPoints);
  assert.ok(Number.isSafeInteger(offered.lag), "the sum itself is exact");
  assert.equal(taken.lag, offered.lag);
}

/** Milliseconds until it holds; looked at between turns of the event loop, which the loops share. */
async function timeUntil(holds: () => boolean): Promise<number> {
  const startMs = performance.now();
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
  return performance.now() - startMs;
}

/** Figures as sentences, for whoever reads the run. */
export function figuresOf(outcome: Outage): readonly string[] {
  const { points, partitionPoints, spoolBytes, rssBytesMax, drainCpuMs, inMs, drainMs } = outcome;
  const perSecond = (ms: number) => Math.round(points / (ms / 1_000)).toLocaleString("en");
  return [
    `${points.toLocaleString("en")} points, ${(spoolBytes / partitionPoints).toFixed(1)} bytes a partition point`,
    `${Math.round(rssBytesMax / 1e6)} MB of memory at most`,
    `in ${perSecond(inMs)} points/s; out ${perSecond(drainMs)} points/s, ${perSecond(drainCpuMs)} a core`,
  ];
}

if (import.meta.main) {
  const [, , minutes = "", folder = ""] = process.argv;
  process.stdout.write(JSON.stringify(await awayFor(Number(minutes), folder)));
}
