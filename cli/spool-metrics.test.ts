/** What the metrics of a spool say after it was full: each point by the limit it fell to, and what it may take now. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Registry } from "prom-client";
import { openStore } from "../shipper/spool/store.ts";
import { addSpoolMetrics } from "./spool-metrics.ts";

const START_MS = Date.UTC(2026, 10, 21);
const CAP_BYTES = 2 ** 20;

test("dropped points are told by sink and reason, with the age of the oldest, the room and the commits", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-spool-metrics-"));
  const clock = { nowMs: () => START_MS + 60_000, monotonicMs: () => 0 };
  const store = openStore({ path: join(folder, "spool.db"), bytesMax: CAP_BYTES, sinks: ["dead", "gone"] }, clock);
  try {
    for (let row = 0; row < 20; row += 1) {
      const batch = { points: 7, firstMs: START_MS, lastMs: START_MS, body: Buffer.alloc(100_000, row) };
      const entry = { after: String(row || ""), cursor: String(row + 1), ticksGone: 0, pointsTooLarge: 0 };
      assert.equal(store.append({ ...entry, batches: [batch] }).kind, "appended");
    }
    store.place({ names: ["dead"], fromNewest: [] });
    store.sweep();
    const registry = new Registry();
    const stats = async () => ({
      pull: { ticks: 0, newestAtMs: undefined, eventsDropped: 0 },
      spool: store.stats(),
      sinks: new Map(),
      histories: new Map(),
    });
    addSpoolMetrics(registry, stats, clock.nowMs);
    const said = await registry.metrics();
    const valueIn = (series: string) =>
      Number(
        said
          .split("\n")
          .find((line) => line.startsWith(`${series} `))
          ?.split(" ")
          .at(-1),
      );
    const { state } = store.stats();
    const dropped = state?.sinks[0]?.[1].dropped ?? 0;
    assert.ok(dropped > 0 && dropped < 20 * 7);
    assert.equal(valueIn('tidemark_points_dropped_total{sink="dead",reason="bytes"}'), dropped);
    assert.equal(valueIn('tidemark_points_dropped_total{sink="dead",reason="age"}'), 0);
    assert.equal(valueIn('tidemark_points_dropped_total{sink="",reason="removed"}'), 20 * 7 - dropped);
    assert.equal(valueIn('tidemark_quarantine_points_total{sink="dead"}'), 0);
    assert.equal(valueIn("tidemark_spool_oldest_age_seconds"), 60);
    assert.equal(valueIn("tidemark_spool_bytes_max"), CAP_BYTES);
    assert.equal(valueIn('tidemark_spool_state{state="ok"}'), 1);
    assert.equal(valueIn("tidemark_commits_total"), 20);
    assert.equal(valueIn("tidemark_commit_seconds_total"), 0);
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
});
