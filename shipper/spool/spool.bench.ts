/**
 * Points into and out of the spool, and its size: ticks of 500 groups and 20,000 partitions, with the changes of real
 * ones (offsets move by a few hundred, some partitions rest). Synced commits, on the disk of the temporary folder.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "../../bench/table.ts";
import type { GroupEvaluation, PartitionEvaluation } from "../../collector/model/evaluation.ts";
import type { Tick } from "../../collector/model/feed.ts";
import { createLogger } from "../../runtime/logger.ts";
import { pointsOf } from "../encode/points.ts";
import { createThinning } from "../encode/thinning.ts";
import { BATCH_POINTS_MAX, packPoints, unpackPoints } from "./row.ts";
import { openSpool } from "./spool.ts";

const GROUPS = 500;
const PARTITIONS = 40;
const TICKS = 20;
const START_MS = Date.UTC(2026, 0, 1);

/** A small generator with a seed, so that two runs measure the same bytes. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Offsets {
  end: number;
  committed: number;
  readonly perTick: number;
}

export function createTicks(seed: number): (tick: number) => Tick {
  const random = createRandom(seed);
  const offsets: Offsets[] = Array.from({ length: GROUPS * PARTITIONS }, () => {
    const end = Math.floor(random() * 4e9);
    return {
      end,
      committed: end - Math.floor(random() * 5_000),
      perTick: random() < 0.3 ? 0 : Math.floor(random() * 800),
    };
  });
  return (tick) => {
    const at = START_MS + tick * 10_000;
    for (const one of offsets) {
      one.end += Math.floor(one.perTick * (0.8 + 0.4 * random()));
      one.committed = Math.min(one.end, one.committed + Math.floor(one.perTick * (0.8 + 0.4 * random())));
    }
    return { at, evaluations: Array.from({ length: GROUPS }, (_, group) => evaluationOf(group, at, offsets, random)) };
  };
}

function evaluationOf(group: number, at: number, offsets: readonly Offsets[], random: () => number): GroupEvaluation {
  const partitions = Array.from({ length: PARTITIONS }, (_, index): PartitionEvaluation => {
    const { end, committed } = offsets[group * PARTITIONS + index] ?? { end: 0, committed: 0 };
    return {
      topic: `shop.orders-${group % 100}.v${index % 4}`,
      partition: Math.floor(index / 4),
      status: "OK",
      status_code: 1,
      burrow_status: "OK",
      burrow_status_code: 1,
      lag: end - committed,
      committed_offset: committed,
      end_offset: end,
      start_offset: 0,
      lost_records: 0,
      commit_age_seconds: Math.round(random() * 10_000) / 1_000,
      complete: 1,
      owner: `/10.1.${group % 250}.${index % 5}`,
      client_id: `shop-consumer-${group}-${index % 5}`,
    };
  });
  const counts = { partitions_bad: 0, partitions_stale: 0, partitions_without_commit: 0, complete: 1 };
  const lags = partitions.map((row) => row.lag ?? 0);
  const lag = lags.reduce((sum, one) => sum + one, 0);
  const rest = { lag, lag_max: Math.max(...lags), state: "Stable", type: "classic", members: 5, generation: 12 };
  return {
    cluster: "prod",
    group: `shop-consumer-${group}`,
    at,
    status: "OK",
    status_code: 1,
    ...counts,
    ...rest,
    partitions,
  };
}

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "tidemark-bench-"));
  const options = { dataDir, bytesMax: 2 ** 33, sinks: ["bench"], random: Math.random, logger: createLogger("silent") };
  const signal = new AbortController().signal;
  await using spool = await openSpool(options);
  const makeTick = createTicks(1);
  const ticks = Array.from({ length: TICKS }, (_, tick) => makeTick(tick));
  let [points, partitionPoints, bytes] = [0, 0, 0];
  let cursor = "";

  const inMs = performance.now();
  for (const tick of ticks) {
    const all = [...pointsOf(tick, createThinning(new Set(["all"])))];
    const batches = [];
    for (let at = 0; at < all.length; at += BATCH_POINTS_MAX) {
      batches.push(...packPoints(all.slice(at, at + BATCH_POINTS_MAX)).batches);
    }
    const entry = { after: cursor, cursor: String(tick.at), batches, ticksGone: 0, pointsTooLarge: 0 };
    cursor = entry.cursor;
    await spool.append(entry, signal);
    points += all.length;
  }
  const inSeconds = (performance.now() - inMs) / 1_000;
  const { usedBytes } = await spool.stats();

  const outMs = performance.now();
  for (let left = points; left > 0; ) {
    const row = await spool.peek("bench", signal);
    if (row === undefined) break;
    left -= unpackPoints(row.body).length;
    const tally = { stored: row.points, duplicate: 0, filtered: 0, rejected: 0 };
    await spool.settle({ sink: "bench", rows: [{ row: { seq: row.seq, crc: row.crc }, tally, letters: [] }] }, signal);
  }
  const outSeconds = (performance.now() - outMs) / 1_000;

  for (const tick of ticks) {
    const partitions = [...pointsOf(tick, createThinning(new Set(["all"])))].filter(
      (point) => point.kind === "partition",
    );
    partitionPoints += partitions.length;
    for (let at = 0; at < partitions.length; at += BATCH_POINTS_MAX) {
      for (const { body } of packPoints(partitions.slice(at, at + BATCH_POINTS_MAX)).batches) bytes += body.byteLength;
    }
  }
  const rows = [
    ["points", String(points)],
    ["points/s into the spool, encoding included", String(Math.round(points / inSeconds))],
    ["points/s out of the spool, decoding included", String(Math.round(points / outSeconds))],
    ["bytes a point on disk, all kinds", (usedBytes / points).toFixed(1)],
    ["bytes a partition point, packed", (bytes / partitionPoints).toFixed(1)],
  ];
  console.log(table(["figure", "value"], rows));
  rmSync(dataDir, { recursive: true });
}

if (import.meta.main) await main();
