/**
 * # What a member of a classic consumer group says and is given
 *
 *   subscription := version:i16 topics[str] userData:bytes  v1: ownedPartitions[ topic:str partitions[i32] ]  v2: generationId:i32
 *                   v3: rackId:str
 *   assignment   := version:i16 assignedPartitions[ topic:str partitions[i32] ] userData:bytes
 *
 * `ConsumerProtocolSubscription.json`, `ConsumerProtocolAssignment.json` of apache/kafka. Never flexible.
 */

import {
  type ByteWriter,
  createByteWriter,
  writeArray,
  writeBytes,
  writeInt16,
  writeInt32,
  writeText,
  written,
} from "./byte-writer.ts";

/** What a client of the time writes. */
export type ConsumerProtocolVersion = 0 | 1 | 2 | 3;

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface Subscription {
  readonly topics: readonly string[];
  readonly userData?: Uint8Array | undefined;
  readonly ownedPartitions: readonly TopicPartitions[];
  /** -1: none yet. */
  readonly generation: number;
}

export function encodeSubscription(subscription: Subscription, version: ConsumerProtocolVersion): Buffer {
  const writer = createByteWriter();
  writeInt16(writer, version);
  writeArray(writer, subscription.topics, writeText);
  writeBytes(writer, subscription.userData);
  if (version >= 1) writeArray(writer, subscription.ownedPartitions, writeTopicPartitions);
  if (version >= 2) writeInt32(writer, subscription.generation);
  if (version >= 3) writeText(writer, undefined);
  return written(writer);
}

export interface Assignment {
  readonly partitions: readonly TopicPartitions[];
  readonly userData?: Uint8Array | undefined;
}

export function encodeAssignment({ partitions, userData }: Assignment, version: ConsumerProtocolVersion): Buffer {
  const writer = createByteWriter();
  writeInt16(writer, version);
  writeArray(writer, partitions, writeTopicPartitions);
  writeBytes(writer, userData);
  return written(writer);
}

function writeTopicPartitions(writer: ByteWriter, { topic, partitions }: TopicPartitions): void {
  writeText(writer, topic);
  writeArray(writer, partitions, writeInt32);
}
