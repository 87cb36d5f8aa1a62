/**
 * The same script on a real Kafka 4.1 and on the simulated cluster, and what our codecs read from both, field by field. What
 * cannot be the same is left out where it is read; simulator/README.md names it, with the reasons.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { readCluster } from "./differential/read-cluster.ts";
import { OFFSETS_PARTITIONS, playOnBroker, playOnSimulator } from "./differential/scripts.ts";
import { startBroker } from "./kafka/broker.ts";

test("a real broker and the simulated one tell our codecs the same", async () => {
  await using broker = await startBroker({ version: "4.1.2", offsetsPartitions: OFFSETS_PARTITIONS });
  await using _member = await playOnBroker(broker);
  const real = await readCluster(broker.bootstrap);
  const cluster = playOnSimulator();
  await using brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
  const simulated = await readCluster(brokers.bootstrap[0] ?? "");
  assert.ok(real.length > 40);
  assert.deepEqual(simulated, real);
});
