/** Clusters that come, go, change and fail, while those beside them go on. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ClusterConfig } from "../collector/config.ts";
import { watchedCluster } from "../collector/http/watched.fixture.ts";
import { createLogger } from "../runtime/logger.ts";
import { createFleet } from "./fleet.ts";
import type { Watched } from "./watched.ts";

const [A, B, POLLED] = [
  { brokers: ["a:1"] },
  { brokers: ["b:1"] },
  { brokers: ["a:1"], source: "polling" as const },
].map((one) => ClusterConfig.parse(one)) as [ClusterConfig, ClusterConfig, ClusterConfig];

/** What each cluster was told, in order; those in `failing` throw as soon as they run. */
function rig(
  clusters: Readonly<Record<string, ClusterConfig>>,
  failing: ReadonlySet<string> = new Set(),
  closed: ReadonlySet<string> = new Set(),
) {
  const told: string[] = [];
  const stop = new AbortController();
  const clock = { ms: 0, nowMs: () => clock.ms, monotonicMs: () => clock.ms };
  const pauses: number[] = [];
  const open = (cluster: string, config: ClusterConfig): Watched => {
    if (closed.has(cluster)) throw new Error("cannot be opened");
    told.push(`open ${cluster} ${config.source}`);
    return {
      view: watchedCluster(cluster).view,
      source: { stats: () => assert.fail("nobody asks") },
      recording: undefined,
      saver: undefined,
      change: (to) => void told.push(`change ${cluster} to ${to.brokers.join()}`),
      run: async (signal) => {
        told.push(`run ${cluster} ${config.source}`);
        if (failing.has(cluster)) throw new Error("what nobody has thought of");
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        told.push(`end ${cluster} ${config.source}`);
      },
    };
  };
  const sleep = async (ms: number): Promise<void> => {
    pauses.push(ms);
    if (pauses.length === 8) stop.abort();
  };
  const fleet = createFleet({ open, sleep, clock, logger: createLogger("silent") }, clusters);
  return {
    fleet,
    told,
    stop,
    pauses,
    run: () => fleet.run(stop.signal),
    names: () => fleet.views.map((one) => one.cluster),
  };
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a cluster that is added runs, one that is removed ends, and the one beside them is left alone", async () => {
  const { fleet, told, stop, run, names } = rig({ a: A, b: B });
  const { views } = fleet;
  const running = run();
  await soon();
  told.length = 0;
  assert.deepEqual(await fleet.prepare({ c: A, a: A }).apply(), { added: ["c"], removed: ["b"], changed: [] });
  await soon();
  assert.deepEqual(told.toSorted(), ["end b offsets_topic", "open c offsets_topic", "run c offsets_topic"]);
  assert.deepEqual(names(), ["c", "a"]);
  assert.equal(fleet.views, views, "whoever holds the list sees the change");
  stop.abort();
  await running;
});

test("a change is told to the cluster that there is; another kind of source is another cluster, once the first has ended", async () => {
  const { fleet, told, stop, run } = rig({ a: A });
  const running = run();
  await soon();
  told.length = 0;
  assert.deepEqual(await fleet.prepare({ a: A }).apply(), { added: [], removed: [], changed: [] });
  assert.deepEqual(await fleet.prepare({ a: B }).apply(), { added: [], removed: [], changed: ["a"] });
  assert.deepEqual(told, ["change a to b:1"]);
  told.length = 0;
  assert.deepEqual(await fleet.prepare({ a: POLLED }).apply(), { added: [], removed: [], changed: ["a"] });
  await soon();
  assert.deepEqual(told, ["open a polling", "end a offsets_topic", "run a polling"]);
  stop.abort();
  await running;
});

test("where one cannot be opened nothing changes", async () => {
  const { fleet, told, stop, run, names } = rig({ a: A }, new Set(), new Set(["c"]));
  const running = run();
  await soon();
  assert.throws(() => fleet.prepare({ b: B, c: A }), /cannot be opened/);
  assert.deepEqual(names(), ["a"]);
  assert.ok(!told.includes("end a offsets_topic") && !told.includes("run b offsets_topic"), told.join());
  stop.abort();
  await running;
});

test("what is prepared is open, and changes nothing until it is applied", async () => {
  const { fleet, told, stop, run, names } = rig({ a: A });
  const running = run();
  await soon();
  told.length = 0;
  const prepared = fleet.prepare({ a: B, b: B });
  await soon();
  assert.deepEqual([told, names()], [["open b offsets_topic"], ["a"]]);
  assert.deepEqual(await prepared.apply(), { added: ["b"], removed: [], changed: ["a"] });
  await soon();
  assert.deepEqual(told, ["open b offsets_topic", "change a to b:1", "run b offsets_topic"]);
  stop.abort();
  await running;
});

test("a cluster that fails is begun anew, less and less often, and costs the others nothing", async () => {
  const { fleet, told, pauses, run } = rig({ a: A, b: B }, new Set(["b"]));
  await run();
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  assert.equal(fleet.failures.get("b"), 8);
  assert.deepEqual(
    told.filter((line) => line.includes(" a ")),
    ["open a offsets_topic", "run a offsets_topic", "end a offsets_topic"],
  );
  assert.equal(told.filter((line) => line === "run b offsets_topic").length, 8);
});
