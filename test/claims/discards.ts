/**
 * # Where the shipper lets go of points, and what counts them
 *
 * Every statement of shipper/ that deletes, cuts off or refuses is in this table, each with the words of its file by which what goes is
 * counted, or with the reason why nothing is lost. A statement that is not here fails a test: no drop is silent.
 */

import type { Tree } from "../architecture.ts";

export interface Discard {
  readonly path: string;
  /** Part of the line that lets go. */
  readonly code: string;
  /** Stands in the same file: the counter that moves. Absent where nothing of a point's goes. */
  readonly counted?: string;
  /** Why nothing is lost, or where the counter is shown. */
  readonly reason: string;
}

export const DISCARDS: readonly Discard[] = [
  {
    path: "shipper/spool/database.ts",
    code: "DELETE FROM quarantine",
    reason: "points that every sink has counted as quarantined when the row came here",
  },
  {
    path: "shipper/spool/database.ts",
    code: "DELETE FROM rows WHERE seq < ?",
    reason: "the statement of deleteBefore, whose callers are below",
  },
  {
    path: "shipper/spool/database.ts",
    code: "DELETE FROM rows WHERE seq = ?",
    reason: "the statement of delete, whose callers are below",
  },
  {
    path: "shipper/spool/outgoing.ts",
    code: "db.deleteBefore(oldestNeeded(next))",
    reason: "rows that every sink has settled, each with its tally",
  },
  {
    path: "shipper/spool/limits.ts",
    code: "db.deleteBefore(oldestNeeded(next))",
    reason: "rows that no sink needs any more",
  },
  { path: "shipper/spool/limits.ts", code: "db.delete(row.seq)", counted: "dropped", reason: "points_dropped_total" },
  { path: "shipper/spool/row.ts", code: "tooLarge: 1", counted: "tooLarge", reason: "pointsTooLarge of the state" },
  {
    path: "shipper/spool/drops.ts",
    code: "drops.slice(-DROPS_MAX)",
    counted: "dropsUntold",
    reason: "ranges that were not told; their points stay counted",
  },
  {
    path: "shipper/spool/dead-letters.ts",
    code: "DELETE FROM dead_letters WHERE id = ?",
    counted: "over_cap = over_cap + excluded.over_cap",
    reason: "dlq_points_dropped_total, by bytes, age or hand",
  },
  {
    path: "shipper/sink/sqlite/prune.ts",
    code: "WHERE slot_ms = ?",
    counted: "overCap",
    reason: "history that is too old or too much: told by the history's statistics",
  },
  { path: "shipper/sink/sqlite/names.ts", code: "DELETE FROM series", reason: "names without a point" },
  { path: "shipper/sink/sqlite/names.ts", code: "DELETE FROM words", reason: "words without a point" },
  { path: "shipper/source/ndjson.ts", code: "linesRefused += 1", counted: "linesRefused", reason: "lines refused" },
  { path: "shipper/source/http.ts", code: "+= linesRefused", counted: "linesRefused", reason: "the same, in all" },
];

const LETS_GO =
  /DELETE FROM|\bdb\.delete(Before)?\(|\.slice\(-[A-Z]|\.shift\(\)|\.splice\(|[rR]efused \+= |tooLarge: 1|\bDROP TABLE\b/;

const isShipped = (path: string) =>
  path.startsWith("shipper/") && !/\.(test|suite|bench|fixture)\.ts$|^shipper\/faults\//.test(path);

/** Sentences: statements that the table does not know, and rows of it that are no longer true. */
export function silentDiscards(tree: Tree, table: readonly Discard[]): readonly string[] {
  const unknown = [...tree].flatMap(([path, text]) => {
    if (!isShipped(path)) return [];
    return text.split("\n").flatMap((line, at) => {
      const isKnown = table.some((row) => row.path === path && line.includes(row.code));
      return LETS_GO.test(line) && !isKnown
        ? [`${path}:${at + 1} lets go of something; say in test/claims/discards.ts what counts it`]
        : [];
    });
  });
  const stale = table.flatMap(({ path, code, counted }) => {
    const text = tree.get(path) ?? "";
    const isThere = text.split("\n").some((line) => LETS_GO.test(line) && line.includes(code));
    if (!isThere) return [`${path} has no "${code}" any more`];
    const isCounted = counted === undefined || text.replace(code, "").includes(counted);
    return isCounted ? [] : [`${path} does not count by "${counted}" what "${code}" lets go`];
  });
  return [...unknown, ...stale];
}
