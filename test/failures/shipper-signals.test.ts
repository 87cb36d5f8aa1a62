/** Signals to a shipper as a process of its own. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { POINTS_PER_TICK } from "../../shipper/faults/endless-feed.ts";
import { startFakeInflux } from "../stores/influxdb.ts";
import { influxSinks, startCollector, startShipper } from "./shipper-process.fixture.ts";
import { STATES, stopIn } from "./shipper-signals.suite.ts";

test("S23: told to stop in any state, a store that is away or hangs among them, it ends with 0 in ten seconds and loses nothing", async (context) => {
  for (const state of STATES) {
    await stopIn(state, "SIGTERM");
    context.diagnostic(`stopped while ${state.name}`);
  }
});

test("killed while it drains, it loses nothing", async () => {
  for (const state of STATES.filter(({ name }) => name === "appending" || name === "sending"))
    await stopIn(state, "SIGKILL after SIGTERM");
});

test("SIGHUP: a configuration that is refused changes nothing, one that is not takes its place, and the process is the same", async () => {
  await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"], authorization: () => "Token x" });
  await using other = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
  await using collector = await startCollector({ ticks: 8, ticksPerRead: 4 });
  const sinks = influxSinks(store.url);
  await using shipper = startShipper(collector, sinks);
  await shipper.said("sink.held");
  shipper.configure({ ...sinks, other: { type: "influxdb", ulr: other.url } });
  shipper.child.kill("SIGHUP");
  assert.match(await shipper.said("config.refused"), /ulr/);
  const { store: held } = influxSinks(other.url);
  shipper.configure({ store: held });
  shipper.child.kill("SIGHUP");
  assert.match(await shipper.said("config.reloaded"), /"changed":\["store"\]/);
  while (other.points.size < 8 * POINTS_PER_TICK) await new Promise(setImmediate);
  shipper.child.kill("SIGTERM");
  assert.deepEqual(await shipper.ended, { code: 0, signal: null });
  assert.equal(store.points.size, 0);
});
