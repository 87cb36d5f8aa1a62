/**
 * # Everything that our codecs read of a cluster, as lines that can be compared
 *
 * One line per fact, `what: value`. Ids, times and names that a broker makes up are left out or named by their order here, so
 * that two clusters that hold the same say the same.
 */

import { createBrokerFactory } from "../../../collector/kafka/kafkajs.ts";
import type { KafkaLink } from "../../../collector/kafka/link.ts";
import { createKafkaLink } from "../../../collector/kafka/link.ts";
import type { Api } from "../../../collector/protocol/api.ts";
import { consumerGroupDescribeApi } from "../../../collector/protocol/consumer-group-describe.ts";
import { describeGroupsApi } from "../../../collector/protocol/describe-groups.ts";
import { listGroupsApi } from "../../../collector/protocol/list-groups.ts";
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, listOffsetsApi } from "../../../collector/protocol/list-offsets.ts";
import { metadataApi } from "../../../collector/protocol/metadata.ts";
import { offsetFetchApi } from "../../../collector/protocol/offset-fetch.ts";
import { decodeAssignment } from "../../../collector/protocol/offsets-topic/consumer-protocol.ts";
import { NO_SECURITY } from "../../../collector/security/security.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { createLogger } from "../../../runtime/logger.ts";
import { logLines } from "./read-log.ts";

const OFFSETS_TOPIC = "__consumer_offsets";
const EVER = 0;
const FAR_FUTURE_MS = Date.UTC(2100, 0, 1);

export async function readCluster(bootstrap: string): Promise<readonly string[]> {
  const logger = createLogger("silent");
  const factory = createBrokerFactory({
    clientId: "differential",
    security: NO_SECURITY,
    logger,
  });
  await using link = createKafkaLink({ brokers: [bootstrap], factory, nowMs: systemClock.nowMs, logger });
  const { topics, brokers } = await ask(link, metadataApi, { topics: undefined });
  const named = topics
    .map(({ topic, partitions }) => ({ topic, partitions: partitions.map(({ partition }) => partition).sort() }))
    .filter(({ topic }) => topic === OFFSETS_TOPIC || !topic.startsWith("__"))
    .toSorted((left, right) => (left.topic < right.topic ? -1 : 1));
  const lines = [`brokers: ${brokers.length}`];
  for (const { topic, topicId, internal, error, partitions } of topics) {
    if (!named.some((one) => one.topic === topic)) continue;
    const said = partitions.map(({ error: of, leaderNodeId }) => `${of}/${leaderNodeId}`);
    lines.push(`topic ${topic}: error ${error}, internal ${internal}, id ${topicId !== undefined}, ${said.join(" ")}`);
  }
  const users = named.filter(({ topic }) => topic !== OFFSETS_TOPIC);
  for (const [what, timestampMs] of [
    ["end", LATEST_TIMESTAMP],
    ["start", EARLIEST_TIMESTAMP],
    ["first record", EVER],
    ["record of the future", FAR_FUTURE_MS],
  ] as const) {
    const answer = await ask(link, listOffsetsApi, { timestampMs, topics: users });
    for (let i = 0; i < answer.partitions.length; i += 1)
      lines.push(
        `${what} of ${answer.topics[answer.topicIndex[i] ?? 0]} ${answer.partitions[i]}: ${answer.offsets[i]}, error ${answer.errors[i]}`,
      );
  }
  lines.push(...(await groupLines(link)));
  const log = named.find(({ topic }) => topic === OFFSETS_TOPIC);
  lines.push(...(await logLines((api, request) => ask(link, api, request), OFFSETS_TOPIC, log?.partitions ?? [])));
  return lines.toSorted();
}

/** The two clusters have one broker each. */
export async function ask<Request, Response>(
  link: KafkaLink,
  api: Api<Request, Response>,
  request: Request,
): Promise<Response> {
  const outcome = await link.callAny(api, request);
  if (outcome.kind !== "answered") throw outcome.cause;
  return outcome.response;
}

async function groupLines(link: KafkaLink): Promise<readonly string[]> {
  const listed = (await ask(link, listGroupsApi, {})).groups;
  const names = listed.map(({ group }) => group).sort();
  const lines = listed.map((one) => `group ${one.group}: ${one.protocolType}, ${one.state}, ${one.type}`);
  for (const { group, error, offsets } of (await ask(link, offsetFetchApi, { groups: [...names, "nobody"] })).groups) {
    lines.push(`offsets of ${group}: error ${error}`);
    for (const { topic, partition, committedOffset, error: of } of offsets)
      lines.push(`offset of ${group} ${topic} ${partition}: ${committedOffset}, error ${of}`);
  }
  for (const one of (await ask(link, describeGroupsApi, { groups: [...names, "nobody"] })).groups) {
    lines.push(
      `described ${one.group}: error ${one.error}, ${one.state}, ${one.protocolType}, members ${one.members.length}`,
    );
    for (const { clientId, assignment } of one.members) {
      const read = assignment === undefined || assignment.length === 0 ? undefined : decodeAssignment(assignment);
      const topics = read?.kind === "decoded" ? read.value.assignedPartitions : read?.kind;
      lines.push(`member ${clientId} of ${one.group}: ${JSON.stringify(topics)}`);
    }
  }
  for (const one of (await ask(link, consumerGroupDescribeApi, { groups: [...names, "nobody"] })).groups) {
    const { group, error, state, epoch, assignmentEpoch, members } = one;
    lines.push(`consumer group ${group}: error ${error}, ${state}, epoch ${epoch}, target ${assignmentEpoch}`);
    for (const { clientId, memberEpoch, assignment, targetAssignment } of members) {
      const texts = [assignment, targetAssignment].map((all) =>
        all.map(({ topic, topicId, partitions }) => [topic, topicId !== undefined, [...partitions].sort()].join(" ")),
      );
      lines.push(`member ${clientId} of consumer group ${group}: epoch ${memberEpoch}, ${JSON.stringify(texts)}`);
    }
  }
  return lines;
}
