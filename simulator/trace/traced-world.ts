/**
 * # A world that is written down as it goes
 *
 * Commits, tombstones, members, topics, deploys and truth when they happen; at each poll the watermarks of every partition, as
 * the brokers would answer, changed or not. A commit that is part of a transaction is told when the transaction ends, and the
 * deletion of a group as a last line with the state Dead.
 */

import type { Cluster } from "../cluster/cluster.ts";
import type { Condition, WorldEvents } from "../world/events.ts";
import type { World, WorldOptions } from "../world/world.ts";
import { createWorld } from "../world/world.ts";
import type { GroupLine, TopicLine, TraceHeader, TraceLine } from "./line.ts";

export interface TracedWorld {
  readonly header: TraceHeader;
  readonly world: World;
  /** As `World.advance`, and tells all lines up to then. */
  advance(toMs: number): void;
}

export interface TracedWorldOptions extends WorldOptions {
  readonly pollEveryMs: number;
  /** Of the ticks of whoever judges it. */
  readonly intervalMs: number;
  readonly write: (line: TraceLine) => void;
}

export function createTracedWorld(options: TracedWorldOptions): TracedWorld {
  const { cluster, pollEveryMs, intervalMs, startMs, write, scenario } = options;
  const listeners = [...(options.listeners ?? []), writerOf(cluster, write)];
  const world = createWorld({ ...options, listeners });
  let nextPollMs = Math.ceil(startMs / pollEveryMs) * pollEveryMs;
  return {
    header: { trace: 1, cluster: scenario.cluster, interval_ms: intervalMs },
    world,
    advance: (toMs) => {
      for (; nextPollMs <= toMs; nextPollMs += pollEveryMs) {
        world.advance(nextPollMs);
        poll(cluster, nextPollMs, write);
      }
      world.advance(toMs);
    },
  };
}

function writerOf(cluster: Cluster, write: (line: TraceLine) => void): WorldEvents {
  return {
    commit: ({ group, offsets, atMs, order }, t) => {
      for (const [index, { topic, partition, committedOffset }] of offsets.entries())
        write({ t, group, topic, partition, commit: committedOffset, at: atMs, order: order + index });
    },
    tombstones: (group, offsets, t) => {
      const order = logEnd(cluster, group);
      for (const [index, { topic, partition }] of offsets.entries())
        write({ t, group, topic, partition, commit: null, order: order + index });
    },
    group: (group, t) => write(groupLine(cluster, group, t)),
    topic: (topic, t) => write(topicLine(cluster, topic, t)),
    deploy: (group, deploy, t) => write({ t, group, deploy }),
    began: (condition) => write(truthLine(condition, condition.fromMs, undefined)),
    ended: (condition, untilMs) => write(truthLine(condition, untilMs, untilMs)),
  };
}

/** Where the next record of the group will stand. */
function logEnd(cluster: Cluster, group: string): number {
  return cluster.partition(OFFSETS, cluster.logPartitionOf(group))?.endOffset ?? 0;
}

const OFFSETS = "__consumer_offsets";

function poll(cluster: Cluster, t: number, write: (line: TraceLine) => void): void {
  for (const { name: topic, partitions, isInternal } of cluster.topics()) {
    if (isInternal) continue;
    for (let partition = 0; partition < partitions; partition += 1) {
      const view = cluster.partition(topic, partition);
      if (view === undefined) continue;
      if (view.leader < 0) {
        write({ t, topic, partition, unavailable: "no-leader" });
        continue;
      }
      const { endOffset: end, startOffset: start, lastStableOffset, leader } = view;
      const stable = lastStableOffset < end ? { stable: lastStableOffset } : {};
      write({ t, topic, partition, end, start, ...stable, leader });
    }
  }
}

function groupLine(cluster: Cluster, group: string, t: number): GroupLine {
  const view = cluster.group(group);
  if (view === undefined) return { t, group, state: "Dead", type: "classic", generation: 0, members: [] };
  const members = view.members.map(({ memberId, clientId, clientHost, partitions }) => ({
    id: memberId,
    client: clientId,
    host: clientHost,
    partitions: partitions.flatMap(({ topic, partitions: numbers }) => numbers.map((one) => [topic, one] as const)),
  }));
  return { t, group, state: view.state, type: view.type, generation: view.generation, members };
}

function topicLine(cluster: Cluster, topic: string, t: number): TopicLine {
  const view = cluster.topic(topic);
  if (view === undefined) return { t, topic, id: "", partitions: 0 };
  const limit = (name: string): number | undefined => {
    const value = Number(view.configs.get(name) ?? "-1");
    return value >= 0 ? value : undefined;
  };
  const [retentionMs, retentionBytes] = [limit("retention.ms"), limit("retention.bytes")];
  const segmentBytes = limit("segment.bytes");
  const cleanup = view.configs.get("cleanup.policy");
  return {
    t,
    topic,
    id: Buffer.from(view.id).toString("base64url"),
    partitions: view.partitions,
    ...(retentionMs === undefined ? {} : { retention_ms: retentionMs }),
    ...(retentionBytes === undefined ? {} : { retention_bytes: retentionBytes }),
    ...(segmentBytes === undefined ? {} : { segment_bytes: segmentBytes }),
    ...(cleanup === undefined ? {} : { cleanup }),
  };
}

function truthLine(condition: Condition, t: number, untilMs: number | undefined): TraceLine {
  const { group, topic, partition, cause, fromMs: from } = condition;
  const where = { ...(topic === undefined ? {} : { topic }), ...(partition === undefined ? {} : { partition }) };
  return { t, truth: { group, ...where, cause, from, ...(untilMs === undefined ? {} : { until: untilMs }) } };
}
