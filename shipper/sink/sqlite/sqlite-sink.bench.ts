/**
 * The embedded history: rows written a second, bytes a point, and the two page queries over an hour of ticks of 500 groups
 * and 20,000 partitions. Partition points are written for a few ticks only; the hour is of what is drawn.
 */

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "../../../bench/table.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { pointsOf } from "../../encode/points.ts";
import { rowsOf } from "../../encode/rows.ts";
import { createThinning } from "../../encode/thinning.ts";
import type { Point } from "../../schema/point.ts";
import { BATCH_POINTS_MAX } from "../../spool/row.ts";
import { createTicks } from "../../spool/spool.bench.ts";
import type { HistoryStore } from "./store.ts";
import { openHistoryStore } from "./store.ts";

const FULL_TICKS = 12;
const HOUR_TICKS = 360;

function writeAll(store: HistoryStore, points: readonly Point[]): void {
  for (let at = 0; at < points.length; at += BATCH_POINTS_MAX) {
    store.write(rowsOf(points.slice(at, at + BATCH_POINTS_MAX)));
  }
}

function timed<A>(work: () => A): { readonly ms: number; readonly result: A } {
  const startMs = performance.now();
  const result = work();
  return { ms: Math.round(performance.now() - startMs), result };
}

function withStore(run: (store: HistoryStore, path: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-bench-"));
  const path = join(folder, "history.db");
  const store = openHistoryStore({ path, retentionMs: 1e12, bytesMax: 2 ** 34 }, systemClock);
  try {
    run(store, path);
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

const figures: Record<string, number> = {};

withStore((store, path) => {
  const makeTick = createTicks(1);
  const ticks = Array.from({ length: FULL_TICKS }, (_, tick) => [
    ...pointsOf(makeTick(tick), createThinning(new Set(["all"]))),
  ]);
  writeAll(store, ticks[0] ?? []);
  const before = store.stats().usedBytes;
  const { ms } = timed(() => ticks.slice(1).forEach((points) => void writeAll(store, points)));
  const points = ticks.slice(1).reduce((sum, tick) => sum + tick.length, 0);
  figures["ms a tick of 20,000 partitions and 500 groups, all points"] = Math.round(ms / (FULL_TICKS - 1));
  figures["points/s written"] = Math.round((points / ms) * 1_000);
  figures["bytes a point, all kinds"] = +((store.stats().usedBytes - before) / points).toFixed(1);
  store.close();
  figures["file bytes"] = statSync(path).size;
});

withStore((store) => {
  const makeTick = createTicks(1);
  const isPartition = (point: Point): boolean => point.kind === "partition";
  const ticks = Array.from({ length: FULL_TICKS }, (_, tick) =>
    [...pointsOf(makeTick(tick), createThinning(new Set(["all"])))].filter(isPartition),
  );
  writeAll(store, ticks[0] ?? []);
  const before = store.stats().usedBytes;
  for (const points of ticks.slice(1)) writeAll(store, points);
  const points = ticks.slice(1).reduce((sum, tick) => sum + tick.length, 0);
  figures["bytes a partition point"] = +((store.stats().usedBytes - before) / points).toFixed(1);
});

withStore((store) => {
  const makeTick = createTicks(1);
  const startMs = makeTick(0).at;
  let [points, writeMs] = [0, 0];
  for (let tick = 1; tick <= HOUR_TICKS; tick += 1) {
    const drawn = [...pointsOf(makeTick(tick), createThinning(new Set(["unhealthy"])))];
    points += drawn.length;
    writeMs += timed(() => writeAll(store, drawn)).ms;
  }
  const range = { cluster: "prod", sinceMs: startMs, untilMs: startMs + 3_600_000 };
  const sparklines = timed(() => store.sparklines({ ...range, pointsMax: 60 }));
  const group = timed(() => store.group({ ...range, group: "shop-consumer-7", pointsMax: 300 }));
  figures["ms a tick, healthy partitions left out"] = +(writeMs / HOUR_TICKS).toFixed(1);
  figures["bytes a point, healthy partitions left out"] = +(store.stats().usedBytes / points).toFixed(1);
  figures["ms sparklines of 500 groups, one hour"] = sparklines.ms;
  figures["ms one group with its topics, one hour"] = group.ms;
});

console.log(
  table(
    ["figure", "value"],
    Object.entries(figures).map(([figure, value]) => [figure, String(value)]),
  ),
);
