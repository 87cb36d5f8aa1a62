/** A shipper of the endless feed's first ticks into stores that the test has made. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Feed } from "../../collector/model/feed.ts";
import { createLogger } from "../../runtime/logger.ts";
import type { SinksConfig } from "../config.ts";
import type { ShipperStats } from "../shipper.ts";
import { createShipper } from "../shipper.ts";
import { createEndlessFeed, POINTS_PER_TICK } from "./endless-feed.ts";

export const TICKS = 20;
export const OFFERED = TICKS * POINTS_PER_TICK;

const endless = (): Feed => createEndlessFeed({ ticksEnd: TICKS, ticksPerRead: 4, acknowledged: () => {} });

type Done = (stats: ShipperStats) => boolean | Promise<boolean>;

/** Ships ticks into the sinks until `done`, stops, and sees that every account adds up. */
export async function runUntil(sinks: SinksConfig, done: Done, feed: Feed = endless()) {
  const dataDir = await mkdtemp(join(tmpdir(), "tidemark-roads-"));
  try {
    await using shipper = await createShipper({
      feed,
      dataDir,
      spoolBytesMax: 64 * 1024 * 1024,
      sinks,
      // Full jitter with no luck at all: it waits as little as it may.
      random: () => 0,
      logger: createLogger("silent"),
      graceMs: 1_000,
    });
    const stop = new AbortController();
    const running = shipper.run(stop.signal);
    while (!(await done(await shipper.stats()))) await new Promise(setImmediate);
    stop.abort();
    await running;
    const stats = await shipper.stats();
    assertConserved(stats);
    return stats;
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

export const accountOf = (stats: ShipperStats, sink: string) => {
  const account = stats.spool.state?.sinks.find(([name]) => name === sink)?.[1];
  assert.ok(account !== undefined);
  return account;
};

function assertConserved({ spool }: ShipperStats): void {
  const { sinks = [], pointsIn = 0 } = spool.state ?? {};
  for (const [name, { startPoint, point, stored, duplicate, filtered, rejected, dropped, quarantined }] of sinks) {
    const settled = stored + duplicate + filtered + rejected + dropped + quarantined;
    assert.equal(pointsIn - startPoint, settled + pointsIn - point, name);
    const { letters = 0, overCap = 0, expired = 0, taken = 0 } = spool.deadLetters.get(name) ?? {};
    assert.equal(rejected, letters + overCap + expired + taken, `${name}: a rejected point is a dead letter`);
  }
}

export const isDone = (stats: ShipperStats, sink: string): boolean =>
  stats.spool.state?.pointsIn === OFFERED && accountOf(stats, sink).point === OFFERED;
