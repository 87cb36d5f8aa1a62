/**
 * # A backlog out of the spool, into a sink that takes everything at once
 *
 * Read, unpacked, encoded, compressed, settled, as for a real store; the body is then let fall. Beside it a plain loop: the same
 * points, in memory already, encoded and compressed, which is the least any program must do. Rates are points a second of CPU time of all
 * threads, which is what one free core gives; on a machine with others at work the wall clock says little.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "../runtime/logger.ts";
import { createDeliverer } from "../shipper/deliver/deliver.ts";
import { RETRY_POLICY } from "../shipper/deliver/policy.ts";
import { bulkBody } from "../shipper/encode/bulk.ts";
import { linesOf } from "../shipper/encode/line-protocol.ts";
import { pointsOf } from "../shipper/encode/points.ts";
import { createThinning } from "../shipper/encode/thinning.ts";
import type { Point } from "../shipper/schema/point.ts";
import { compressed } from "../shipper/sink/http/compressed.ts";
import { BATCH_POINTS_MAX, packPoints } from "../shipper/spool/row.ts";
import { createTicks } from "../shipper/spool/spool.bench.ts";
import { openSpool } from "../shipper/spool/spool.ts";
import { table } from "./table.ts";

const TICKS = 10;
const ENCODINGS = {
  influxdb: { batchPointsMax: 5_000, encode: (points: readonly Point[]) => linesOf(points).text },
  elasticsearch: {
    batchPointsMax: 2_000,
    encode: (points: readonly Point[]) => bulkBody(points, { prefix: "tidemark", layout: "time_series" }),
  },
} as const;
type Store = keyof typeof ENCODINGS;

interface Rate {
  readonly cpu: number;
  readonly wall: number;
}

async function rateOf(points: number, work: () => Promise<void>): Promise<Rate> {
  const [cpu, ms] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: points / ((user + system) / 1e6), wall: points / ((performance.now() - ms) / 1e3) };
}

async function plainLoop(points: readonly Point[], store: Store): Promise<Rate> {
  const { encode, batchPointsMax } = ENCODINGS[store];
  return rateOf(points.length, async () => {
    for (let at = 0; at < points.length; at += batchPointsMax)
      await compressed(encode(points.slice(at, at + batchPointsMax)));
  });
}

async function drain(points: readonly Point[], store: Store): Promise<Rate> {
  const { encode, batchPointsMax } = ENCODINGS[store];
  const dataDir = mkdtempSync(join(tmpdir(), "tidemark-drain-"));
  const logger = createLogger("silent");
  await using spool = await openSpool({ dataDir, bytesMax: 2 ** 32, sinks: [store], random: Math.random, logger });
  for (let at = 0; at < points.length; at += BATCH_POINTS_MAX) {
    const { batches } = packPoints(points.slice(at, at + BATCH_POINTS_MAX));
    const entry = { after: at === 0 ? "" : String(at), cursor: String(at + BATCH_POINTS_MAX), batches };
    await spool.append({ ...entry, ticksGone: 0, pointsTooLarge: 0 }, new AbortController().signal);
  }
  let left = points.length;
  const drained = new AbortController();
  const write = async (batch: readonly Point[]) => {
    await compressed(encode(batch));
    left -= batch.length;
    if (left === 0) drained.abort();
    return { kind: "written", duplicates: 0, rejected: [], kept: [] } as const;
  };
  const { actor } = createDeliverer({
    ...{ spool, logger, wants: () => true, policy: RETRY_POLICY, random: Math.random, graceMs: 60_000 },
    sink: { name: store, batchPointsMax, write },
  });
  const rate = await rateOf(points.length, () => actor(drained.signal));
  rmSync(dataDir, { recursive: true });
  return rate;
}

const thinning = createThinning(new Set(["all"]));
const makeTick = createTicks(1);
const points = Array.from({ length: TICKS }, (_, tick) => [...pointsOf(makeTick(tick), thinning)]).flat();
const rows: (readonly string[])[] = [];
for (const store of ["influxdb", "elasticsearch"] as const) {
  await plainLoop(points, store);
  const [plain, ours] = [await plainLoop(points, store), await drain(points, store)];
  const cells = [plain.cpu, ours.cpu, plain.wall, ours.wall].map((rate) => String(Math.round(rate)));
  rows.push([store, ...cells]);
}
console.log(table(["as for", "plain, points/s a core", "drain", "plain, by the wall clock", "drain"], rows));
