/**
 * # Windows that a Burrow tells: what is new in them, and what became of the rest
 *
 * Of each group-partition the last window told is remembered, and the next one held against it:
 *
 *     commits behind the newest one known    commits, with the coordinator's own times
 *     none of the known ones is in it        all of it that is not older
 *     the newest one's time, another offset  a commit that Burrow has merged into it (min-distance)
 *     newest is older than the one known     a Burrow that replays; left aside for `OLDER_MS_MAX`, then taken as it is
 *     no such partition, or none any more    kept for `OLDER_MS_MAX`, since Burrow forgets none while its topic is there; then taken back
 *     its topic is not told                  it was taken back
 *     a group that was not known             its present (a baseline), and its windows
 *
 * Whatever has changed in a window, it is told as a whole: Burrow's lags are of the moment of each commit, and nobody here was there.
 */

import type { IngestCounts } from "../ingest/ingest-counts.ts";
import { createIngestCounts } from "../ingest/ingest-counts.ts";
import type { Observer } from "../model/observation.ts";
import { EXCLUDED, NO_ROOM } from "../model/observation.ts";
import type { ToldCommit, ToldGroup, ToldPartition } from "./answers.ts";
import { inOrder, isSame, newestAtMs, type Ordered, packed, unpacked } from "./remembered-window.ts";
import { ownersOf } from "./told-owners.ts";

/** In place of partitions of the offsets topic there is one Burrow. */
export const LOG_PARTITION = 0;
/** A replay of the offsets topic of a large cluster takes some minutes. */
export const OLDER_MS_MAX = 600_000;
/** Orders of a later run are above those of this one, however many commits there are in a millisecond. */
const ORDERS_PER_MS = 1_000;

export interface ToldWindows {
  take(group: string, told: ToldGroup, at: ToldAt): void;
  /** Burrow knows the group no more. */
  end(group: string): void;
  /** The observer was told that nothing is known of the group: its next answer ends that. */
  silence(group: string): void;
  names(): Iterable<string>;
  has(group: string): boolean;
  readonly counts: Readonly<IngestCounts>;
  /** It was told less than before, as by a Burrow that has not replayed all: what is not listed may only be not there yet. */
  isReplaying(nowMs: number): boolean;
  /** Cells of the windows that were told last; 0: none yet. */
  cells(): number;
}

export interface ToldAt {
  readonly nowMs: number;
  /** Topics that are there; `told` has no others. */
  readonly topics: ReadonlySet<string>;
}

interface Remembered {
  readonly packed: Float64Array;
  /** Since when it tells of an older window, or of none, epoch ms. */
  olderSinceMs: number | undefined;
}

interface KnownGroup {
  readonly topics: Map<string, Map<number, Remembered>>;
  owners: string;
  isSilent: boolean;
}

interface Telling {
  readonly observer: Observer;
  readonly groups: Map<string, KnownGroup>;
  readonly counts: IngestCounts;
  order: number;
  cells: number;
  olderMs: number;
}

export function createToldWindows({ observer }: { readonly observer: Observer }): ToldWindows {
  const telling: Telling = {
    observer,
    groups: new Map(),
    counts: createIngestCounts(),
    order: 0,
    cells: 0,
    olderMs: -OLDER_MS_MAX,
  };
  const { groups, counts } = telling;
  return {
    counts,
    cells: () => telling.cells,
    isReplaying: (nowMs) => nowMs - telling.olderMs < OLDER_MS_MAX,
    names: () => groups.keys(),
    has: (group) => groups.has(group),
    silence: (group) => {
      const known = groups.get(group);
      if (known !== undefined) known.isSilent = true;
    },
    take: (group, told, at) => {
      telling.order = Math.max(telling.order, at.nowMs * ORDERS_PER_MS);
      const isFirst = !groups.has(group);
      const of = { group, known: groups.get(group) ?? meet(telling, group, told), isFirst, ...at };
      takeWindows(telling, of, told);
      takeAbsent(telling, of, told);
      takeOwners(telling, of, told);
    },
    end: (group) => {
      const known = groups.get(group);
      if (known === undefined) return;
      takeAbsent(telling, { group, known, nowMs: 0, topics: new Set() }, new Map());
      groups.delete(group);
      counts.records += 1;
      counts.group_tombstones += 1;
      observer.observe({ kind: "group-tombstone", group, logPartition: LOG_PARTITION, order: nextOrder(telling) });
    },
  };
}

function nextOrder(telling: Telling): number {
  // What comes late fits between two.
  telling.order += 2;
  return telling.order;
}

/** The present first, without a commit: when it began, its windows tell. */
function meet(telling: Telling, group: string, told: ToldGroup): KnownGroup {
  const known: KnownGroup = { topics: new Map(), owners: "", isSilent: false };
  telling.groups.set(group, known);
  tellPresent(telling, group, told);
  return known;
}

function tellPresent({ observer }: Telling, group: string, told: ToldGroup): void {
  const offsets = [...told].flatMap(([topic, partitions]) =>
    partitions.flatMap(({ commits }, partition) => {
      const newest = commits.at(-1);
      return newest === undefined ? [] : [{ topic, partition, committedOffset: newest.committedOffset }];
    }),
  );
  observer.observe({ kind: "baseline", group, logPartition: LOG_PARTITION, offsets });
}

interface Of extends ToldAt {
  readonly group: string;
  readonly known: KnownGroup;
  /** It was just met: what it has is its present, and no commit. */
  readonly isFirst: boolean;
}

function takeWindows(telling: Telling, of: Of, told: ToldGroup): void {
  const { group, known } = of;
  // It answers again; what is new since, its windows tell.
  const again = { logPartition: LOG_PARTITION, isLate: true, offsets: [] };
  if (known.isSilent) telling.observer.observe({ kind: "baseline", group, ...again });
  known.isSilent = false;
  for (const [topic, partitions] of told)
    partitions.forEach((partition, index) => {
      if (partition.cells > 0) telling.cells = partition.cells;
      if (partition.commits.length > 0) takeWindow(telling, of, { topic, partition: index, told: partition });
    });
}

interface Told {
  readonly topic: string;
  readonly partition: number;
  readonly told: ToldPartition;
}

function takeWindow(telling: Telling, { group, known, nowMs, isFirst }: Of, { topic, partition, told }: Told): void {
  const { observer, counts } = telling;
  const before = known.topics.get(topic)?.get(partition);
  if (before !== undefined && isSame(before.packed, told.commits)) {
    before.olderSinceMs = undefined;
    return;
  }
  if (before !== undefined && isOlder(telling, before, { told: told.commits, nowMs })) {
    counts.below_position += 1;
    counts.records += 1;
    return;
  }
  const handle = observer.handleOf(group, topic, partition);
  if (handle === EXCLUDED) return;
  if (handle === NO_ROOM) {
    counts.records += 1;
    counts.no_room += 1;
    return;
  }
  const ordered = before === undefined ? [] : unpacked(before.packed);
  const commits = inOrder(ordered, told.commits, () => nextOrder(telling));
  remember(known, { topic, partition }, commits);
  const lastOrder = ordered.at(-1)?.order ?? (isFirst ? Number.POSITIVE_INFINITY : -1);
  for (const commit of commits) if (commit.order > lastOrder) tellCommit(telling, handle, commit);
  observer.observe({ kind: "window", handle, commits: commits.filter(isWhole) });
}

/** What cannot be read exactly is said instead of told wrong; a commit without a time has none that counts. */
function tellCommit({ observer, counts }: Telling, handle: number, commit: Ordered): void {
  const { committedOffset, committedAtMs, order } = commit;
  counts.records += 1;
  if (Number.isNaN(committedAtMs)) counts.malformed_value += 1;
  else if (Number.isNaN(committedOffset)) {
    counts.offset_out_of_range += 1;
    observer.observe({ kind: "offset-refused", handle, committedAtMs, logPartition: LOG_PARTITION, order });
  } else {
    counts.commits += 1;
    observer.commit(handle, committedOffset, committedAtMs, order, LOG_PARTITION, order);
  }
}

function isWhole({ committedOffset, committedAtMs, observedAtMs }: ToldCommit): boolean {
  return !Number.isNaN(committedOffset + committedAtMs + observedAtMs);
}

/** For a while only: a coordinator whose clock was put back commits older times for good. */
function isOlder(
  telling: Telling,
  before: Remembered,
  { told, nowMs }: { readonly told: readonly ToldCommit[]; readonly nowMs: number },
): boolean {
  const [known, now] = [newestAtMs(before.packed), told.at(-1)?.committedAtMs ?? Number.NEGATIVE_INFINITY];
  if (known === undefined || !(now < known)) {
    before.olderSinceMs = undefined;
    return false;
  }
  if (before.olderSinceMs === undefined) telling.olderMs = nowMs;
  before.olderSinceMs ??= nowMs;
  return nowMs - before.olderSinceMs < OLDER_MS_MAX;
}

function remember(
  { topics }: KnownGroup,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  commits: readonly Ordered[],
): void {
  const partitions = topics.get(topic) ?? new Map<number, Remembered>();
  topics.set(topic, partitions);
  partitions.set(partition, { packed: packed(commits), olderSinceMs: undefined });
}

function takeAbsent(telling: Telling, { group, known, nowMs, topics }: Omit<Of, "isFirst">, told: ToldGroup): void {
  const { observer, counts } = telling;
  for (const [topic, partitions] of known.topics) {
    for (const [partition, before] of [...partitions]) {
      if ((told.get(topic)?.[partition]?.commits.length ?? 0) > 0) continue;
      if (topics.has(topic) && isOlder(telling, before, { told: [], nowMs })) continue;
      partitions.delete(partition);
      const handle = observer.findHandle(group, topic, partition);
      if (handle === undefined) continue;
      counts.records += 1;
      counts.offset_tombstones += 1;
      const order = nextOrder(telling);
      observer.observe({ kind: "offset-tombstone", handle, logPartition: LOG_PARTITION, order });
    }
    if (partitions.size === 0) known.topics.delete(topic);
  }
}

function takeOwners({ observer }: Telling, { group, known, nowMs }: Of, told: ToldGroup): void {
  const members = ownersOf(told);
  const owners = JSON.stringify(members);
  if (owners === (known.owners === "" ? "[]" : known.owners)) return;
  known.owners = owners;
  const unknown = { state: undefined, type: undefined, generation: undefined, order: undefined };
  const at = { logPartition: LOG_PARTITION, atMs: nowMs };
  observer.observe({
    kind: "members",
    group,
    protocolType: "consumer",
    ...unknown,
    members,
    isOwnersOnly: true,
    ...at,
  });
}
