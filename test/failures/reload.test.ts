/** A process whose configuration changes: clusters, what they watch, objectives and intervals, and no window is lost. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import type { Look } from "../real/until.ts";
import { done, notYet, until } from "../real/until.ts";
import { commitAll, furnishedCluster } from "../simulated/collector.fixture.ts";

const MAIN = resolve(import.meta.dirname, "../../cli/main.ts");
const COMMITS = [51, 52, 53, 54];

const untilSoon = <T>(what: string, look: () => Promise<Look<T>>): Promise<T> =>
  until(what, look, { timeoutMs: 60_000, everyMs: 50 });

interface Process extends AsyncDisposable {
  /** In one stroke, as editors and Kubernetes do. */
  write(config: unknown): void;
  hangUp(): void;
  get(path: string): Promise<string>;
  untilMetric(line: string): Promise<void>;
  stop(): Promise<unknown>;
}

async function startAll(config: (dataDir: string) => object): Promise<Process> {
  const dir = mkdtempSync(join(tmpdir(), "tidemark-reload-"));
  const file = join(dir, "tidemark.yaml");
  const write = (wanted: unknown): void => {
    writeFileSync(`${file}.new`, JSON.stringify(wanted));
    renameSync(`${file}.new`, file);
  };
  write(config(dir));
  const flags = ["--disable-warning=ExperimentalWarning", MAIN, "all", "--config", file];
  const child = spawn(process.execPath, flags, { stdio: ["ignore", "inherit", "pipe"] });
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
  const listening = Promise.withResolvers<number>();
  createInterface({ input: child.stderr }).on("line", (line) => {
    const port = /"event":"http.listening".*"port":(\d+)/.exec(line)?.[1];
    if (port !== undefined) listening.resolve(Number(port));
  });
  void ended.then(({ code }) => listening.reject(new Error(`it ended with ${code}`)));
  const port = await listening.promise;
  const get = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  return {
    write,
    get,
    hangUp: () => void child.kill("SIGHUP"),
    untilMetric: (line) =>
      untilSoon(line, async () => {
        const metrics = await get("/metrics");
        return metrics.includes(`${line}\n`) ? done(undefined) : notYet(/tidemark_config.*/.exec(metrics)?.[0] ?? "");
      }),
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
      rmSync(dir, { recursive: true });
    },
  };
}

/** The window of each partition of a group, as /v3 shows it; lags are of now and left out. */
async function windowsOf({ get }: Process, group: string) {
  const { topics } = JSON.parse(await get(`/v3/kafka/a/consumer/${group}`));
  const offsets = topics?.["orders"]?.map((one: { offsets: ({ offset: number; timestamp: number } | null)[] }) =>
    one.offsets.flatMap((commit) => (commit === null ? [] : [[commit.offset, commit.timestamp]])),
  );
  return (offsets ?? []) as readonly (readonly (readonly number[])[])[];
}

function untilWindow(running: Process, group: string): Promise<void> {
  return untilSoon(`the window of ${group}`, async () => {
    const windows = await windowsOf(running, group);
    const isWhole = windows.length === 6 && windows.every((commits) => commits.length === COMMITS.length + 1);
    return isWhole ? done(undefined) : notYet(JSON.stringify(windows));
  });
}

async function groupsOf({ get }: Process, cluster: string): Promise<readonly string[]> {
  const { groups } = JSON.parse(await get(`/v4/clusters/${cluster}/groups`));
  return groups.map(({ group }: { group: string }) => group);
}

test("a configuration that changes while it runs: no window is lost, and what is refused or needs a restart is said", async () => {
  const [left, right] = [furnishedCluster(), furnishedCluster()];
  await using brokers = await startBrokers({ view: left, random: randomOf(1, "brokers") });
  await using others = await startBrokers({ view: right, random: randomOf(2, "brokers") });
  const now = Date.now();
  for (const [index, offset] of COMMITS.entries())
    for (const group of ["classic", "simple"]) commitAll(left, group, offset, now - 30_000 + 1_000 * index);
  const a = { brokers: brokers.bootstrap };
  const evaluate = { interval: "300ms", burrow: { offset_refresh: "300ms" } };
  let base = {};
  await using running = await startAll((dataDir) => {
    base = { collector: { listen: "127.0.0.1:0" }, shipper: { data_dir: dataDir } };
    return { ...base, evaluate, clusters: { a } };
  });
  await untilWindow(running, "classic");
  await untilWindow(running, "simple");
  const before = await windowsOf(running, "classic");

  // Seen without a signal.
  const objectives = [{ groups: "classic", time_lag: "1m" }];
  const narrower = { a: { ...a, groups: ["!simple"] }, b: { brokers: others.bootstrap } };
  const next = { ...base, evaluate: { ...evaluate, interval: "200ms", window: 12 }, objectives };
  running.write({ ...next, clusters: narrower });
  await running.untilMetric('tidemark_config_reloads_total{outcome="applied"} 1');
  assert.deepEqual(await windowsOf(running, "classic"), before);
  assert.deepEqual(await groupsOf(running, "a"), ["classic", "modern"]);
  assert.match(await running.get("/v4/clusters/a/groups/classic"), /"objective_seconds":60/);
  await untilSoon("the new cluster is right", async () => {
    const groups = await groupsOf(running, "b");
    return groups.length === 3 ? done(undefined) : notYet(groups.join());
  });
  assert.match(await running.get("/healthz"), /restart is needed for what has changed: evaluate\.window\./);
  const page = await running.get("/");
  assert.match(page, /evaluate\.window/);
  assert.match(page, /left out by the configuration: groups 1, topics 0/);
  assert.match(await running.get("/v4/clusters"), /"cluster":"a",[^}]*"groups_excluded":1/);
  assert.match(await running.get("/metrics"), /tidemark_collector_excluded\{cluster="a",kind="groups"\} 1/);
  await running.untilMetric("tidemark_config_restart_needed 1");

  running.write({ ...next, clusters: { ...narrower, c: { broker: ["x:1"] } } });
  await running.untilMetric("tidemark_config_refused 1");
  assert.match(await running.get("/"), /is refused.*clusters\.c\.broker.*did you mean/s);
  assert.deepEqual(await windowsOf(running, "classic"), before);
  assert.deepEqual(await groupsOf(running, "a"), ["classic", "modern"]);

  // Wider: what was left out is read from the log, with its window; and one cluster goes.
  running.write({ ...base, evaluate, clusters: { a } });
  running.hangUp();
  await running.untilMetric("tidemark_config_refused 0");
  await untilWindow(running, "simple");
  assert.deepEqual(await windowsOf(running, "classic"), before);
  assert.deepEqual(await groupsOf(running, "a"), ["classic", "modern", "simple"]);
  assert.match(await running.get("/v4/clusters/b/groups"), /no cluster/);
  await running.untilMetric("tidemark_config_restart_needed 0");
  assert.deepEqual(await running.stop(), { code: 0, signal: null });
});
