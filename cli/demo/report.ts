/**
 * # What came of the incidents, as a table for people
 */

import { expectationText } from "./incidents.ts";
import type { Score } from "./scorecard.ts";

/** None was missed. */
export function isPassed(scores: readonly Score[]): boolean {
  return scores.every(({ judged, readBack }) => judged !== undefined && readBack);
}

const HEAD = ["group", "what was done to it", "expected", "seen", "after", "in history"] as const;

export function scoreTable(scores: readonly Score[]): string {
  const rows = scores.map(({ group, cause, expects, judged, judgedAfterMs, readBack }) => [
    group,
    cause,
    expectationText(expects),
    judged ?? "not seen",
    judgedAfterMs === undefined ? "" : `${(judgedAfterMs / 1_000).toFixed(1)} s`,
    readBack ? "yes" : "no",
  ]);
  const widths = HEAD.map((head, index) => Math.max(head.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd();
  const missed = scores.filter(({ judged, readBack }) => judged === undefined || !readBack).length;
  const verdict =
    missed === 0
      ? `All ${scores.length} incidents were judged, shipped and read back from history.`
      : `${missed} of ${scores.length} incidents were missed.`;
  return `\n${[line(HEAD), ...rows.map(line), "", verdict].join("\n")}\n`;
}
