/**
 * # Commits at a steady pace
 *
 *   node bench/load/commit-load.ts BOOTSTRAP SCENARIO [SECONDS]
 * Each group commits all its partitions once per period, groups evenly spread over it, by OffsetCommit without members. Turn n of
 * a group commits the offset `first + n`, so its lag falls by one a partition and turn. A late turn is not skipped but counted.
 */

import { setTimeout as pause } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import { connectSimpleConsumer, type SimpleConsumer } from "../../test/real/simple-consumer.ts";
import { commitsOf, groupName, type Scenario, scenarioNamed } from "./scenario.ts";

const PERIOD_MS = 10_000;
const SLICE_MS = 20;
const LATE_MS = 1_000;

export interface LoadCounts {
  commits: number;
  /** Sent more than a second after their time: the load was less than it claims to be. */
  late: number;
  failed: number;
}

export interface LoadOptions {
  readonly scenario: Scenario;
  readonly firstOffset: number;
  /** Groups from this one on; the ones before it are left to the bench itself. */
  readonly firstGroup?: number;
  readonly periodMs?: number;
}

/** Runs until the signal; the counts are alive meanwhile. */
export async function commitLoad(
  simple: SimpleConsumer,
  options: LoadOptions,
  { counts, signal }: { readonly counts: LoadCounts; readonly signal: AbortSignal },
): Promise<void> {
  const { scenario, firstOffset, firstGroup = 0, periodMs = PERIOD_MS } = options;
  const groups = scenario.groups - firstGroup;
  const startedMs = performance.now();
  const dueMs = (nth: number) => startedMs + (nth * periodMs) / groups;
  const flying = new Set<Promise<void>>();
  for (let nth = 0; !signal.aborted; ) {
    for (; dueMs(nth) <= performance.now(); nth++) {
      const group = firstGroup + (nth % groups);
      const offset = firstOffset + Math.floor(nth / groups);
      if (performance.now() - dueMs(nth) > LATE_MS) counts.late++;
      const one = commitOnce(simple, { name: groupName(group), commits: commitsOf(scenario, group, offset) }, counts);
      flying.add(one);
      one.finally(() => flying.delete(one)).catch(() => undefined);
    }
    await pause(SLICE_MS);
  }
  await Promise.all(flying);
}

async function commitOnce(
  simple: SimpleConsumer,
  group: { readonly name: string; readonly commits: ReturnType<typeof commitsOf> },
  counts: LoadCounts,
): Promise<void> {
  await simple.commit(group.name, group.commits).then(
    () => counts.commits++,
    () => counts.failed++,
  );
}

async function main([bootstrap = "127.0.0.1:9092", name = "L", seconds = "60"]: readonly string[]): Promise<void> {
  const kafka = new Kafka({ clientId: "bench-load", brokers: [bootstrap], logLevel: logLevel.ERROR });
  await using simple = await connectSimpleConsumer(kafka);
  const counts: LoadCounts = { commits: 0, late: 0, failed: 0 };
  const signal = AbortSignal.timeout(Number(seconds) * 1_000);
  await commitLoad(simple, { scenario: scenarioNamed(name), firstOffset: 0 }, { counts, signal });
  console.log(`${counts.commits} commits in ${seconds} s, ${counts.late} late, ${counts.failed} failed`);
}

if (import.meta.main) await main(process.argv.slice(2));
