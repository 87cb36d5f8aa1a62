/**
 * kill -9 at random moments, over and over on the same folder. After each: nothing acknowledged is missing from spool and
 * history together. At the end the spool is drained, and the history holds every tick exactly once, with its values.
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../runtime/clock.ts";
import { createLogger } from "../../runtime/logger.ts";
import { createShipper } from "../shipper.ts";
import type { SpoolState } from "../spool/state.ts";
import { openStore } from "../spool/store.ts";
import {
  createEndlessFeed,
  GROUPS,
  INTERVAL_MS,
  lagOf,
  PARTITIONS,
  POINTS_PER_TICK,
  SINKS,
  START_MS,
} from "./endless-feed.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));
const KILL_AFTER_MS_MAX = 60;

export interface KillLoopResult {
  readonly ticks: number;
  readonly points: number;
}

/** Kills `cycles` shippers, some at the same time, each lane in a folder of its own; throws on the first broken promise. */
export async function killLoop(cycles: number, random: () => number, lanes = 1): Promise<KillLoopResult> {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-kill-"));
  const compiled = join(folder, "compiled");
  try {
    startOnce(join(folder, "once"), compiled);
    const lane = (number: number): Lane => ({
      folder: join(folder, `lane-${number}`),
      compiled,
      random,
      cycles: Math.floor((cycles + number) / lanes),
    });
    const results = await Promise.all(Array.from({ length: lanes }, (_, number) => killLane(lane(number))));
    const ticks = results.reduce((sum, one) => sum + one, 0);
    return { ticks, points: ticks * POINTS_PER_TICK };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Lane {
  readonly folder: string;
  /** Most of a short life is compiling, so all share what the first has compiled. */
  readonly compiled: string;
  readonly random: () => number;
  readonly cycles: number;
}

const NODE = ["--disable-warning=ExperimentalWarning", CHILD];
const environment = (compiled: string) => ({ ...process.env, NODE_COMPILE_CACHE: compiled });

function startOnce(folder: string, compiled: string): void {
  const { status } = spawnSync(process.execPath, [...NODE, folder, "once"], { env: environment(compiled) });
  assert.equal(status, 0);
}

/** Answers how many ticks its history holds at the end. */
async function killLane({ folder, compiled, random, cycles }: Lane): Promise<number> {
  let acknowledged = 0;
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const last = await killOne({ folder, compiled, afterMs: random() * KILL_AFTER_MS_MAX });
    assert.ok(last.first >= acknowledged, `a restart begins at ${last.first}, after ${acknowledged} were acknowledged`);
    acknowledged = last.acknowledged;
    const state = spoolState(folder);
    assert.ok(Number(state.sourceCursor) >= acknowledged, "an acknowledged tick is not in the spool's cursor");
    checkAccounts(state);
  }
  const ticks = Number(spoolState(folder).sourceCursor);
  await drain(folder, ticks);
  checkHistory(folder, ticks);
  return ticks;
}

interface Killing {
  readonly folder: string;
  readonly compiled: string;
  readonly afterMs: number;
}

interface Told {
  readonly first: number;
  readonly acknowledged: number;
}

/** Starts a shipper, kills it some time after its first acknowledgement; answers the first and the last cursor it told. */
async function killOne({ folder, compiled, afterMs }: Killing): Promise<Told> {
  const child = spawn(process.execPath, [...NODE, folder], {
    stdio: ["ignore", "pipe", "inherit"],
    env: environment(compiled),
  });
  const exited = once(child, "exit");
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  await Promise.race([once(child.stdout, "data"), exited]);
  await wait(afterMs);
  child.kill("SIGKILL");
  await exited;
  const cursors = [...told.matchAll(/^A (\d+)\n/gm)].map((match) => Number(match[1]));
  const [first, acknowledged] = [cursors[0], cursors.at(-1)];
  assert.ok(first !== undefined && acknowledged !== undefined, `the shipper did not start: ${told}`);
  return { first, acknowledged };
}

export function spoolState(folder: string, sinks: readonly string[] = ["local"]): SpoolState {
  const store = openStore({ path: join(folder, "spool.db"), bytesMax: 2 ** 28, sinks }, systemClock);
  try {
    assert.equal(store.cursor().kind, "cursor");
    const { state, health } = store.stats();
    assert.deepEqual(health, { kind: "ok" });
    assert.ok(state !== undefined);
    return state;
  } finally {
    store.close();
  }
}

export function checkAccounts(state: SpoolState): void {
  for (const [, account] of state.sinks) {
    const { stored, duplicate, rejected, dropped, quarantined } = account;
    assert.equal(rejected + dropped + quarantined, 0);
    assert.equal(state.pointsIn, stored + duplicate + (state.pointsIn - account.point));
  }
}

export async function drain(folder: string, ticks: number): Promise<void> {
  await using shipper = await createShipper({
    feed: createEndlessFeed({ ticksEnd: ticks, ticksPerRead: 1, acknowledged: () => {} }),
    dataDir: folder,
    spoolBytesMax: 2 ** 28,
    sinks: SINKS,
    random: Math.random,
    logger: createLogger("silent"),
    graceMs: 1_000,
  });
  const stop = new AbortController();
  const running = shipper.run(stop.signal);
  for (;;) {
    const { state } = (await shipper.stats()).spool;
    if (state?.sinks.every(([, account]) => account.point === state.pointsIn)) break;
  }
  stop.abort();
  await running;
}

export function checkHistory(folder: string, ticks: number): void {
  const db = new DatabaseSync(join(folder, "local.history.db"), { readOnly: true });
  try {
    const wanted = { group: GROUPS, group_topic: GROUPS, partition: GROUPS * PARTITIONS, topic: PARTITIONS };
    for (const [kind, perTick] of Object.entries(wanted)) {
      const rows = db.prepare(`SELECT count(*) AS n FROM points_${kind}`).get()?.["n"];
      assert.equal(rows, ticks * perTick, `${kind} points in the history`);
    }
    const points = db.prepare(
      `SELECT slot_ms + offset_ms AS at, "group" AS name, lag FROM points_group JOIN series ON id = series`,
    );
    for (const { at, name, lag } of points.all()) {
      assert.equal(lag, lagOf((Number(at) - START_MS) / INTERVAL_MS, Number(String(name).slice(1))));
    }
  } finally {
    db.close();
  }
}
