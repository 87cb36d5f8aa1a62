/**
 * # Other tools' dashboards over our metrics
 *
 * A real broker with a consumer that keeps up and a group that does not, a product with all of `compat`, and a Prometheus that
 * scrapes it, as OpenMetrics, as it does by itself: every query of the dashboards of kafka_exporter and kafka-lag-exporter has data.
 * Where BURROW_BIN names a Burrow, it watches the same broker, and every series of ours under its names is held against its own.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Kafka, logLevel } from "kafkajs";
import { noteSkipped } from "../../notices.ts";
import { parseExposition } from "../exposition.ts";
import { type Broker, startBroker } from "../kafka/broker.ts";
import { createTopic } from "../kafka/tools.ts";
import { CLUSTER, type Product, startProduct } from "../product.ts";
import { burrowBinary, OWN_GROUP, startBurrow } from "../shadow/burrow.ts";
import { connectSimpleConsumer, type SimpleConsumer } from "../simple-consumer.ts";
import { fillTopic, topicsReady } from "../topics.ts";
import { done, notYet, until } from "../until.ts";
import { askable, dashboardOf, metadataOf, query } from "./dashboard-queries.ts";
import { startScraping } from "./server.ts";

const [TOPIC, READER, BEHIND] = ["orders", "billing", "search"];
const PARTITIONS = 3;
const SHOWN = { timeoutMs: 60_000, everyMs: 250 };
const NAMESPACE = "kafka-eu";

const started = new AsyncDisposableStack();
after(() => started.disposeAsync());
let url = "";
let watched: { readonly broker: Broker; readonly product: Product; readonly simple: SimpleConsumer } | undefined;
const binary = burrowBinary();
if (binary === undefined)
  await noteSkipped({ server: "the metrics of a Burrow beside ours", reason: "BURROW_BIN names none" });

before(async () => {
  const broker = started.use(await startBroker({ version: "4.1.2" }));
  await createTopic(broker, TOPIC, PARTITIONS);
  const kafka = new Kafka({ clientId: "compat", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  const consumer = kafka.consumer({ groupId: READER });
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  started.defer(() => consumer.disconnect());
  await topicsReady(admin, [TOPIC]);
  await fillTopic(admin, producer, { topic: TOPIC, partitions: PARTITIONS, records: 10 });
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await consumer.run({ autoCommitInterval: 200, eachMessage: async () => {} });
  const simple = started.use(await connectSimpleConsumer(kafka));
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  await simple.commit(
    BEHIND,
    partitions.map((partition) => ({ topic: TOPIC, partition, committedOffset: 10 })),
  );

  const compat = ["burrow", "kafka_exporter", "kafka_lag_exporter"];
  const product = started.use(
    await startProduct({ brokers: [broker.bootstrap], command: "collector", collector: { compat } }),
  );
  await product.ready();
  watched = { broker, product, simple };
  // What comes now was seen to come: when it did is known, and with it how far the one that stands still is behind in time.
  await fillTopic(admin, producer, { topic: TOPIC, partitions: PARTITIONS, records: 5 });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  const target = new URL(product.url).host;
  ({ url } = started.use(await startScraping({ target, labels: { namespace: NAMESPACE } })));
});

for (const tool of ["kafka_exporter", "kafka_lag_exporter"]) {
  const dashboard = dashboardOf(tool);
  test(`every query of ${dashboard.source} has data`, async (t) => {
    const look = async () => {
      const panels = await askable(url, dashboard);
      if (panels === undefined) return notYet("a variable without a value");
      const empty: string[] = [];
      let series = 0;
      for (const { title, expr, absent } of panels) {
        if (absent !== undefined) continue;
        const result = await query(url, expr);
        series += result.length;
        if (result.length === 0 || !result.every(({ value }) => Number.isFinite(value))) empty.push(title);
      }
      return empty.length === 0 ? done(series) : notYet(`no data: ${empty.join(", ")}`);
    };
    t.diagnostic(`${await until("data in every panel", look, SHOWN)} series in ${dashboard.panels.length} queries`);
  });
}

test("the numbers under every name are those of the broker", async () => {
  const rows = [
    [`kafka_consumergroup_lag{consumergroup="${BEHIND}"}`, [5, 5, 5]],
    [`kafka_consumergroup_lag_sum{consumergroup="${BEHIND}"}`, [15]],
    [`kafka_consumergroup_current_offset{consumergroup="${READER}"}`, [15, 15, 15]],
    [`kafka_consumergroup_members{consumergroup="${READER}"}`, [1]],
    [`kafka_topic_partition_current_offset{topic="${TOPIC}"}`, [15, 15, 15]],
    ["kafka_topic_partition_under_replicated_partition", [0, 0, 0]],
    ["kafka_brokers", [1]],
    [`count by (address) (kafka_broker_info{address=~"127.0.0.1:.*"})`, [1]],
    [`kafka_consumergroup_group_max_lag{cluster_name="${CLUSTER}",group="${BEHIND}"}`, [5]],
    [`kafka_consumergroup_group_lag{group="${BEHIND}",consumer_id="unknown"}`, [5, 5, 5]],
    [`kafka_consumergroup_group_lag{group="${READER}",consumer_id=~"compat-.+",client_id="compat"}`, [0, 0, 0]],
    [`kafka_consumergroup_group_lag_seconds{group="${BEHIND}"} > bool 0`, [1, 1, 1]],
    [`burrow_kafka_consumer_lag_total{cluster="${CLUSTER}",consumer_group="${BEHIND}"}`, [15]],
    [`burrow_kafka_topic_partition_offset{topic="${TOPIC}"}`, [15, 15, 15]],
    [`tidemark_group_lag{group="${BEHIND}"}`, [15]],
  ] as const;
  const look = async () => {
    const wrong: string[] = [];
    for (const [expr, want] of rows) {
      const values = (await query(url, expr)).map(({ value }) => value);
      if (JSON.stringify(values) !== JSON.stringify(want)) wrong.push(`${expr}: ${JSON.stringify(values)}`);
    }
    return wrong.length === 0 ? done(undefined) : notYet(wrong.join("; "));
  };
  await until("the broker's numbers", look, SHOWN);
});

test("Prometheus reads OpenMetrics: units, and counters by their family's name, which text format has not", async () => {
  const look = async () => {
    const [lag, ticks] = await Promise.all([
      metadataOf(url, "tidemark_group_lag_seconds"),
      metadataOf(url, "tidemark_ticks"),
    ]);
    return lag === undefined || ticks === undefined ? notYet("no metadata") : done({ lag, ticks });
  };
  const { lag, ticks } = await until("metadata", look, SHOWN);
  assert.deepEqual([lag.type, lag.unit, ticks.type], ["gauge", "seconds", "counter"]);
  const [up] = await query(url, `up{namespace="${NAMESPACE}"}`);
  assert.equal(up?.value, 1);
  assert.equal((await query(url, "tidemark_ticks_total")).length, 1);
});

test("a real Burrow has the same series under its names, with the same labels, types and values", {
  skip: binary === undefined,
}, async (t) => {
  assert.ok(watched !== undefined && binary !== undefined);
  const { broker, product, simple } = watched;
  await using burrow = await startBurrow({ binary, brokers: [broker.bootstrap], cluster: CLUSTER, refreshS: 1 });
  // A window is full after ten commits; the same offset each time, so that nothing depends on who saw which.
  const committed = { topic: TOPIC, partition: 0, committedOffset: 12 };
  const look = async () => {
    await simple.commit(BEHIND, [committed]);
    const [theirs, ours] = await Promise.all([
      burrowSeries(await (await fetch(`${burrow.url}/metrics`)).text()),
      burrowSeries((await product.get("/metrics")).text),
    ]);
    const differences = [
      ...theirs.filter((line) => !ours.includes(line)),
      ...ours.filter((line) => !theirs.includes(line)),
    ];
    const names = new Set(theirs.map((line) => line.split(" ", 1)[0]));
    if (names.size < BURROW_NAMES + 1) return notYet(`only ${[...names].join(", ")}`);
    return differences.length === 0 ? done(theirs.length) : notYet(`${differences.slice(0, 4).join("; ")}`);
  };
  t.diagnostic(
    `${await until("Burrow's series to be ours", look, { timeoutMs: 90_000, everyMs: 500 })} lines are equal`,
  );
});

const BURROW_NAMES = 6;

/** Series and types under Burrow's names, sorted; without the group by which it reports on itself. */
function burrowSeries(text: string): readonly string[] {
  const types = text.split("\n").filter((line) => line.startsWith("# TYPE burrow_"));
  const series = parseExposition(text).flatMap(({ name, labels, value }) => {
    const isItsOwn = labels.get("consumer_group") === OWN_GROUP || labels.get("topic")?.startsWith("__") === true;
    if (!name.startsWith("burrow_") || isItsOwn) return [];
    return [`${name} ${JSON.stringify([...labels].toSorted())} ${value}`];
  });
  return [...types, ...series].toSorted();
}
