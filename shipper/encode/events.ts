/**
 * # Events: what two ticks in a row tell between them
 *
 *     rebalance   more rebalances completed than before; where they are not counted, another generation with members
 *     reset       committed offsets went back, or went on while the group was Empty for EMPTY_TICKS_MIN ticks before: a tool
 *                 did it, since a last commit may be seen a tick after its member was seen to leave
 *     appeared    a group that the tick before did not have
 *     vanished    a group that only the tick before had
 *     restart     ticks of another run of the collector follow
 *
 * Nothing is compared that is not known: rows that are warming, stale ones, whose offsets stay as they were last seen, and a
 * cluster without any group in a tick. Who appears or vanishes is told of a cluster from its first tick without a warming
 * group on, and after a restart anew: what shows up while logs are replayed is not new. Offsets and generations are compared
 * across a restart and across a gap. A tick that is not after the last one begins anew, as the first one: then ticks are
 * read again, and the second tick's events come out as they did.
 *
 * Of one tick at most EVENTS_MAX are told, the others are counted. What is remembered is what one tick holds.
 */

import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import type { PointOf } from "../schema/point.ts";
import type { EventOf } from "./event-point.ts";
import { eventPoint, rebalanceOf, resetsOf } from "./event-point.ts";

export const EVENTS_MAX = 1_000;
const EMPTY_TICKS_MIN = 2;

export interface EventWatch {
  /** Ticks of another run of the collector follow; none is known to be missing. */
  newRun(): void;
  /** All groups of a tick are told to `see`, then `end` gives its events. */
  begin(atMs: number): TickWatch;
  /** Events that were too many for their tick. */
  dropped(): number;
}

export interface TickWatch {
  see(evaluation: GroupEvaluation): void;
  end(): readonly PointOf<"event">[];
}

/** Offsets by topic and partition. */
type Offsets = Map<string, Map<number, number>>;

/** What is remembered of a group. */
export interface KnownGroup {
  seenAtMs: number;
  generation: number | undefined;
  rebalances: number | undefined;
  /** Ticks in a row, up to this one, in which it had no members. */
  emptyTicks: number;
  readonly offsets: Offsets;
}

interface KnownCluster {
  readonly groups: Map<string, KnownGroup>;
  /** Its groups of a tick are all that it has. */
  isSettled: boolean;
  isWarming: boolean;
  seenAtMs: number;
  appeared: string[];
}

/** Forgets nothing but what a tick no longer has. */
export function createEventWatch(): EventWatch {
  const clusters = new Map<string, KnownCluster>();
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let dropped = 0;
  let isNewRun = false;

  const begin = (atMs: number): TickWatch => {
    if (atMs <= lastAtMs) clusters.clear();
    lastAtMs = atMs;
    const events: PointOf<"event">[] = [];
    const tell = (event: EventOf): void => {
      if (events.length < EVENTS_MAX) events.push(eventPoint(atMs, event));
      else dropped += 1;
    };
    if (isNewRun) tell({ cluster: "", group: "", event: "restart", what: [], text: RESTARTED, tags: [] });
    isNewRun = false;
    return {
      see: (evaluation) => {
        const known = clusters.get(evaluation.cluster) ?? newCluster();
        clusters.set(evaluation.cluster, known);
        seeGroup(known, evaluation, atMs).forEach(tell);
      },
      end: () => {
        for (const [cluster, known] of clusters) if (known.seenAtMs === atMs) endOf(cluster, known).forEach(tell);
        return events;
      },
    };
  };

  return {
    begin,
    dropped: () => dropped,
    newRun: () => {
      isNewRun = true;
      for (const known of clusters.values()) known.isSettled = false;
    },
  };
}

const RESTARTED = "the collector was started anew";

function newCluster(): KnownCluster {
  return { groups: new Map(), isSettled: false, isWarming: false, seenAtMs: Number.NaN, appeared: [] };
}

/** What the group itself shows; it is remembered as it is now. */
function seeGroup(cluster: KnownCluster, evaluation: GroupEvaluation, atMs: number): readonly EventOf[] {
  if (cluster.seenAtMs !== atMs) {
    cluster.seenAtMs = atMs;
    cluster.isWarming = false;
    cluster.appeared = [];
  }
  if (evaluation.status === "warming") cluster.isWarming = true;
  const before = cluster.groups.get(evaluation.group);
  if (before === undefined) cluster.appeared.push(evaluation.group);
  const known = before ?? newGroup();
  cluster.groups.set(evaluation.group, known);
  return eventsOfGroup(known, evaluation, atMs);
}

function newGroup(): KnownGroup {
  return { seenAtMs: Number.NaN, generation: undefined, rebalances: undefined, emptyTicks: 0, offsets: new Map() };
}

function eventsOfGroup(known: KnownGroup, evaluation: GroupEvaluation, atMs: number): readonly EventOf[] {
  const { state, generation, rebalances } = evaluation;
  const isSameGeneration = generation !== undefined && generation === known.generation;
  const wasEmpty = isSameGeneration && known.emptyTicks >= EMPTY_TICKS_MIN;
  const resets = resetsOf(known.offsets, evaluation, { mayMoveOn: !(wasEmpty && state === "Empty") });
  const rebalance = rebalanceOf(known, evaluation);
  known.seenAtMs = atMs;
  known.generation = generation ?? known.generation;
  known.rebalances = rebalances ?? known.rebalances;
  known.emptyTicks = state === "Empty" ? known.emptyTicks + 1 : 0;
  return rebalance === undefined ? resets : [rebalance, ...resets];
}

/** Who came and who went, where that is known. */
function endOf(name: string, cluster: KnownCluster): readonly EventOf[] {
  const { groups, seenAtMs, isWarming, isSettled, appeared } = cluster;
  if (isWarming) return [];
  const gone = [...groups].flatMap(([group, known]) => (known.seenAtMs === seenAtMs ? [] : [group]));
  for (const group of gone) groups.delete(group);
  cluster.isSettled = true;
  if (!isSettled) return [];
  const told = { cluster: name, what: [], tags: [] };
  return [
    ...appeared.map((group): EventOf => ({ ...told, group, event: "appeared", text: "the group appeared" })),
    ...gone.map((group): EventOf => ({ ...told, group, event: "vanished", text: "the group is no longer there" })),
  ];
}
