/**
 * # Which groups the first page lists, and in which order
 *
 *     ?q=text&status=ERR&sort=lag.descending&all=1
 *
 * Filter and order live in the address and are applied here, so that they work without a script, survive a reload, can be
 * sent to a colleague, and reach the groups beyond the first ROWS_MAX too.
 */

import type { GroupSummary } from "../collector/model/evaluation.ts";
import { severityRank } from "../collector/model/status.ts";

/** Statuses that one tile of the summary counts together, worst first. */
export const TILES = [
  { key: "ERR", label: "ERR", meaning: "stuck or rewound", statuses: ["ERR"] },
  { key: "WARN", label: "WARN", meaning: "falling behind", statuses: ["WARN"] },
  { key: "unknown", label: "not known", meaning: "broker does not tell", statuses: ["stale", "unauthorised"] },
  { key: "warming", label: "warming", meaning: "still being replayed", statuses: ["warming"] },
  { key: "unjudged", label: "not judged", meaning: "no offsets to judge by", statuses: ["unknown"] },
  { key: "OK", label: "OK", meaning: "keeping up", statuses: ["OK"] },
] as const satisfies readonly Tile[];

interface Tile {
  readonly key: string;
  readonly label: string;
  readonly meaning: string;
  readonly statuses: readonly GroupSummary["status"][];
}

export type TileKey = (typeof TILES)[number]["key"];

const SORT_KEYS = ["status", "group", "lag", "behind", "commit", "partitions", "members"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface Sort {
  readonly key: SortKey;
  readonly direction: "ascending" | "descending";
}

export interface Selection {
  /** Lower case; empty for all. */
  readonly text: string;
  readonly tile: TileKey | undefined;
  readonly sort: Sort;
  readonly all: boolean;
}

export const ROWS_MAX = 500;
/** Longer texts match no name: Kafka's own limit for a topic is 249, and group ids are stored as a string of 16 bits. */
const TEXT_LENGTH_MAX = 1_000;
const WORST_FIRST: Sort = { key: "status", direction: "ascending" };

/** `order` is the pressed column head, and wins over `sort`, the order that stood before. */
export function selectionOf(query: URLSearchParams): Selection {
  return {
    text: (query.get("q") ?? "").slice(0, TEXT_LENGTH_MAX).trim(),
    tile: TILES.find(({ key }) => key === query.get("status"))?.key,
    sort: sortOf(query.get("order") ?? query.get("sort") ?? ""),
    all: query.get("all") === "1",
  };
}

function sortOf(text: string): Sort {
  const [name, direction] = text.split(".", 2);
  const key = SORT_KEYS.find((one) => one === name);
  if (key === undefined || (direction !== "ascending" && direction !== "descending")) return WORST_FIRST;
  return { key, direction };
}

export function sortText({ key, direction }: Sort): string {
  return `${key}.${direction}`;
}

/** The query of a link that shows this selection; what is as by default is left out. */
export function selectionHref(selection: Selection): string {
  const query = new URLSearchParams();
  if (selection.text !== "") query.set("q", selection.text);
  if (selection.tile !== undefined) query.set("status", selection.tile);
  if (sortText(selection.sort) !== sortText(WORST_FIRST)) query.set("sort", sortText(selection.sort));
  if (selection.all) query.set("all", "1");
  return query.size === 0 ? "/" : `/?${query}`;
}

export interface Overview {
  readonly counts: Readonly<Record<TileKey, number>>;
  readonly total: number;
  /** How many groups the selection fits. */
  readonly fitting: number;
  /** Those of them that are shown, in order. */
  readonly rows: readonly GroupSummary[];
}

export function overviewOf(groups: readonly GroupSummary[], selection: Selection): Overview {
  const wanted = selection.text.toLowerCase();
  const fitting = groups.filter(
    (group) => (selection.tile === undefined || tileOf(group) === selection.tile) && matches(group, wanted),
  );
  const sorted = fitting.toSorted(comparing(selection.sort));
  return {
    counts: countsOf(groups),
    total: groups.length,
    fitting: fitting.length,
    rows: selection.all ? sorted : sorted.slice(0, ROWS_MAX),
  };
}

function matches({ cluster, group }: GroupSummary, wanted: string): boolean {
  return group.toLowerCase().includes(wanted) || cluster.toLowerCase().includes(wanted);
}

function countsOf(groups: readonly GroupSummary[]): Readonly<Record<TileKey, number>> {
  const counts: Record<TileKey, number> = { ERR: 0, WARN: 0, unknown: 0, warming: 0, unjudged: 0, OK: 0 };
  for (const group of groups) counts[tileOf(group)] += 1;
  return counts;
}

function tileOf({ status }: GroupSummary): TileKey {
  switch (status) {
    case "ERR":
    case "WARN":
    case "OK":
    case "warming":
      return status;
    case "stale":
    case "unauthorised":
      return "unknown";
    case "unknown":
      return "unjudged";
  }
}

type Compare = (left: GroupSummary, right: GroupSummary) => number;

/** Equal rows are ordered worst first, then by name, so that a refresh never shuffles them. */
function comparing({ key, direction }: Sort): Compare {
  const sign = direction === "ascending" ? 1 : -1;
  return (left, right) => sign * COMPARE[key](left, right) || worstFirst(left, right) || byName(left, right);
}

const COMPARE: Readonly<Record<SortKey, Compare>> = {
  status: (left, right) => severityRank(left.status) - severityRank(right.status),
  group: byName,
  lag: (left, right) => known(left.lag) - known(right.lag),
  behind: (left, right) => behindSeconds(left) - behindSeconds(right),
  commit: (left, right) => known(left.commit_age_seconds) - known(right.commit_age_seconds),
  partitions: (left, right) => left.partitions_bad - right.partitions_bad || left.partitions - right.partitions,
  members: (left, right) => known(left.members) - known(right.members),
};

function worstFirst(left: GroupSummary, right: GroupSummary): number {
  return severityRank(left.status) - severityRank(right.status) || known(right.lag) - known(left.lag);
}

function byName(left: GroupSummary, right: GroupSummary): number {
  return compareTexts(left.group, right.group) || compareTexts(left.cluster, right.cluster);
}

export function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** What is at least so old is not less. */
function behindSeconds({ lag_seconds: seconds, lag_seconds_lower: lower }: GroupSummary): number {
  return known(seconds ?? lower);
}

/** What is not known sorts below zero: it is neither the largest lag nor the newest commit. */
function known(value: number | undefined): number {
  return value ?? -1;
}
