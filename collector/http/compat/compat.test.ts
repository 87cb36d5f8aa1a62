/** Names, labels and types as recorded of each tool, and values: those of the snapshot, of `/v3`, and of metadata. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import type { Replication } from "../../model/replication.ts";
import { ask, textOf } from "../ask.fixture.ts";
import type { ClusterView } from "../cluster-view.ts";
import type { ReadFamily } from "../exposition-reader.fixture.ts";
import { readExposition } from "../exposition-reader.fixture.ts";
import { LAG_SERIES } from "../lag-series.ts";
import { createMetricsHandler } from "../metrics.ts";
import { createV3Handler } from "../v3.ts";
import {
  AT,
  commitTo,
  HOSTILE_NAMES,
  NOW_MS,
  ownBy,
  progressOf,
  setTopics,
  watchedCluster,
} from "../watched.fixture.ts";
import { BURROW } from "./burrow.ts";
import { KAFKA_EXPORTER } from "./kafka-exporter.ts";
import { createKafkaLagExporter } from "./kafka-lag-exporter.ts";
import type { SeriesSet } from "./series-set.ts";

interface Recorded {
  readonly families: readonly {
    readonly name: string;
    readonly type: string;
    readonly labels: readonly string[];
    /** Why we have none. */
    readonly absent?: string;
  }[];
}

const SETS: Readonly<Record<string, SeriesSet>> = {
  burrow: BURROW,
  kafka_exporter: KAFKA_EXPORTER,
  kafka_lag_exporter: createKafkaLagExporter(() => 12.5),
};

/** Partition 1 of t has no leader, partition 2 is led by another than the first replica, and one replica of it is behind. */
const REPLICATION: Replication = {
  brokers: [
    { nodeId: 1, address: "kafka-1:9092" },
    { nodeId: 2, address: "kafka-2:9092" },
  ],
  topics: new Map([
    [
      "t",
      {
        partitions: Int32Array.of(0, 1, 2),
        leaders: Int32Array.of(1, -1, 1),
        replicas: Int32Array.of(2, 2, 2),
        inSync: Int32Array.of(2, 1, 1),
        preferred: Int32Array.of(1, 2, 2),
      },
    ],
  ]),
};

const WINDOW = 10;

/** A group that lags and has a full window, a member on one partition, records that retention has taken, and odd names. */
function watched(cluster: string): ClusterView {
  const { state, view } = watchedCluster(cluster);
  setTopics(state, { t: [100, 50, 7], u: [5] });
  state.sampleBurrow();
  for (let order = 1; order <= WINDOW; order += 1)
    commitTo(state, { group: "behind", topic: "t", offset: 60, order, ageMs: 20_000 - order * 1_000 });
  commitTo(state, { group: "behind", topic: "t", partition: 1, offset: 41 });
  commitTo(state, { group: "behind", topic: "u", offset: 5 });
  commitTo(state, { group: "done", topic: "u", offset: 5 });
  ownBy(state, "behind", { topic: "t", partition: 0 });
  for (const [i, group] of HOSTILE_NAMES.entries()) commitTo(state, { group, topic: "t", offset: i });
  view.verdicts.judge(AT, NOW_MS);
  return { ...view, replication: () => REPLICATION };
}

async function scraped(names: readonly string[], ...clusters: readonly ClusterView[]) {
  const sets = names.flatMap((name) => SETS[name] ?? []);
  const answer = await ask(createMetricsHandler({ clusters, own: async () => "", sets }), "/metrics");
  assert.ok(answer !== undefined);
  const all = readExposition(await textOf(answer));
  return new Map([...all].filter(([name]) => !name.startsWith("tidemark_")));
}

function recorded(name: string): Recorded {
  return JSON.parse(readFileSync(resolve(import.meta.dirname, "recorded", `${name}.json`), "utf8"));
}

function labelsOf({ samples }: ReadFamily): readonly string[] {
  return [...new Set(samples.map(({ labels }) => Object.keys(labels).toSorted().join(" ")))];
}

for (const name of Object.keys(SETS)) {
  test(`${name}: exactly the recorded names, types and labels, each with a series`, async () => {
    const families = await scraped([name], watched("c"));
    const want = recorded(name).families.filter(({ absent }) => absent === undefined);
    assert.deepEqual(
      [...families].map(([family, { type }]) => `${type} ${family}`).toSorted(),
      want.map(({ type, name: family }) => `${type} ${family}`).toSorted(),
    );
    for (const { name: family, labels } of want) {
      const read = families.get(family);
      assert.ok(read !== undefined);
      assert.deepEqual(labelsOf(read), [labels.toSorted().join(" ")], family);
      assert.notEqual(read.help, "");
    }
  });
}

test("docs/metrics.md says how many series each set has", () => {
  const text = readFileSync(resolve(import.meta.dirname, "../../../docs/metrics.md"), "utf8");
  const rates = { ours: { ...LAG_SERIES, groupTopic: 0, topic: 0, topicPartition: 0 }, ...ratesOf(SETS) };
  for (const [name, { group, groupTopic, partition, topic, topicPartition }] of Object.entries(rates)) {
    const line = text.split("\n").find((one) => new RegExp(`^\\| \`?${name}\`? +\\| +\\d`).test(one));
    const cells = line?.split("|").slice(2, -1) ?? [];
    assert.deepEqual(cells.map(Number), [group, groupTopic, partition, topic, topicPartition], name);
  }
});

function ratesOf(sets: typeof SETS) {
  return Object.fromEntries(Object.entries(sets).map(([name, { rates }]) => [name, rates]));
}

test("all sets at once, with ours: no family comes twice, and none without being asked for", async () => {
  const families = await scraped(Object.keys(SETS), watched("c"));
  const names = Object.keys(SETS).flatMap((name) => recorded(name).families.map(({ name: family }) => family));
  assert.equal(families.size, names.length - 1);
  assert.equal((await scraped([], watched("c"))).size, 0);
});

/** The value of the one series with these labels. */
function seriesValue(
  families: ReadonlyMap<string, ReadFamily>,
  name: string,
  labels: Readonly<Record<string, string>>,
) {
  const found = families
    .get(name)
    ?.samples.filter((one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value));
  assert.ok((found?.length ?? 0) < 2, `${name} has ${found?.length} series with ${JSON.stringify(labels)}`);
  return found?.[0]?.value;
}

test("kafka_exporter: lags, sums over what is known, members, and what metadata says", async () => {
  const families = await scraped(["kafka_exporter"], watched("c"));
  const at = (partition: number) => ({ consumergroup: "behind", topic: "t", partition: String(partition) });
  const topic = { consumergroup: "behind", topic: "t" };
  const rows: readonly (readonly [string, Readonly<Record<string, string>>, number | undefined])[] = [
    ["consumergroup_lag", at(0), 40],
    ["consumergroup_lag", at(1), 9],
    // Nobody has committed: there is no -1.
    ["consumergroup_lag", at(2), undefined],
    ["consumergroup_current_offset", at(0), 60],
    ["consumergroup_lag_sum", topic, 49],
    ["consumergroup_current_offset_sum", topic, 101],
    ["consumergroup_members", { consumergroup: "behind" }, 1],
    ["brokers", {}, 2],
    ["broker_info", { id: "2", address: "kafka-2:9092" }, 1],
    ["topic_partitions", { topic: "t" }, 3],
    ["topic_partition_current_offset", { topic: "t", partition: "1" }, 50],
    ["topic_partition_oldest_offset", { topic: "t", partition: "1" }, 0],
    ["topic_partition_leader", { topic: "t", partition: "0" }, 1],
    ["topic_partition_leader", { topic: "t", partition: "1" }, undefined],
    ["topic_partition_replicas", { topic: "t", partition: "1" }, 2],
    ["topic_partition_in_sync_replica", { topic: "t", partition: "2" }, 1],
    ["topic_partition_leader_is_preferred", { topic: "t", partition: "0" }, 1],
    ["topic_partition_leader_is_preferred", { topic: "t", partition: "1" }, 0],
    ["topic_partition_leader_is_preferred", { topic: "t", partition: "2" }, 0],
    ["topic_partition_under_replicated_partition", { topic: "t", partition: "0" }, 0],
    ["topic_partition_under_replicated_partition", { topic: "t", partition: "2" }, 1],
  ];
  for (const [name, labels, want] of rows)
    assert.equal(seriesValue(families, `kafka_${name}`, labels), want, `${name} ${JSON.stringify(labels)}`);
});

test("kafka_exporter: no cluster label with one cluster, one with several, so that no series is there twice", async () => {
  const [one] = (await scraped(["kafka_exporter"], watched("c"))).get("kafka_consumergroup_lag")?.samples ?? [];
  assert.equal(one?.labels["cluster"], undefined);
  const several = await scraped(["kafka_exporter"], watched("c"), watched("d"));
  const lags = several.get("kafka_consumergroup_lag")?.samples ?? [];
  assert.deepEqual(new Set(lags.map(({ labels }) => labels["cluster"])), new Set(["c", "d"]));
});

test("kafka_exporter: without metadata the families of brokers and replicas have no series", async () => {
  const families = await scraped(["kafka_exporter"], { ...watched("c"), replication: () => undefined });
  assert.deepEqual(families.get("kafka_brokers")?.samples, []);
  assert.deepEqual(families.get("kafka_topic_partition_leader")?.samples, []);
  assert.equal(seriesValue(families, "kafka_topic_partitions", { topic: "t" }), 3);
});

test("kafka_lag_exporter: who reads a partition stands in its labels, unknown where nobody does", async () => {
  const families = await scraped(["kafka_lag_exporter"], watched("c"));
  const member = { member_host: "/10.0.0.1", consumer_id: "m", client_id: "client-1" };
  const nobody = { member_host: "unknown", consumer_id: "unknown", client_id: "unknown" };
  const at = { cluster_name: "c", group: "behind", topic: "t" };
  assert.equal(seriesValue(families, "kafka_consumergroup_group_lag", { ...at, ...member, partition: "0" }), 40);
  assert.equal(seriesValue(families, "kafka_consumergroup_group_lag", { ...at, ...nobody, partition: "1" }), 9);
  assert.equal(seriesValue(families, "kafka_consumergroup_group_offset", { ...at, ...nobody, partition: "1" }), 41);
});

test("kafka_lag_exporter: sums and maxima of a group, ends of partitions, time lag, and the time of a tick", async () => {
  const view = watched("c");
  const families = await scraped(["kafka_lag_exporter"], view);
  const group = { cluster_name: "c", group: "behind" };
  const partition = { cluster_name: "c", topic: "t", partition: "0" };
  assert.equal(seriesValue(families, "kafka_consumergroup_group_max_lag", group), 40);
  assert.equal(seriesValue(families, "kafka_consumergroup_group_sum_lag", group), 49);
  assert.equal(seriesValue(families, "kafka_consumergroup_group_topic_sum_lag", { ...group, topic: "u" }), 0);
  assert.equal(seriesValue(families, "kafka_partition_latest_offset", partition), 100);
  assert.equal(seriesValue(families, "kafka_partition_earliest_offset", partition), 0);
  assert.equal(seriesValue(families, "kafka_consumergroup_poll_time_ms", { cluster_name: "c" }), 12.5);
  const caughtUp = { ...group, topic: "u", partition: "0" };
  assert.equal(seriesValue(families, "kafka_consumergroup_group_lag_seconds", caughtUp), 0);
  // When the oldest unread record of the one was written, nobody knows; the other has read all there is.
  assert.equal(seriesValue(families, "kafka_consumergroup_group_max_lag_seconds", group), undefined);
  assert.equal(seriesValue(families, "kafka_consumergroup_group_max_lag_seconds", { group: "done" }), 0);
});

test("other tools count up to the end also what retention has deleted", async () => {
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: [100] });
  commitTo(state, { group: "g", topic: "t", offset: 10 });
  state.observe({
    kind: "watermarks",
    which: "start",
    atMs: NOW_MS,
    answeredAtMs: NOW_MS,
    topics: ["t"],
    topicIndex: Int32Array.of(0),
    partitions: Int32Array.of(0),
    offsets: Float64Array.of(40),
    unavailable: new Map(),
  });
  const families = await scraped(["kafka_exporter", "kafka_lag_exporter"], view);
  assert.equal(view.snapshot().groups[0]?.lag, 60);
  assert.equal(seriesValue(families, "kafka_consumergroup_lag", { consumergroup: "g" }), 90);
  assert.equal(seriesValue(families, "kafka_consumergroup_group_lag", { group: "g" }), 90);
});

test("burrow: every number is that of /v3, offset and status where the window is full alone", async () => {
  const view = watched("c");
  const families = await scraped(["burrow"], view);
  const v3 = createV3Handler([view]);
  const groups = ["behind", "done", ...HOSTILE_NAMES];
  let full = 0;
  for (const group of groups) {
    const path = `/v3/kafka/c/consumer/${encodeURIComponent(group)}/lag`;
    const answer = await ask(v3, path);
    assert.ok(answer !== undefined);
    const { status } = JSON.parse(await textOf(answer));
    const labels = { cluster: "c", consumer_group: group };
    assert.equal(seriesValue(families, "burrow_kafka_consumer_lag_total", labels), status.totallag);
    const code = ["NOTFOUND", "OK", "WARN", "ERR"].indexOf(status.status);
    assert.equal(seriesValue(families, "burrow_kafka_consumer_status", labels), code);
    for (const { topic, partition, current_lag: lag, complete, end, status: word } of status.partitions) {
      const at = { ...labels, topic, partition: String(partition) };
      const wordCode = ["", "OK", "WARN", "", "STOP", "STALL", "REWIND"].indexOf(word);
      if (complete === 1) full += 1;
      assert.equal(seriesValue(families, "burrow_kafka_consumer_partition_lag", at), lag);
      assert.equal(
        seriesValue(families, "burrow_kafka_consumer_current_offset", at),
        complete === 1 ? end.offset : undefined,
      );
      assert.equal(
        seriesValue(families, "burrow_kafka_topic_partition_status", at),
        complete === 1 ? wordCode : undefined,
      );
    }
  }
  assert.equal(full, 1);
  assert.equal(families.get("burrow_kafka_consumer_status")?.samples.length, groups.length);
  assert.equal(
    seriesValue(families, "burrow_kafka_topic_partition_offset", { cluster: "c", topic: "t", partition: "2" }),
    7,
  );
});

test("burrow: while /v3 answers 503 there is no series", async () => {
  const { state, view } = watchedCluster("c", { replayed: false });
  setTopics(state, { t: [100] });
  state.sampleBurrow();
  commitTo(state, { group: "g", topic: "t", offset: 10 });
  const seriesOf = async () => [...(await scraped(["burrow"], view)).values()].flatMap(({ samples }) => samples).length;
  assert.equal(await seriesOf(), 0);
  state.observe(progressOf(true));
  assert.ok((await seriesOf()) > 0);
});
