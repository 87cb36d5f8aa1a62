/**
 * # npm run shadow: Tidemark beside a real Burrow
 *
 *   BURROW_BIN=/path/to/burrow npm run shadow [-- --minutes N] [--seed N] [--source burrow]
 * One broker, both observers with the rules as Burrow comes, and N minutes (10) of trouble. Every second both are asked for every
 * verdict. With `--source burrow` Tidemark asks that Burrow and no broker. The last lines are the counts that docs/burrow-equivalence.md explains; ends with 1 where a verdict of Burrow's on its own
 * window is none that our rules can give.
 */

import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startBroker } from "../kafka/broker.ts";
import { CLUSTER, startProduct } from "../product.ts";
import { done, notYet, until } from "../until.ts";
import { burrowBinary, OWN_GROUP, startBurrow } from "./burrow.ts";
import { possibleVerdicts } from "./rules.ts";
import { playStory } from "./story.ts";
import { CAUSES, type Cause, createTally, type Difference, type Verdicts } from "./tally.ts";
import { verdictsOf } from "./verdicts.ts";

const REFRESH_S = 10;
const MS_PER_SECOND = 1_000;
const LOOK_MS = 1_000;
/** One refresh; then Burrow's kept verdict, and a look before and after. */
const GRACE_MS = (REFRESH_S + 3) * MS_PER_SECOND;
const READY = { timeoutMs: 60_000, everyMs: 200 };
/** Some commits for the log that both replay. */
const BEFORE_MS = 20_000;

interface Rules {
  judged: number;
  /** How many looks in a row it is so, by partition. */
  readonly unexplained: Map<string, number>;
  readonly otherwise: string[];
}

/** A window and the verdict on it are two answers, and the verdict is kept for a second: what cannot be so has to stay so. */
const LOOKS_MIN = 3;

/** Where Burrow's verdict cannot come of its own window by our rules. */
function judge(rules: Rules, theirs: Verdicts, nowMs: number): void {
  for (const [group, { partitions }] of theirs)
    for (const [place, verdict] of partitions) {
      rules.judged += 1;
      const name = `${group} ${place}`;
      const possible = possibleVerdicts(verdict, nowMs);
      const times = possible.has(verdict.status) ? 0 : (rules.unexplained.get(name) ?? 0) + 1;
      rules.unexplained.set(name, times);
      if (times === LOOKS_MIN)
        rules.otherwise.push(`${name}: ${verdict.status}, by our rules ${[...possible].join(" or ")}`);
    }
}

function without(verdicts: Verdicts | undefined, group: string): Verdicts {
  return new Map([...(verdicts ?? [])].filter(([name]) => name !== group));
}

interface Run {
  readonly minutes: number;
  readonly seed: number;
  readonly source: string;
}

async function shadow(binary: string, { minutes, seed, source }: Run) {
  const runMs = minutes * 60 * MS_PER_SECOND;
  await using broker = await startBroker({ version: "4.1.2", heapMiB: 256 });
  await using story = await playStory(broker, { runMs, seed });
  await pause(BEFORE_MS);
  const brokers = [broker.bootstrap];
  const starting = startBurrow({ binary, brokers, cluster: CLUSTER, refreshS: REFRESH_S });
  const isThrough = source === "burrow";
  const cluster = isThrough ? { source, burrow: { url: (await starting).url, cluster: CLUSTER } } : {};
  const intervalMs = REFRESH_S * MS_PER_SECOND;
  const asked = { brokers: isThrough ? [] : brokers, command: "collector", intervalMs, cluster } as const;
  const [product, burrow] = await Promise.all([startProduct(asked), starting]);
  await using _product = product;
  await using _burrow = burrow;
  const bothThere = async () => {
    const all = await Promise.all([product, burrow].map(({ url }) => verdictsOf(url, CLUSTER)));
    return all.every((one) => (one?.size ?? 0) > 0) ? done(undefined) : notYet("not both");
  };
  await until("verdicts of both", bothThere, READY);
  story.begin();
  const tally = createTally({ graceMs: GRACE_MS });
  const rules: Rules = { judged: 0, unexplained: new Map(), otherwise: [] };
  const endMs = performance.now() + runMs;
  while (performance.now() < endMs && burrow.running) {
    const lookedMs = performance.now();
    const [ours, theirs] = await Promise.all([product, burrow].map(({ url }) => verdictsOf(url, CLUSTER)));
    judge(rules, theirs ?? new Map(), Date.now());
    tally.look(lookedMs, without(ours, OWN_GROUP), without(theirs, OWN_GROUP));
    await pause(Math.max(0, LOOK_MS - (performance.now() - lookedMs)));
  }
  if (!burrow.running) console.log(`Burrow ended; its log ends:\n${await burrow.logTail()}`);
  return { report: tally.report(), rules, log: story.log };
}

function print({ report, rules, log }: Awaited<ReturnType<typeof shadow>>): void {
  for (const line of log) console.log(line);
  const { looks, pairs, equal, settled, lasting, verdicts } = report;
  console.log(`\n${looks} looks, ${pairs} pairs of verdicts: ${equal} equal (${((100 * equal) / pairs).toFixed(3)} %)`);
  console.log(`equal verdicts: ${[...verdicts].map(([word, count]) => `${word} ${count}`).join(", ")}`);
  console.log(`${settled} changes came to both within one refresh; ${lasting.length} differences lasted longer`);
  const byCause = Map.groupBy(lasting, ({ cause }) => cause);
  for (const [cause, all] of byCause) printCause(cause, all);
  console.log(
    `${rules.judged} verdicts of Burrow on its own windows: ${rules.otherwise.length} that our rules cannot give`,
  );
  for (const line of rules.otherwise.slice(0, 20)) console.log(`  ${line}`);
}

function printCause(cause: Cause, all: readonly Difference[]): void {
  console.log(`  ${all.length} x ${CAUSES[cause]}`);
  for (const { name, ours, theirs, forMs } of all)
    console.log(`    ${name}: ${ours}, Burrow ${theirs}, for ${Math.round(forMs / MS_PER_SECOND)} s`);
}

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    source: { type: "string", default: "offsets_topic" },
  },
});
const binary = burrowBinary();
if (binary === undefined) {
  console.log("SKIPPED: BURROW_BIN names no program; nothing was compared with a real Burrow");
} else {
  const { minutes, seed, source } = values;
  const result = await shadow(binary, { minutes: Number(minutes), seed: Number(seed), source });
  print(result);
  process.exitCode = result.rules.otherwise.length > 0 ? 1 : 0;
}
// Clients whose broker is gone would try again for ever.
process.exit();
