/** A wall clock that jumps by an hour or by ten years, and a machine that sleeps: in both processes. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createTickStep } from "../../cli/tick.ts";
import { createFeed } from "../../collector/feed/feed.ts";
import { NOW_MS, watchedCluster } from "../../collector/http/watched.fixture.ts";
import { createSteadyClock } from "../../runtime/steady-clock.ts";
import { rowsOf } from "../../shipper/encode/rows.ts";
import type { Point } from "../../shipper/schema/point.ts";
import { openHistoryStore } from "../../shipper/sink/sqlite/store.ts";
import { packPoints } from "../../shipper/spool/row.ts";
import { openStore } from "../../shipper/spool/store.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;
const YEARS_MS = 3_650 * DAY_MS;

/** A jump of the wall clock, and for how long it lasts until it is put right; one that lasts is never taken back. */
interface Jump {
  readonly name: string;
  readonly byMs: number;
  readonly forMs: number;
}

const LASTING = Number.POSITIVE_INFINITY;
const JUMPS: readonly Jump[] = [
  { name: "an hour ahead", byMs: HOUR_MS, forMs: LASTING },
  { name: "an hour back", byMs: -HOUR_MS, forMs: LASTING },
  { name: "an hour ahead and soon put right", byMs: HOUR_MS, forMs: 5 * SECOND_MS },
  { name: "ten years ahead and soon put right", byMs: YEARS_MS, forMs: 5 * SECOND_MS },
  { name: "ten years ahead and put right after half a minute", byMs: YEARS_MS, forMs: 30 * SECOND_MS },
  { name: "ten years back and put right", byMs: -YEARS_MS, forMs: 30 * SECOND_MS },
  { name: "ten years back", byMs: -YEARS_MS, forMs: LASTING },
  // The monotonic clock stands still meanwhile.
  { name: "two hours of sleep", byMs: 2 * HOUR_MS, forMs: LASTING },
];
const STEP_MS = 250;
const STEPS = 240;

for (const { name, byMs, forMs } of JUMPS)
  test(`the collector through ${name}: a tick a second and never two at once, each grid time once and none ahead of its clock`, async () => {
    const time = { wallMs: NOW_MS, monotonicMs: 0 };
    const clock = createSteadyClock({ nowMs: () => time.wallMs, monotonicMs: () => time.monotonicMs });
    const { view } = watchedCluster("c");
    const feed = createFeed({ run: "r", bytesMax: 1e9, ageMsMax: 1e15, answerBytesMax: 1e9, sleep: async () => {} });
    const stats = { ticks: 0, skipped: 0, lastMs: 0 };
    const step = createTickStep({ clusters: [view], feed, intervalMs: SECOND_MS, clock, stats });
    let aheadMsMax = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < STEPS; at += 1) {
      time.wallMs += STEP_MS + (at === 40 ? byMs : 0) - (at * STEP_MS === 40 * STEP_MS + forMs ? byMs : 0);
      time.monotonicMs += STEP_MS;
      const before = stats.ticks;
      const waitMs = await step();
      assert.ok(stats.ticks - before <= 1, "no burst");
      assert.ok(waitMs >= 0 && waitMs <= SECOND_MS, `it waits ${waitMs} ms`);
      aheadMsMax = Math.max(aheadMsMax, clock.nowMs() - time.wallMs);
    }
    assert.ok(stats.ticks <= (STEPS * STEP_MS) / SECOND_MS + 1, `${stats.ticks} ticks in a minute`);
    assert.ok(stats.ticks >= ((STEPS * STEP_MS) / SECOND_MS) * 0.6, `${stats.ticks} ticks in a minute`);
    const answer = await feed.read("", 0, new AbortController().signal);
    const times = answer.kind === "ticks" ? answer.ticks.map(({ at }) => at) : [];
    assert.deepEqual(times, [...new Set(times)].toSorted(), "each once, in order");
    assert.ok(times.every((at) => at <= clock.nowMs()));
    if (byMs > 0 && forMs === LASTING) assert.ok(aheadMsMax <= 0, "none ahead of the wall clock, too");
    if (forMs < LASTING) assert.ok(Math.abs(clock.nowMs() - time.wallMs) <= 5 * SECOND_MS, "put right");
  });

const pointsOf = (atMs: number): readonly Point[] =>
  Array.from({ length: 10 }, (_, index) => ({
    kind: "group",
    atMs,
    dimensions: { cluster: "c", group: `g${index}` },
    fields: { lag: index },
  }));

function inFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-clock-"));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SHIPPER_JUMPS = [HOUR_MS, -HOUR_MS, 2 * HOUR_MS, YEARS_MS, -YEARS_MS];

for (const byMs of SHIPPER_JUMPS) {
  const name = `a jump of ${byMs / HOUR_MS} hours`;

  test(`the shipper through ${name}: what waits in the spool is neither too old nor lost`, () =>
    inFolder((folder) => {
      const time = { nowMs: NOW_MS };
      const clock = { nowMs: () => time.nowMs, monotonicMs: () => 0 };
      const limits = { bytesMax: 2 ** 26, ageMsMax: 3 * DAY_MS };
      const store = openStore({ path: join(folder, "spool.db"), sinks: ["a"], ...limits }, clock);
      for (let tick = 0; tick < 20; tick += 1) {
        if (tick === 10) time.nowMs += byMs;
        const { batches } = packPoints(pointsOf(NOW_MS + tick * SECOND_MS));
        const entry = { after: tick === 0 ? "" : `${tick}`, cursor: `${tick + 1}`, ticksGone: 0, pointsTooLarge: 0 };
        assert.equal(store.append({ ...entry, batches }).kind, "appended");
      }
      const account = store.stats().state?.sinks[0]?.[1];
      assert.deepEqual([account?.dropped, account?.quarantined], [0, 0]);
      const head = store.peek("a");
      assert.ok(head.kind === "row" && head.row.firstMs === NOW_MS);
      store.close();
    }));

  test(`the shipper through ${name}: the embedded history keeps what its retention says`, () =>
    inFolder((folder) => {
      const time = { nowMs: NOW_MS };
      const clock = { nowMs: () => time.nowMs, monotonicMs: () => 0 };
      const path = join(folder, "history.db");
      const store = openHistoryStore({ path, retentionMs: 7 * DAY_MS, bytesMax: 2 ** 26 }, clock);
      for (let tick = 0; tick < 20; tick += 1) {
        if (tick === 10) time.nowMs += byMs;
        const written = store.write(rowsOf(pointsOf(NOW_MS + tick * SECOND_MS)));
        assert.deepEqual(written, { kind: "written", inserted: 10 });
      }
      const { expired, overCap } = store.stats();
      assert.deepEqual([expired, overCap], [0, 0]);
      store.close();
    }));
}
