/**
 * # The offsets topic, record by record
 *
 * Of each key the newest value, by the codecs that read it live, and of the groups that nobody else writes to every record in
 * its order. Offsets of records are left out: a real broker writes more often.
 */

import type { Api } from "../../../collector/protocol/api.ts";
import { fetchApi } from "../../../collector/protocol/fetch.ts";
import { decodeCommitValue } from "../../../collector/protocol/offsets-topic/commit-value.ts";
import { decodeAssignment, decodeSubscription } from "../../../collector/protocol/offsets-topic/consumer-protocol.ts";
import { decodeGroupMetadata } from "../../../collector/protocol/offsets-topic/group-metadata.ts";
import { decodeGroupState } from "../../../collector/protocol/offsets-topic/group-state.ts";
import type { Key } from "../../../collector/protocol/offsets-topic/key.ts";
import { decodeKey, keyTypeName } from "../../../collector/protocol/offsets-topic/key.ts";
import type { BatchWalker } from "../../../collector/protocol/record-batch.ts";
import {
  createBatchWalker,
  markerOf,
  nextBatch,
  nextRecord,
  openBatches,
} from "../../../collector/protocol/record-batch.ts";

type Ask = <Request, Response>(api: Api<Request, Response>, request: Request) => Promise<Response>;

/** Groups whose every record is a step of the script. */
const WHOLE: ReadonlySet<string> = new Set(["simple", "gone"]);
const BYTES_MAX = 10_000_000;

export async function logLines(ask: Ask, topic: string, partitions: readonly number[]): Promise<readonly string[]> {
  const newest = new Map<string, string>();
  const inOrder = new Map<string, string[]>();
  const markers = { COMMIT: 0, ABORT: 0, other: 0 };
  for (const partition of partitions) {
    let position = 0;
    for (;;) {
      const asked = [{ partition, position, partitionBytesMax: BYTES_MAX }];
      const request = {
        waitMsMax: 1,
        responseBytesMin: 1,
        responseBytesMax: BYTES_MAX,
        topics: [{ topic, partitions: asked }],
      };
      const [answer] = (await ask(fetchApi, request)).partitions;
      if (answer === undefined || answer.error !== 0) throw new Error(`partition ${partition}: error ${answer?.error}`);
      if (answer.records.length === 0) break;
      const walker = createBatchWalker();
      openBatches(walker, answer.records);
      for (let step = nextBatch(walker); step !== "end"; step = nextBatch(walker)) {
        if (step !== "batch") throw new Error(`partition ${partition}: a batch is ${step}`);
        position = walker.nextOffset;
        for (let record = nextRecord(walker); record === "record"; record = nextRecord(walker)) {
          if (walker.control) {
            markers[markerOf(walker).kind] += 1;
            continue;
          }
          note(walker, newest, inOrder);
        }
      }
    }
  }
  return [
    `markers: ${markers.COMMIT} commit, ${markers.ABORT} abort`,
    ...[...newest].map(([key, value]) => `newest ${key}: ${value}`),
    ...[...inOrder].map(([group, records]) => `all of ${group}: ${records.join("; ")}`),
  ];
}

function note(walker: BatchWalker, newest: Map<string, string>, inOrder: Map<string, string[]>): void {
  const read = decodeKey(Buffer.from(walker.bytes.subarray(walker.keyStart, walker.keyEnd)));
  if (read.kind === "malformed") throw read.error;
  const key = read.value;
  if (key.kind === "unknown") throw new Error(`a record of type ${key.type}`);
  const value = walker.hasValue ? Buffer.from(walker.bytes.subarray(walker.valueStart, walker.valueEnd)) : undefined;
  const text = `${walker.transactional ? "transactional " : ""}${value === undefined ? "tombstone" : valueText(key, value)}`;
  newest.set(keyText(key), text);
  if (WHOLE.has(key.group)) inOrder.set(key.group, [...(inOrder.get(key.group) ?? []), `${keyText(key)} = ${text}`]);
}

type Known = Exclude<Key, { readonly kind: "unknown" }>;

function keyText(key: Known): string {
  const name = `${keyTypeName(key.type)} ${key.group}`;
  switch (key.kind) {
    case "offset-commit":
      return `${name} ${key.topic} ${key.partition}`;
    case "group-metadata":
      return name;
    case "group-state":
      return `${name}${key.memberId === undefined ? "" : " member"}`;
  }
}

function valueText(key: Known, bytes: Buffer): string {
  switch (key.kind) {
    case "offset-commit": {
      const read = decodeCommitValue(bytes);
      if (read.kind === "malformed") throw read.error;
      const { committedAtMs: _at, topicId, ...rest } = read.value;
      return JSON.stringify({ ...rest, topicId: topicId !== undefined });
    }
    case "group-metadata": {
      const read = decodeGroupMetadata(bytes);
      if (read.kind === "malformed") throw read.error;
      const { stateSinceMs: _since, leader, members, protocol, ...rest } = read.value;
      const described = members.map(({ clientId, groupInstanceId, subscription, assignment }) => ({
        clientId,
        groupInstanceId,
        subscription: subscription && topicsOf(decodeSubscription(subscription)),
        assignment: assignment && partitionsOf(decodeAssignment(assignment)),
      }));
      return JSON.stringify({
        ...rest,
        hasLeader: leader !== undefined,
        hasProtocol: protocol !== undefined,
        described,
      });
    }
    case "group-state": {
      const read = decodeGroupState(key.type, bytes);
      if (read.kind === "malformed") throw read.error;
      return JSON.stringify(read.value, (name, value: unknown) =>
        UNEQUAL.has(name) ? value !== undefined : plain(value),
      );
    }
  }
}

/** Of KIP-848 records: made up by the broker. */
const UNEQUAL: ReadonlySet<string> = new Set(["topicId", "metadataHash", "clientHost", "rackId"]);

function plain(value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function topicsOf(read: ReturnType<typeof decodeSubscription>): unknown {
  return read.kind === "decoded" ? read.value.topics : read.kind;
}

function partitionsOf(read: ReturnType<typeof decodeAssignment>): unknown {
  return read.kind === "decoded" ? read.value.assignedPartitions : read.kind;
}
