/**
 * # The topics of a scenario
 *
 * Made in batches, since the controller of one small node takes a thousand partitions a request without falling behind, and
 * filled with equal partitions.
 */

import type { Kafka } from "kafkajs";
import { fillTopic, topicsReady } from "../../test/real/topics.ts";
import { type Scenario, topicName } from "./scenario.ts";

const TOPICS_PER_REQUEST = 10;
const CREATE_TIMEOUT_MS = 60_000;

export async function createTopics(kafka: Kafka, scenario: Scenario): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  for (let first = 0; first < scenario.topics; first += TOPICS_PER_REQUEST) {
    const count = Math.min(TOPICS_PER_REQUEST, scenario.topics - first);
    const topics = Array.from({ length: count }, (_, i) => ({
      topic: topicName(first + i),
      numPartitions: scenario.partitionsPerTopic,
      replicationFactor: 1,
    }));
    // Its own wait for leaders throws while the broker has not heard of a topic yet; asked again, it has.
    await admin.createTopics({ topics, timeout: CREATE_TIMEOUT_MS, waitForLeaders: false });
  }
  await topicsReady(admin, names(scenario));
  await admin.disconnect();
}

function names(scenario: Scenario): string[] {
  return Array.from({ length: scenario.topics }, (_, topic) => topicName(topic));
}

export async function fillTopics(kafka: Kafka, scenario: Scenario): Promise<void> {
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  const { partitionsPerTopic: partitions, recordsPerPartition: records } = scenario;
  for (const topic of names(scenario)) await fillTopic(admin, producer, { topic, partitions, records });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
}
