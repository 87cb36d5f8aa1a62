/** SIGTERM in each state a shipper can be in, and what is there afterwards. */

import assert from "node:assert/strict";
import { createLogger } from "../../runtime/logger.ts";
import { SinksConfig } from "../../shipper/config.ts";
import { createEndlessFeed, POINTS_PER_TICK } from "../../shipper/faults/endless-feed.ts";
import { spoolState } from "../../shipper/faults/kill-loop.suite.ts";
import { createShipper } from "../../shipper/shipper.ts";
import type { FakeInflux } from "../stores/influxdb.ts";
import { startFakeInflux } from "../stores/influxdb.ts";
import type { Step } from "../stores/store-server.ts";
import type { Collector, ShipperProcess } from "./shipper-process.fixture.ts";
import { influxSinks, startCollector, startShipper } from "./shipper-process.fixture.ts";

export interface State {
  readonly name: string;
  /** What the store does meanwhile. */
  readonly store: Step;
  readonly cutLast?: boolean;
  readonly ticksPerRead?: number;
  /** Resolves once the shipper is in it. */
  readonly reached: (shipper: ShipperProcess, collector: Collector, store: FakeInflux) => Promise<unknown>;
}

const TICKS = 60;
const STOP_MS_MAX = 10_000;
const SERVE: Step = { kind: "serve" };

export const STATES: readonly State[] = [
  { name: "idle", store: SERVE, reached: (_, { waitedFor }) => waitedFor },
  { name: "pulling", store: SERVE, cutLast: true, reached: (_, { sent }) => sent },
  { name: "appending", store: SERVE, ticksPerRead: TICKS, reached: (_, { sent }) => sent },
  { name: "sending", store: { kind: "hang" }, reached: (_, __, store) => requested(store) },
  {
    name: "backing off",
    store: { kind: "answer", status: 503, headers: { "retry-after": "600" } },
    reached: ({ said }) => said("sink.unreachable"),
  },
  { name: "held", store: { kind: "answer", status: 401 }, reached: ({ said }) => said("sink.held") },
];

/** Stops one shipper there, softly or, right after, hard; then all that was acknowledged comes out, each point once. */
export async function stopIn(state: State, how: "SIGTERM" | "SIGKILL after SIGTERM"): Promise<void> {
  const { cutLast = false, ticksPerRead = 4 } = state;
  await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
  await using collector = await startCollector({ ticks: TICKS, ticksPerRead, cutLast });
  store.rest(state.store);
  const sinks = influxSinks(store.url);
  await using shipper = startShipper(collector, sinks);
  await state.reached(shipper, collector, store);
  const toldMs = performance.now();
  shipper.child.kill("SIGTERM");
  if (how === "SIGTERM") {
    assert.deepEqual(await shipper.ended, { code: 0, signal: null });
    const tookMs = performance.now() - toldMs;
    assert.ok(tookMs <= STOP_MS_MAX, `${state.name}: ${Math.round(tookMs)} ms`);
  } else {
    shipper.child.kill("SIGKILL");
    await shipper.ended;
  }
  const ticks = Number(spoolState(shipper.dataDir, ["store"]).sourceCursor);
  assert.ok(ticks >= collector.acknowledged(), `${ticks} ticks are left of ${collector.acknowledged()}`);
  store.rest(SERVE);
  await drain(shipper.dataDir, { sinks, ticks });
  assert.equal(store.points.size, ticks * POINTS_PER_TICK);
}

async function requested(store: FakeInflux): Promise<void> {
  while (store.requests.length === 0) await new Promise(setImmediate);
}

async function drain(
  dataDir: string,
  { sinks, ticks }: { readonly sinks: unknown; readonly ticks: number },
): Promise<void> {
  await using shipper = await createShipper({
    feed: createEndlessFeed({ ticksEnd: ticks, ticksPerRead: 4, acknowledged: () => {} }),
    dataDir,
    spoolBytesMax: 2 ** 28,
    sinks: SinksConfig.parse(sinks),
    random: () => 0,
    logger: createLogger("silent"),
    graceMs: 1_000,
  });
  const stop = new AbortController();
  const running = shipper.run(stop.signal);
  for (;;) {
    const { state } = (await shipper.stats()).spool;
    if (state?.sinks.every(([, { point }]) => point === state.pointsIn) === true) break;
    await new Promise(setImmediate);
  }
  stop.abort();
  await running;
}
