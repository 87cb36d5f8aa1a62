/**
 * A cluster in a few variables, behind the link's port: brokers that are up or not, logs of the offsets topic with a start and an
 * end, groups with offsets. A record is one byte, so that a position moves by as many bytes as were read.
 */

import type { LogReader } from "../ingest/offsets-log.ts";
import type { Observation, Observer } from "../model/observation.ts";
import type { Api } from "../protocol/api.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { FetchRequest, FetchResponse } from "../protocol/fetch.ts";
import { groupPartition } from "../protocol/group-partition.ts";
import type { ListedGroup, ListGroupsResponse } from "../protocol/list-groups.ts";
import type { ListOffsetsRequest, ListOffsetsResponse } from "../protocol/list-offsets.ts";
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP } from "../protocol/list-offsets.ts";
import type { OffsetFetchRequest, OffsetFetchResponse } from "../protocol/offset-fetch.ts";
import type { CallOutcome, KafkaLink } from "./link.ts";
import type { MetadataKeeper } from "./metadata-keeper.ts";
import { EMPTY_TOPOLOGY, type Topology } from "./topology.ts";

export interface FakeLog {
  leader: number | undefined;
  start: number;
  end: number;
  /** First record of the replay's span; -1: none. */
  replayFrom: number;
  /** Answered instead of data; 0: none. */
  error: number;
  /** Its coordinator does not know its groups yet. */
  isLoading?: boolean;
  /** Records in one answer at most; 0: the broker gives none though there are some. */
  stepMax: number;
}

export interface FakeGroup extends ListedGroup {
  readonly offsets: readonly { readonly topic: string; readonly partition: number; readonly committedOffset: number }[];
  error: number;
}

export interface Scripted {
  readonly logs: FakeLog[];
  readonly groups: FakeGroup[];
  /** What a broker answers instead of anything else. */
  readonly away: Map<number, "unreachable" | "refused" | "unsupported">;
  /** Error of the whole ListGroups answer. */
  listGroupsError: number;
  nodeIds: readonly number[];
  /** Other requests, by API name. */
  readonly more: Map<string, (request: never) => unknown>;
  readonly calls: string[];
  readonly link: KafkaLink;
  readonly keeper: MetadataKeeper;
  refreshes: number;
  topology: Topology;
}

export function fakeLog(more: Partial<FakeLog> = {}): FakeLog {
  return { leader: 1, start: 0, end: 0, replayFrom: -1, error: 0, stepMax: 100, ...more };
}

export function scripted(logs: readonly FakeLog[] = [], groups: readonly FakeGroup[] = []): Scripted {
  const self: Scripted = {
    logs: [...logs],
    groups: [...groups],
    away: new Map(),
    listGroupsError: 0,
    nodeIds: [1],
    more: new Map(),
    calls: [],
    refreshes: 0,
    topology: EMPTY_TOPOLOGY,
    link: {
      requests: new Map(),
      nodeIds: () => self.nodeIds,
      setNodes: (nodes) => {
        self.nodeIds = nodes.map(({ nodeId }) => nodeId);
      },
      call: async (nodeId, api, request) => answerOf(self, { nodeId, api, request }),
      versionOf: async (_, { versions }) => versions.max,
      callAny: async (api, request) => answerOf(self, { nodeId: self.nodeIds[0] ?? 0, api, request }),
      [Symbol.asyncDispose]: async () => {},
    },
    keeper: {
      actor: async () => {},
      current: () => ({ ...self.topology, logLeaders: self.logs.map(({ leader }) => leader) }),
      reach: () => ({ kind: "reachable" }),
      refreshSoon: () => {
        self.refreshes += 1;
      },
      first: async () => self.topology,
    },
  };
  return self;
}

function answerOf<Request, Response>(
  self: Scripted,
  { nodeId, api, request }: { nodeId: number; api: Api<Request, Response>; request: Request },
): CallOutcome<Response> {
  self.calls.push(`${nodeId} ${api.name}`);
  const away = self.away.get(nodeId);
  if (away !== undefined) return { kind: away, cause: new Error(`broker ${nodeId} is ${away}`) };
  // The name says which request it is, which the type cannot.
  const response = responseOf(self, api.name, { nodeId, request }) as Response;
  return { kind: "answered", response, sentAtMs: 1_000 };
}

function responseOf(self: Scripted, name: string, { nodeId, request }: { nodeId: number; request: unknown }): unknown {
  switch (name) {
    case "ListOffsets":
      return listOffsets(self, nodeId, request as ListOffsetsRequest);
    case "Fetch":
      return fetched(self, nodeId, request as FetchRequest);
    case "ListGroups":
      return { throttleMs: 0, error: self.listGroupsError, groups: loadedGroups(self) } satisfies ListGroupsResponse;
    case "OffsetFetch":
      return offsetsFetched(self, request as OffsetFetchRequest);
    default:
      return self.more.get(name)?.(request as never);
  }
}

/** As the coordinator of 4.x answers: what is still loading is left out, without a word. */
function loadedGroups({ groups, logs }: Scripted): readonly FakeGroup[] {
  return groups.filter(({ group }) => !(logs[groupPartition(group, logs.length)]?.isLoading ?? false));
}

function errorOf(log: FakeLog | undefined, nodeId: number): number {
  if (log === undefined) return ERROR_CODE.UNKNOWN_TOPIC_OR_PARTITION;
  return log.leader === nodeId ? log.error : ERROR_CODE.NOT_LEADER_OR_FOLLOWER;
}

function listOffsets(self: Scripted, nodeId: number, { timestampMs, topics }: ListOffsetsRequest): ListOffsetsResponse {
  const partitions = Int32Array.from(topics.flatMap(({ partitions: of }) => [...of]));
  const offsetOf = (log: FakeLog | undefined): number => {
    if (timestampMs === LATEST_TIMESTAMP) return log?.end ?? -1;
    return (timestampMs === EARLIEST_TIMESTAMP ? log?.start : log?.replayFrom) ?? -1;
  };
  return {
    throttleMs: 0,
    topics: topics.map(({ topic }) => topic),
    topicIndex: Int32Array.from(topics.flatMap(({ partitions: of }, index) => [...of].map(() => index))),
    partitions,
    errors: Int16Array.from(partitions, (partition) => errorOf(self.logs[partition], nodeId)),
    offsets: Float64Array.from(partitions, (partition) => offsetOf(self.logs[partition])),
  };
}

function fetched(self: Scripted, nodeId: number, { topics }: FetchRequest): FetchResponse {
  const partitions = topics.flatMap(({ topic, partitions: asked }) =>
    asked.map(({ partition, position }) => {
      const log = self.logs[partition];
      const isOutside = log !== undefined && (position < log.start || position > log.end);
      const error = errorOf(log, nodeId) || (isOutside ? ERROR_CODE.OFFSET_OUT_OF_RANGE : ERROR_CODE.NONE);
      const count = error !== ERROR_CODE.NONE || log === undefined ? 0 : Math.min(log.stepMax, log.end - position);
      const highWatermark = error === ERROR_CODE.NONE && log !== undefined ? log.end : -1;
      const records = Buffer.alloc(count);
      return { topic, partition, error, highWatermark, lastStableOffset: highWatermark, logStartOffset: 0, records };
    }),
  );
  return { throttleMs: 0, error: 0, partitions };
}

function offsetsFetched(self: Scripted, { groups }: OffsetFetchRequest): OffsetFetchResponse {
  const fetchedGroups = groups.map((name) => {
    const group = self.groups.find((one) => one.group === name);
    const offsets = (group?.offsets ?? []).map((one) => ({ ...one, error: 0 }));
    const isLoading = self.logs[groupPartition(name, self.logs.length)]?.isLoading ?? false;
    const own = group?.error ?? ERROR_CODE.GROUP_ID_NOT_FOUND;
    const error = isLoading ? ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS : own;
    return { group: name, error, offsets: error === 0 ? offsets : [] };
  });
  return { throttleMs: 0, groups: fetchedGroups };
}

export function groupNamed(group: string, more: Partial<FakeGroup> = {}): FakeGroup {
  const words = { protocolType: "consumer", state: "Stable", type: "classic" };
  return { group, ...words, offsets: [{ topic: "t", partition: 0, committedOffset: 7 }], error: 0, ...more };
}

/** Moves on by a byte a record. */
export const byteLog: LogReader = { apply: (records, position) => position + records.length };

export interface Recorder extends Observer {
  readonly seen: Observation[];
  /** What was seen of these kinds since the last call, in short. */
  take(...kinds: readonly Observation["kind"][]): readonly Observation[];
}

export function recorder(): Recorder {
  const seen: Observation[] = [];
  return {
    seen,
    handlesEpoch: 0,
    handleOf: () => 0,
    commit: () => {},
    observe: (observation) => {
      seen.push(observation);
    },
    take: (...kinds) => seen.splice(0).filter(({ kind }) => kinds.includes(kind)),
  };
}

export const stoppedClock = { nowMs: () => 1_700_000_000_000, monotonicMs: () => 0 };
