/** # What a metadata answer says of brokers and replicas, by column */

import type { Replication, TopicReplication } from "../model/replication.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { MetadataResponse, MetadataTopic } from "../protocol/metadata.ts";

export function replicationOf({ brokers, topics }: MetadataResponse): Replication {
  return {
    brokers: brokers.map(({ nodeId, host, port }) => ({ nodeId, address: addressOf(host, port) })),
    topics: new Map(topics.filter(isTold).map((topic) => [topic.topic, topicReplication(topic)])),
  };
}

function addressOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A topic that is gone, or that we may not describe, comes without partitions. */
function isTold({ error, partitions }: MetadataTopic): boolean {
  return error === ERROR_CODE.NONE && partitions.length > 0;
}

function topicReplication({ partitions }: MetadataTopic): TopicReplication {
  const sorted = partitions.toSorted((left, right) => left.partition - right.partition);
  return {
    partitions: Int32Array.from(sorted, ({ partition }) => partition),
    leaders: Int32Array.from(sorted, ({ leaderNodeId }) => leaderNodeId ?? -1),
    replicas: Int32Array.from(sorted, ({ replicas }) => replicas),
    inSync: Int32Array.from(sorted, ({ inSync }) => inSync),
    preferred: Int32Array.from(sorted, ({ preferredNodeId }) => preferredNodeId ?? -1),
  };
}
