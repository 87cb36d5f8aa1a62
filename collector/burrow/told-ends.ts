/**
 * # End offsets of a round, from two kinds of answers
 *
 * A topic's answer lists the end offsets of its partitions, but leaves out those that Burrow has none of: what follows moves up, and
 * nothing says so. A group's answer tells the lag at its newest commit, so that
 *
 *     lag > 0     the end offset is commit + lag, as of that answer
 *     lag = 0     the end offset is not above the commit
 *
 * of a partition that is known by number. Groups are asked after topics, and ends do not fall: a list that is shorter than a group's, or
 * that says more than a group does, is not by partition number. Then groups alone tell, and where there is no lag the commit is the end.
 */

import type { ToldGroup } from "./answers.ts";

export interface ToldEnds {
  topic(topic: string, offsets: readonly number[]): void;
  group(told: ToldGroup): void;
  /** Topics with their partitions, and the end offset of each that is known. */
  result(): readonly EndsOfTopic[];
}

export interface EndsOfTopic {
  readonly topic: string;
  readonly partitions: number;
  /** By partition; NaN: not known. */
  readonly ends: readonly number[];
  /** The list was not by partition number. */
  readonly isShifted: boolean;
}

interface Told {
  listed: readonly number[];
  partitions: number;
  isShifted: boolean;
  /** By partition: what groups say. */
  readonly exact: Map<number, number>;
  readonly atMost: Map<number, number>;
}

export function createToldEnds(): ToldEnds {
  const topics = new Map<string, Told>();
  const toldOf = (topic: string): Told => {
    const known = topics.get(topic);
    if (known !== undefined) return known;
    const made: Told = { listed: [], partitions: 0, isShifted: false, exact: new Map(), atMost: new Map() };
    topics.set(topic, made);
    return made;
  };
  return {
    topic: (topic, offsets) => {
      const told = toldOf(topic);
      told.listed = offsets;
      told.partitions = Math.max(told.partitions, offsets.length);
    },
    group: (group) => {
      for (const [topic, partitions] of group) {
        const told = topics.get(topic);
        // Not in the list of topics: Burrow has deleted it since, or has no end offset of it at all.
        if (told === undefined) continue;
        if (partitions.length > told.listed.length) told.isShifted = true;
        told.partitions = Math.max(told.partitions, partitions.length);
        partitions.forEach(({ commits, currentLag }, partition) => {
          takePartition(told, { partition, committedOffset: commits.at(-1)?.committedOffset, currentLag });
        });
      }
    },
    result: () => [...topics].map(([topic, told]) => endsOf(topic, told)),
  };
}

function takePartition(
  told: Told,
  lagging: { readonly partition: number; readonly committedOffset: number | undefined; readonly currentLag: number },
): void {
  const { partition, committedOffset = Number.NaN, currentLag } = lagging;
  if (Number.isNaN(committedOffset) || Number.isNaN(currentLag)) return;
  const listed = told.listed[partition] ?? Number.NaN;
  const end = committedOffset + currentLag;
  if (listed > Math.max(0, end)) told.isShifted = true;
  if (currentLag > 0) told.exact.set(partition, Math.max(told.exact.get(partition) ?? end, end));
  else told.atMost.set(partition, Math.min(told.atMost.get(partition) ?? end, end));
}

function endsOf(topic: string, { listed, partitions, isShifted, exact, atMost }: Told): EndsOfTopic {
  const ends = Array.from({ length: partitions }, (_, partition) => {
    const said = exact.get(partition);
    if (said !== undefined) return said;
    const end = isShifted ? atMost.get(partition) : listed[partition];
    return end === undefined || end < 0 ? Number.NaN : end;
  });
  return { topic, partitions, ends, isShifted };
}
