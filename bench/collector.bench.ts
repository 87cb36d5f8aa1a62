/**
 * # Bench: the collector on a real broker, and its peers beside it
 *
 *   BENCH_SCENARIO=L BENCH_SECONDS=120 BENCH_RECORDS=3000000 [BURROW_BIN=...] [KMINION_BIN=... KMINION_MODE=adminApi] \
 *     npm run bench -- collector.bench
 * One broker, filled once; the programs run on it one after the other, in the same run. First each is started and stopped,
 * before there is any load (live/start.ts); then each runs under load, where every group commits every 10 s (live/steady.ts,
 * live/latencies.ts). BENCH_SECONDS=0 leaves the second part out. Needs Java, Maven and Linux.
 */

import { done, notYet, until } from "../test/real/until.ts";
import { type Latencies, measureLatencies, type Probe } from "./live/latencies.ts";
import { type Stage, setStage } from "./live/stage.ts";
import { startToRight } from "./live/start.ts";
import { measureSteady, type Steady } from "./live/steady.ts";
import { commitLoad, type LoadCounts } from "./load/commit-load.ts";
import { commitsOf, groupName, scenarioNamed } from "./load/scenario.ts";
import { startBurrow } from "./peers/burrow.ts";
import { startKminion } from "./peers/kminion.ts";
import type { Peer, StartPeer } from "./peers/peer.ts";
import { startTidemark } from "./peers/tidemark.ts";
import { quantile, table } from "./table.ts";

const { env } = process;
const SECONDS = Number(env["BENCH_SECONDS"] ?? 120);
const RECORDS = Number(env["BENCH_RECORDS"] ?? 3_000_000);
const SCENARIO = scenarioNamed(env["BENCH_SCENARIO"] ?? "L");
const STARTS = 3;
const CAUGHT_UP_TIMEOUT_MS = 300_000;

function programs(): readonly StartPeer[] {
  const [burrow, kminion] = [env["BURROW_BIN"], env["KMINION_BIN"]];
  if (burrow === undefined) console.log("Burrow is not beside us: BURROW_BIN names no program");
  if (kminion === undefined) console.log("KMinion is not beside us: KMINION_BIN names no program");
  return [
    startTidemark,
    ...(burrow === undefined ? [] : [startBurrow(burrow)]),
    ...(kminion === undefined ? [] : [startKminion(kminion, env["KMINION_MODE"] ?? "adminApi")]),
  ];
}

/** Replay is over: it shows where the probed partition stands. */
async function caughtUp(peer: Peer, { scenario }: Stage, probe: Probe): Promise<void> {
  const [first] = commitsOf(scenario, 0, probe.committedOffset);
  const look = async () => {
    const shown = first === undefined ? undefined : await peer.shown(groupName(0), first);
    return shown?.committedOffset === probe.committedOffset ? done(undefined) : notYet(JSON.stringify(shown));
  };
  await until(`${peer.name} has caught up`, look, { timeoutMs: CAUGHT_UP_TIMEOUT_MS, everyMs: 200 });
}

interface LoadedResult {
  readonly name: string;
  readonly steady: Steady;
  readonly seen: Latencies;
}

async function underLoad(stage: Stage, start: StartPeer, probe: Probe): Promise<LoadedResult> {
  await using peer = await start(stage.bootstrap);
  await caughtUp(peer, stage, probe);
  const counts: LoadCounts = { commits: 0, late: 0, failed: 0 };
  const stop = new AbortController();
  const options = { scenario: SCENARIO, firstOffset: stage.committedOffset, firstGroup: 1 };
  const load = commitLoad(stage.simple, options, { counts, signal: stop.signal });
  const steady = await measureSteady(peer, SECONDS);
  const seen = await measureLatencies(stage, peer, probe);
  stop.abort();
  await load;
  console.log(`load on ${peer.name}: ${counts.commits} commits, ${counts.late} late, ${counts.failed} failed`);
  return { name: peer.name, steady, seen };
}

const middleAndMax = (values: readonly number[], digits = 0) =>
  `${(quantile(values, 0.5) ?? Number.NaN).toFixed(digits)} (${Math.max(...values).toFixed(digits)})`;

function loadedRow({ name, steady, seen }: LoadedResult): readonly string[] {
  return [
    name,
    steady.cpuSecondsPerMinute.toFixed(2),
    `${steady.rssMib.toFixed(0)} (${steady.rssMibMax.toFixed(0)})`,
    middleAndMax(steady.scrapes.ms),
    (steady.scrapes.bytes / 1e6).toFixed(2),
    middleAndMax(seen.commitShownMs),
    middleAndMax(seen.lagAfterCommitMs),
    middleAndMax(seen.lagAfterRecordMs),
  ];
}

async function startRow(stage: Stage, start: StartPeer): Promise<readonly string[]> {
  const runs = [];
  for (let run = 0; run < STARTS; run++) runs.push(await startToRight(stage, start));
  const seconds = runs.map(({ rightAfterMs }) => rightAfterMs / 1_000);
  const wrong = Math.max(...runs.map(({ wrongLags }) => wrongLags));
  return [runs[0]?.name ?? "", middleAndMax(seconds, 2), String(wrong)];
}

await using stage = await setStage(SCENARIO, RECORDS);
const all = programs();
const { name, groups, partitionsPerGroup } = SCENARIO;
console.log(`scenario ${name}: ${groups} groups, ${groups * partitionsPerGroup} group-partitions; middle (largest)\n`);
const startRows: (readonly string[])[] = [];
for (const start of all) startRows.push(await startRow(stage, start));
console.log(`${table(["program", "s to all lags right", "wrong lags shown"], startRows)}\n`);
if (SECONDS > 0) {
  const probe = { committedOffset: stage.committedOffset, endOffset: SCENARIO.recordsPerPartition };
  const rows: (readonly string[])[] = [];
  for (const start of all) rows.push(loadedRow(await underLoad(stage, start, probe)));
  const latency = ["ms commit to shown", "ms commit to lag", "ms record to lag"];
  console.log(`\n${table(["program", "CPU s/min", "RSS MiB (peak)", "ms a scrape", "raw MB", ...latency], rows)}`);
}
