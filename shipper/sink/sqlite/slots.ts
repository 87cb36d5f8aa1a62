/**
 * # The slots and buckets of a query
 *
 * A table holds its points by slots (layout.ts); a query draws buckets of equal length, counted from `sinceMs`.
 */

import type { DatabaseSync } from "node:sqlite";
import type { SparklinesQuery } from "../../schema/history.ts";
import type { Kind } from "../../schema/kind.ts";
import { SLOT_MS, tableOf } from "./layout.ts";

/** The kinds that a page reads by slots. */
type ReadKind = Extract<Kind, "group" | "group_topic" | "event">;

export const AT = "(slot_ms + offset_ms)";
/** The slots of a stretch, newest first, every `:step`: one seek for each of them, and nothing else is read. */
export const SLOTS =
  "WITH RECURSIVE slots(slot) AS (VALUES(:newest) UNION ALL SELECT slot - :step FROM slots WHERE slot - :step >= :oldest)";

/**
 * Slots and bucket length of a query, cut to what the table holds, so that no range is ever too long. They are bigints
 * because a number is bound as a floating one, and SQL would then divide without rounding.
 */
export type Span = Readonly<Record<"since" | "until" | "bucket" | "oldest" | "newest" | "step", bigint>>;

interface Extent {
  readonly oldest: number;
  readonly newest: number;
}

export function spanOf(query: SparklinesQuery, extent: Extent | undefined, kind: Kind): Span | undefined {
  if (extent === undefined) return undefined;
  const slotMs = SLOT_MS[kind];
  const slotAt = (atMs: number): number => Math.floor(atMs / slotMs) * slotMs;
  const [since, until] = [Math.floor(query.sinceMs), Math.floor(query.untilMs)];
  const oldest = Math.max(slotAt(since), extent.oldest);
  const newest = Math.min(slotAt(until), extent.newest);
  if (newest < oldest) return undefined;
  const bucket = Math.max(1, Math.ceil((until - since + 1) / Math.max(1, query.pointsMax)));
  const numbers = { since, until, bucket, oldest, newest, step: slotMs };
  const bigints = Object.entries(numbers).map(([name, value]) => [name, BigInt(value)]);
  return Object.fromEntries(bigints) as Span;
}

export function extentReader(db: DatabaseSync): (kind: ReadKind) => Extent | undefined {
  // Two statements: SQLite answers a lone min or max from the end of the key, both at once by reading the table.
  const prepare = (which: "min" | "max", kind: Kind) =>
    db.prepare(`SELECT ${which}(slot_ms) AS slot FROM ${tableOf(kind)}`);
  const both = (kind: ReadKind) => ({ oldest: prepare("min", kind), newest: prepare("max", kind) });
  const statements = { group: both("group"), group_topic: both("group_topic"), event: both("event") };
  return (kind) => {
    const oldest = statements[kind].oldest.get()?.["slot"];
    const newest = statements[kind].newest.get()?.["slot"];
    return typeof oldest === "number" && typeof newest === "number" ? { oldest, newest } : undefined;
  };
}
