/**
 * # Which points a sink is to get
 *
 *     pattern := "!"? (character | "*" | "?")*      "*" any text, "?" one character; "!" leaves out what matches the rest
 *
 * A name is in where it matches a pattern without "!", or there is none such, and no pattern with "!". What has no group or
 * no cluster, such as a topic's point or a heartbeat, is not judged by their patterns. PURE.
 */

import type { Kind } from "../schema/kind.ts";
import type { Point } from "../schema/point.ts";
import type { PartitionPoints } from "../schema/thinning.ts";
import { isKept } from "../schema/thinning.ts";

export interface Selection {
  /** None given: every kind. */
  readonly kinds: readonly Kind[];
  readonly clusters: readonly string[];
  readonly groups: readonly string[];
  readonly partitionPoints: PartitionPoints;
}

export function selects({ kinds, clusters, groups, partitionPoints }: Selection): (point: Point) => boolean {
  const [hasKind, isIn, isOf] = [new Set(kinds), nameFilter(clusters), nameFilter(groups)];
  return (point) => {
    if (hasKind.size > 0 && !hasKind.has(point.kind)) return false;
    const { cluster, group } = namesOf(point);
    return (
      isKept(point, partitionPoints) && (cluster === undefined || isIn(cluster)) && (group === undefined || isOf(group))
    );
  };
}

interface Names {
  readonly cluster?: string | undefined;
  readonly group?: string | undefined;
}

/** An event that concerns no cluster or no group has the empty name there; elsewhere that is a name like any other. */
function namesOf(point: Point): Names {
  switch (point.kind) {
    case "group":
    case "group_topic":
    case "partition":
    case "topic":
      return point.dimensions;
    case "event": {
      const { cluster, group } = point.dimensions;
      return { cluster: cluster || undefined, group: group || undefined };
    }
    case "self":
      return {};
  }
}

/** Names come again with each tick, so answers are kept, up to NAMES_MAX of them. */
function nameFilter(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.length === 0) return () => true;
  const out = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const into = patterns.filter((pattern) => !pattern.startsWith("!"));
  const known = new Map<string, boolean>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const matches = (pattern: string) => isMatch(pattern, name);
    const answer = (into.length === 0 || into.some(matches)) && !out.some(matches);
    if (known.size >= NAMES_MAX) known.clear();
    known.set(name, answer);
    return answer;
  };
}

const NAMES_MAX = 100_000;

/** Goes back to the last "*" alone, so that no pattern takes longer than its length times the name's. */
export function isMatch(pattern: string, name: string): boolean {
  let [at, place, star, retry] = [0, 0, -1, 0];
  while (place < name.length) {
    if (pattern[at] === "*") {
      [star, retry] = [at, place];
      at += 1;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[place])) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      retry += 1;
      [at, place] = [star + 1, retry];
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
