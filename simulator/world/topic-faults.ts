/**
 * # Faults of a topic, of a group's existence, and of the offsets topic: what an administrator or an election does
 */

import type { Fault } from "./faults.ts";
import type { FaultSpec } from "./specs.ts";
import type { WorldParts } from "./world-parts.ts";

/** Happens at once, and is not undone. */
function once(
  needs: Fault["needs"],
  sentence: string,
  act: (parts: WorldParts, spec: FaultSpec, nowMs: number) => void,
): Fault {
  return {
    sentence,
    needs,
    cause: undefined,
    begin: (parts, spec, nowMs) => {
      act(parts, spec, nowMs);
      return () => {};
    },
  };
}

export const TOPIC_FAULTS: readonly (readonly [string, Fault])[] = [
  [
    "truncate",
    once("topic", "An unclean election: the newest `amount` records of a partition are gone.", (parts, spec, nowMs) => {
      const { topic = "", partition = 0, amount = 100 } = spec;
      const view = parts.cluster.partition(topic, partition);
      if (view === undefined) return;
      const endOffset = Math.max(view.startOffset, view.endOffset - amount);
      parts.cluster.truncate(topic, partition, endOffset);
      parts.topic(topic).truncated(partition, endOffset);
      parts.events.topic(topic, nowMs);
    }),
  ],
  [
    "delete-topic",
    once("topic", "The topic is deleted, and the offsets committed for it.", (parts, { topic = "" }, nowMs) => {
      deleteTopic(parts, topic, nowMs);
    }),
  ],
  [
    "recreate-topic",
    once("topic", "The topic is deleted and made again with the same name.", (parts, { topic = "" }, nowMs) => {
      const { spec, partitions } = parts.topic(topic);
      const count = partitions();
      if (!parts.topic(topic).isDeleted) deleteTopic(parts, topic, nowMs);
      parts.cluster.createTopic({ topic, partitions: count, configs: parts.configsOf(spec) }, nowMs);
      parts.topic(topic).reset(count);
      parts.events.topic(topic, nowMs);
      for (const group of parts.groupsOf(topic)) group.reassign(nowMs);
    }),
  ],
  [
    "grow-topic",
    once("topic", "The topic gets `amount` partitions more.", (parts, { topic = "", amount = 1 }, nowMs) => {
      const to = parts.topic(topic).partitions() + amount;
      parts.cluster.growTopic(topic, to);
      parts.topic(topic).reset(to);
      parts.events.topic(topic, nowMs);
      for (const group of parts.groupsOf(topic)) group.reassign(nowMs);
    }),
  ],
  [
    "leader-move",
    once("topic", "A partition's leader becomes broker `amount`; -1: it has none.", (parts, spec, nowMs) => {
      const { topic = "", partition = 0, amount = -1 } = spec;
      parts.cluster.moveLeader(topic, partition, amount);
      parts.events.topic(topic, nowMs);
    }),
  ],
  [
    "expire-offsets",
    once("group", "The group's committed offsets expire; the group stays.", (parts, { group = "" }, nowMs) => {
      const offsets = parts.cluster.committedOffsets(group);
      if (offsets.length === 0) return;
      parts.events.tombstones(group, offsets, nowMs);
      parts.cluster.deleteOffsets(group, offsets, nowMs);
    }),
  ],
  [
    "delete-group",
    once("group", "The group ends, and is deleted with its offsets.", (parts, { group = "" }, nowMs) => {
      parts.group(group).isStopped = true;
      const view = parts.cluster.group(group);
      if (view === undefined) return;
      const type = view.type === "consumer" ? "consumer" : "classic";
      if (view.members.length > 0) parts.cluster.rebalanced(group, { type, members: [] }, nowMs);
      parts.events.tombstones(group, parts.cluster.committedOffsets(group), nowMs);
      parts.cluster.deleteGroup(group, nowMs);
      parts.events.group(group, nowMs);
    }),
  ],
  [
    "compact-offsets",
    once("group", "The log cleaner goes over the group's partition of the offsets topic.", (parts, { group = "" }) => {
      const logPartition = parts.cluster.logPartitionOf(group);
      const slice = parts.cluster.readLog(logPartition, 0, 1);
      const endOffset = slice === "out-of-range" ? 0 : slice.endOffset;
      parts.cluster.compactLog(logPartition, { beforeOffset: endOffset, retainEmpty: true });
    }),
  ],
];

function deleteTopic(parts: WorldParts, topic: string, nowMs: number): void {
  for (const group of parts.groupsOf(topic)) {
    const offsets = parts.cluster.committedOffsets(group.spec.group).filter((one) => one.topic === topic);
    parts.events.tombstones(group.spec.group, offsets, nowMs);
  }
  parts.cluster.deleteTopic(topic, nowMs);
  parts.topic(topic).isDeleted = true;
  parts.events.topic(topic, nowMs);
  for (const group of parts.groupsOf(topic)) group.reassign(nowMs);
}
