/**
 * # The strict rules: a group, rolled up as Burrow does
 *
 * Once as numbers, for a tick over all groups, and once in full, for an answer. Both say the same (linkedin/Burrow v1.9.5,
 * core/internal/evaluator/caching.go): all partitions of the lists count, those without a ring too; a partition above ERR
 * makes the group ERR; `complete` is the share of partitions whose window is full, as float32.
 */

import { type BurrowGroupStatus, type BurrowPartitionStatus, statusCode } from "../model/status.ts";
import {
  type CommitSample,
  clientIdOf,
  commitSample,
  currentLagOf,
  currentLagOfRing,
  fetchGroupId,
  listedTopics,
  ownerOf,
  slotsByPartition,
} from "../window/burrow-reads.ts";
import type { BurrowStore } from "../window/burrow-store.ts";
import { CHUNK_BITS, CHUNK_MASK, type Column } from "../window/column.ts";
import { countOf, readWindow } from "../window/rings.ts";
import { type BurrowJudge, completeness, completeOf, judgeLagging } from "./burrow.ts";

/** A group in numbers. */
export interface BurrowGroupTotals {
  readonly status: Exclude<BurrowGroupStatus, "NOTFOUND">;
  /** Share of partitions whose window is full, float32; 0 where there are none. */
  readonly complete: number;
  readonly totalLag: number;
  /** The largest current lag of one partition. */
  readonly lagMax: number;
  /** Partitions of the lists, those that never had a commit included. */
  readonly partitions: number;
  /** Partitions that are not OK. */
  readonly partitionsBad: number;
}

/** A partition as `/v3` shows it. */
export interface BurrowPartitionVerdict {
  readonly topic: string;
  readonly partition: number;
  readonly owner: string;
  readonly clientId: string;
  readonly status: BurrowPartitionStatus;
  /** The oldest and the newest commit of the window; undefined where there is none. */
  readonly start: CommitSample | undefined;
  readonly end: CommitSample | undefined;
  readonly currentLag: number;
  readonly complete: number;
}

/** A group as `/v3` shows it. A caller that wants only what is wrong leaves out the partitions that are OK. */
export interface BurrowGroupVerdict {
  readonly status: BurrowGroupStatus;
  readonly complete: number;
  readonly partitions: readonly BurrowPartitionVerdict[];
  readonly partitionCount: number;
  /** The partition with the largest current lag, the first of equals; undefined where there are no partitions. */
  readonly maxLag: BurrowPartitionVerdict | undefined;
  readonly totalLag: number;
}

const NOT_FOUND: BurrowGroupVerdict = {
  status: "NOTFOUND",
  complete: 1,
  partitions: [],
  partitionCount: 0,
  maxLag: undefined,
  totalLag: 0,
};

/**
 * A group of the store in numbers, and the code of each slot with a ring into `codes`. The caller has seen to expiry
 * (`fetchGroupId`). It reads of most partitions no more than the newest commit and the newest high watermark.
 */
export function judgeGroup(
  judge: BurrowJudge,
  groupId: number,
  { nowS, codes }: { readonly nowS: number; readonly codes?: Column<Uint8Array> },
): BurrowGroupTotals {
  const { store, rules } = judge;
  const { groupTopics } = store.table;
  let status: BurrowGroupTotals["status"] = "OK";
  let [partitions, full, totalLag, lagMax, partitionsBad] = [0, 0, 0, 0, 0];
  for (const groupTopic of groupTopics.ofGroup(groupId)) {
    const listed = store.listLengths.get(groupTopic);
    if (listed === 0) continue;
    partitions += listed;
    for (const slot of groupTopics.slotsOf(groupTopic)) {
      const ring = store.ringBySlot.chunks[slot >> CHUNK_BITS]?.[slot & CHUNK_MASK] ?? -1;
      if (ring < 0) continue;
      const currentLag = currentLagOfRing(store, slot, ring);
      const verdict = currentLag <= rules.allowedLag ? "OK" : judgeLagging(judge, slot, { currentLag, nowS });
      if (completeness(countOf(store.rings, ring), store.options.intervals) === 1) full += 1;
      if (verdict !== "OK") partitionsBad += 1;
      totalLag += currentLag;
      lagMax = Math.max(lagMax, currentLag);
      status = worseOf(status, verdict);
      codes?.set(slot, statusCode(verdict) ?? 0);
    }
  }
  const complete = partitions === 0 ? 0 : Math.fround(full / partitions);
  return { status, complete, totalLag, lagMax, partitions, partitionsBad };
}

/** A group by name in full; NOTFOUND where it is unknown or expired (which deletes it, as in Burrow). */
export function judgeGroupInFull(judge: BurrowJudge, group: string, nowS: number): BurrowGroupVerdict {
  const { store } = judge;
  const groupId = fetchGroupId(store, group, nowS);
  if (groupId === undefined) return NOT_FOUND;
  const partitions = listedTopics(store, groupId).flatMap((groupTopic) => {
    const topic = store.table.topicPartitions.topics.nameOf(store.table.groupTopics.topicIdOf(groupTopic)) ?? "";
    return slotsByPartition(store, groupTopic).map((slot, partition) => ({
      topic,
      partition,
      ...verdictOf(judge, slot, nowS),
    }));
  });
  const full = partitions.filter(({ complete }) => complete === 1).length;
  return {
    status: partitions.reduce<BurrowGroupTotals["status"]>((worst, one) => worseOf(worst, one.status), "OK"),
    complete: partitions.length === 0 ? 0 : Math.fround(full / partitions.length),
    partitions,
    partitionCount: partitions.length,
    maxLag: partitions.reduce<BurrowPartitionVerdict | undefined>(
      (most, one) => (most === undefined || one.currentLag > most.currentLag ? one : most),
      undefined,
    ),
    totalLag: partitions.reduce((sum, { currentLag }) => sum + currentLag, 0),
  };
}

function verdictOf(
  judge: BurrowJudge,
  slot: number | undefined,
  nowS: number,
): Omit<BurrowPartitionVerdict, "topic" | "partition"> {
  if (slot === undefined)
    return { owner: "", clientId: "", status: "OK", start: undefined, end: undefined, currentLag: 0, complete: 0 };
  const { store, rules } = judge;
  const currentLag = currentLagOf(store, slot);
  return {
    owner: ownerOf(store, slot),
    clientId: clientIdOf(store, slot),
    status: currentLag <= rules.allowedLag ? "OK" : judgeLagging(judge, slot, { currentLag, nowS }),
    ...startAndEnd(judge, slot),
    currentLag,
    complete: completeOf(store, slot),
  };
}

function startAndEnd(
  { store, window }: { readonly store: BurrowStore; readonly window: BurrowJudge["window"] },
  slot: number,
): Pick<BurrowPartitionVerdict, "start" | "end"> {
  readWindow(store.rings, store.ringBySlot.get(slot), window);
  if (window.length === 0) return { start: undefined, end: undefined };
  return { start: commitSample(window, 0), end: commitSample(window, window.length - 1) };
}

function worseOf(group: BurrowGroupTotals["status"], partition: BurrowPartitionStatus): BurrowGroupTotals["status"] {
  switch (partition) {
    case "OK":
      return group;
    case "WARN":
      return group === "ERR" ? "ERR" : "WARN";
    case "STOP":
    case "STALL":
    case "REWIND":
      return "ERR";
  }
}
