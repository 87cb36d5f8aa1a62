/**
 * A cluster in a few variables that a test may change at any time, behind simulated brokers on real sockets: logs of the offsets
 * topic with a start and an end, groups with offsets. A record is one byte, so that a position moves by as many bytes as were
 * read. Brokers 1 and 2 are there; which of them are known is the test's.
 */

import { createLogger } from "../../runtime/logger.ts";
import type { ClusterView, GroupView, PartitionView, TopicView } from "../../simulator/cluster/cluster.ts";
import { OFFSETS_TOPIC } from "../../simulator/cluster/cluster.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import type { Faults, WireFault } from "../../simulator/wire/faults.ts";
import type { LogReader } from "../ingest/offsets-log.ts";
import type { Observation, Observer } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import { groupPartition } from "../protocol/group-partition.ts";
import type { ListedGroup } from "../protocol/list-groups.ts";
import { NO_SECURITY } from "../security/security.ts";
import { probeNames } from "./coordinator-probe.ts";
import { createBrokerFactory } from "./kafkajs.ts";
import type { CallOutcome, KafkaLink } from "./link.ts";
import { createKafkaLink } from "./link.ts";
import type { MetadataKeeper } from "./metadata-keeper.ts";
import { EMPTY_TOPOLOGY, type Topology } from "./topology.ts";

export interface StagedLog {
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

export interface StagedGroup extends ListedGroup {
  readonly offsets: readonly { readonly topic: string; readonly partition: number; readonly committedOffset: number }[];
  /** Of the answer to OffsetFetch. */
  error: number;
}

/** Why a broker's answer does not come: its port is closed, it refuses us, it does not know the request. */
export type Away = "unreachable" | "refused" | "unsupported";

export interface Staged extends AsyncDisposable {
  readonly logs: StagedLog[];
  readonly groups: StagedGroup[];
  /** A broker is away from now on; undefined: it is back. */
  setAway(nodeId: number, away: Away | undefined): Promise<void>;
  /** Errors of whole answers, or of each group's part of them. */
  listGroupsError: number;
  describeError: number;
  /** Listed, and Dead to those who ask for a description. */
  readonly dead: Set<string>;
  /** Brokers that the metadata names. */
  setNodes(...nodeIds: readonly number[]): void;
  /** Requests in their order. */
  readonly calls: { readonly nodeId: number; readonly api: string; readonly request: unknown }[];
  /** `1 ListOffsets`, in their order, and forgotten. */
  takeCalls(): readonly string[];
  readonly link: KafkaLink;
  readonly keeper: MetadataKeeper;
  refreshes: number;
  topology: Topology;
}

export function stagedLog(more: Partial<StagedLog> = {}): StagedLog {
  return { leader: 1, start: 0, end: 0, replayFrom: -1, error: 0, stepMax: 100, ...more };
}

export function groupNamed(group: string, more: Partial<StagedGroup> = {}): StagedGroup {
  const words = { protocolType: "consumer", state: "Stable", type: "classic" };
  return { group, ...words, offsets: [{ topic: "t", partition: 0, committedOffset: 7 }], error: 0, ...more };
}

const NODE_IDS = [1, 2] as const;
const logger = createLogger("silent");

export async function staged(logs: readonly StagedLog[] = [], groups: readonly StagedGroup[] = []): Promise<Staged> {
  const away = new Map<number, Away>();
  const state = { logs: [...logs], groups: [...groups], listGroupsError: 0, describeError: 0, dead: new Set<string>() };
  const changes: (() => void)[] = [];
  const faults = faultsOf(state, away, changes);
  const brokers = await startBrokers({ view: viewOf(state), random: () => 0.5, faults });
  const factory = createBrokerFactory({
    clientId: "staged",
    security: NO_SECURITY,
    logger,
  });
  const real = createKafkaLink({ brokers: brokers.bootstrap, factory, nowMs: stoppedClock.nowMs, logger });
  const calls: Staged["calls"] = [];
  const setNodes = (...nodeIds: readonly number[]): void =>
    real.setNodes(
      nodeIds.map((nodeId) => {
        const port = Number((brokers.bootstrap[NODE_IDS.indexOf(nodeId as 1)] ?? "").split(":")[1]);
        return { nodeId, host: "127.0.0.1", port };
      }),
    );
  setNodes(1);
  const self: Staged = Object.assign(state, {
    calls,
    takeCalls: () => calls.splice(0).map(({ nodeId, api }) => `${nodeId} ${api}`),
    setAway: (nodeId: number, how: Away | undefined) => {
      if (how === undefined) away.delete(nodeId);
      else away.set(nodeId, how);
      for (const change of changes) change();
      return brokers.settled();
    },
    setNodes,
    refreshes: 0,
    topology: EMPTY_TOPOLOGY,
    link: watched(real, calls, away),
    keeper: {
      actor: async () => {},
      replication: () => undefined,
      current: () => ({ ...self.topology, logLeaders: state.logs.map(({ leader }) => leader) }),
      reach: () => ({ kind: "reachable" as const }),
      refreshSoon: () => {
        self.refreshes += 1;
      },
      first: async () => self.topology,
    },
    [Symbol.asyncDispose]: async () => {
      await real[Symbol.asyncDispose]();
      await brokers[Symbol.asyncDispose]();
    },
  });
  return self;
}

/** Two outcomes need another broker than these: one that refuses us, one of another age. They are said in its place. */
function watched(real: KafkaLink, calls: Staged["calls"], away: ReadonlyMap<number, Away>): KafkaLink {
  const said = (nodeId: number): CallOutcome<never> | undefined => {
    const how = away.get(nodeId);
    if (how === undefined || how === "unreachable") return undefined;
    return { kind: how, cause: new Error(`broker ${nodeId} is ${how}`) };
  };
  return {
    ...real,
    call: async (nodeId, api, request) => {
      calls.push({ nodeId, api: api.name, request });
      return said(nodeId) ?? real.call(nodeId, api, request);
    },
    callAny: async (api, request) => {
      calls.push({ nodeId: real.nodeIds()[0] ?? 0, api: api.name, request });
      return said(real.nodeIds()[0] ?? 0) ?? real.callAny(api, request);
    },
  };
}

type State = Pick<Staged, "logs" | "groups" | "listGroupsError" | "describeError" | "dead">;

function faultsOf(state: State, away: ReadonlyMap<number, Away>, changes: (() => void)[]): Faults {
  const active = (): readonly WireFault[] => [
    ...[...away].flatMap(([broker, how]) => (how === "unreachable" ? [{ fault: "broker-down", broker } as const] : [])),
    ...state.logs.flatMap(({ error: code }, partition) =>
      code === 0
        ? []
        : (["Fetch", "ListOffsets"] as const).map(
            (api) => ({ fault: "error", api, code, partition, topic: OFFSETS_TOPIC }) as const,
          ),
    ),
    ...state.groups.flatMap(({ group, error }) => {
      const code = isLoading(state, group) ? ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS : error;
      return code === 0 ? [] : [{ fault: "error", api: "OffsetFetch", code, group } as const];
    }),
    ...probeNames(state.logs.length).flatMap((group) => {
      const code = ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS;
      return isLoading(state, group) ? [{ fault: "error", api: "OffsetFetch", code, group } as const] : [];
    }),
    ...(state.listGroupsError === 0
      ? []
      : [{ fault: "error", api: "ListGroups", code: state.listGroupsError } as const]),
    ...(state.describeError === 0
      ? []
      : [{ fault: "error", api: "DescribeGroups", code: state.describeError } as const]),
  ];
  return {
    begin: () => () => {},
    find: (name, fits) => {
      for (const one of active()) {
        if (one.fault !== name) continue;
        const fault = one as Extract<WireFault, { readonly fault: typeof name }>;
        if (fits(fault)) return fault;
      }
      return undefined;
    },
    onChange: (listener) => void changes.push(listener),
  };
}

function isLoading({ logs }: State, group: string): boolean {
  return logs[groupPartition(group, logs.length)]?.isLoading ?? false;
}

const NO_ID = Buffer.alloc(16, 1);

/** As little of a cluster as the wire needs to answer what is asked of it here. */
function viewOf(state: State): ClusterView {
  const partition = (_: string, index: number): PartitionView | undefined => {
    const log = state.logs[index];
    if (log === undefined) return undefined;
    const { start: startOffset, end: endOffset, leader = -1 } = log;
    return { leader, leaderEpoch: 0, replicas: NODE_IDS, startOffset, endOffset, lastStableOffset: endOffset };
  };
  const offsetsTopic = (): TopicView => ({
    name: OFFSETS_TOPIC,
    id: NO_ID,
    isInternal: true,
    partitions: state.logs.length,
    configs: new Map(),
  });
  const groupViews = (): readonly GroupView[] =>
    state.groups.map(({ group, protocolType, state: word = "", type }) => ({
      group,
      protocolType,
      state: word,
      type: type === "consumer" || type === "share" || type === "streams" ? type : "classic",
      generation: 0,
      members: [],
    }));
  return {
    clusterId: "staged",
    version: "4.1",
    brokers: NODE_IDS,
    get offsetsPartitions() {
      return state.logs.length;
    },
    topics: () => [offsetsTopic()],
    topic: (name) => (name === OFFSETS_TOPIC ? offsetsTopic() : undefined),
    topicById: () => undefined,
    partition,
    offsetForTime: (_, index) => {
      const offset = state.logs[index]?.replayFrom ?? -1;
      return offset < 0 ? undefined : { offset, timestampMs: stoppedClock.nowMs() };
    },
    appendedAtMs: () => undefined,
    groups: () => groupViews().filter(({ group }) => !isLoading(state, group)),
    group: (name) => (state.dead.has(name) ? undefined : groupViews().find(({ group }) => group === name)),
    committedOffsets: (name) => {
      const offsets = state.groups.find(({ group }) => group === name)?.offsets ?? [];
      return offsets.map((one) => ({ ...one, leaderEpoch: -1 }));
    },
    hasPendingOffset: () => false,
    logPartitionOf: (group) => groupPartition(group, state.logs.length),
    readLog: (index, fromOffset, bytesMax) => {
      const log = state.logs[index];
      if (log === undefined || fromOffset < log.start || fromOffset > log.end) return "out-of-range";
      const bytes = Buffer.alloc(Math.min(log.stepMax, log.end - fromOffset, bytesMax));
      return { bytes, startOffset: log.start, endOffset: log.end, lastStableOffset: log.end };
    },
    onLogAppend: () => () => {},
    counts: () => ({ appendsDropped: 0, batchesDropped: 0, bytesDropped: 0, compactions: 0, logBytes: 0 }),
  };
}

/** Moves on by a byte a record. */
export const byteLog: LogReader = {
  apply: (records, position) => position + records.length,
  resumeOf: (position) => position,
  handOver: () => [],
  takeOver: () => {},
  takeNewestCommitAtMs: () => undefined,
};

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
    findHandle: () => undefined,
    commit: () => {},
    observe: (observation) => {
      seen.push(observation);
    },
    take: (...kinds) => seen.splice(0).filter(({ kind }) => kinds.includes(kind)),
  };
}

export const stoppedClock = { nowMs: () => 1_700_000_000_000, monotonicMs: () => 0 };
