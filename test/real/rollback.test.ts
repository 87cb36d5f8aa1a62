/**
 * # Back to a deploy, by Kafka's own tool
 *
 * A deploy is recorded, the group reads on, the product is killed and started again: the exported file brings Kafka's tool to
 * set exactly the offsets of the deploy, but where retention was there first, and that is what the diff had said.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Kafka, logLevel } from "kafkajs";
import { startBroker } from "./kafka/broker.ts";
import { createTopic, deleteRecords, describeAllGroups, resetFromFile } from "./kafka/tools.ts";
import { REPOSITORY } from "./places.ts";
import { type Product, startProduct, tokenFile } from "./product.ts";
import { servedGroup } from "./served.ts";
import { connectSimpleConsumer } from "./simple-consumer.ts";
import { fillTopic, topicsReady } from "./topics.ts";
import { done, notYet, until } from "./until.ts";

const run = promisify(execFile);
const [GROUP, GREEN, TOPIC] = ["shop/eu 1", "shop/eu 1 green", "orders"];
const SHOWN = { timeoutMs: 60_000, everyMs: 100 };
const THEN = [2, 5, 12];
const NOW = [9, 11, 12];

test("a group is set back to a deploy, and the diff had said what is read again", async () => {
  await using broker = await startBroker({ version: "4.1.2" });
  await createTopic(broker, TOPIC, THEN.length);
  const kafka = new Kafka({ clientId: "setup", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await topicsReady(admin, [TOPIC]);
  await fillTopic(admin, producer, { topic: TOPIC, partitions: THEN.length, records: 12 });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  await deleteRecords(broker, { topic: TOPIC, partition: 0, beforeOffset: 3 });
  await using simple = await connectSimpleConsumer(kafka);
  const commit = (offsets: readonly number[]) =>
    simple.commit(
      GROUP,
      offsets.map((committedOffset, partition) => ({ topic: TOPIC, partition, committedOffset })),
    );
  await commit(THEN);

  await using product = await startProduct({ brokers: [broker.bootstrap], savesWindows: true, token: "canary" });
  await shows(product, THEN);
  assert.match(await tidemark(product, ["deploy", "--name", "checkout", "--release", "1.4.2"]), /of 3 partitions/);
  await commit(NOW);
  await shows(product, NOW);

  const { partitions } = JSON.parse(await tidemark(product, ["offsets", "diff", "--json"]));
  const said = partitions.map(({ again, taken, skipped }: Record<string, number>) => [again, taken, skipped]);
  assert.deepEqual(said, [
    [7, 1, 0],
    [6, 0, 0],
    [0, 0, 0],
  ]);

  await product.kill();
  await product.start();
  await shows(product, NOW);
  const csv = await tidemark(product, ["offsets", "export", "--deploy", "checkout"]);
  assert.equal(csv, THEN.map((offset, partition) => `${TOPIC},${partition},${offset}\n`).join(""));
  const file = resolve(product.dataDir, "offsets.csv");
  await writeFile(file, csv);
  await resetFromFile(broker, { group: GROUP, file });
  // As docs/deploys.md says: a group that is not there yet can begin where the other one was.
  await resetFromFile(broker, { group: GREEN, file });
  const described = await describeAllGroups(broker);
  for (const group of [GROUP, GREEN]) {
    const rows = described.filter((row) => row.group === group).toSorted((a, b) => a.partition - b.partition);
    const set = rows.map(({ currentOffset }) => currentOffset);
    assert.deepEqual(set, [3, 5, 12], `${group}: the tool goes no further back than the log does`);
  }
});

async function shows(product: Product, want: readonly number[]): Promise<void> {
  const look = async () => {
    const rows = (await servedGroup(product, GROUP))?.partitions ?? [];
    const is = rows.map(({ committed_offset, start_offset }) => [committed_offset, start_offset]);
    const wanted = want.map((offset, partition) => [offset, partition === 0 ? 3 : 0]);
    return JSON.stringify(is) === JSON.stringify(wanted) ? done(undefined) : notYet(JSON.stringify(is));
  };
  await until(`offsets ${want}`, look, SHOWN);
}

async function tidemark({ url, dataDir }: Product, [command = "", ...args]: readonly string[]): Promise<string> {
  const verb = command === "offsets" ? args.splice(0, 1) : [];
  const asked = ["--url", url, "--token-file", tokenFile(dataDir), "--group", GROUP];
  const { stdout } = await run(resolve(REPOSITORY, "tidemark"), [command, ...verb, ...asked, ...args]);
  return stdout;
}
