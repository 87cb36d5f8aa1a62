/**
 * # Metadata (api 3), versions 4 to 12; flexible since 9
 *
 *   request  := topics[] allowAutoCreate:i8 (8..10: clusterAuthorizedOps:i8) (8+: topicAuthorizedOps:i8)      topics null: all
 *     topic  := (10+: topicId:uuid) name:str
 *   response := throttle:i32 brokers[] clusterId:nstr controllerId:i32 topics[] (8..10: clusterAuthorizedOps:i32)
 *     broker := id:i32 host:str port:i32 rack:nstr
 *     topic  := error:i16 name:nstr (10+: topicId:uuid) internal:i8 partitions[] (8+: authorizedOps:i32)
 *     partition := error:i16 id:i32 leader:i32 (7+: leaderEpoch:i32) replicas[i32] isr[i32] (5+: offline[i32])
 * Flexible: tags after each struct. Never creates a topic.
 */

import { apiOf } from "./api.ts";
import {
  type Reader,
  readArray,
  readBoolean,
  readInt16,
  readInt32,
  readInt32Head,
  readNullableText,
  readTags,
  readText,
  readUuid,
  skipArray,
} from "./reader.ts";
import { type Writer, writeArray, writeBoolean, writeCount, writeRaw, writeTags, writeText } from "./writer.ts";

export interface MetadataRequest {
  /** undefined: all topics of the cluster. */
  readonly topics: readonly string[] | undefined;
}

interface MetadataBroker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

interface MetadataPartition {
  readonly partition: number;
  readonly error: number;
  /** undefined: no leader at present. */
  readonly leaderNodeId: number | undefined;
  /** How many there are, and how many of them are in sync. */
  readonly replicas: number;
  readonly inSync: number;
  /** The first replica, which should lead; undefined: there are none. */
  readonly preferredNodeId: number | undefined;
}

export interface MetadataTopic {
  readonly topic: string;
  /** Known since version 10. */
  readonly topicId: string | undefined;
  readonly error: number;
  readonly internal: boolean;
  readonly partitions: readonly MetadataPartition[];
}

export interface MetadataResponse {
  readonly throttleMs: number;
  readonly brokers: readonly MetadataBroker[];
  readonly clusterId: string | undefined;
  readonly topics: readonly MetadataTopic[];
}

const NO_TOPIC_ID = Buffer.alloc(16);

export const metadataApi = apiOf<MetadataRequest, MetadataResponse>({
  apiKey: 3,
  name: "Metadata",
  versions: { min: 4, max: 12 },
  flexibleSince: 9,
  request: writeRequest,
  response: readResponse,
});

function writeRequest(writer: Writer, version: number, { topics }: MetadataRequest): void {
  if (topics === undefined) writeCount(writer, undefined);
  else writeArray(writer, topics, (to, topic) => writeRequestTopic(to, version, topic));
  writeBoolean(writer, false);
  if (version >= 8 && version <= 10) writeBoolean(writer, false);
  if (version >= 8) writeBoolean(writer, false);
  writeTags(writer);
}

function writeRequestTopic(writer: Writer, version: number, topic: string): void {
  if (version >= 10) writeRaw(writer, NO_TOPIC_ID);
  writeText(writer, topic);
  writeTags(writer);
}

function readResponse(reader: Reader, version: number): MetadataResponse {
  const throttleMs = readInt32(reader);
  const brokers = readArray(reader, 11, readBroker);
  const clusterId = readNullableText(reader);
  readInt32(reader); // the controller: we have no business with it
  const topics = readArray(reader, 6, (from) => readTopic(from, version));
  if (version >= 8 && version <= 10) readInt32(reader); // authorised operations, not asked for
  return { throttleMs, brokers, clusterId, topics };
}

function readBroker(reader: Reader): MetadataBroker {
  const nodeId = readInt32(reader);
  const host = readText(reader);
  const port = readInt32(reader);
  readNullableText(reader); // rack
  readTags(reader);
  return { nodeId, host, port };
}

function readTopic(reader: Reader, version: number): MetadataTopic {
  const error = readInt16(reader);
  const topic = readNullableText(reader) ?? "";
  const topicId = version >= 10 ? readUuid(reader) : undefined;
  const internal = readBoolean(reader);
  const partitions = readArray(reader, 10, (from) => readPartition(from, version));
  if (version >= 8) readInt32(reader); // authorised operations, not asked for
  readTags(reader);
  return { topic, topicId, error, internal, partitions };
}

function readPartition(reader: Reader, version: number): MetadataPartition {
  const error = readInt16(reader);
  const partition = readInt32(reader);
  const leader = readInt32(reader);
  if (version >= 7) readInt32(reader); // leader epoch: sent as -1 everywhere, so that no request is fenced
  const { length: replicas, first: preferredNodeId } = readInt32Head(reader);
  const { length: inSync } = readInt32Head(reader);
  if (version >= 5) skipArray(reader, 4); // offline replicas
  readTags(reader);
  return { partition, error, leaderNodeId: leader < 0 ? undefined : leader, replicas, inSync, preferredNodeId };
}
