/**
 * # Batches and records of the offsets topic, written for tests and benchmarks
 *
 * The other direction of record-batch.ts and offsets-topic/: same grammars. Nothing of the product writes these.
 */

import { gzipSync, zstdCompressSync } from "node:zlib";
import { crc32c } from "@node-rs/crc32";
import { compressFrameSync } from "lz4-napi";
import { compressSync } from "snappy";
import {
  createWriter,
  type Writer,
  writeArray,
  writeBytes,
  writeInt8,
  writeInt16,
  writeInt32,
  writeInt64,
  writeRaw,
  writeTags,
  writeText,
  writeUvarint,
  written,
} from "./writer.ts";

export interface RecordFixture {
  /** By default records follow one another. */
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly key: Buffer | undefined;
  readonly value: Buffer | undefined;
}

export interface BatchFixture {
  readonly baseOffset: number;
  readonly records: readonly RecordFixture[];
  /** By default that of the last record. */
  readonly lastOffsetDelta?: number;
  readonly baseTimestamp?: number;
  readonly producerId?: bigint;
  readonly transactional?: boolean;
  readonly control?: boolean;
  readonly codec?: 0 | 1 | 2 | 3 | 4;
}

const COMPRESS = [
  (bytes: Buffer) => bytes,
  (bytes: Buffer) => gzipSync(bytes),
  (bytes: Buffer) => compressSync(bytes),
  (bytes: Buffer) => compressFrameSync(bytes),
  (bytes: Buffer) => zstdCompressSync(bytes),
] as const;

export function encodeBatch(batch: BatchFixture): Buffer {
  const { baseOffset, records, baseTimestamp = 1_700_000_000_000, codec = 0 } = batch;
  const deltas = records.map((one, i) => one.offsetDelta ?? i);
  const body = createWriter();
  for (const [i, record] of records.entries()) writeRecord(body, record, deltas[i] ?? i);
  const attributes = codec | (batch.transactional ? 0x10 : 0) | (batch.control ? 0x20 : 0);
  const checked = createWriter();
  writeInt16(checked, attributes);
  writeInt32(checked, batch.lastOffsetDelta ?? Math.max(0, ...deltas));
  writeInt64(checked, baseTimestamp);
  writeInt64(checked, baseTimestamp + Math.max(0, ...records.map((one) => one.timestampDelta ?? 0)));
  writeRaw(checked, int64Bytes(batch.producerId ?? -1n));
  writeInt16(checked, batch.producerId === undefined ? -1 : 0);
  writeInt32(checked, -1);
  writeInt32(checked, records.length);
  writeRaw(checked, COMPRESS[codec](written(body)));
  const whole = createWriter();
  writeInt64(whole, baseOffset);
  writeInt32(whole, checked.at + 9);
  writeInt32(whole, 0);
  writeInt8(whole, 2);
  writeInt32(whole, crc32c(written(checked)) | 0);
  writeRaw(whole, written(checked));
  return written(whole);
}

function int64Bytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

function writeRecord(writer: Writer, { key, value, timestampDelta = 0 }: RecordFixture, offsetDelta: number): void {
  const body = createWriter();
  writeInt8(body, 0);
  writeVarint(body, timestampDelta);
  writeVarint(body, offsetDelta);
  writeNullable(body, key);
  writeNullable(body, value);
  writeVarint(body, 0);
  writeVarint(writer, body.at);
  writeRaw(writer, written(body));
}

function writeNullable(writer: Writer, bytes: Buffer | undefined): void {
  writeVarint(writer, bytes?.length ?? -1);
  if (bytes !== undefined) writeRaw(writer, bytes);
}

/** Zig-zag, 32 bits. */
function writeVarint(writer: Writer, value: number): void {
  writeUvarint(writer, ((value << 1) ^ (value >> 31)) >>> 0);
}

export interface CommitKeyFixture {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

export function encodeCommitKey({ group, topic, partition }: CommitKeyFixture, type = 1): Buffer {
  const writer = createWriter();
  writeInt16(writer, type);
  writeText(writer, group);
  writeText(writer, topic);
  writeInt32(writer, partition);
  return written(writer);
}

/** Any other key: its type, the group, and a member where the type has one. */
export function encodeGroupKey(type: number, group: string, memberId?: string): Buffer {
  const writer = createWriter();
  writeInt16(writer, type);
  writeText(writer, group);
  if (memberId !== undefined) writeText(writer, memberId);
  return written(writer);
}

export interface CommitValueFixture {
  readonly committedOffset: number;
  readonly committedAtMs: number;
  readonly metadata?: string;
  readonly leaderEpoch?: number;
}

export function encodeCommitValue(value: CommitValueFixture, version = 3): Buffer {
  const writer = createWriter(version >= 4);
  writeInt16(writer, version);
  writeInt64(writer, value.committedOffset);
  if (version >= 3) writeInt32(writer, value.leaderEpoch ?? -1);
  writeText(writer, value.metadata ?? "");
  writeInt64(writer, value.committedAtMs);
  if (version === 1) writeInt64(writer, -1);
  writeTags(writer);
  return written(writer);
}

interface MemberFixture {
  readonly memberId: string;
  readonly clientId: string;
  readonly clientHost: string;
  readonly groupInstanceId?: string | undefined;
  readonly assignment?: Buffer | undefined;
}

export interface GroupMetadataFixture {
  readonly protocolType: string;
  readonly generation: number;
  readonly members: readonly MemberFixture[];
}

export function encodeGroupMetadata(metadata: GroupMetadataFixture, version = 3): Buffer {
  const writer = createWriter(version >= 4);
  writeInt16(writer, version);
  writeText(writer, metadata.protocolType);
  writeInt32(writer, metadata.generation);
  writeText(writer, undefined);
  writeText(writer, metadata.members[0]?.memberId);
  if (version >= 2) writeInt64(writer, 1_700_000_000_000);
  writeArray(writer, metadata.members, (to, member) => {
    writeText(to, member.memberId);
    if (version >= 3) writeText(to, member.groupInstanceId);
    writeText(to, member.clientId);
    writeText(to, member.clientHost);
    if (version >= 1) writeInt32(to, 300_000);
    writeInt32(to, 45_000);
    writeBytes(to, undefined);
    writeBytes(to, member.assignment);
    writeTags(to);
  });
  writeTags(writer);
  return written(writer);
}

export function encodeAssignment(topics: readonly { topic: string; partitions: readonly number[] }[]): Buffer {
  const writer = createWriter();
  writeInt16(writer, 1);
  writeArray(writer, topics, (to, { topic, partitions }) => {
    writeText(to, topic);
    writeArray(to, partitions, writeInt32);
  });
  writeBytes(writer, undefined);
  return written(writer);
}

/** A control batch that ends the producer's transaction. */
export function encodeMarker(baseOffset: number, producerId: bigint, kind: "COMMIT" | "ABORT"): Buffer {
  const key = Buffer.from([0, 0, 0, kind === "COMMIT" ? 1 : 0]);
  const value = Buffer.from([0, 0, 0, 0, 0, 7]);
  return encodeBatch({ baseOffset, records: [{ key, value }], producerId, transactional: true, control: true });
}
