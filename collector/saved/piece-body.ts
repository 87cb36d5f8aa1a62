/**
 * # A piece of what is saved, as bytes
 *
 *     body  := jsonBytes:u32 json:UTF-8 array*
 *     array := its elements, int32 or float64; `lengths` in the JSON says how many, list by list, in the order below
 *
 * Little-endian, as the machines are that we run on, so that arrays are copied and not converted. A lone surrogate in a name
 * survives: JSON escapes it. Reading checks every length and every index against what is there; what does not fit throws a
 * PieceError.
 */

import { z } from "zod";
import type { SavedGroups, SavedPiece, SavedTopics } from "../window/saved.ts";

const JSON_LENGTH_BYTES = 4;
/** More than any cluster has in all: what is counted up to a number of the file must end. */
const PARTITIONS_MAX = 1_000_000;
const WINDOW_MAX = 255;

const count = z.int().nonnegative();
const lengths = z.array(count).readonly();

const Head = z.object({
  cluster: z.string(),
  savedAtMs: z.number(),
  intervals: z.int().positive().max(WINDOW_MAX),
  minDistanceMs: z.number().nonnegative(),
  logTopicId: z.string().optional(),
  told: z.object({ source: z.string(), groups: z.array(z.string()), topics: z.array(z.string()) }).exactOptional(),
  logs: z
    .array(z.object({ logPartition: count.max(PARTITIONS_MAX), from: count, position: count, resume: count }))
    .readonly(),
});
const Groups = z.object({
  groups: z
    .array(
      z.object({
        group: z.string(),
        logPartition: z.int().min(-1).max(PARTITIONS_MAX),
        offered: count,
        lastCommitMs: z.number(),
        generation: z.int().exactOptional(),
      }),
    )
    .readonly(),
  topics: z.array(z.string()).readonly(),
  texts: z.array(z.string()).readonly(),
  lengths,
});
const Topics = z.object({
  topics: z
    .array(
      z.object({
        topic: z.string(),
        topicId: z.string().exactOptional(),
        partitions: count.max(PARTITIONS_MAX),
        known: count.max(PARTITIONS_MAX),
      }),
    )
    .readonly(),
  lengths,
});

/** Never leaves the folder: a file that throws it is damaged. */
export class PieceError extends Error {
  override readonly name = "PieceError";
}

type Numbers = Int32Array | Float64Array;

export function bodyOf(piece: SavedPiece): Buffer {
  switch (piece.kind) {
    case "head":
      return packed({ ...piece.head, logTopicId: piece.head.logTopicId }, []);
    case "groups": {
      const { groups, topics, texts, ...arrays } = piece.groups;
      const { listGroup, listTopic, listLength, rowList, rowPartition, rowOwner, rowClientId, rowCommits } = arrays;
      const { offsets, orders, timestampsMs, observedAtS, lags } = arrays;
      const rows = [rowList, rowPartition, rowOwner, rowClientId, rowCommits];
      const cells = [offsets, orders, timestampsMs, observedAtS, lags];
      return packed({ groups, topics, texts }, [listGroup, listTopic, listLength, ...rows, ...cells]);
    }
    case "topics": {
      const { topics, sampledTopic, sampledPartition, sampleCount, samples } = piece.topics;
      return packed({ topics }, [sampledTopic, sampledPartition, sampleCount, samples]);
    }
  }
}

function packed(json: object, arrays: readonly Numbers[]): Buffer {
  const head = Buffer.from(JSON.stringify({ ...json, lengths: arrays.map(({ length }) => length) }));
  const arrayBytes = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const bytes = Buffer.allocUnsafe(JSON_LENGTH_BYTES + head.length + arrayBytes);
  bytes.writeUInt32LE(head.length);
  let at = JSON_LENGTH_BYTES + head.copy(bytes, JSON_LENGTH_BYTES);
  for (const { buffer, byteOffset, byteLength } of arrays)
    at += Buffer.from(buffer, byteOffset, byteLength).copy(bytes, at);
  return bytes;
}

export function pieceOf(kind: SavedPiece["kind"], body: Buffer): SavedPiece {
  const jsonEnd = JSON_LENGTH_BYTES + body.readUInt32LE(0);
  const json: unknown = JSON.parse(body.toString("utf8", JSON_LENGTH_BYTES, jsonEnd));
  switch (kind) {
    case "head": {
      const { logTopicId, ...head } = Head.parse(json);
      return { kind, head: { ...head, logTopicId } };
    }
    case "groups":
      return { kind, groups: groupsOf(Groups.parse(json), body, jsonEnd) };
    case "topics":
      return { kind, topics: topicsOf(Topics.parse(json), body, jsonEnd) };
  }
}

function groupsOf({ lengths: counts, ...names }: z.output<typeof Groups>, body: Buffer, at: number): SavedGroups {
  const next = arrayReader(body, { at, counts });
  const groups: SavedGroups = {
    ...names,
    listGroup: next.int32(),
    listTopic: next.int32(),
    listLength: next.int32(),
    rowList: next.int32(),
    rowPartition: next.int32(),
    rowOwner: next.int32(),
    rowClientId: next.int32(),
    rowCommits: next.int32(),
    offsets: next.float64(),
    orders: next.float64(),
    timestampsMs: next.float64(),
    observedAtS: next.float64(),
    lags: next.float64(),
  };
  next.end();
  const { listGroup, listTopic, listLength, rowList, rowPartition, rowOwner, rowClientId, rowCommits } = groups;
  const lists = listGroup.length;
  mustBe(listTopic.length === lists && listLength.length === lists, "lists");
  mustBe(
    [rowPartition, rowOwner, rowClientId, rowCommits].every(({ length }) => length === rowList.length),
    "rows",
  );
  within(listGroup, { min: 0, max: groups.groups.length - 1 });
  within(listTopic, { min: 0, max: groups.topics.length - 1 });
  within(listLength, { min: 0, max: PARTITIONS_MAX });
  within(rowList, { min: 0, max: lists - 1 });
  within(rowPartition, { min: 0, max: PARTITIONS_MAX - 1 });
  within(rowOwner, { min: -1, max: groups.texts.length - 1 });
  within(rowClientId, { min: -1, max: groups.texts.length - 1 });
  within(rowCommits, { min: 0, max: WINDOW_MAX });
  const commits = rowCommits.reduce((sum, own) => sum + own, 0);
  const { offsets, orders, timestampsMs, observedAtS, lags } = groups;
  mustBe(
    [offsets, orders, timestampsMs, observedAtS, lags].every(({ length }) => length === commits),
    "commits",
  );
  return groups;
}

function topicsOf({ lengths: counts, topics }: z.output<typeof Topics>, body: Buffer, at: number): SavedTopics {
  const next = arrayReader(body, { at, counts });
  const [sampledTopic, sampledPartition, sampleCount] = [next.int32(), next.int32(), next.int32()];
  const samples = next.float64();
  next.end();
  const rows = sampledTopic.length;
  mustBe(sampledPartition.length === rows && sampleCount.length === rows, "sampled partitions");
  within(sampledTopic, { min: 0, max: topics.length - 1 });
  within(sampledPartition, { min: 0, max: PARTITIONS_MAX - 1 });
  within(sampleCount, { min: 1, max: WINDOW_MAX });
  mustBe(samples.length === sampleCount.reduce((sum, own) => sum + own, 0), "samples");
  return { topics, sampledTopic, sampledPartition, sampleCount, samples };
}

function mustBe(isSo: boolean, what: string): void {
  if (!isSo) throw new PieceError(`the number of ${what} does not fit`);
}

function within(numbers: Int32Array, { min, max }: { min: number; max: number }): void {
  for (const number of numbers) if (number < min || number > max) throw new PieceError(`${number} is out of range`);
}

/** Arrays of the body, one after the other, as copies: their bytes lie at any place in it. */
function arrayReader(body: Buffer, from: { readonly at: number; readonly counts: readonly number[] }) {
  let { at } = from;
  const counts = from.counts.values();
  const next = (width: number): Buffer => {
    const bytes = (counts.next().value ?? Number.NaN) * width;
    mustBe(at + bytes <= body.length, "bytes");
    at += bytes;
    return body.subarray(at - bytes, at);
  };
  const copied = <A extends Numbers>(bytes: Buffer, array: A): A => {
    bytes.copy(Buffer.from(array.buffer));
    return array;
  };
  return {
    int32: (): Int32Array => {
      const bytes = next(Int32Array.BYTES_PER_ELEMENT);
      return copied(bytes, new Int32Array(bytes.length / Int32Array.BYTES_PER_ELEMENT));
    },
    float64: (): Float64Array => {
      const bytes = next(Float64Array.BYTES_PER_ELEMENT);
      return copied(bytes, new Float64Array(bytes.length / Float64Array.BYTES_PER_ELEMENT));
    },
    end: (): void => mustBe(at === body.length, "bytes"),
  };
}
