/** Record times over sockets: one request to each leader that has something to say, and what cannot be said is left out. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../../runtime/logger.ts";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import type { RecordTimeQuestion, RecordTimesAnswer } from "../model/observation.ts";
import { NO_SECURITY } from "../security/security.ts";
import { createBrokerFactory } from "./kafkajs.ts";
import { createKafkaLink } from "./link.ts";
import { createMetadataKeeper } from "./metadata-keeper.ts";
import { createRecordTimesPoll } from "./record-times-poll.ts";
import { recorder, stoppedClock } from "./sockets.fixture.ts";

const AT_MS = Date.UTC(2026, 0, 1);
const logger = createLogger("silent");

/** Records of each partition every ten seconds; partition 1 has lost its first three. */
function writtenCluster() {
  const random = randomOf(1, "cluster");
  const cluster = createCluster({ clusterId: "c", version: "4.1", brokers: [1, 2], offsetsPartitions: 1, random });
  for (const topic of ["a", "b"]) {
    cluster.createTopic({ topic, partitions: 2 }, AT_MS);
    for (let i = 0; i < 10; i += 1)
      for (const partition of [0, 1]) cluster.append(topic, partition, 1, AT_MS + i * 10_000);
  }
  cluster.advanceStart("a", 1, 3);
  return cluster;
}

async function asked(questions: readonly RecordTimeQuestion[]) {
  const random = randomOf(1, "brokers");
  await using brokers = await startBrokers({ view: writtenCluster(), random });
  const factory = createBrokerFactory({ clientId: "test", security: NO_SECURITY, logger });
  await using link = createKafkaLink({ brokers: brokers.bootstrap, factory, nowMs: stoppedClock.nowMs, logger });
  const observer = recorder();
  const keeper = createMetadataKeeper({ link, observer, clock: stoppedClock, logger, readsTopic: true });
  const stop = new AbortController();
  const keeping = keeper.actor(stop.signal);
  await keeper.first(stop.signal);
  const poll = createRecordTimesPoll({ link, keeper, observer, clock: stoppedClock, wanted: () => questions });
  await poll.once();
  stop.abort();
  await keeping;
  const answers = observer.take("record-times") as readonly RecordTimesAnswer[];
  const rows = answers.flatMap((answer) =>
    [...answer.partitions].map((partition, i) => {
      const name = `${answer.topics[answer.topicIndex[i] ?? -1]} ${partition}`;
      return [name, answer.askedMs[i], answer.offsets[i], answer.timesMs[i]];
    }),
  );
  return { rows: rows.toSorted(), requests: link.requests.get("ListOffsets") ?? 0 };
}

test("each partition is asked for its own time, with one request a leader", async () => {
  const { rows, requests } = await asked([
    { topic: "a", partition: 0, timestampMs: AT_MS + 15_000 },
    { topic: "a", partition: 1, timestampMs: 0 },
    { topic: "b", partition: 1, timestampMs: AT_MS + 90_001 },
  ]);
  assert.deepEqual(rows, [
    ["a 0", AT_MS + 15_000, 2, AT_MS + 20_000],
    ["a 1", 0, 3, AT_MS + 30_000],
    ["b 1", AT_MS + 90_001, -1, -1],
  ]);
  assert.ok(requests <= 2, `${requests} requests`);
});

test("where nothing is wanted nothing is asked, and a partition that is not there is left out", async () => {
  assert.deepEqual(await asked([]), { rows: [], requests: 0 });
  const nowhere = { topic: "gone", partition: 0, timestampMs: 0 };
  assert.deepEqual(await asked([nowhere]), { rows: [], requests: 0 });
  const { rows } = await asked([nowhere, { topic: "b", partition: 0, timestampMs: AT_MS }]);
  assert.deepEqual(rows, [["b 0", AT_MS, 0, AT_MS]]);
});
