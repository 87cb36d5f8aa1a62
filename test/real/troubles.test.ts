/**
 * # A script of troubles on three real brokers
 *
 * Brokers die and return, topics grow, are cut and made again, offsets are reset, taken back and committed in transactions. After
 * each step every number equals ConsumerGroupCommand's at rest; between two steps every lag that is served as such is the one
 * before or the one after.
 */

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { GroupEvaluation, PartitionEvaluation } from "../../collector/model/evaluation.ts";
import { burrowLagOf, differences, type Oracle } from "./compare.ts";
import type { DescribedPartition } from "./kafka/describe.ts";
import { startThreeBrokers } from "./kafka/three-brokers.ts";
import { describeAllGroups, describeStates } from "./kafka/tools.ts";
import { type Product, startProduct } from "./product.ts";
import { servedGroups } from "./served.ts";
import { connect, furnish, GROUPS, STEPS, type Stage, type Step } from "./trouble-steps.ts";
import { done, notYet, until } from "./until.ts";

/** Log-start offsets are asked for once a minute: that is the slowest thing that is waited for. */
const SETTLE_MS = 150_000;
/** What is at rest is served by then. */
const ORACLE_MS = 15_000;
const LOOK_EVERY_MS = 200;
for (const version of ["3.9.2", "4.1.2"] as const) {
  test(`Kafka ${version}, three brokers: a script of troubles`, async (t) => {
    await using brokers = await startThreeBrokers(version);
    await using stack = new AsyncDisposableStack();
    const clients = await connect(brokers, stack);
    await furnish(clients);
    await using product = await startProduct({ brokers: brokers.servers, savesWindows: true });
    await product.ready();
    try {
      await play(t, { brokers, product, ...clients });
    } catch (error) {
      t.diagnostic(await product.logTail());
      throw error;
    }
  });
}

/** Later steps stand on the earlier ones: the first that fails is the last. */
async function play(t: TestContext, stage: Stage): Promise<void> {
  let before: readonly DescribedPartition[] = [];
  for (const step of STEPS) {
    let failure: unknown;
    await t.test(step.what, async () => {
      try {
        before = await playStep(stage, step, before);
      } catch (error) {
        failure = error;
        throw error;
      }
    });
    if (failure !== undefined) throw failure;
  }
}

async function playStep(stage: Stage, step: Step, before: readonly DescribedPartition[]) {
  const seen = watchLags(stage.product);
  try {
    await step.act(stage);
    const { rows } = await equalAtRest(stage, step.what);
    await untilSaid(stage, step);
    const lags = await seen.stop();
    const known = [...before, ...rows].map((row) => `${row.group} ${row.topic} ${row.partition} ${row.lag}`);
    const isTrue = new Set(known);
    const also = new Set(step.alsoLags);
    const never = [...lags].filter(([key, lag]) => before.length > 0 && !isTrue.has(key) && !also.has(lag));
    assert.deepEqual(never, []);
    return rows;
  } finally {
    await seen.stop();
  }
}

/** Every lag that is served beside a verdict, as Kafka's tool counts it, until told to stop. */
function watchLags(product: Product) {
  const lags = new Map<string, number>();
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      // While it starts again it does not answer.
      const groups = await servedGroups(product).catch(() => undefined);
      for (const { group, partitions } of groups ?? []) {
        for (const row of partitions) {
          const lag = ["stale", "warming", "unauthorised"].includes(row.status) ? undefined : burrowLagOf(row);
          if (lag !== undefined) lags.set(`${group} ${row.topic} ${row.partition} ${lag}`, lag);
        }
      }
      await new Promise((settle) => setTimeout(settle, LOOK_EVERY_MS));
    }
  })();
  return {
    stop: async (): Promise<ReadonlyMap<string, number>> => {
      isOver = true;
      await watching;
      return lags;
    },
  };
}

/** What Kafka's tool prints; a commit beyond the end has a negative lag there, and none here. */
async function oracleOf({ brokers }: Stage): Promise<Oracle> {
  const rows = await describeAllGroups(brokers);
  const states = await describeStates(brokers);
  return {
    rows: rows.map((row) => ({ ...row, lag: row.lag === undefined ? undefined : Math.max(0, row.lag) })),
    states,
  };
}

/** Asks the oracle again where ours differs for long: just after a change neither is at rest. */
async function equalAtRest(stage: Stage, what: string): Promise<Oracle> {
  const look = async () => {
    const oracle = await oracleOf(stage);
    if (oracle.rows.length === 0) return notYet("the oracle has no rows");
    await until("equality", () => lookEqual(stage, oracle), { timeoutMs: ORACLE_MS, everyMs: LOOK_EVERY_MS });
    return done(oracle);
  };
  return until(`equality with the oracle: ${what}`, look, { timeoutMs: SETTLE_MS });
}

async function lookEqual({ product }: Stage, oracle: Oracle) {
  const groups: readonly GroupEvaluation[] = (await servedGroups(product)) ?? [];
  const wrong = [...differences(groups, oracle), ...notJudged(groups)];
  return wrong.length === 0 ? done(undefined) : notYet(`${wrong.length} differences: ${wrong.slice(0, 6).join("; ")}`);
}

function notJudged(groups: readonly GroupEvaluation[]): readonly string[] {
  return groups.flatMap(({ group, partitions }) =>
    partitions
      .filter(({ status, reason }) => ["stale", "warming"].includes(status) && reason !== "window_refilling")
      .map(({ topic, partition, status, reason }) => `${group} ${topic}/${partition} is ${status}: ${reason}`),
  );
}

async function untilSaid({ product }: Stage, { what, said }: Step): Promise<void> {
  if (said === undefined) return;
  const [topic, partition, want] = said;
  const look = async () => {
    const groups = (await servedGroups(product)) ?? [];
    const rows = groups.find(({ group }) => group === GROUPS[0])?.partitions ?? [];
    const row = rows.find((one) => one.topic === topic && one.partition === partition);
    const isSaid = Object.entries(want).every(([name, value]) => row?.[name as keyof PartitionEvaluation] === value);
    return isSaid ? done(undefined) : notYet(JSON.stringify(row));
  };
  await until(`${what}: ${JSON.stringify(want)}`, look, { timeoutMs: SETTLE_MS, everyMs: LOOK_EVERY_MS });
}
