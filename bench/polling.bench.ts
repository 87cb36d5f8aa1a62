/**
 * # What a poll of 200,000 group-partitions costs
 *
 * 5,000 groups of 40 partitions on ten simulated brokers, which are a thread of their own. A poll is one round with every broker,
 * all at once: ListGroups, OffsetFetch, what has changed, and the windows. CPU is that of our thread, bytes are those of our sockets.
 */

import diagnostics from "node:diagnostics_channel";
import { once } from "node:events";
import type { Socket } from "node:net";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { createBrokerFactory } from "../collector/kafka/kafkajs.ts";
import { createKafkaLink } from "../collector/kafka/link.ts";
import { createMetadataKeeper } from "../collector/kafka/metadata-keeper.ts";
import { createPolledCommits } from "../collector/kafka/polled-commits.ts";
import { createWatermarkPoll } from "../collector/kafka/watermark-poll.ts";
import { NO_SECURITY } from "../collector/security/security.ts";
import { BURROW_STORE_DEFAULTS } from "../collector/window/burrow-store.ts";
import { createClusterState } from "../collector/window/cluster-state.ts";
import { systemClock } from "../runtime/clock.ts";
import { createLogger } from "../runtime/logger.ts";
import { createCluster } from "../simulator/cluster/create-cluster.ts";
import { SCALE_5000 } from "../simulator/scenario/scale.ts";
import { startBrokers } from "../simulator/wire/brokers.ts";
import { randomOf } from "../simulator/world/random.ts";
import { quantile, table } from "./table.ts";

const POLLS = 7;
const { groups, partitions, groupsPerTopic, brokers: brokerCount, offsetsPartitions } = SCALE_5000;

if (isMainThread) await main();
else await serve();

/** Commits everything once more whenever it is told to. */
async function serve(): Promise<void> {
  const brokers = Array.from({ length: brokerCount }, (_, index) => index + 1);
  const random = randomOf(1, "cluster");
  const cluster = createCluster({ clusterId: "bench", version: "4.1", brokers, offsetsPartitions, random });
  const atMs = systemClock.nowMs;
  const topicOf = (group: number): string => `topic-${Math.floor(group / groupsPerTopic)}`;
  for (let group = 0; group < groups; group += groupsPerTopic) {
    cluster.createTopic({ topic: topicOf(group), partitions }, atMs());
    for (let partition = 0; partition < partitions; partition += 1)
      cluster.append(topicOf(group), partition, 1_000, atMs());
  }
  const commitAll = (committedOffset: number): void => {
    for (let group = 0; group < groups; group += 1) {
      const offsets = Array.from({ length: partitions }, (_, partition) => ({
        topic: topicOf(group),
        partition,
        committedOffset,
      }));
      cluster.commit({ group: `group-${group}`, offsets, atMs: atMs() });
    }
  };
  commitAll(0);
  const started = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
  parentPort?.on("message", (committedOffset: number) => {
    commitAll(committedOffset);
    parentPort?.postMessage("committed");
  });
  parentPort?.postMessage(started.bootstrap);
}

async function main(): Promise<void> {
  const sockets: Socket[] = [];
  diagnostics.subscribe("net.client.socket", (message) => void sockets.push((message as { socket: Socket }).socket));
  const worker = new Worker(new URL(import.meta.url));
  const [bootstrap] = (await once(worker, "message")) as [readonly string[]];
  const clock = systemClock;
  const logger = createLogger("silent");

  const factory = createBrokerFactory({ clientId: "bench", security: NO_SECURITY, logger });
  await using link = createKafkaLink({ brokers: bootstrap, factory, nowMs: clock.nowMs, logger });
  const nowS = () => Math.floor(clock.nowMs() / 1_000);
  const state = createClusterState({ cluster: "bench", burrow: BURROW_STORE_DEFAULTS, nowS });
  const base = { link, observer: state, clock };
  const keeper = createMetadataKeeper({ ...base, logger, readsTopic: false });
  const stop = new AbortController();
  const keeping = keeper.actor(stop.signal);
  await keeper.first(stop.signal);
  await createWatermarkPoll({ ...base, keeper, endEveryMs: 1, startEveryMs: 1, stableEveryMs: 1 }).once("end");
  const more = { everyMs: 10_000, partitionsMax: 1_000_000, random: () => 0, onTouched: () => {} };
  const commits = createPolledCommits({ ...base, ...more, keeper });
  const poll = () => Promise.all(link.nodeIds().map((nodeId) => commits.round(nodeId)));
  const received = () => sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  const sent = () => sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
  const measured = async () => {
    const [bytes, out, cpu, beganMs] = [received(), sent(), process.threadCpuUsage(), performance.now()];
    const asked = [...link.requests.values()].reduce((sum, count) => sum + count, 0);
    await poll();
    const { user, system } = process.threadCpuUsage(cpu);
    const requests = [...link.requests.values()].reduce((sum, count) => sum + count, 0) - asked;
    const ms = performance.now() - beganMs;
    return { ms, cpuMs: (user + system) / 1_000, received: received() - bytes, sent: sent() - out, requests };
  };
  const first = await measured();
  const still = [];
  for (let i = 0; i < POLLS; i += 1) still.push(await measured());
  const moved = [];
  for (let offset = 1; offset <= POLLS; offset += 1) {
    worker.postMessage(offset);
    await once(worker, "message");
    moved.push(await measured());
  }
  stop.abort();
  await keeping;
  await worker.terminate();
  process.stdout.write(`${tableOf({ first: [first], "nothing moved": still, "all moved": moved })}\n`);
  if (commits.counts.commits !== POLLS * groups * partitions)
    throw new Error(`${commits.counts.commits} commits were seen of ${POLLS * groups * partitions}`);
}

interface Measured {
  readonly ms: number;
  readonly cpuMs: number;
  readonly received: number;
  readonly sent: number;
  readonly requests: number;
}

/** Medians. */
function tableOf(runs: Readonly<Record<string, readonly Measured[]>>): string {
  const header = ["poll", "ms", "CPU ms", "MB received", "KB sent", "requests"];
  const rows = Object.entries(runs).map(([name, all]) => {
    const middle = (of: (one: Measured) => number): number => quantile(all.map(of), 0.5) ?? Number.NaN;
    const megabytes = (middle(({ received }) => received) / 1e6).toFixed(1);
    const kilobytes = (middle(({ sent }) => sent) / 1e3).toFixed(0);
    const whole = [({ ms }: Measured) => ms, ({ cpuMs }: Measured) => cpuMs].map((of) => middle(of).toFixed(0));
    return [name, ...whole, megabytes, kilobytes, String(middle(({ requests }) => requests))];
  });
  return table(header, rows);
}
