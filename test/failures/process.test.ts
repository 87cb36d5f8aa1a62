/** Our own process: ticks that are late, and errors that nobody has caught. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { createOwnMetrics } from "../../cli/own-metrics.ts";
import { createTickStep } from "../../cli/tick.ts";
import { createFeed } from "../../collector/feed/feed.ts";
import { watchedCluster } from "../../collector/http/watched.fixture.ts";
import { checkAccounts, spoolState } from "../../shipper/faults/kill-loop.suite.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { furnishedCluster } from "../simulated/collector.fixture.ts";

const INTERVAL_MS = 10_000;

test("C18: a tick that takes longer than the interval is not overlapped; grid times that passed are counted as skipped; the event loop's lag is a metric", async () => {
  const now = { ms: 1_700_000_000_000 };
  const clock = { nowMs: () => now.ms, monotonicMs: () => now.ms };
  const { view } = watchedCluster("c");
  let running = 0;
  let runningMax = 0;
  const slow = {
    ...view,
    *slices() {
      running += 1;
      runningMax = Math.max(runningMax, running);
      now.ms += 2.5 * INTERVAL_MS;
      yield* view.slices();
      running -= 1;
    },
  };
  const feed = createFeed({ run: "r", bytesMax: 1e9, ageMsMax: 1e9, answerBytesMax: 1e9, sleep: async () => {} });
  const stats = { ticks: 0, skipped: 0, lastMs: 0 };
  const step = createTickStep({ clusters: [slow], feed, intervalMs: INTERVAL_MS, clock, stats });
  for (let tick = 0; tick < 4; tick++) {
    const waitMs = await step();
    now.ms += waitMs;
  }
  assert.deepEqual([runningMax, stats.ticks, stats.lastMs], [1, 3, 2.5 * INTERVAL_MS]);
  // The second and third began a grid time after the end of the one before, two after its own.
  assert.equal(stats.skipped, 4);
  assert.match(await createOwnMetrics("0").metrics(), /^nodejs_eventloop_lag_p99_seconds /m);
});

const MAIN = resolve(import.meta.dirname, "../../cli/main.ts");

/** Makes what nobody catches, when it is told to. */
const BUGS = {
  rejection: 'process.on("SIGUSR2", () => void Promise.reject(new Error("seeded rejection")));',
  exception: 'process.on("SIGUSR2", () => { throw new Error("seeded exception"); });',
} as const;

/** Runs until it is ready, then lets the bug out; answers with its exit code and all that it said. */
async function runWith(
  bug: string,
  { config, points }: { readonly config: string; readonly points: number },
): Promise<{ readonly code: number; readonly said: string }> {
  const flags = [
    "--disable-warning=ExperimentalWarning",
    "--import",
    `data:text/javascript,${encodeURIComponent(bug)}`,
  ];
  const child = spawn(process.execPath, [...flags, MAIN, "all", "--config", config], {
    stdio: ["ignore", "inherit", "pipe"],
  });
  const exited = once(child, "exit");
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const port = Number(/"event":"http.listening".*"port":(\d+)/.exec(line)?.[1]);
    if (port > 0) void whenSpooled({ port, points }, child);
  }
  const [code] = await exited;
  return { code: Number(code), said: said.join("\n") };
}

/** Sends the signal when it is ready and has spooled more than there was; gives up when it has ended. */
async function whenSpooled(
  { port, points }: { readonly port: number; readonly points: number },
  child: ChildProcess,
): Promise<void> {
  const textOf = async (path: string): Promise<string> =>
    (await (await fetch(`http://127.0.0.1:${port}/${path}`).catch(() => undefined))?.text()) ?? "";
  while (child.exitCode === null) {
    await new Promise((settle) => setTimeout(settle, 50));
    const spooled = /^tidemark_points_total\{sink="local",outcome="in"\} (\d+)/m.exec(await textOf("metrics"))?.[1];
    if (!(Number(spooled) > points) || !(await textOf("readyz")).includes('"ready":true')) continue;
    child.kill("SIGUSR2");
    return;
  }
}

test("C22: what nobody has caught is said once and ends the process with an error, and the spool opens whole when it starts again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-bug-"));
  try {
    await using brokers = await startBrokers({ view: furnishedCluster(), random: randomOf(1, "brokers") });
    const config = join(folder, "tidemark.yaml");
    writeFileSync(
      config,
      JSON.stringify({
        clusters: { sim: { brokers: brokers.bootstrap } },
        evaluate: { interval: "200ms" },
        collector: { listen: "127.0.0.1:0" },
        shipper: { data_dir: folder },
      }),
    );
    let points = 0;
    for (const [kind, bug] of Object.entries(BUGS)) {
      const { code, said } = await runWith(bug, { config, points });
      assert.equal(code, 70, said);
      assert.equal(said.split(`seeded ${kind}`).length - 1, 1, said);
      const spooled = spoolState(folder);
      assert.ok(spooled.pointsIn > points, "what was acknowledged is there, and more came");
      checkAccounts(spooled);
      points = spooled.pointsIn;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
