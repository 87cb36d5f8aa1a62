/** Every command of every runbook runs as it stands there, against a real broker and the product; names and addresses apart. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { delimiter, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Kafka } from "kafkajs";
import { type Broker, startBroker } from "../kafka/broker.ts";
import { kafkaScripts } from "../kafka/scripts.ts";
import { createTopic, resetOffsets } from "../kafka/tools.ts";
import { REPOSITORY } from "../places.ts";
import { CLUSTER, type Product, startProduct } from "../product.ts";
import { fillTopic, topicsReady } from "../topics.ts";
import { done, notYet, until } from "../until.ts";

const run = promisify(execFile);
const PAGES = resolve(REPOSITORY, "docs/runbooks");
const COMMAND_TIMEOUT_MS = 120_000;

const text = readdirSync(PAGES)
  .map((name) => readFileSync(resolve(PAGES, name), "utf8"))
  .join("\n");
const found = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([command]) => command))];
/** What deletes comes last. */
const ofKafka = found(/kafka-[a-z-]+\.sh --[^`\n]+/g).toSorted(
  (left, right) => Number(left.includes("--delete")) - Number(right.includes("--delete")),
);
const ofShell = found(/^curl .+$/gm);
const ofProduct = found(/\.\/tidemark [a-z]+[^`\n]*/g);

let broker: Broker;
let product: Product;
let scripts: string;

before(async () => {
  broker = await startBroker({ version: "4.1.2" });
  scripts = await kafkaScripts(broker.version);
  await createTopic(broker, "clicks", 3);
  const kafka = new Kafka({ brokers: [broker.bootstrap], logLevel: 0 });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await topicsReady(admin, ["clicks"]);
  await fillTopic(admin, producer, { topic: "clicks", partitions: 3, records: 10 });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  await resetOffsets(broker, { group: "orders", topic: "clicks", to: ["--to-earliest"] });
  product = await startProduct({ brokers: [broker.bootstrap] });
  await product.ready();
  const look = async () => {
    const { status } = await product.get(`/v4/clusters/${CLUSTER}/groups/orders`);
    return status === 200 ? done(status) : notYet(String(status));
  };
  await until("the group orders", look, { timeoutMs: 60_000 });
});
after(async () => {
  await product[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
  await rm(scripts, { recursive: true, force: true });
});

test("pages have commands", () => {
  assert.ok(ofKafka.length >= 8 && ofShell.length >= 6 && ofProduct.length >= 4, `${ofKafka.length} ${ofShell.length}`);
});

for (const command of ofShell)
  test(command, async () => {
    const here = command.replaceAll(/http:\/\/127\.0\.0\.1:800\d/g, product.url).replaceAll("/prod/", `/${CLUSTER}/`);
    const { stdout } = await run("bash", ["-o", "pipefail", "-c", here.replace("curl -s", "curl -sf")], {
      timeout: COMMAND_TIMEOUT_MS,
    });
    assert.ok(stdout.length > 0, "it says nothing");
  });

async function runTool(command: string): Promise<string> {
  const env = { ...process.env, PATH: `${scripts}${delimiter}${process.env["PATH"]}` };
  const here = command.replaceAll("kafka:9092", broker.bootstrap);
  const { stdout, stderr } = await run("bash", ["-c", here], { env, timeout: COMMAND_TIMEOUT_MS });
  return stdout + stderr;
}

/** Each starts a JVM, so one after the other. */
for (const command of ofKafka)
  test(command, async () => assert.doesNotMatch(await runTool(command), /Exception|not a recognized option|^Error/m));

test("the commands of the product", async () => {
  await product.stop();
  for (const command of ofProduct) {
    const here = command.replace("tidemark.yaml", resolve(product.dataDir, "tidemark.json"));
    await run("bash", ["-c", here], { cwd: REPOSITORY, timeout: COMMAND_TIMEOUT_MS }).catch((cause: unknown) => {
      throw new Error(command, { cause });
    });
  }
});
