/** # Taking what is saved, a piece at a time; saved.ts says what it is */

import { createBrokerWindow, readBrokerWindow } from "./broker-rings.ts";
import { groupIds } from "./burrow-reads.ts";
import type { BurrowStore } from "./burrow-store.ts";
import type { ClusterState } from "./cluster-state.ts";
import { countOf, createWindow, readWindow } from "./rings.ts";
import type { SavedGroup, SavedGroups, SavedHead, SavedLog, SavedPiece, SavedTold, SavedTopics } from "./saved.ts";

export interface TakeOptions {
  readonly state: ClusterState;
  readonly nowMs: number;
  readonly logTopicId: string | undefined;
  readonly told?: SavedTold;
  /** How far the logs are read, at the moment of the call. */
  readonly logs: () => readonly SavedLog[];
  /** Rows of a piece, about: some milliseconds of work. */
  readonly rowsMax: number;
}

/** Others may run between two pieces. */
export function* takePieces(options: TakeOptions): Generator<SavedPiece> {
  const { state, nowMs, logTopicId, told, logs, rowsMax } = options;
  const { intervals, minDistanceMs } = state.burrow.options;
  const about = { cluster: state.cluster, savedAtMs: nowMs, intervals, minDistanceMs };
  const head: SavedHead = { ...about, logTopicId, ...(told === undefined ? {} : { told }), logs: logs() };
  yield { kind: "head", head };
  const names = groupIds(state.burrow).map((groupId) => state.table.groups.nameOf(groupId) ?? "");
  for (let next = 0; next < names.length; ) {
    const some = groupsOfRows(state, names, { first: next, rowsMax });
    next += some.length;
    yield { kind: "groups", groups: takeGroups(state, some, logs()) };
  }
  // After the groups: what they name and is not here any more was deleted meanwhile.
  const topics = state.topics.names();
  for (let next = 0; next < topics.length; ) {
    const some = topicsOfRows(state, topics, { first: next, rowsMax });
    next += some.length;
    yield { kind: "topics", topics: takeTopics(state, some) };
  }
}

interface From {
  readonly first: number;
  readonly rowsMax: number;
}

function groupsOfRows({ table }: ClusterState, names: readonly string[], { first, rowsMax }: From): readonly string[] {
  let rows = 0;
  let next = first;
  for (; next < names.length && rows < rowsMax; next += 1) {
    const groupId = table.groups.find(names[next] ?? "") ?? -1;
    for (const groupTopic of table.groupTopics.ofGroup(groupId)) rows += table.groupTopics.slotsOf(groupTopic).length;
  }
  return names.slice(first, next);
}

function topicsOfRows({ topics }: ClusterState, names: readonly string[], { first, rowsMax }: From): readonly string[] {
  let rows = 0;
  let next = first;
  for (; next < names.length && rows < rowsMax; next += 1) rows += topics.get(names[next] ?? "")?.partitions ?? 0;
  return names.slice(first, next);
}

/** Strings as numbers, in the order of their first use. */
function createIndex() {
  const indexes = new Map<string, number>();
  return {
    of: (text: string): number => {
      const known = indexes.get(text);
      if (known !== undefined) return known;
      indexes.set(text, indexes.size);
      return indexes.size - 1;
    },
    list: () => [...indexes.keys()],
  };
}

interface TakenLists {
  readonly group: number[];
  readonly topic: number[];
  readonly length: number[];
  /** Slots with a window, and the list of each. */
  readonly slots: number[];
  readonly slotList: number[];
}

function takeGroups(state: ClusterState, names: readonly string[], logs: readonly SavedLog[]): SavedGroups {
  const { burrow, table } = state;
  const positions = new Map(logs.map(({ logPartition, position }) => [logPartition, position]));
  const topics = createIndex();
  const groups: SavedGroup[] = [];
  const lists: TakenLists = { group: [], topic: [], length: [], slots: [], slotList: [] };
  for (const group of names) {
    const groupId = table.groups.find(group);
    // Deleted since the names were read.
    if (groupId === undefined || Number.isNaN(burrow.lastCommitMs.get(groupId))) continue;
    const logPartition = state.logPartitionOf(group);
    const offered = positions.get(logPartition) ?? 0;
    const generation = state.groups.get(group)?.generation;
    const lastCommitMs = burrow.lastCommitMs.get(groupId);
    groups.push({ group, logPartition, offered, lastCommitMs, ...(generation === undefined ? {} : { generation }) });
    for (const groupTopic of table.groupTopics.ofGroup(groupId))
      takeList(burrow, lists, { index: groups.length - 1, groupTopic, topicOf: topics.of });
  }
  const rows = takeRows(burrow, lists.slots);
  return {
    groups,
    topics: topics.list(),
    listGroup: Int32Array.from(lists.group),
    listTopic: Int32Array.from(lists.topic),
    listLength: Int32Array.from(lists.length),
    rowList: Int32Array.from(lists.slotList),
    ...rows,
  };
}

interface TakenList {
  readonly index: number;
  readonly groupTopic: number;
  readonly topicOf: (topic: string) => number;
}

function takeList({ table, listLengths, ringBySlot }: BurrowStore, lists: TakenLists, taken: TakenList): void {
  const { index, groupTopic, topicOf } = taken;
  const listed = listLengths.get(groupTopic);
  if (listed === 0) return;
  lists.group.push(index);
  lists.topic.push(topicOf(table.topicPartitions.topics.nameOf(table.groupTopics.topicIdOf(groupTopic)) ?? ""));
  lists.length.push(listed);
  for (const slot of table.groupTopics.slotsOf(groupTopic)) {
    if (ringBySlot.get(slot) < 0) continue;
    lists.slots.push(slot);
    lists.slotList.push(lists.group.length - 1);
  }
}

function takeRows(store: BurrowStore, slots: readonly number[]) {
  const { table, rings, ringBySlot, texts, ownerBySlot, clientIdBySlot } = store;
  const named = createIndex();
  const textOf = (id: number): number => (id < 0 ? -1 : named.of(texts.nameOf(id) ?? ""));
  const rowCommits = Int32Array.from(slots, (slot) => countOf(rings, ringBySlot.get(slot)));
  const commits = rowCommits.reduce((sum, count) => sum + count, 0);
  const cells = {
    offsets: new Float64Array(commits),
    orders: new Float64Array(commits),
    timestampsMs: new Float64Array(commits),
    observedAtS: new Float64Array(commits),
    lags: new Float64Array(commits),
  };
  const window = createWindow(rings.intervals);
  let at = 0;
  for (const slot of slots) {
    readWindow(rings, ringBySlot.get(slot), window);
    for (let i = 0; i < window.length; i += 1, at += 1) {
      cells.offsets[at] = window.offsets[i] as number;
      cells.orders[at] = window.orders[i] as number;
      cells.timestampsMs[at] = window.timestampsMs[i] as number;
      cells.observedAtS[at] = window.observedAtS[i] as number;
      cells.lags[at] = window.lags[i] as number;
    }
  }
  return {
    rowPartition: Int32Array.from(slots, (slot) => table.partitionOf(slot)),
    rowOwner: Int32Array.from(slots, (slot) => textOf(ownerBySlot.get(slot))),
    rowClientId: Int32Array.from(slots, (slot) => textOf(clientIdBySlot.get(slot))),
    rowCommits,
    texts: named.list(),
    ...cells,
  };
}

function takeTopics({ topics, burrow }: ClusterState, names: readonly string[]): SavedTopics {
  const { topicPartitions } = burrow.table;
  const window = createBrokerWindow(burrow.options.intervals);
  const sampled = { topic: [] as number[], partition: [] as number[], count: [] as number[] };
  const samples: number[] = [];
  const taken = names.flatMap((topic) => {
    const now = topics.get(topic);
    return now === undefined ? [] : [{ topic, ...now }];
  });
  taken.forEach(({ topic }, index) => {
    for (const id of topicPartitions.idsOf(topicPartitions.topics.find(topic) ?? -1)) {
      readBrokerWindow(burrow.brokers, id, window);
      if (window.length === 0) continue;
      sampled.topic.push(index);
      sampled.partition.push(topicPartitions.partitionOf(id));
      sampled.count.push(window.length);
      for (let i = 0; i < window.length; i += 1) samples.push(window.offsets[i] as number);
    }
  });
  return {
    topics: taken.map(({ topic, topicId, partitions }) => ({
      topic,
      ...(topicId === undefined ? {} : { topicId }),
      partitions,
      known: burrow.knownPartitions.get(topicPartitions.topics.find(topic) ?? -1),
    })),
    sampledTopic: Int32Array.from(sampled.topic),
    sampledPartition: Int32Array.from(sampled.partition),
    sampleCount: Int32Array.from(sampled.count),
    samples: Float64Array.from(samples),
  };
}
