/**
 * # What is chosen on the board, as matchers of PromQL
 *
 * Between backticks PromQL takes every character as it is, and `regex` escapes what a regular expression would not: a name
 * matches itself alone, whatever is in it.
 */

import type { AnyDimension } from "./intent.ts";

export function chosen(...dimensions: readonly AnyDimension[]): string {
  return dimensions.map((dimension) => `${dimension}=~\`\${${dimension}:regex}\``).join(", ");
}
