/** Our own metrics: what a scrape reads is what the parts say at that moment, in text that a strict reader takes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, textOf } from "../collector/http/ask.fixture.ts";
import { readExposition, readOpenMetrics } from "../collector/http/exposition-reader.fixture.ts";
import { createMetricsHandler } from "../collector/http/metrics.ts";
import { GROUP_FIELDS, PARTITION_FIELDS } from "../collector/model/fields.ts";
import { loadConfig } from "../runtime/config/load.ts";
import { createLogger } from "../runtime/logger.ts";
import { createCollector } from "./collector.ts";
import { Config } from "./config.ts";
import { addCollectorMetrics, createOwnMetrics } from "./own-metrics.ts";

const NOW_MS = 1_700_000_003_000;
const HOSTILE = 'a "b"\\c';

/** A collector that is made and not run: it connects to nobody. */
function idle(more: Readonly<Record<string, string>> = {}) {
  const environment = { TIDEMARK_CLUSTERS: JSON.stringify({ [HOSTILE]: { brokers: ["127.0.0.1:1"] } }), ...more };
  const config = loadConfig(Config, { source: "test", text: "", environment });
  const clock = { nowMs: () => NOW_MS, monotonicMs: () => 0 };
  const collector = createCollector({ config, clock, logger: createLogger("silent") });
  const registry = createOwnMetrics("1.2.3");
  addCollectorMetrics(registry, collector);
  const read = async (name: string, by?: string) => {
    const samples = readExposition(await registry.metrics()).get(name)?.samples ?? [];
    return Object.fromEntries(samples.map(({ labels, value }) => [by === undefined ? "" : (labels[by] ?? ""), value]));
  };
  const [watched] = collector.clusters;
  assert.ok(watched !== undefined);
  return { collector, registry, read, state: watched.view.state };
}

test("the text is what a strict reader takes, each name is ours or the process's, counters end in _total", async () => {
  const { registry } = idle();
  const families = readExposition(await registry.metrics());
  for (const [name, { type, help }] of families) {
    assert.match(name, /^(tidemark|process|nodejs)_/);
    assert.ok(help.length > 0, name);
    if (name.startsWith("tidemark_")) assert.equal(name.endsWith("_total"), type === "counter", name);
  }
  assert.deepEqual(families.get("tidemark_build_info")?.samples, [{ labels: { version: "1.2.3" }, value: 1 }]);
  const clusters = families.get("tidemark_cluster_replay_ratio")?.samples.map(({ labels }) => labels["cluster"]);
  assert.deepEqual(clusters, [HOSTILE]);
});

/** Milliseconds, percents and the like are not base units; what is lower or upper than a number of seconds, still is in seconds. */
const NOT_BASE = /_(ms|millis|milliseconds|minutes|hours|days|percent|kb|mb|kib|mib|kilobytes|megabytes)(_|$)/;
const BASE_UNITS: Readonly<Record<string, RegExp>> = {
  seconds: /_seconds(_(lower|upper|total))?$/,
  bytes: /_bytes(_(max|total))?$/,
  ratio: /_ratio$|^tidemark_group_complete$/,
  records_per_second: /_per_second$/,
};

test("every name of ours is in base units, and only counters end in _total", async () => {
  const { collector, registry } = idle();
  const handler = createMetricsHandler({ clusters: collector.views, own: () => registry.metrics() });
  const answer = await ask(handler, "/metrics", { headers: { accept: "application/openmetrics-text" } });
  assert.ok(answer !== undefined);
  const families = readOpenMetrics(await textOf(answer));
  let ours = 0;
  for (const [name, { type, unit }] of families) {
    if (!name.startsWith("tidemark_")) continue;
    ours += 1;
    assert.doesNotMatch(name, NOT_BASE);
    assert.doesNotMatch(name, /_total$/, `${name}: the suffix is that of its samples, and no gauge has it`);
    assert.ok(type === "gauge" || type === "counter", name);
    if (unit !== undefined) assert.match(name, BASE_UNITS[unit] ?? /^$/);
  }
  assert.ok(ours > 60, `${ours} families`);
  for (const [kind, fields] of [
    ["group", GROUP_FIELDS],
    ["partition", PARTITION_FIELDS],
  ] as const)
    for (const [field, { unit }] of Object.entries(fields))
      if (unit in BASE_UNITS && families.has(`tidemark_${kind}_${field}`))
        assert.match(`tidemark_${kind}_${field}`, BASE_UNITS[unit] ?? /^$/);
});

test("exactly one word says what a cluster's numbers are worth", async () => {
  const { read } = idle();
  assert.deepEqual(await read("tidemark_cluster_condition", "condition"), {
    ok: 0,
    warming: 1,
    stale: 0,
    unreachable: 0,
  });
});

test("commits are counted by what became of them, once however often they are read", async () => {
  const { read, state } = idle();
  state.commit(state.handleOf("g", "t", 0), 5, NOW_MS, 1, 0, 1);
  await read("tidemark_collector_window_commits_total", "outcome");
  const counts = await read("tidemark_collector_window_commits_total", "outcome");
  assert.equal(counts["unknown-topic"], 1);
  assert.equal(
    Object.values(counts).reduce((sum, one) => sum + one, 0),
    1,
  );
});

test("the progress of a replay is read when it is scraped", async () => {
  const { read, state } = idle();
  const unread = { baselineOrder: 0, replayed: false, backfilled: false, progress: 0.25, atMs: NOW_MS };
  state.observe({ kind: "log-progress", logPartition: 0, logPartitions: 1, ...unread });
  assert.deepEqual(await read("tidemark_cluster_replay_ratio"), { "": 0.25 });
});

test("ticks and the feed are told in seconds, bytes and counts", async () => {
  const { collector, read } = idle();
  collector.ticks.ticks = 3;
  collector.ticks.skipped = 2;
  collector.ticks.lastMs = 250;
  collector.feed.append(NOW_MS, []);
  assert.deepEqual(await read("tidemark_ticks_total"), { "": 3 });
  assert.deepEqual(await read("tidemark_ticks_skipped_total"), { "": 2 });
  assert.deepEqual(await read("tidemark_tick_seconds"), { "": 0.25 });
  assert.deepEqual(await read("tidemark_feed_ticks"), { "": 1 });
  assert.deepEqual(await read("tidemark_feed_ticks_dropped_total"), { "": 0 });
});

test("a recording is counted where there is one", async () => {
  assert.deepEqual(await idle().read("tidemark_record_lines_total", "outcome"), {});
  const { read, collector } = idle({ TIDEMARK_COLLECTOR__RECORD__DIR: "never-made" });
  assert.ok(collector.clusters.every(({ recording }) => recording !== undefined));
  const none = { written: 0, queue_full: 0, write_failed: 0 };
  assert.deepEqual(await read("tidemark_record_lines_total", "outcome"), none);
  assert.deepEqual(await read("tidemark_record_bytes"), { "": 0 });
});
