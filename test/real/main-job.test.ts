/**
 * # The main job, end to end, on a real broker
 *
 * A broker, the population, and `tidemark all` as a child. The phases build on each other, so each broker has one test with steps:
 * the patterns move, then all is at rest, then the product starts again, then the broker goes away and comes back, then history.
 */

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import { type BurrowPartitionStatus, severityRank } from "../../collector/model/status.ts";
import { burrowConsumers, burrowDifferences } from "./burrow-api.ts";
import { burrowLagOf, differences, type Oracle, wrongNumbers } from "./compare.ts";
import { GONE_GROUPS, GROUPS_WITHOUT_OFFSETS, HOSTILE_GROUPS } from "./expected.ts";
import { parseExposition } from "./exposition.ts";
import { createPopulation, type Population } from "./groups.ts";
import { historyTicks, spoolContent } from "./history-file.ts";
import { type Broker, startBroker } from "./kafka/broker.ts";
import { KAFKA_VERSIONS } from "./kafka/jars.ts";
import { describeAllGroups, describeStates } from "./kafka/tools.ts";
import { CLUSTER, type Product, startProduct } from "./product.ts";
import { servedFeed, servedGroups } from "./served.ts";
import { done, notYet, until } from "./until.ts";

/** Commits from before the start were replayed against today's end offsets: a slow group's window has to turn over once. */
const SETTLE_MS = 90_000;
/** What has to hold is looked at this often, for this long. */
const HOLD_LOOKS = 12;
const HOLD_EVERY_MS = 250;
const AWAY_MS = 6_000;

interface Stage {
  readonly broker: Broker;
  readonly population: Population;
  readonly product: Product;
}

for (const version of KAFKA_VERSIONS) {
  test(`Kafka ${version}: the main job`, async (t) => {
    await using broker = await startBroker({ version });
    await using population = await createPopulation(broker);
    await using product = await startProduct({ brokers: [broker.bootstrap] });
    const stage = { broker, population, product };
    try {
      await phases(t, stage);
    } catch (error) {
      t.diagnostic(await product.logTail());
      throw error;
    }
  });
}

async function phases(t: TestContext, stage: Stage): Promise<void> {
  const { broker, population, product } = stage;
  await product.ready();
  const step = async (name: string, work: () => Promise<void>) => {
    let failure: unknown;
    await t.test(name, async () => {
      await work().catch((error: unknown) => {
        failure = error;
        throw error;
      });
    });
    // Later steps stand on this one: to run them would only hide what broke.
    if (failure !== undefined) throw failure;
  };
  await step("while patterns go on, each status is what the strict rules give", () => statuses(stage, "running"));
  await population.rest();
  const oracle: Oracle = { rows: await describeAllGroups(broker), states: await describeStates(broker) };
  await step("at rest, every offset, lag, state and owner equals the oracle's", () => equals(product, oracle));
  await step("at rest, each status is what the strict rules give", () => statuses(stage, "atRest"));
  await step("a deleted group is gone, and an orphan shows no number", () => goneIsGone(product));
  await step("/v3 says the same in Burrow's shape", () => burrowSays(product, oracle));
  await step("hostile names come back from /metrics as they are", () => metricsRoundTrip(product, oracle));
  await step("a start shows no wrong number on the way", () => restartShowsNoWrongNumber(product, oracle));
  await step("a broker that is away makes its partitions stale, and no number wrong", () => brokerAway(stage, oracle));
  await step("history has every tick of the feed exactly once", () => historyIsWhole(product));
}

/** The groups; a look that finds none is "not yet". */
async function look(product: Product, judge: (groups: readonly GroupEvaluation[]) => readonly string[]) {
  const groups = await servedGroups(product);
  if (groups === undefined) return notYet("no answer from /v4");
  const wrong = judge(groups);
  return wrong.length === 0 ? done(groups) : notYet(`${wrong.length} differences: ${wrong.slice(0, 8).join("; ")}`);
}

/** Becomes true within a bounded time, and then stays true over several ticks. */
async function comesAndHolds(
  what: string,
  product: Product,
  judge: (groups: readonly GroupEvaluation[]) => readonly string[],
): Promise<void> {
  await until(what, () => look(product, judge), { timeoutMs: SETTLE_MS, everyMs: HOLD_EVERY_MS });
  for (let looks = 0; looks < HOLD_LOOKS; looks++) {
    await pause(HOLD_EVERY_MS);
    assert.deepEqual(judge((await servedGroups(product)) ?? []), [], `${what}: did not stay so`);
  }
}

function worst(group: GroupEvaluation): BurrowPartitionStatus {
  const statuses = group.partitions.map(({ burrow_status }) => burrow_status ?? "OK");
  return statuses.toSorted((a, b) => severityRank(a) - severityRank(b))[0] ?? "OK";
}

function groupStatusOf(partition: BurrowPartitionStatus): string {
  return partition === "OK" || partition === "WARN" ? partition : "ERR";
}

async function statuses({ product, population }: Stage, when: "running" | "atRest"): Promise<void> {
  const judge = (groups: readonly GroupEvaluation[]) =>
    population.groups.flatMap(({ group, [when]: want }) => {
      const own = groups.find((one) => one.group === group);
      if (own === undefined) return [`${group} is not served`];
      if (own.burrow_status !== groupStatusOf(want)) return [`${group} is ${own.burrow_status}, not ${want}`];
      if (own.status !== own.burrow_status) return [`${group}: status ${own.status}, strictly ${own.burrow_status}`];
      return worst(own) === want ? [] : [`${group}: its worst partition is ${worst(own)}, not ${want}`];
    });
  await comesAndHolds(`statuses ${when}`, product, judge);
}

async function equals(product: Product, oracle: Oracle): Promise<void> {
  await comesAndHolds("equality with the oracle", product, (groups) => differences(groups, oracle));
}

async function goneIsGone(product: Product): Promise<void> {
  const groups = (await servedGroups(product)) ?? [];
  for (const name of GONE_GROUPS)
    assert.equal(
      groups.find(({ group }) => group === name),
      undefined,
      name,
    );
  for (const name of GROUPS_WITHOUT_OFFSETS) {
    const numbers = groups.find(({ group }) => group === name)?.partitions.flatMap(({ lag }) => lag ?? []);
    assert.deepEqual(numbers ?? [], [], name);
  }
}

async function burrowSays(product: Product, oracle: Oracle): Promise<void> {
  const names = await burrowConsumers(product);
  for (const { group } of oracle.states) {
    if (!GROUPS_WITHOUT_OFFSETS.includes(group)) assert.ok(names.includes(group), `${group} is in Burrow's list`);
  }
  for (const name of GONE_GROUPS) assert.equal(names.includes(name), false, `${name} is not in Burrow's list`);
  assert.deepEqual(await burrowDifferences(product, oracle.rows), []);
  const missing = await product.get(`/v3/kafka/${CLUSTER}/consumer/no-such-group/status`);
  assert.equal(missing.status, 404);
  assert.match(missing.text, /"error":false.*"NOTFOUND"/);
}

async function metricsRoundTrip(product: Product, oracle: Oracle): Promise<void> {
  const answer = await product.get("/metrics");
  assert.equal(answer.status, 200);
  assert.match(answer.contentType, /^(text\/plain|application\/openmetrics-text)/);
  const lags = parseExposition(answer.text).filter(({ name }) => name === "tidemark_partition_lag");
  for (const group of HOSTILE_GROUPS) {
    const own = lags.filter(({ labels }) => labels.get("group") === group && labels.get("cluster") === CLUSTER);
    const want = oracle.rows.filter((row) => row.group === group && row.lag !== undefined);
    assert.deepEqual(
      own.map(({ labels, value }) => [labels.get("topic"), Number(labels.get("partition")), value]),
      want.map(({ topic, partition, lag }) => [topic, partition, lag]),
      group,
    );
  }
}

/** From the first answer on: a number that is served is true; what is not known yet is absent or says warming. */
async function restartShowsNoWrongNumber(product: Product, oracle: Oracle): Promise<void> {
  await product.stop();
  await product.start();
  const judge = async () => {
    const groups = await servedGroups(product);
    if (groups === undefined) return notYet("no answer from /v4");
    assert.deepEqual(wrongNumbers(groups, oracle.rows), []);
    const left = differences(groups, oracle);
    return left.length === 0 ? done(undefined) : notYet(left.slice(0, 5).join("; "));
  };
  await untilStrict("equality after a start", judge);
}

/** As `until`, but a failed assertion is final: it was served once, and once is too often. */
async function untilStrict(what: string, judge: Parameters<typeof until<undefined>>[1]): Promise<void> {
  let broken: unknown;
  const guarded = async () => {
    try {
      return await judge();
    } catch (error) {
      if (!(error instanceof assert.AssertionError)) throw error;
      broken = error;
      return done(undefined);
    }
  };
  await until(what, guarded, { timeoutMs: SETTLE_MS, everyMs: 50 });
  if (broken !== undefined) throw broken;
}

async function brokerAway({ broker, product }: Stage, oracle: Oracle): Promise<void> {
  const stop = new AbortController();
  const watch = neverWrong(product, oracle, stop.signal);
  try {
    await broker.kill();
    const allStale = (groups: readonly GroupEvaluation[]) =>
      groups.flatMap(({ group, partitions }) =>
        partitions.flatMap((own) =>
          own.committed_offset === undefined || own.status === "stale"
            ? []
            : [`${group} ${own.topic} is ${own.status}`],
        ),
      );
    await until("stale partitions", () => look(product, allStale), { timeoutMs: SETTLE_MS, everyMs: 200 });
    const readiness = await product.get("/readyz");
    assert.equal(readiness.status, 503, "not ready while its only broker is away");
    assert.ok(readiness.text.length > 10, `says why in words: ${readiness.text}`);
    await pause(AWAY_MS);
    await broker.restart();
    await until("recovery", () => look(product, (groups) => [...differences(groups, oracle), ...allFresh(groups)]), {
      timeoutMs: SETTLE_MS,
      everyMs: 200,
    });
    await product.ready();
  } finally {
    stop.abort();
  }
  assert.deepEqual(await watch, []);
}

function allFresh(groups: readonly GroupEvaluation[]): readonly string[] {
  return groups.flatMap(({ group, status }) =>
    ["stale", "warming"].includes(status) ? [`${group} is ${status}`] : [],
  );
}

/** Looks throughout, and resolves with every wrong number that was ever served. */
async function neverWrong(product: Product, oracle: Oracle, signal: AbortSignal): Promise<readonly string[]> {
  const found = new Set<string>();
  let looks = 0;
  while (!signal.aborted) {
    const groups = await servedGroups(product).catch(() => undefined);
    if (groups !== undefined) looks++;
    for (const wrong of wrongNumbers(groups ?? [], oracle.rows)) found.add(wrong);
    await pause(100, undefined, { signal }).catch(() => undefined);
  }
  if (looks === 0) found.add("/v4 never answered while the broker was away");
  return [...found];
}

/**
 * What the feed still holds is read first. Then the product stops and lives once more: the tick that it had taken into the spool
 * just before it stopped goes to history in its next life.
 */
async function historyIsWhole(product: Product): Promise<void> {
  const ticks = new Map<number, string[]>();
  let cursor = "";
  for (let reads = 0; reads < 8; reads++) {
    const page = await servedFeed(product, cursor);
    cursor = page.cursor;
    for (const { at, group, partitions } of page.evaluations) {
      assert.ok(partitions.every((own) => (burrowLagOf(own) ?? 0) >= 0));
      ticks.set(at, [...(ticks.get(at) ?? []), group]);
    }
  }
  assert.ok(ticks.size > 5, `the feed gave ${ticks.size} ticks`);
  await product.stop();
  const newest = Math.max(...ticks.keys());
  const kept = [...(await historyTicks(product.dataDir)).keys(), ...(await spoolContent(product.dataDir)).ticks];
  assert.ok(kept.includes(newest), "the newest tick of the feed is in history or in the spool");
  await product.start();
  await product.ready();
  await product.stop();
  const history = await historyTicks(product.dataDir);
  const missing = [...ticks.keys()].filter((at) => !history.has(at));
  assert.deepEqual(missing, [], `of ${ticks.size} ticks of the feed; history ends at ${Math.max(...history.keys())}`);
  for (const [at, groups] of ticks) assert.deepEqual(history.get(at)?.toSorted(), groups.toSorted(), `tick ${at}`);
}
