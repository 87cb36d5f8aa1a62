/**
 * # Cluster state: everything that is known of one cluster
 *
 * One observer (collector/model/observation.ts), two views made from it: the strict store, which is Burrow's to the bit, and
 * the live tables, which are right at every moment. Both share the ids of groups, topics and group-partitions.
 *
 * A commit decided before its partition's baseline fills windows, but never becomes the present: OffsetFetch has already said
 * what that is. What the baseline does not know is gone, and its old commits do not bring it back.
 */

import type { Observer } from "../model/observation.ts";
import { NO_ROOM } from "../model/observation.ts";
import type { BurrowStore, BurrowStoreOptions } from "./burrow-store.ts";
import { commit, createBurrowStore } from "./burrow-store.ts";
import type { Cadence } from "./cadence.ts";
import { createCadence } from "./cadence.ts";
import type { Column } from "./column.ts";
import { createInt32Column, createUint8Column } from "./column.ts";
import type { GroupPartitions } from "./group-partitions.ts";
import { createGroupPartitions } from "./group-partitions.ts";
import type { KnownOrders } from "./known-orders.ts";
import { createKnownOrders } from "./known-orders.ts";
import type { LiveGroups } from "./live-groups.ts";
import { createLiveGroups } from "./live-groups.ts";
import type { LiveOffsets } from "./live-offsets.ts";
import { createLiveOffsets, FIRST, GONE } from "./live-offsets.ts";
import type { LogStates } from "./log-states.ts";
import { createLogStates } from "./log-states.ts";
import type { LostWindows } from "./lost-windows.ts";
import { createLostWindows } from "./lost-windows.ts";
import type { OpenTransactions } from "./open-transactions.ts";
import { createOpenTransactions } from "./open-transactions.ts";
import type { ReadableTimes } from "./readable-times.ts";
import { createReadableTimes } from "./readable-times.ts";
import type { RecordTimes } from "./record-times.ts";
import { createRecordTimes } from "./record-times.ts";
import { watch } from "./samples.ts";
import type { Seekers } from "./seekers.ts";
import { sampleTopic, take } from "./take-observation.ts";
import { createTopicPartitions } from "./topic-partitions.ts";
import type { TopicsInDoubt } from "./topics-in-doubt.ts";
import { createTopicsInDoubt } from "./topics-in-doubt.ts";
import type { Topics, Watermarks } from "./watermarks.ts";
import { createTopics, createWatermarks } from "./watermarks.ts";

export interface ClusterState extends Observer {
  readonly cluster: string;
  readonly table: GroupPartitions;
  readonly topics: Topics;
  readonly topicsInDoubt: TopicsInDoubt;
  readonly watermarks: Watermarks;
  readonly offsets: LiveOffsets;
  readonly readable: ReadableTimes;
  readonly recordTimes: RecordTimes;
  readonly seekers: Seekers;
  readonly groups: LiveGroups;
  readonly logs: LogStates;
  readonly openTransactions: OpenTransactions;
  readonly knownOrders: KnownOrders;
  readonly lostWindows: LostWindows;
  readonly burrow: BurrowStore;
  readonly cadence: Cadence;
  /** As `burrow.codes`, by the coordinator's clock; only of groups whose coordinator's clock differs from ours. */
  readonly ownClockCodes: Column<Uint8Array>;
  /** How often something new was refused because `slotsMax` group-partitions are known. */
  refused(): number;
  /** Partition of the offsets topic that holds a group; -1: not seen yet. */
  logPartitionOf(group: string): number;
  setLogPartition(group: string, logPartition: number): void;
  /** Rises with everything that could change an answer. */
  changes(): number;
  /** Says that an answer changed: verdicts are new. */
  touch(): void;
  /** Gives the strict store its sample of all end offsets; the caller keeps Burrow's cadence. */
  sampleBurrow(): void;
  /** A slot for these names, held "live"; NO_ROOM where there is no room. */
  slotOf(group: string, topic: string, partition: number): number;
}

export interface ClusterStateOptions {
  readonly cluster: string;
  readonly burrow: BurrowStoreOptions;
  /** Group-partitions that are kept; who comes later is refused. */
  readonly slotsMax?: number;
  /** The collector's clock, whole seconds, as Burrow's. */
  readonly nowS: () => number;
}

export function createClusterState(options: ClusterStateOptions): ClusterState {
  const { cluster, burrow: burrowOptions, slotsMax = Number.POSITIVE_INFINITY, nowS } = options;
  const topicPartitions = createTopicPartitions();
  const table = createGroupPartitions(topicPartitions);
  const watermarks = createWatermarks();
  const topics = createTopics(topicPartitions, watermarks);
  const offsets = createLiveOffsets(table);
  const logs = createLogStates();
  const burrow = createBurrowStore(table, burrowOptions);
  const past = { knownOrders: createKnownOrders(), lostWindows: createLostWindows(nowS) };
  const logPartitions = createInt32Column(-1);
  let changes = 0;

  const { slotOf, refused } = slotFinder({ table, offsets, watermarks, ...past, logPartitions, slotsMax });

  const state: ClusterState = {
    cluster,
    table,
    topics,
    topicsInDoubt: createTopicsInDoubt(),
    watermarks,
    offsets,
    readable: createReadableTimes(),
    recordTimes: createRecordTimes(),
    seekers: new Map(),
    groups: createLiveGroups(),
    logs,
    openTransactions: createOpenTransactions(),
    ...past,
    burrow,
    cadence: createCadence(burrow),
    ownClockCodes: createUint8Column(),
    refused,
    changes: () => changes,
    logPartitionOf: (group) => logPartitions.get(table.groups.find(group) ?? -1),
    setLogPartition: (group, logPartition) => {
      const groupId = table.groups.find(group);
      if (groupId !== undefined) logPartitions.set(groupId, logPartition);
    },
    touch: () => {
      changes += 1;
    },
    slotOf,
    get handlesEpoch() {
      return table.epoch();
    },
    handleOf: slotOf,
    findHandle: (group, topic, partition) => table.find({ group, topic, partition }),
    commit: (slot, offset, atMs, order, logPartition, decidedOrder) => {
      const isOld = decidedOrder < logs.baselineOrderOf(logPartition);
      const taken = offsets.takeCommit(slot, offset, atMs, order, isOld);
      if (taken === GONE) return;
      if (taken === FIRST) logPartitions.set(table.groupIdOf(slot), logPartition);
      changes += 1;
      if (past.knownOrders.knows(table.groupIdOf(slot), logPartition, decidedOrder)) return;
      commit(burrow, slot, offset, order, atMs, nowS());
    },
    observe: (observation) => {
      if (take(state, observation)) changes += 1;
    },
    sampleBurrow: () => {
      for (const topic of topics.names()) sampleTopic(state, topic);
    },
  };
  return state;
}

interface SlotFinderOptions
  extends Pick<ClusterState, "table" | "offsets" | "watermarks" | "knownOrders" | "lostWindows"> {
  readonly logPartitions: Column<Int32Array>;
  readonly slotsMax: number;
}

function slotFinder(options: SlotFinderOptions): Pick<ClusterState, "slotOf" | "refused"> {
  const { table, offsets, watermarks, knownOrders, lostWindows, logPartitions, slotsMax } = options;
  let refused = 0;
  const slotOf = (group: string, topic: string, partition: number): number => {
    const key = { group, topic, partition };
    const known = table.find(key);
    if (known === undefined && table.count() >= slotsMax) {
      refused += 1;
      return NO_ROOM;
    }
    if (known !== undefined && table.holds(known, "live")) return known;
    const isNewGroup = known === undefined && table.groups.find(group) === undefined;
    const slot = table.hold(key, "live");
    watch(watermarks.samples, table.topicPartitionOf(slot));
    if (isNewGroup) {
      logPartitions.set(table.groupIdOf(slot), -1);
      knownOrders.forget(table.groupIdOf(slot));
      lostWindows.forget(table.groupIdOf(slot));
    }
    offsets.clear(slot);
    return slot;
  };
  return { slotOf, refused: () => refused };
}
