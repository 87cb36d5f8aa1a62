/**
 * # Every kind of group that Kafka's own clients can make, and what becomes of it
 *
 * Static members, up- and downgrade between the protocols, offsets that are forgotten, expire or go with their group, on a broker
 * whose group types are all told apart; share groups on the first version in which they are finished.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Kafka, logLevel } from "kafkajs";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import type { Child } from "./child.ts";
import { type Broker, startBroker } from "./kafka/broker.ts";
import { createTopic, deleteGroup, deleteOffsets, shareFromEarliest, startConsoleConsumer } from "./kafka/tools.ts";
import { type Product, startProduct } from "./product.ts";
import { servedGroup, servedSummaries } from "./served.ts";
import { connectSimpleConsumer } from "./simple-consumer.ts";
import { fillTopic, topicsReady } from "./topics.ts";
import { done, notYet, until } from "./until.ts";

/** A dead member's session, the listing each half minute, and the expiry of offsets are what is waited for. */
const SHOWN_TIMEOUT_MS = 120_000;
const PARTITIONS = 3;
const RECORDS = 20;

/** What a test looks at, in one line. */
function wordsOf(group: GroupEvaluation): string {
  const { type, state, members, partitions } = group;
  const clients = [...new Set(partitions.flatMap(({ client_id: client }) => client ?? []))].toSorted();
  return `${type} ${state}, ${members} members, ${clients.join(" ") || "nobody"}, lag ${group.lag}, ${group.status}`;
}

async function shows(product: Product, group: string, want: RegExp): Promise<GroupEvaluation> {
  const look = async () => {
    const own = await servedGroup(product, group);
    const words = own === undefined ? "no such group" : wordsOf(own);
    return own !== undefined && want.test(words) ? done(own) : notYet(words);
  };
  return until(`${group}: ${want.source}`, look, { timeoutMs: SHOWN_TIMEOUT_MS, everyMs: 200 });
}

async function isGone(product: Product, group: string): Promise<void> {
  const look = async () => {
    const names = (await servedSummaries(product))?.map((one) => one.group);
    return names !== undefined && !names.includes(group) ? done(undefined) : notYet(String(names));
  };
  await until(`a list without ${group}`, look, { timeoutMs: SHOWN_TIMEOUT_MS, everyMs: 200 });
}

interface Stage {
  readonly broker: Broker;
  readonly product: Product;
}

/** Adds records to each partition. */
async function fill(broker: Broker, records: number): Promise<void> {
  const kafka = new Kafka({ clientId: "setup", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await topicsReady(admin, ["t"]);
  await fillTopic(admin, producer, { topic: "t", partitions: PARTITIONS, records });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
}

/** Who keeps committing nothing: its offsets stand until they expire. */
async function commitOnce(broker: Broker, groups: readonly string[]): Promise<void> {
  const kafka = new Kafka({ clientId: "setup", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  await using simple = await connectSimpleConsumer(kafka);
  for (const group of groups) await simple.commit(group, [{ topic: "t", partition: 0, committedOffset: 5 }]);
}

/** A static member that ends and comes back within its session takes up what it had: that is no rebalance. */
async function staticMember({ broker, product }: Stage, protocol: "classic" | "consumer"): Promise<void> {
  const group = `static-${protocol}`;
  const start = (): Promise<Child> => startConsoleConsumer(broker, { group, topic: "t", protocol, instanceId: "one" });
  const settled = new RegExp(`^${protocol} Stable, 1 members, console-${protocol}, lag 0, OK`);
  const first = await start();
  const before = await shows(product, group, settled);
  await first.stop();
  await fill(broker, 1);
  // A coordinator of KIP-848 calls a group so of which a static member is away for a moment.
  const away = new RegExp(`^${protocol} (Stable|Reconciling), 1 members, console-${protocol}, lag ${PARTITIONS},`);
  await shows(product, group, away);
  await using _second = await start();
  const after = await shows(product, group, settled);
  assert.equal(after.rebalances, before.rebalances, `${group} has counted a rebalance`);
  if (protocol === "classic") assert.equal(after.generation, before.generation);
}

/** Offline, as KIP-848 has it for those who stop all members first. */
async function upAndDown({ broker, product }: Stage): Promise<void> {
  const group = "moves";
  for (const protocol of ["classic", "consumer", "classic"] as const) {
    await using member = await startConsoleConsumer(broker, { group, topic: "t", protocol });
    await shows(product, group, new RegExp(`^${protocol} Stable, 1 members, console-${protocol}, lag 0, OK`));
    await member.stop();
    const left = await shows(product, group, new RegExp(`^${protocol} Empty, 0 members, nobody, lag 0, OK`));
    assert.equal(left.partitions.length, PARTITIONS, "its offsets are those it had");
  }
}

async function forgotten({ broker, product }: Stage): Promise<void> {
  await deleteOffsets(broker, { group: "moves", topic: "t" });
  await isGone(product, "moves");
  await deleteGroup(broker, "to-be-deleted");
  await isGone(product, "to-be-deleted");
}

test("Kafka 4.1.2: static members, both protocols, and the ends of groups", async (t) => {
  const expiry = { "offsets.retention.minutes": "1", "offsets.retention.check.interval.ms": "1000" };
  await using broker = await startBroker({ version: "4.1.2", properties: expiry });
  await createTopic(broker, "t", PARTITIONS);
  await fill(broker, RECORDS);
  await commitOnce(broker, ["simple", "to-be-deleted"]);
  await using product = await startProduct({ brokers: [broker.bootstrap], command: "collector" });
  const stage = { broker, product };
  const step = async (name: string, work: () => Promise<void>): Promise<void> => {
    await t.test(name, async () => {
      await work().catch(async (error: unknown) => {
        t.diagnostic(await product.logTail());
        throw error;
      });
    });
  };
  await step("a group that only commits has no members, and is judged by its commits", async () => {
    const simple = await shows(product, "simple", /^classic Empty, 0 members, nobody, lag 15,/);
    assert.equal(simple.rebalances, undefined);
  });
  for (const protocol of ["classic", "consumer"] as const)
    await step(`a static member of a ${protocol} group`, () => staticMember(stage, protocol));
  await step("up to the consumer protocol and down again", () => upAndDown(stage));
  await step("offsets that are deleted, and a group that is", () => forgotten(stage));
  await step("offsets that expire take their group along", () => isGone(product, "simple"));
});

test("Kafka 4.2.0: a share group shows its lag, and nobody judges its commits", async (t) => {
  await using broker = await startBroker({ version: "4.2.0" });
  await createTopic(broker, "t", PARTITIONS);
  await fill(broker, RECORDS);
  await shareFromEarliest(broker, "shared");
  await using product = await startProduct({ brokers: [broker.bootstrap], command: "collector" });
  try {
    await using member = await startConsoleConsumer(broker, { group: "shared", topic: "t", protocol: "share" });
    const read = await shows(product, "shared", /^share Stable, 1 members, console-share, lag 0, OK/);
    assert.ok((await member.logTail()).split("\n").length > RECORDS, "it has read what there is");
    for (const row of read.partitions) {
      // Where it starts trails behind what was read, since that is acknowledged in any order.
      assert.ok(row.share_start_offset !== undefined && row.share_start_offset <= RECORDS);
      assert.deepEqual([row.committed_offset, row.burrow_status], [undefined, undefined]);
    }
    await member.stop();
    await fill(broker, 10);
    await shows(product, "shared", /^share Empty, 0 members, nobody, lag 30, unknown/);
  } catch (error) {
    t.diagnostic(await product.logTail());
    throw error;
  }
});
