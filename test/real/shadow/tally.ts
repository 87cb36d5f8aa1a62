/**
 * # Two observers side by side: what is equal, what comes later, what stays different
 *
 * Each look holds every partition and group that either knows against the other's. A difference is followed until it ends: within
 * `graceMs` it is a verdict that one of the two gave a little earlier. What lasts longer is a difference, with the reason that the two
 * windows show.
 */

import type { GroupVerdict, PartitionVerdict } from "./verdicts.ts";

export type Verdicts = ReadonlyMap<string, GroupVerdict>;

export const CAUSES = {
  group: "the group is listed by one alone",
  partition: "the partition is listed by one alone",
  commits: "the windows hold different commits",
  lags: "the same commits, measured against end offsets of different moments",
  ends: "the same windows, and end offsets of different moments",
  of_partitions: "a group whose partitions differ",
} as const;
export type Cause = keyof typeof CAUSES;

export interface Difference {
  /** The group, or the group and `topic/partition`. */
  readonly name: string;
  readonly cause: Cause;
  readonly ours: string;
  readonly theirs: string;
  readonly sinceMs: number;
  readonly forMs: number;
}

export interface Report {
  readonly looks: number;
  /** Pairs of verdicts that were held against each other, and how many were the same. */
  readonly pairs: number;
  readonly equal: number;
  /** Changes that both came to, one of them up to `graceMs` later. */
  readonly settled: number;
  readonly lasting: readonly Difference[];
  /** Verdicts that were seen of both, and how often. */
  readonly verdicts: ReadonlyMap<string, number>;
}

interface Open {
  readonly ours: string;
  readonly theirs: string;
  readonly cause: Cause;
  readonly sinceMs: number;
  lastMs: number;
}

export interface Tally {
  look(atMs: number, ours: Verdicts, theirs: Verdicts): void;
  /** What is still open counts as it stands. */
  report(): Report;
}

const ABSENT = "absent";

export function createTally({ graceMs }: { readonly graceMs: number }): Tally {
  const open = new Map<string, Open>();
  const lasting: Difference[] = [];
  const verdicts = new Map<string, number>();
  let [looks, pairs, equal, settled] = [0, 0, 0, 0];
  const close = (name: string, one: Open): void => {
    open.delete(name);
    const { lastMs, ...rest } = one;
    if (lastMs - one.sinceMs <= graceMs) settled += 1;
    else lasting.push({ name, ...rest, forMs: lastMs - one.sinceMs });
  };
  return {
    look: (atMs, ours, theirs) => {
      looks += 1;
      const differing = new Set<string>();
      for (const pair of pairsOf(ours, theirs)) {
        pairs += 1;
        if (pair.ours === pair.theirs) {
          equal += 1;
          verdicts.set(pair.ours, (verdicts.get(pair.ours) ?? 0) + 1);
          continue;
        }
        differing.add(pair.name);
        const before = open.get(pair.name);
        if (before === undefined) open.set(pair.name, { ...pair, sinceMs: atMs, lastMs: atMs });
        else before.lastMs = atMs;
      }
      for (const [name, one] of [...open]) if (!differing.has(name)) close(name, one);
    },
    report: () => {
      for (const [name, one] of [...open]) close(name, one);
      return { looks, pairs, equal, settled, lasting, verdicts };
    },
  };
}

interface Pair {
  readonly name: string;
  readonly ours: string;
  readonly theirs: string;
  readonly cause: Cause;
}

function* pairsOf(ours: Verdicts, theirs: Verdicts): Generator<Pair> {
  for (const group of new Set([...ours.keys(), ...theirs.keys()])) {
    const [own, other] = [ours.get(group), theirs.get(group)];
    const cause = own === undefined || other === undefined ? "group" : "of_partitions";
    yield { name: group, ours: own?.status ?? ABSENT, theirs: other?.status ?? ABSENT, cause };
    if (own === undefined || other === undefined) continue;
    for (const place of new Set([...own.partitions.keys(), ...other.partitions.keys()]))
      yield partitionPair(`${group} ${place}`, own.partitions.get(place), other.partitions.get(place));
  }
}

function partitionPair(name: string, own: PartitionVerdict | undefined, other: PartitionVerdict | undefined): Pair {
  return { name, ours: own?.status ?? ABSENT, theirs: other?.status ?? ABSENT, cause: causeOf(own, other) };
}

function causeOf(own: PartitionVerdict | undefined, other: PartitionVerdict | undefined): Cause {
  if (own === undefined || other === undefined) return "partition";
  const commits = ({ window }: PartitionVerdict) =>
    window.map(({ offset, timestamp }) => `${offset}@${timestamp}`).join();
  if (commits(own) !== commits(other)) return "commits";
  const lags = ({ window }: PartitionVerdict) => window.map(({ lag }) => lag).join();
  return lags(own) === lags(other) ? "ends" : "lags";
}
