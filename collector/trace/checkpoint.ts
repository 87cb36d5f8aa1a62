/**
 * # What is known of a cluster now, as lines
 *
 * The head of a file, so that it stands alone: watermarks, partitions of the offsets topic that are away, the window of each
 * group-partition, and the committed offsets of which no time is known. Topics and groups are the recorder's to tell.
 *
 * It is taken piece by piece while the state moves on. The commits of a group-partition come in one piece, and `onSlot` says
 * that they are told: only from then on are its new ones written as they come. The order of the pieces is the one in which a
 * state can take them: a commit before its partition's watermark fills no window.
 */

import type { ClusterState } from "../window/cluster-state.ts";
import { liveSlotsOf } from "../window/live-slots.ts";
import type { Window } from "../window/rings.ts";
import { createWindow, readWindow } from "../window/rings.ts";
import type { LineOf } from "./line.ts";

export interface Piece {
  readonly text: string;
  readonly lines: number;
}

export interface CheckpointOptions {
  readonly state: ClusterState;
  /** The `t` of the lines that are made next. */
  readonly t: () => number;
  /** Of each window, the newest. */
  readonly commitsMax: number;
  readonly onSlot: (slot: number) => void;
}

/** The offsets topic is read as far as it can be. */
export function isCheckpointReady({ logs }: ClusterState): boolean {
  const { partitions } = logs.summary();
  const isRead = (log: number): boolean => logs.of(log).backfilled || logs.of(log).unavailable !== undefined;
  return partitions > 0 && Array.from({ length: partitions }, (_, log) => log).every(isRead);
}

export function* checkpointPieces(options: CheckpointOptions): Generator<Piece> {
  yield* logPieces(options);
  yield* watermarkPieces(options);
  const { state, onSlot } = options;
  const window = createWindow(state.burrow.options.intervals);
  for (let slot = 0; slot < state.table.slotLimit(); slot += 1) {
    const lines = windowLines(options, slot, window);
    onSlot(slot);
    if (lines.length > 0) yield { text: lines.join("\n"), lines: lines.length };
  }
  yield* offsetsPieces(options);
}

function* logPieces({ state, t }: CheckpointOptions): Generator<Piece> {
  for (let log = 0; log < state.logs.summary().partitions; log += 1) {
    const { unavailable } = state.logs.of(log);
    if (unavailable !== undefined) yield one({ t: t(), log, unavailable } satisfies LineOf<"log">);
  }
}

function* watermarkPieces({ state, t }: CheckpointOptions): Generator<Piece> {
  const { topicPartitions } = state.table;
  for (const topic of state.topics.names()) {
    for (const id of topicPartitions.idsOf(topicPartitions.topics.find(topic) ?? -1)) {
      const partition = topicPartitions.partitionOf(id);
      const end = state.watermarks.endOffset.get(id);
      const unavailable = state.watermarks.unavailable(id);
      if (!Number.isNaN(end)) yield one(watermarkLine(state, { t: t(), topic, partition, end }));
      if (unavailable !== undefined) yield one({ t: t(), topic, partition, unavailable } satisfies LineOf<"no-answer">);
    }
  }
}

/** With the log start as it is known. */
export function watermarkLine(
  { table, watermarks }: ClusterState,
  line: Pick<LineOf<"watermark">, "t" | "topic" | "partition" | "end">,
): LineOf<"watermark"> {
  const start = watermarks.startOffset.get(table.topicPartitions.find(line.topic, line.partition) ?? -1);
  return Number.isNaN(start) ? line : { ...line, start };
}

/** A limit that is not there is not written. */
export function topicLine({ table, topics }: ClusterState, topic: string): Omit<LineOf<"topic">, "t"> {
  const { topicId: id = "", partitions = 0 } = topics.get(topic) ?? {};
  const config = topics.configs.get(table.topicPartitions.topics.find(topic) ?? -1);
  if (config === undefined) return { topic, id, partitions };
  const { deletes, retentionMs, retentionBytes, segmentBytes } = config;
  return {
    topic,
    id,
    partitions,
    ...(retentionMs === undefined ? {} : { retention_ms: retentionMs }),
    ...(retentionBytes === undefined ? {} : { retention_bytes: retentionBytes }),
    ...(segmentBytes === undefined ? {} : { segment_bytes: segmentBytes }),
    cleanup: deletes ? "delete" : "compact",
  };
}

function windowLines({ state, t, commitsMax }: CheckpointOptions, slot: number, window: Window): readonly string[] {
  const { table, burrow, offsets } = state;
  const ring = burrow.ringBySlot.get(slot);
  const key = table.keyOf(slot);
  if (key === undefined) return [];
  if (ring < 0) window.length = 0;
  else readWindow(burrow.rings, ring, window);
  const atMs = t();
  const lines: object[] = [];
  let newestOrder = -1;
  for (let i = 0; i < window.length; i += 1) {
    newestOrder = window.orders[i] ?? newestOrder;
    if (i < window.length - commitsMax) continue;
    lines.push({ t: atMs, ...key, commit: window.offsets[i], at: window.timestampsMs[i], order: newestOrder });
  }
  const [commit, at, order] = [offsets.committedOffset, offsets.committedAtMs, offsets.committedOrder].map((column) =>
    column.get(slot),
  );
  if (commit === undefined || order === undefined || Number.isNaN(commit)) {
    // The strict rules keep a window of what is gone.
    if (lines.length > 0) lines.push({ t: atMs, ...key, commit: null, order: newestOrder });
  } else if (order > newestOrder) lines.push({ t: atMs, ...key, commit, at, order });
  return lines.map((line) => JSON.stringify(line));
}

/** Of the groups with an offset that only an answer of OffsetFetch has told: all that they have committed. */
function* offsetsPieces({ state, t }: CheckpointOptions): Generator<Piece> {
  const { table, offsets } = state;
  for (let groupId = 0; groupId < table.groups.idLimit(); groupId += 1) {
    const group = table.groups.nameOf(groupId);
    if (group === undefined) continue;
    const committed = liveSlotsOf(table, group).filter((slot) => !Number.isNaN(offsets.committedOffset.get(slot)));
    if (committed.every((slot) => offsets.committedOrder.get(slot) >= 0)) continue;
    const all = committed.map((slot): LineOf<"offsets">["offsets"][number] => [
      table.topicPartitions.topics.nameOf(table.topicIdOf(slot)) ?? "",
      table.partitionOf(slot),
      offsets.committedOffset.get(slot),
    ]);
    yield one({ t: t(), group, offsets: all } satisfies LineOf<"offsets">);
  }
}

function one(line: object): Piece {
  return { text: JSON.stringify(line), lines: 1 };
}
