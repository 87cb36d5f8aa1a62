/**
 * # What members of protocol type "consumer" say to each other
 *
 *   subscription := version:i16 topics[str] userData:bytes (1+: owned[]) (2+: generation:i32) (3+: rack:nstr)
 *   assignment   := version:i16 assigned[] userData:bytes                         or nothing at all: nothing assigned
 *     owned, assigned := topic:str partitions[i32]
 *
 * Never flexible. A newer version is read with the newest known layout; a tail that is missing counts as empty, because real
 * members announce version 1 and stop after the user data. Other protocol types ("connect", "sr", ...) put their own bytes in
 * these places: look at the protocol type first. `ConsumerProtocol{Subscription,Assignment}.json` of apache/kafka.
 */

import { type Decoded, DecodeError, decoded } from "../decode-error.ts";
import {
  bytesLeft,
  type Reader,
  readArray,
  readBytes,
  readerOf,
  readInt16,
  readInt32,
  readInt32Array,
  readNullableText,
  readText,
} from "../reader.ts";

interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface Assignment {
  readonly version: number;
  readonly assignedPartitions: readonly TopicPartitions[];
  readonly userData: Buffer | undefined;
}

export interface Subscription {
  readonly version: number;
  readonly topics: readonly string[];
  readonly userData: Buffer | undefined;
  readonly ownedPartitions: readonly TopicPartitions[];
  /** -1: not known. */
  readonly generationId: number;
  readonly rackId: string | undefined;
}

export function decodeAssignment(bytes: Buffer): Decoded<Assignment> {
  return decoded(() => {
    const reader = readerOf(bytes, { what: "assignment" });
    if (bytes.length === 0) return { version: 0, assignedPartitions: [], userData: undefined };
    const version = readVersion(reader);
    const assignedPartitions = readArray(reader, 6, readTopicPartitions);
    const userData = bytesLeft(reader) > 0 ? readBytes(reader) : undefined;
    return { version, assignedPartitions, userData };
  });
}

export function decodeSubscription(bytes: Buffer): Decoded<Subscription> {
  return decoded(() => {
    const reader = readerOf(bytes, { what: "subscription" });
    const version = readVersion(reader);
    const topics = readArray(reader, 2, readText);
    const userData = bytesLeft(reader) > 0 ? readBytes(reader) : undefined;
    const ownedPartitions = version >= 1 && bytesLeft(reader) > 0 ? readArray(reader, 6, readTopicPartitions) : [];
    const generationId = version >= 2 && bytesLeft(reader) > 0 ? readInt32(reader) : -1;
    const rackId = version >= 3 && bytesLeft(reader) > 0 ? readNullableText(reader) : undefined;
    return { version, topics, userData, ownedPartitions, generationId, rackId };
  });
}

function readVersion(reader: Reader): number {
  const version = readInt16(reader);
  if (version < 0) throw new DecodeError(reader.what, 0, `version ${version}`);
  return version;
}

function readTopicPartitions(reader: Reader): TopicPartitions {
  return { topic: readText(reader), partitions: readInt32Array(reader) };
}
