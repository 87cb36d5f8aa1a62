/**
 * # kill -9 at random moments, under load
 *
 * `tidemark all` is killed again and again: while it starts, while it replays, while it writes. After each kill its files are
 * read from outside; what is in the spool or in history then is acknowledged, and must be there for ever after. At the end one
 * life goes on for some ticks, and history holds every acknowledged tick, with each group once.
 * KILL_CYCLES sets another number of kills than 50.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import { historyTicks, spoolContent } from "./history-file.ts";
import { type Broker, startBroker } from "./kafka/broker.ts";
import { type Product, startProduct } from "./product.ts";
import { connectSimpleConsumer, type SimpleConsumer } from "./simple-consumer.ts";
import { topicsReady } from "./topics.ts";
import { done, notYet, until } from "./until.ts";

const CYCLES = Number(process.env["KILL_CYCLES"] ?? 50);
const INTERVAL_MS = 250;
const LIFE_MS_MAX = 1_800;
const GROUPS = Array.from({ length: 25 }, (_, i) => `load ${i}`).sort();
const PARTITIONS = 8;
const COMMIT_EVERY_MS = 200;

test(`${CYCLES} times kill -9: every acknowledged tick is in history exactly once`, async (t) => {
  await using broker = await startBroker({ version: "4.1.2" });
  const stop = new AbortController();
  const { ended } = await startLoad(broker, stop.signal);
  await using product = await startProduct({ brokers: [broker.bootstrap], intervalMs: INTERVAL_MS });
  const acknowledged = new Set<number>();
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    if (!product.running) await product.start();
    await live(product, cycle);
    await product.kill();
    await take(product, acknowledged);
  }
  await endInOrder(product);
  stop.abort();
  await ended;
  await judge(product, acknowledged);
  t.diagnostic(`${acknowledged.size} ticks were acknowledged before a kill`);
});

/** Every second life is cut short at any moment of its start, the others some time after it was ready. */
async function live(product: Product, cycle: number): Promise<void> {
  if (cycle % 2 === 1) await product.ready();
  await pause(Math.random() * LIFE_MS_MAX);
  assert.ok(product.running, `tidemark ended by itself:\n${product.running ? "" : await product.logTail()}`);
}

/** Adds what is on disk now; what was there before must be there still. */
async function take(product: Product, acknowledged: Set<number>): Promise<void> {
  const [history, spool] = [await historyTicks(product.dataDir), await spoolContent(product.dataDir)];
  assert.equal(spool.quarantined, 0, "no row of the spool is damaged by a kill");
  const now = new Set([...history.keys(), ...spool.ticks]);
  assert.deepEqual([...acknowledged.difference(now)], [], "acknowledged before, gone now");
  for (const at of now) acknowledged.add(at);
}

/** A life that gets to ship something and is stopped the polite way. */
async function endInOrder(product: Product): Promise<void> {
  await product.start();
  await product.ready();
  const before = (await product.get("/v4/evaluations?after=&wait=1")).text.length;
  const grown = async () => {
    const { length } = (await product.get("/v4/evaluations?after=&wait=1")).text;
    return length > before ? done(undefined) : notYet(`${length} bytes of feed`);
  };
  await until("a tick after the last start", grown, { timeoutMs: 30_000 });
  await product.stop();
}

async function judge(product: Product, acknowledged: ReadonlySet<number>): Promise<void> {
  const history = await historyTicks(product.dataDir);
  assert.ok(acknowledged.size >= CYCLES / 2, `only ${acknowledged.size} ticks were acknowledged: nothing is proven`);
  for (const at of acknowledged) assert.deepEqual(history.get(at), GROUPS, `tick ${at}`);
}

/** Commits of all groups, all the time. Resolves when the first round is done; `ended` settles after the signal. */
async function startLoad(broker: Broker, signal: AbortSignal): Promise<{ readonly ended: Promise<void> }> {
  const kafka = new Kafka({ clientId: "load", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const topics = [{ topic: "load", numPartitions: PARTITIONS, replicationFactor: 1 }];
  await admin.createTopics({ topics, waitForLeaders: false });
  await topicsReady(admin, ["load"]);
  await admin.disconnect();
  const simple = await connectSimpleConsumer(kafka);
  await commitRound(simple, 0);
  return { ended: commitForever(simple, signal) };
}

async function commitForever(simple: SimpleConsumer, signal: AbortSignal): Promise<void> {
  for (let turn = 1; !signal.aborted; turn++) {
    await commitRound(simple, turn);
    await pause(COMMIT_EVERY_MS);
  }
  await simple[Symbol.asyncDispose]();
}

async function commitRound(simple: SimpleConsumer, turn: number): Promise<void> {
  const commits = Array.from({ length: PARTITIONS }, (_, partition) => ({
    topic: "load",
    partition,
    committedOffset: turn,
  }));
  await Promise.all(GROUPS.map((group) => simple.commit(group, commits)));
}
