/**
 * # What is fuzzed: every decoder of this folder, and what must hold whatever comes in
 *
 * A target looks at one input and says whether it could be read. It throws where a decoder threw, where two ways of reading
 * disagree, or where a result lies outside of what came.
 */

import assert from "node:assert/strict";
import { crc32c } from "@node-rs/crc32";
import { DECOMPRESSED_BYTES_MAX, decompress } from "./compression.ts";
import {
  BATCHES,
  COMMITS,
  COMPRESSED_BATCHES,
  CONSUMER_PROTOCOL,
  GROUP_METADATA,
  GROUP_STATES,
  KEYS,
  RESPONSES,
} from "./fuzz-corpus.fixture.ts";
import { listOffsetsApi } from "./list-offsets.ts";
import { type Commit, decodeCommitValue, readCommit } from "./offsets-topic/commit-value.ts";
import { decodeAssignment, decodeSubscription } from "./offsets-topic/consumer-protocol.ts";
import { decodeGroupMetadata } from "./offsets-topic/group-metadata.ts";
import { decodeGroupState } from "./offsets-topic/group-state.ts";
import { decodeKey } from "./offsets-topic/key.ts";
import {
  createBatchWalker,
  markerOf,
  nextBatch,
  nextRecord,
  openBatches,
  producerEpochOf,
  producerIdOf,
} from "./record-batch.ts";

export interface Target {
  readonly name: string;
  /** The functions that it tries. */
  readonly decoders: readonly string[];
  /** Of all inputs, in parts of the sum. */
  readonly share: number;
  readonly corpus: readonly Buffer[];
  /** What an input of so many bytes may make, on the heap and beside it. */
  madeBytesMax(bytes: number): number;
  /** `index` is that of the corpus' input which was mutated; `chance` an integer at random. */
  run(bytes: Buffer, index: number, chance: number): boolean;
}

/** An empty name takes one byte, and its object in an array some sixty; the rest is what the engine sets aside, and its compiled code. */
const plain = (bytes: number): number => 2 ** 22 + 100 * bytes;
/** Some bytes may be a long run of zeros; libraries join what they have by parts. */
const decompressed = (): number => 2 ** 22 + 2 * DECOMPRESSED_BYTES_MAX;

const commit: Commit = { committedOffset: 0, committedAtMs: 0 };

/** The fast way and the full one: what the one reads the other reads, and the same. */
function runCommit(bytes: Buffer): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fast = readCommit(view, 0, bytes.length, commit);
  const full = decodeCommitValue(bytes);
  if (full.kind === "malformed") {
    // The fast way does not look at the tags behind it, which only version 4 has.
    assert.ok(fast !== "commit" || bytes.readInt16BE(0) === 4, "read by the fast way alone");
    return false;
  }
  const { version, committedOffset, committedAtMs } = full.value;
  const isOut = committedOffset === "out-of-range" || committedAtMs === "out-of-range";
  // A varint of five bytes for a length below 2^28 is no writer's, and only the full way is so patient.
  if (version === 4 && fast === "malformed") return false;
  assert.equal(fast, isOut ? "out-of-range" : "commit");
  if (!isOut) assert.ok(commit.committedOffset === committedOffset && commit.committedAtMs === committedAtMs);
  return true;
}

/** A byte that is no UTF-8 becomes U+FFFD and two digits. */
const ESCAPED_PER_BYTE = 3;

function runKey(bytes: Buffer): boolean {
  const key = decodeKey(bytes);
  if (key.kind === "malformed") return false;
  if (key.value.kind !== "unknown") assert.ok(key.value.group.length <= ESCAPED_PER_BYTE * bytes.length);
  return true;
}

/** Else nearly every mutation would end at the CRC. */
function mend(batch: Buffer): void {
  if (batch.length < 61) return;
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt8(2, 16);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
}

const walker = createBatchWalker();

/** Ends, gets on with each batch, and no record lies outside. One input in five keeps whatever its length and CRC have become. */
function runBatches(bytes: Buffer, _index: number, chance: number): boolean {
  if (chance % 5 > 0) mend(bytes);
  openBatches(walker, bytes);
  let batches = 0;
  let records = 0;
  for (let step = nextBatch(walker); step !== "end" && step !== "unreadable"; step = nextBatch(walker)) {
    assert.ok(++batches * 17 <= bytes.length, "more batches than bytes");
    assert.ok(walker.nextOffset > walker.baseOffset, "the position stands still");
    if (step !== "batch") continue;
    assert.ok(walker.bytes.length <= Math.max(bytes.length, DECOMPRESSED_BYTES_MAX));
    let inBatch = 0;
    for (let record = nextRecord(walker); record === "record"; record = nextRecord(walker)) {
      assert.ok(++inBatch <= walker.bytes.length, "more records than bytes");
      runRecord();
    }
    records += inBatch;
  }
  return records > 0;
}

function runRecord(): void {
  const { bytes, view, keyStart, keyEnd, valueStart, valueEnd } = walker;
  assert.ok(keyStart <= keyEnd && keyEnd <= valueStart && valueStart <= valueEnd && valueEnd <= bytes.length);
  if (walker.control) markerOf(walker);
  assert.equal(typeof producerIdOf(walker), "bigint");
  assert.ok(Number.isInteger(producerEpochOf(walker)));
  decodeKey(bytes, { start: keyStart, end: keyEnd });
  readCommit(view, valueStart, valueEnd, commit);
}

const HEADER_BYTES = 61;

function runDecompress(bytes: Buffer, index: number): boolean {
  const result = decompress(index + 1, bytes);
  if (result.kind !== "decompressed") return false;
  assert.ok(result.bytes.length <= DECOMPRESSED_BYTES_MAX);
  return true;
}

const RECORD_TARGETS: readonly Target[] = [
  { name: "keys", decoders: ["decodeKey", "textOfBytes"], share: 16, corpus: KEYS, madeBytesMax: plain, run: runKey },
  {
    name: "commits",
    decoders: ["decodeCommitValue", "readCommit"],
    share: 22,
    corpus: COMMITS,
    madeBytesMax: plain,
    run: runCommit,
  },
  {
    name: "group metadata",
    decoders: ["decodeGroupMetadata"],
    share: 10,
    corpus: GROUP_METADATA,
    madeBytesMax: plain,
    run: (bytes) => decodeGroupMetadata(bytes).kind === "decoded",
  },
  {
    name: "group states",
    decoders: ["decodeGroupState"],
    share: 10,
    corpus: GROUP_STATES.map(({ value }) => value),
    madeBytesMax: plain,
    // One in four is read as another type.
    run: (bytes, index, chance) => {
      const type = chance % 4 === 0 ? (chance >>> 2) % 26 : (GROUP_STATES[index]?.type ?? 0);
      return decodeGroupState(type, bytes).kind === "decoded";
    },
  },
  {
    name: "subscriptions and assignments",
    decoders: ["decodeAssignment", "decodeSubscription"],
    share: 8,
    corpus: CONSUMER_PROTOCOL,
    madeBytesMax: plain,
    run: (bytes, _index, chance) =>
      (chance % 2 === 0 ? decodeAssignment(bytes) : decodeSubscription(bytes)).kind === "decoded",
  },
];

const BATCH_TARGETS: readonly Target[] = [
  {
    name: "batches",
    decoders: ["openBatches", "nextBatch", "nextRecord", "markerOf", "producerIdOf", "producerEpochOf"],
    share: 18,
    corpus: BATCHES,
    madeBytesMax: plain,
    run: runBatches,
  },
  {
    name: "compressed batches",
    decoders: ["decompress"],
    share: 0.5,
    corpus: COMPRESSED_BATCHES,
    madeBytesMax: decompressed,
    run: runBatches,
  },
  {
    name: "compressed bytes",
    decoders: ["decompress"],
    share: 0.5,
    corpus: COMPRESSED_BATCHES.map((batch) => batch.subarray(HEADER_BYTES)),
    madeBytesMax: decompressed,
    run: runDecompress,
  },
];

/** One in eight is read as another version. */
const RESPONSE_TARGETS: readonly Target[] = RESPONSES.map(({ api, responses }) => ({
  name: `${api.name} responses`,
  decoders: [`${api.name}.decode`],
  share: 1.5,
  corpus: responses.map(({ bytes }) => bytes),
  madeBytesMax: plain,
  run(bytes, index, chance) {
    const { min, max } = api.versions;
    const version = chance % 8 === 0 ? min + ((chance >>> 3) % (max - min + 1)) : (responses[index]?.version ?? min);
    if (api === listOffsetsApi) runListOffsets(version, bytes);
    return api.decode(version, bytes).kind === "decoded";
  },
}));

function runListOffsets(version: number, bytes: Buffer): void {
  const response = listOffsetsApi.decode(version, bytes);
  if (response.kind === "malformed") return;
  const { topics, topicIndex, partitions, errors, offsets } = response.value;
  assert.ok(partitions.length * 22 <= bytes.length, "more partitions than bytes");
  assert.ok(errors.length === partitions.length && offsets.length === partitions.length);
  assert.ok(topicIndex.every((index) => index < topics.length));
}

export const TARGETS: readonly Target[] = [...RECORD_TARGETS, ...BATCH_TARGETS, ...RESPONSE_TARGETS];
