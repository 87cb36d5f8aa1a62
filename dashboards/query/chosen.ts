/**
 * # What is chosen on the board, as matchers of PromQL
 *
 * Between backticks PromQL takes every character as it is, and `regex` escapes what a regular expression would not: a name
 * matches itself alone, whatever is in it but a backtick: for that one Grafana has no escape that leaves quotes alone (its format
 * json writes one text as it is).
 */

import type { AnyDimension } from "./intent.ts";

/** Rebalances are marked on the board of one group; those of all groups would be a wall of marks. */
export function ofOne(scope: readonly AnyDimension[]): boolean {
  return scope.includes("group");
}

export function chosen(...dimensions: readonly AnyDimension[]): string {
  return dimensions.map((dimension) => `${dimension}=~\`\${${dimension}:regex}\``).join(", ");
}
