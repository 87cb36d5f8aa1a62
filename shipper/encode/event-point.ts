/**
 * # One event as a point
 *
 *     id := the first 11 characters of the hash of [event, what...]      `what`: from what to what, never when it was read
 *
 * A text names as much as fits what stores keep whole (stored-name.ts): the first few partitions, and how many more.
 */

import type { DeployTold } from "../../collector/model/deploy.ts";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import type { EventName } from "../schema/event.ts";
import type { PointOf } from "../schema/point.ts";
import { shortHash } from "./sha256.ts";

export interface EventOf {
  /** Empty where it concerns none, as `group`. */
  readonly cluster: string;
  readonly group: string;
  readonly event: EventName;
  /** What tells it from another of its name, of the same group and tick. */
  readonly what: readonly (number | string)[];
  readonly text: string;
  /** Beside the event's name. */
  readonly tags: readonly string[];
}

const ID_CHARS = 11;
const PARTITIONS_NAMED = 3;

export function eventPoint(atMs: number, { cluster, group, event, what, text, tags }: EventOf): PointOf<"event"> {
  const id = shortHash(JSON.stringify([event, ...what])).slice(0, ID_CHARS);
  return {
    kind: "event",
    atMs,
    dimensions: { cluster, group, event, id },
    fields: { text, tags: [event, ...tags].join(",") },
  };
}

/** At its own time: whoever reads it again, in another tick, says the same. */
export function deployPoint({ cluster, group, name, version, at, partitions }: DeployTold): PointOf<"event"> {
  const which = version === undefined ? name : `${name} ${version}`;
  const text = `${which}: where ${partitions === 1 ? "1 partition" : `${partitions} partitions`} stood is kept`;
  const what = [name, version ?? "", at];
  return eventPoint(at, { cluster, group, event: "deploy", what, text, tags: [name] });
}

interface Generations {
  readonly generation: number | undefined;
  readonly rebalances: number | undefined;
}

/** A count that went down was begun anew, by another run of the collector: then the generation tells. */
export function rebalanceOf(before: Generations, evaluation: GroupEvaluation): EventOf | undefined {
  const { cluster, group, generation, rebalances, members } = evaluation;
  const isCounted = before.rebalances !== undefined && rebalances !== undefined && rebalances >= before.rebalances;
  const hasMoved = before.generation !== undefined && generation !== undefined && generation !== before.generation;
  const happened = isCounted ? rebalances !== before.rebalances : hasMoved && members !== 0;
  if (!happened) return undefined;
  const what = hasMoved ? [before.generation, generation] : [before.rebalances ?? 0, rebalances ?? 0];
  const moved = hasMoved ? `generation ${before.generation} -> ${generation}` : `rebalance number ${rebalances}`;
  const text = members === undefined ? moved : `${moved}, ${members} ${members === 1 ? "member" : "members"}`;
  return { cluster, group, event: "rebalance", what, text, tags: [] };
}

interface Move {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/**
 * What was reset, a topic and a direction each, against `offsets`, which then holds what is committed now, and no topic
 * that is no longer there. To go on is what readers do, unless `mayMoveOn` says that nobody can have read.
 */
export function resetsOf(
  offsets: Map<string, Map<number, number>>,
  { cluster, group, status: groupStatus, partitions }: GroupEvaluation,
  { mayMoveOn }: { readonly mayMoveOn: boolean },
): readonly EventOf[] {
  const moves = new Map<string, Record<Direction, Move[]>>();
  for (const { topic, partition, status, committed_offset: to } of partitions) {
    if (status === "warming" || to === undefined || to < 0) continue;
    const known = offsets.get(topic) ?? new Map<number, number>();
    const from = known.get(partition);
    if (from === to) continue;
    offsets.set(topic, known.set(partition, to));
    if (from === undefined || (to > from && mayMoveOn)) continue;
    const ofTopic = moves.get(topic) ?? { back: [], forward: [] };
    ofTopic[to < from ? "back" : "forward"].push({ partition, from, to });
    moves.set(topic, ofTopic);
  }
  if (groupStatus !== "warming") forgetOthers(offsets, partitions);
  return [...moves].flatMap(([topic, ofTopic]) =>
    DIRECTIONS.flatMap((direction) =>
      ofTopic[direction].length === 0 ? [] : [resetOf({ cluster, group, topic, direction }, ofTopic[direction])],
    ),
  );
}

function forgetOthers(offsets: Map<string, unknown>, partitions: GroupEvaluation["partitions"]): void {
  const present = new Set(partitions.map(({ topic }) => topic));
  for (const topic of offsets.keys()) if (!present.has(topic)) offsets.delete(topic);
}

type Direction = "back" | "forward";
const DIRECTIONS: readonly Direction[] = ["back", "forward"];

interface Reset {
  readonly cluster: string;
  readonly group: string;
  readonly topic: string;
  readonly direction: Direction;
}

function resetOf({ cluster, group, topic, direction }: Reset, moves: readonly Move[]): EventOf {
  const records = moves.reduce((sum, { from, to }) => sum + Math.abs(to - from), 0);
  const named = moves.slice(0, PARTITIONS_NAMED).map(({ partition, from, to }) => `${partition}: ${from} -> ${to}`);
  const more = moves.length > named.length ? [`and ${moves.length - named.length} more`] : [];
  const partitions = moves.length === 1 ? "1 partition" : `${moves.length} partitions`;
  const text = `${topic}: offsets moved ${direction} by ${records} in ${partitions} (${[...named, ...more].join(", ")})`;
  const what = [topic, direction, ...moves.flatMap(({ partition, from, to }) => [partition, from, to])];
  return { cluster, group, event: "reset", what, text, tags: [topic, direction] };
}
