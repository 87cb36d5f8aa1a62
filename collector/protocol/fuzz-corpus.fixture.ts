/**
 * # What is mutated: responses and records of real brokers, the vectors of the offsets topic, and batches in every compression
 */

import { readFileSync } from "node:fs";
import { z } from "zod";
import { fetchApi } from "./fetch.ts";
import { APIS, GOLDEN_RESPONSES } from "./golden.fixture.ts";
import {
  encodeBatch,
  encodeCommitKey,
  encodeCommitValue,
  encodeGroupMetadata,
  encodeMarker,
} from "./record-batch.fixture.ts";
import { createBatchWalker, nextBatch, nextRecord, openBatches } from "./record-batch.ts";

const Vectors = z.object({
  records: z.array(z.object({ recordType: z.int(), keyHex: z.string(), valueHex: z.string().nullable() })),
  consumerProtocol: z.array(z.object({ hex: z.string() })),
  recordBatches: z.array(z.object({ hex: z.string() })),
});

const file = new URL("../../test/cases/consumer-offsets-vectors.json", import.meta.url);
const vectors = Vectors.parse(JSON.parse(readFileSync(file, "utf8")));
const fromHex = ({ hex }: { readonly hex: string }): Buffer => Buffer.from(hex, "hex");

/** Logs as a real broker sent them, many batches in each. */
const brokerLogs = GOLDEN_RESPONSES.filter(({ api }) => api === fetchApi.name).flatMap(({ version, bytes }) => {
  const response = fetchApi.decode(version, bytes);
  const logs = response.kind === "decoded" ? response.value.partitions.map(({ records }) => records) : [];
  return logs.filter(({ length }) => length > 0);
});

interface Recorded {
  readonly type: number;
  readonly key: Buffer;
  readonly value: Buffer | undefined;
}

function recordsIn(batches: readonly Buffer[]): readonly Recorded[] {
  const walker = createBatchWalker();
  const records: Recorded[] = [];
  for (const bytes of batches) {
    openBatches(walker, bytes);
    while (nextBatch(walker) === "batch") {
      while (nextRecord(walker) === "record") {
        const key = Buffer.from(walker.bytes.subarray(walker.keyStart, walker.keyEnd));
        const value = Buffer.from(walker.bytes.subarray(walker.valueStart, walker.valueEnd));
        if (key.length >= 2)
          records.push({ type: key.readInt16BE(0), key, value: walker.hasValue ? value : undefined });
      }
    }
  }
  return records;
}

const records: readonly Recorded[] = [
  ...recordsIn(brokerLogs),
  ...vectors.records.map(({ recordType, keyHex, valueHex }) => ({
    type: recordType,
    key: Buffer.from(keyHex, "hex"),
    value: valueHex === null ? undefined : Buffer.from(valueHex, "hex"),
  })),
];

function valuesOf(takes: (type: number) => boolean): readonly Buffer[] {
  return records.flatMap(({ type, value }) => (value !== undefined && takes(type) ? [value] : []));
}

const VERSIONS = [0, 1, 2, 3, 4];
const member = { memberId: "member-1", clientId: "client", clientHost: "/10.0.0.1", assignment: Buffer.alloc(9) };
const commit = { committedOffset: 5, committedAtMs: 6, metadata: "words" };
const metadata = { protocolType: "consumer", generation: 3, members: [member, member] };

export const KEYS = records.map(({ key }) => key);
export const COMMITS = [...valuesOf((type) => type <= 1), ...VERSIONS.map((of) => encodeCommitValue(commit, of))];
export const GROUP_METADATA = [
  ...valuesOf((type) => type === 2),
  ...VERSIONS.map((version) => encodeGroupMetadata(metadata, version)),
];
/** Of key types 3 and up. */
export const GROUP_STATES = records.flatMap(({ type, value }) =>
  value !== undefined && type > 2 ? [{ type, value }] : [],
);
export const CONSUMER_PROTOCOL = vectors.consumerProtocol.map(fromHex);

const commits = Array.from({ length: 6 }, (_, partition) => ({
  key: encodeCommitKey({ group: "g", topic: "orders", partition }),
  value:
    partition === 2 ? undefined : encodeCommitValue({ committedOffset: partition, committedAtMs: 1_700_000_000_000 }),
}));

/** At most twenty: a log's batches are much alike. */
function batchesIn(log: Buffer): readonly Buffer[] {
  const batches: Buffer[] = [];
  for (let at = 0; at < log.length && batches.length < 20; ) {
    const end = at + 12 + log.readInt32BE(at + 8);
    batches.push(log.subarray(at, end));
    at = end;
  }
  return batches;
}

/** One batch in each. */
export const BATCHES = [
  ...vectors.recordBatches.map(fromHex),
  ...brokerLogs.flatMap(batchesIn),
  encodeBatch({ baseOffset: 100, records: commits }),
  encodeBatch({ baseOffset: 200, records: commits, producerId: 9n, transactional: true }),
  encodeMarker(300, 9n, "ABORT"),
];
export const COMPRESSED_BATCHES = ([1, 2, 3, 4] as const).map((codec) =>
  encodeBatch({ baseOffset: 100, codec, records: [...commits, ...commits, ...commits] }),
);

/** By API, with the version of each response. */
export const RESPONSES = APIS.map((api) => ({
  api,
  responses: GOLDEN_RESPONSES.filter((response) => response.api === api.name),
}));
