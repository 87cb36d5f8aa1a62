/** # Whether panels of two stores draw the same numbers */

import type { AskedTarget, Drawn } from "./board-files.ts";

const DIFFERENCES_MAX = 5;

/** A mean is added up in another order by each store; an empty bucket of a count may be 0 or nothing. */
export function differences(left: Drawn, right: Drawn): readonly string[] {
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  return keys
    .filter((key) => !isSame(left.get(key) ?? 0, right.get(key) ?? 0))
    .slice(0, DIFFERENCES_MAX)
    .map((key) => `${key}: ${left.get(key)} and ${right.get(key)}`);
}

function isSame(left: number, right: number): boolean {
  return Math.abs(left - right) <= 1e-9 * Math.max(1, Math.abs(left));
}

/** What is not made of the series of one field alone: processes, sums of partitions, statuses put together from words. */
const APART = /tidemark_partition_status|sum by|avg_over_time|timestamp\(/;
const OF_GROUPS = /tidemark_(group|partition)_/;

/** Whether what Prometheus is asked has its like in the other stores, bucket by bucket. */
export function hasLike({ target: { expr = "", instant } }: AskedTarget): boolean {
  return instant !== true && !APART.test(expr) && OF_GROUPS.test(expr);
}

/** Of the lines of a panel in another store, those that Prometheus draws at all: some lines only one store knows. */
export function likesOf(drawn: Drawn, others: readonly Drawn[]): Drawn {
  const lines = new Set([...drawn.keys()].map(lineOf));
  return new Map(others.flatMap((one) => [...one]).filter(([key]) => lines.has(lineOf(key))));
}

function lineOf(key: string): string {
  return key.replace(/@\d+$/, "");
}
