/**
 * # Putting back what was saved, into a state that knows nothing yet
 *
 * Topics first: what a group had on a topic that was deleted while it was saved is left out, as it would have been deleted. The
 * cluster's own list of topics comes later and deletes what went meanwhile.
 */

import { NO_ROOM } from "../model/observation.ts";
import { addHighWatermark } from "./broker-rings.ts";
import type { BurrowStore } from "./burrow-store.ts";
import { openGroup, setText } from "./burrow-store.ts";
import type { ClusterState } from "./cluster-state.ts";
import { restoreCommit, takeRing } from "./rings.ts";
import type { SavedGroups, SavedHead, SavedTopics } from "./saved.ts";

/** All topics before all groups. */
export function restoreTopics({ topics, burrow }: ClusterState, all: readonly SavedTopics[]): void {
  topics.replace(
    all.flatMap(({ topics: some }) => some.map(({ topic, topicId, partitions }) => ({ topic, topicId, partitions }))),
  );
  const { topicPartitions } = burrow.table;
  for (const saved of all) {
    for (const { topic, known } of saved.topics) {
      if (known > 0) burrow.knownPartitions.set(topicPartitions.topics.retain(topic), known);
    }
    let at = 0;
    saved.sampleCount.forEach((count, row) => {
      const topic = saved.topics[saved.sampledTopic[row] ?? -1]?.topic ?? "";
      // The store's one reference on a topic partition is that it has samples of it.
      const id = topicPartitions.retain(topic, saved.sampledPartition[row] ?? 0);
      for (const end = at + count; at < end; at += 1) addHighWatermark(burrow.brokers, id, saved.samples[at] ?? 0);
    });
  }
}

export function restoreGroups(state: ClusterState, { logs }: SavedHead, saved: SavedGroups): void {
  const { burrow, groups, table } = state;
  const fromByLog = new Map(logs.map(({ logPartition, from }) => [logPartition, from]));
  for (const { group, logPartition, offered, lastCommitMs, generation } of saved.groups) {
    openGroup(burrow, group);
    const groupId = table.groups.find(group) ?? -1;
    burrow.lastCommitMs.set(groupId, lastCommitMs);
    state.setLogPartition(group, logPartition);
    const from = fromByLog.get(logPartition);
    if (from !== undefined) state.knownOrders.restore(groupId, logPartition, { from, offered });
    if (generation !== undefined) groups.update(group, { generation });
  }
  restoreRows(state, saved);
}

/** Rows come list by list, so that names are looked up once a list. */
function restoreRows(state: ClusterState, saved: SavedGroups): void {
  const { burrow, table } = state;
  const { rowList, rowCommits } = saved;
  for (let row = 0, commit = 0; row < rowList.length; ) {
    const list = rowList[row] ?? -1;
    const group = saved.groups[saved.listGroup[list] ?? -1]?.group ?? "";
    const topic = saved.topics[saved.listTopic[list] ?? -1] ?? "";
    const isGone = burrow.knownPartitions.get(table.topicPartitions.topics.find(topic) ?? -1) === 0;
    for (; rowList[row] === list; commit += rowCommits[row] ?? 0, row += 1) {
      if (isGone) continue;
      const slot = state.slotOf(group, topic, saved.rowPartition[row] ?? 0);
      if (slot === NO_ROOM) continue;
      table.holdSlot(slot, "burrow");
      // Whether it still has a committed offset is for the brokers to say.
      state.offsets.releaseIfEmpty(slot);
      burrow.listLengths.set(table.groupTopicOf(slot), saved.listLength[list] ?? 0);
      restoreRow(burrow, slot, { saved, row, commit });
    }
  }
}

interface SavedRow {
  readonly saved: SavedGroups;
  readonly row: number;
  /** The first of its commits. */
  readonly commit: number;
}

function restoreRow(burrow: BurrowStore, slot: number, { saved, row, commit }: SavedRow): void {
  const { rings } = burrow;
  const ring = takeRing(rings);
  burrow.ringBySlot.set(slot, ring);
  const [owner, clientId] = [saved.rowOwner[row] ?? -1, saved.rowClientId[row] ?? -1];
  if (owner >= 0) setText(burrow, burrow.ownerBySlot, { slot, text: saved.texts[owner] ?? "" });
  if (clientId >= 0) setText(burrow, burrow.clientIdBySlot, { slot, text: saved.texts[clientId] ?? "" });
  // No more than the ring has room for, whatever the file says.
  const end = commit + Math.min(rings.intervals, saved.rowCommits[row] ?? 0);
  for (let i = commit; i < end; i += 1) restoreCommit(rings, ring, saved, i);
}
