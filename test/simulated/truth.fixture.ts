/**
 * # What was ever true of a simulated cluster, and what is served against it
 *
 * A script changes the cluster step by step; after each change the truth is noted. What a collector serves meanwhile may be as
 * old as a poll, but it must have been true once: every offset since the beginning, every lag since all was right the last time.
 */

import type { GroupEvaluation, PartitionEvaluation } from "../../collector/model/evaluation.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";

/** What it says instead of a verdict; its numbers are then said to be old. */
const NOT_JUDGED = ["stale", "unauthorised", "warming"];
const BAD = ["STOP", "STALL", "REWIND", "WARN"];

/** Of a group as a whole. */
interface SeenGroup {
  readonly members: Set<number>;
  readonly generations: Set<number>;
  readonly states: Set<string>;
}

interface Seen {
  readonly committed: Set<number>;
  readonly lags: Set<number>;
  readonly lost: Set<number>;
}

export interface Truth {
  /** To be called after each single change of the cluster. */
  note(): void;
  /** All that is served is true now: what was true before is so no more. */
  settled(): void;
  /** A sentence about what is served of a group and was never true, or is bad; undefined where there is none. */
  breach(group: GroupEvaluation): string | undefined;
}

export function createTruth(cluster: Cluster): Truth {
  const ends = new Map<string, Set<number>>();
  const starts = new Map<string, Set<number>>();
  const groups = new Map<string, SeenGroup>();
  let rows = new Map<string, Seen>();

  const note = (): void => {
    for (const { name, partitions } of cluster.topics()) {
      for (let partition = 0; partition < partitions; partition += 1) {
        const view = cluster.partition(name, partition);
        if (view === undefined) continue;
        setOf(ends, `${name} ${partition}`).add(view.endOffset);
        setOf(starts, `${name} ${partition}`).add(view.startOffset);
      }
    }
    for (const { group, members, generation, state } of cluster.groups()) {
      const seen = groups.get(group) ?? { members: new Set(), generations: new Set(), states: new Set() };
      groups.set(group, seen);
      seen.members.add(members.length);
      seen.generations.add(generation);
      seen.states.add(state);
      noteOffsets(group);
    }
  };
  const noteOffsets = (group: string): void => {
    for (const { topic, partition, committedOffset } of cluster.committedOffsets(group)) {
      const view = cluster.partition(topic, partition);
      if (view === undefined || committedOffset < 0) continue;
      const key = `${group} ${topic} ${partition}`;
      const seen = rows.get(key) ?? { committed: new Set(), lags: new Set(), lost: new Set() };
      rows.set(key, seen);
      seen.committed.add(committedOffset);
      seen.lags.add(Math.max(0, view.endOffset - Math.max(committedOffset, view.startOffset)));
      seen.lost.add(Math.max(0, view.startOffset - committedOffset));
    }
  };
  const breachOf = (group: string, row: PartitionEvaluation): string | undefined => {
    const where = `${row.topic} ${row.partition}`;
    const said = `${group} ${where} ${row.status} ${row.reason ?? ""} ${row.committed_offset} of ${row.start_offset}..${row.end_offset}, lag ${row.lag}`;
    if (row.end_offset !== undefined && ends.get(where)?.has(row.end_offset) !== true) return `${said}: the end`;
    if (row.start_offset !== undefined && starts.get(where)?.has(row.start_offset) !== true)
      return `${said}: the start`;
    if (BAD.includes(row.status) && row.status !== row.burrow_status) return `${said}: the status`;
    if (row.committed_offset === undefined) return undefined;
    const seen = rows.get(`${group} ${where}`);
    if (seen?.committed.has(row.committed_offset) !== true) return `${said}: the committed offset`;
    if (NOT_JUDGED.includes(row.status)) return undefined;
    if (row.lag !== undefined && !seen.lags.has(row.lag)) return `${said}: the lag`;
    if (row.lost_records !== undefined && !seen.lost.has(row.lost_records)) return `${said}: ${row.lost_records} lost`;
    return undefined;
  };

  note();
  return {
    note,
    settled: () => {
      rows = new Map();
      note();
    },
    breach: ({ group, partitions, members, generation, state }) => {
      const seen = groups.get(group);
      if (seen === undefined) return `${group}: it never was`;
      if (members !== undefined && !seen.members.has(members)) return `${group}: ${members} members`;
      if (generation !== undefined && !seen.generations.has(generation)) return `${group}: generation ${generation}`;
      if (state !== undefined && !seen.states.has(state)) return `${group}: ${state}`;
      for (const row of partitions) {
        const breach = breachOf(group, row);
        if (breach !== undefined) return breach;
      }
      return undefined;
    },
  };
}

function setOf(sets: Map<string, Set<number>>, key: string): Set<number> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return set;
}
