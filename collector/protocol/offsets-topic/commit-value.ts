/**
 * # Value of an offset commit (key types 0 and 1)
 *
 *   value := version:i16
 *     0, 2 := offset:i64 metadata:str commitTimestamp:i64
 *     1    := as 0, expireTimestamp:i64
 *     3    := offset:i64 leaderEpoch:i32 metadata:str commitTimestamp:i64                               (KIP-320)
 *     4    := as 3, flexible, tags{ 0: topicId:uuid }                                                   (Kafka 4.1)
 *
 * `commitTimestamp` is the coordinator's clock. Offsets of -1 and -2 occur: clients commit "latest" and "earliest". An offset
 * or time outside ±(2^53-1) is refused, never rounded. `OffsetCommitValue.json` of apache/kafka.
 */

import { type Decoded, DecodeError, decoded } from "../decode-error.ts";
import {
  type Int64,
  int64At,
  type Reader,
  readerOf,
  readInt16,
  readInt32,
  readInt64,
  readTags,
  readText,
  readUuid,
} from "../reader.ts";

const VERSION_MAX = 4;

/** What windows need of a commit; refilled at each call of `readCommit`. */
export interface Commit {
  committedOffset: number;
  committedAtMs: number;
}

export type CommitRead = "commit" | "malformed" | "unknown-version" | "out-of-range";

/**
 * Fast path: fills `commit` from the bytes of `view` from `start` to `end`, steps over the metadata without looking at it, makes
 * nothing. Four parameters because a range would be an object for each of millions of records a second.
 */
export function readCommit(view: DataView, start: number, end: number, commit: Commit): CommitRead {
  if (end - start < 20) return "malformed";
  const version = view.getInt16(start);
  if (version < 0 || version > VERSION_MAX) return "unknown-version";
  const metadataAt = start + (version < 3 ? 10 : 14);
  const timestampAt = version === 4 ? afterCompactText(view, metadataAt, end) : afterText(view, metadataAt);
  if (timestampAt + (version === 1 ? 16 : 8) > end) return "malformed";
  commit.committedOffset = int64At(view, start + 2);
  commit.committedAtMs = int64At(view, timestampAt);
  return Number.isNaN(commit.committedOffset) || Number.isNaN(commit.committedAtMs) ? "out-of-range" : "commit";
}

/** Infinity where there is no text: null is not legal here. */
function afterText(view: DataView, at: number): number {
  const length = view.getInt16(at);
  return length < 0 ? Number.POSITIVE_INFINITY : at + 2 + length;
}

/** Infinity where there is no text, or its length runs over the end. */
function afterCompactText(view: DataView, at: number, end: number): number {
  let length = 0;
  let next = at;
  for (let shift = 0; shift < 28; shift += 7) {
    if (next >= end) return Number.POSITIVE_INFINITY;
    const byte = view.getUint8(next++);
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return length === 0 ? Number.POSITIVE_INFINITY : next + length - 1;
  }
  return Number.POSITIVE_INFINITY;
}

export interface CommitValue {
  readonly version: number;
  readonly committedOffset: Int64;
  /** -1: not known. undefined below version 3. */
  readonly leaderEpoch: number | undefined;
  /** The committer's own words. */
  readonly metadata: string;
  readonly committedAtMs: Int64;
  /** Version 1 only: -1, or when the committer wanted it to expire. */
  readonly expiresAtMs: Int64 | undefined;
  /** Version 4 only, and not always there. */
  readonly topicId: string | undefined;
}

/** All of it, for people and tests. */
export function decodeCommitValue(bytes: Buffer): Decoded<CommitValue> {
  return decoded(() => {
    const prefix = readerOf(bytes, { what: "commit of __consumer_offsets" });
    const version = readInt16(prefix);
    if (version < 0 || version > VERSION_MAX) throw new DecodeError(prefix.what, 0, `version ${version} is not known`);
    return readCommitValue({ ...prefix, flexible: version >= 4 }, version);
  });
}

function readCommitValue(reader: Reader, version: number): CommitValue {
  const committedOffset = readInt64(reader);
  const leaderEpoch = version >= 3 ? readInt32(reader) : undefined;
  const metadata = readText(reader);
  const committedAtMs = readInt64(reader);
  const expiresAtMs = version === 1 ? readInt64(reader) : undefined;
  let topicId: string | undefined;
  readTags(reader, (tag, field) => {
    if (tag === 0) topicId = readUuid(field);
  });
  return { version, committedOffset, leaderEpoch, metadata, committedAtMs, expiresAtMs, topicId };
}
