/** However large the clusters and however small the budget: no more series than it says, and each that is there is right. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ask, textOf } from "../ask.fixture.ts";
import type { ReadFamily } from "../exposition-reader.fixture.ts";
import { readExposition } from "../exposition-reader.fixture.ts";
import { LAG_SERIES } from "../lag-series.ts";
import { createMetricsHandler } from "../metrics.ts";
import type { WatchedFixture } from "../watched.fixture.ts";
import { AT, commitTo, NOW_MS, setTopics, watchedCluster } from "../watched.fixture.ts";
import { BURROW } from "./burrow.ts";
import { KAFKA_EXPORTER } from "./kafka-exporter.ts";
import { createKafkaLagExporter } from "./kafka-lag-exporter.ts";

const SETS = [BURROW, KAFKA_EXPORTER, createKafkaLagExporter(() => 1)];
/** Of clusters and of the scrape itself, which no budget counts. */
const BESIDE = /^(tidemark_collector_series.*|kafka_brokers|kafka_broker_info|kafka_consumergroup_poll_time_ms)$/;

const clusters = fc.array(
  fc.array(fc.record({ partitions: fc.integer({ min: 1, max: 12 }), lags: fc.boolean() }), { maxLength: 12 }),
  { minLength: 1, maxLength: 2 },
);

function watched(cluster: string, groups: readonly { partitions: number; lags: boolean }[]): WatchedFixture {
  const one = watchedCluster(cluster);
  setTopics(one.state, { t: new Array(12).fill(100) });
  one.state.sampleBurrow();
  for (const [i, { partitions, lags }] of groups.entries())
    for (let partition = 0; partition < partitions; partition += 1)
      commitTo(one.state, { group: `g${i}`, topic: "t", partition, offset: lags ? 40 : 100 });
  one.view.verdicts.judge(AT, NOW_MS);
  return one;
}

async function scraped(all: readonly WatchedFixture[], seriesMax: number, sets = SETS) {
  const handler = createMetricsHandler({
    clusters: all.map(({ view }) => view),
    own: async () => "",
    sets,
    seriesMax,
  });
  const answer = await ask(handler, "/metrics");
  assert.ok(answer !== undefined);
  return readExposition(await textOf(answer));
}

function linesOf(families: ReadonlyMap<string, ReadFamily>): readonly string[] {
  return [...families].flatMap(([name, { samples }]) =>
    BESIDE.test(name) ? [] : samples.map(({ labels, value }) => JSON.stringify([name, labels, value])),
  );
}

test("a scrape holds at most as many series as its budget, all of them as without one, and says so", async () => {
  await fc.assert(
    fc.asyncProperty(clusters, fc.integer({ min: 0, max: 1_500 }), fc.subarray(SETS), async (sizes, max, sets) => {
      const all = sizes.map((groups, i) => watched(`c${i}`, groups));
      const [whole, limited] = [await scraped(all, Number.POSITIVE_INFINITY, sets), await scraped(all, max, sets)];
      const [wholeLines, limitedLines] = [linesOf(whole), linesOf(limited)];
      assert.ok(limitedLines.length <= max, `${limitedLines.length} series of at most ${max}`);
      const known = new Set(wholeLines);
      for (const line of limitedLines) assert.ok(known.has(line), line);
      const isAnyLeftOut = (limited.get("tidemark_collector_series_left_out")?.samples.length ?? 0) > 0;
      const counted = [...limited].filter(([name]) => !name.startsWith("tidemark_collector_series"));
      const shown = counted.reduce((sum, [, { samples }]) => sum + samples.length, 0);
      assert.equal(limited.get("tidemark_collector_series")?.samples[0]?.value, shown);
      if (!isAnyLeftOut) assert.equal(limitedLines.length, wholeLines.length);
    }),
    { numRuns: 60 },
  );
});

test("a healthy group keeps its own series and loses those of its partitions before one in trouble does", async () => {
  const one = watched("c", [
    { partitions: 10, lags: false },
    { partitions: 10, lags: true },
  ]);
  const whole = linesOf(await scraped([one], Number.POSITIVE_INFINITY, []));
  const isOf = (group: string, kind: string) => (line: string) =>
    line.includes(`"group":"${group}"`) && line.includes(`tidemark_${kind}_`);
  assert.equal(one.view.snapshot().groups[1]?.status, "ERR");
  const families = await scraped([one], 2 * LAG_SERIES.group + 20 * LAG_SERIES.partition - 1, []);
  const lines = linesOf(families);
  const count = (group: string, kind: string, from: readonly string[]) => from.filter(isOf(group, kind)).length;
  assert.equal(count("g0", "partition", lines), 0);
  assert.equal(count("g1", "partition", lines), count("g1", "partition", whole));
  assert.equal(count("g0", "group", lines), count("g0", "group", whole));
  assert.deepEqual(families.get("tidemark_collector_series_left_out")?.samples, [
    { labels: { cluster: "c", level: "partition", reason: "series_max" }, value: 30 },
  ]);
});
